#!/usr/bin/env python3
"""Flips random bytes of a signed bundle, one at a time, and counts those that a signed load finds: all of them.

    .venv/bin/python scripts/flips.py [--count 10000] [--seed 0]

A byte is replaced by another one, anywhere in the bundle's files: the manifest, the graph, the weights, the tokenizer and
the signature. The bundle is the tests' small one.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from needed import packages

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "runtime" / "tiny_embedder"


def main() -> int:
    """Prints how many flipped bytes were found; returns 1 if one was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="bytes to flip (default 10000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="equal seeds flip equal bytes (default 0)")
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    with packages():
        import cryptography  # noqa: F401
        from linnet.trust.opening import open_trusted
        from signing import key_of, public_pem, write_signature
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(shutil.copytree(TINY, Path(scratch) / "bundle"))
        write_signature(bundle, key_of())
        load = partial(open_trusted, key=public_pem(key_of()))
        found, missed = flips(bundle, load, args.count, random.Random(args.seed))
    print(f"{args.count} bytes flipped, {sum(found.values())} found by a signed load", *missed, sep="\n")
    print(*(f"  {count} in {name}" for name, count in sorted(found.items())), sep="\n")
    return 1 if missed else 0


def flips(
    bundle: Path, load: Callable[[Path], object], count: int, chance: random.Random
) -> tuple[dict[str, int], list[str]]:
    """Returns how many flipped bytes ``load`` found in each file, and the places of those that it did not find."""
    from linnet.errors import BundleError

    files = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
    contents = {name: path.read_bytes() for name, path in sorted(files.items())}
    found, missed = dict.fromkeys(contents, 0), list[str]()
    for _ in range(count):
        [name] = chance.choices(list(contents), [len(content) for content in contents.values()])
        content = bytearray(contents[name])
        at = chance.randrange(len(content))
        content[at] ^= chance.randrange(1, 256)
        files[name].write_bytes(content)
        try:
            load(bundle)
            missed.append(f"not found: byte {at} of {name}")
        except BundleError:
            found[name] += 1
        files[name].write_bytes(contents[name])
    load(bundle)  # what is as it was loads again
    return found, missed


if __name__ == "__main__":
    sys.exit(main())
