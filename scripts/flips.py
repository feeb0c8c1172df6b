"""Flips random bytes of a signed bundle, one at a time, and counts those that a signed load finds: all of them.

A byte is replaced by another one, anywhere in the bundle's files: the manifest, the graph, the weights, the tokenizer and
the signature. The bundle is the tests' small one.
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from linnet.errors import BundleError
from linnet.trust.opening import open_trusted
from signing import key_of, public_pem, write_signature

TINY = Path(__file__).parents[1] / "tests" / "runtime" / "tiny_embedder"


def main() -> int:
    """Prints how many flipped bytes were found; returns 1 if one was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="bytes to flip (default 10000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="equal seeds flip equal bytes (default 0)")
    args = parser.parse_args()
    key = key_of()
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(shutil.copytree(TINY, Path(scratch) / "bundle"))
        write_signature(bundle, key)
        found, missed = flips(bundle, public_pem(key), args.count, random.Random(args.seed))
    print(f"{args.count} bytes flipped, {sum(found.values())} found by a signed load", *missed, sep="\n")
    print(*(f"  {count} in {name}" for name, count in sorted(found.items())), sep="\n")
    return 1 if missed else 0


def flips(bundle: Path, key: bytes, count: int, chance: random.Random) -> tuple[dict[str, int], list[str]]:
    """Returns how many flipped bytes were found in each file, and the places of those that were not."""
    files = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
    contents = {name: path.read_bytes() for name, path in files.items()}
    places = [(name, len(content)) for name, content in sorted(contents.items())]
    found, missed = dict.fromkeys(contents, 0), list[str]()
    for _ in range(count):
        name = chance.choices([name for name, _ in places], [size for _, size in places])[0]
        content = bytearray(contents[name])
        at = chance.randrange(len(content))
        content[at] ^= chance.randrange(1, 256)
        files[name].write_bytes(content)
        try:
            open_trusted(bundle, key=key)
            missed.append(f"not found: byte {at} of {name}")
        except BundleError:
            found[name] += 1
        files[name].write_bytes(contents[name])
    open_trusted(bundle, key=key)  # what is as it was loads again
    return found, missed


if __name__ == "__main__":
    sys.exit(main())
