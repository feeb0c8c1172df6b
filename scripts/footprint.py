#!/usr/bin/env python3
"""Measures the footprint of bundles: the time to the first answer, memory, and disk space.

    .venv/bin/python scripts/footprint.py BUNDLE…

The time is that of a whole ``linnet classify --bundle BUNDLE TEXT`` process (``linnet embed`` for embeddings). The
memory is that of a process after one answer: all resident memory, and the anonymous part, which processes cannot share.
Figures are medians over the runs; each run measures every bundle in turn. 1 MB is a million bytes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from needed import packages

TEXT = "Good news! The bridge opens on Friday 🎉"
ANSWER = """
import sys, linnet
model = linnet.load(sys.argv[1])
model(sys.argv[2])
lines = open("/proc/self/smaps_rollup", encoding="utf-8").read().splitlines()[1:]
kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
print(kilobytes["Rss"], kilobytes["Anonymous"])
"""


def seconds(bundle: Path) -> float:
    """Returns the run time of the command, in seconds."""
    task = json.loads((bundle / "linnet.json").read_bytes())["task"]
    command = "classify" if task == "text-classification" else "embed"
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "linnet", command, "--bundle", bundle, TEXT], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def memory(bundle: Path) -> tuple[float, float]:
    """Returns the resident memory and its anonymous part, in MB."""
    found = subprocess.run([sys.executable, "-c", ANSWER, bundle, TEXT], check=True, capture_output=True, text=True)
    resident, anonymous = (int(value) * 1024e-6 for value in found.stdout.split())
    return resident, anonymous


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a Markdown table with one row per bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="the number of runs per bundle (default: 7)")
    args = parser.parse_args(argv)
    with packages():
        import linnet  # noqa: F401
    times: dict[Path, list[float]] = {bundle: [] for bundle in args.bundles}
    taken: dict[Path, list[tuple[float, float]]] = {bundle: [] for bundle in args.bundles}
    for _ in range(args.runs):
        for bundle in args.bundles:
            times[bundle].append(seconds(bundle))
            taken[bundle].append(memory(bundle))
    print("| bundle | first answer | RSS | anonymous part | on disk |\n|---|---|---|---|---|")
    for bundle in args.bundles:
        resident, anonymous = map(statistics.median, zip(*taken[bundle], strict=True))
        size = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file()) / 1e6
        print(
            f"| {bundle} | {statistics.median(times[bundle]):.2f} s | {resident:.0f} MB | {anonymous:.0f} MB | {size:.1f} MB |"
        )


if __name__ == "__main__":
    main()
