#!/usr/bin/env python3
"""Compares a bundle's compact tokenizer with `tokenizers` on its tokenizer.json, in fresh processes.

    .venv/bin/python scripts/tokenizer_bench.py BUNDLE TEXTS…

TEXTS are files with one text per line. Prints one JSON object per reader: the seconds to load (including the reader's
imports), the memory that loading adds (MB of RSS), the milliseconds for the first text, and the texts per second for
all others, on one thread, with an empty word cache. Each figure is the best of several runs, for memory the least.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from needed import packages

RUNS = 5
MAX_LENGTH = 512

if TYPE_CHECKING:
    from linnet.tokenization.encoding import TokenIds

Ids = Callable[[Sequence[str]], "list[TokenIds]"]


def tokenizers_ids(bundle: Path) -> Ids:
    """Returns the encoder of `tokenizers`, on one thread."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from linnet.tokenization.tokenizer import Tokenizer

    content = (bundle / "tokenizer.json").read_bytes()
    return Tokenizer(content, max_length=MAX_LENGTH, truncation_side="right").ids


def compact_ids(bundle: Path) -> Ids:
    """Returns the encoder of the compact tokenizer."""
    from linnet.tokenization.unigram import UnigramTokenizer

    return UnigramTokenizer(bundle / "tokenizer.unigram", max_length=MAX_LENGTH, truncation_side="right").ids


READERS: dict[str, Callable[[Path], Ids]] = {"tokenizers": tokenizers_ids, "compact": compact_ids}


def measure(reader: str, bundle: Path, files: Sequence[Path]) -> dict[str, float]:
    """Returns the figures of one reader, measured in this process."""
    # Every program that uses Linnet loads these, so they do not count.
    import numpy  # noqa: F401
    from linnet.preprocessing import PreparedText  # noqa: F401

    texts = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    memory, start = _rss(), time.perf_counter()
    ids = READERS[reader](bundle)
    loaded, added = time.perf_counter(), _rss()
    ids(texts[:1])
    first = time.perf_counter()
    ids(texts[1:])
    done = time.perf_counter()
    return {
        "load_s": loaded - start,
        "added_mb": added - memory,
        "first_ms": (first - loaded) * 1e3,
        "texts_per_s": (len(texts) - 1) / (done - first),
        "added_after_mb": _rss() - memory,
    }


def _rss() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def best(reader: str, bundle: Path, files: Sequence[Path]) -> dict[str, float]:
    """Returns the best figures of several fresh processes."""
    command = [sys.executable, __file__, "--one", reader, str(bundle), *map(str, files)]
    runs = [json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout) for _ in range(RUNS)]
    return {key: (max if key == "texts_per_s" else min)(run[key] for run in runs) for key in runs[0]}


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle with a compact tokenizer")
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXTS", help="a file with one text per line")
    parser.add_argument("--one", choices=READERS, help=argparse.SUPPRESS)  # one run, in this process
    args = parser.parse_args(argv)
    with packages():
        import linnet  # noqa: F401
    if args.one:
        print(json.dumps(measure(args.one, args.bundle, args.texts)))
        return
    for reader in READERS:
        found = best(reader, args.bundle, args.texts)
        print(json.dumps({"reader": reader} | {key: round(value, 4) for key, value in found.items()}), flush=True)


if __name__ == "__main__":
    main()
