#!/usr/bin/env python3
"""Measures what bundles take of a small machine: the time to the first answer, memory, and disk.

    python scripts/footprint.py BUNDLE…

The seconds are those of ``linnet classify --bundle BUNDLE TEXT`` as a whole process (``linnet embed`` for embeddings); the
memory is that of a process that has answered one text: all that is resident, and the part of it that no other process can
share. Medians over the runs, bundles in turn, MB of a million bytes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

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
    """Of the command, from its start to its end."""
    task = json.loads((bundle / "linnet.json").read_bytes())["task"]
    command = "classify" if task == "text-classification" else "embed"
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "linnet", command, "--bundle", bundle, TEXT], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def memory(bundle: Path) -> tuple[float, float]:
    """All that is resident, and what of it is anonymous, in MB."""
    found = subprocess.run([sys.executable, "-c", ANSWER, bundle, TEXT], check=True, capture_output=True, text=True)
    resident, anonymous = (int(value) * 1024e-6 for value in found.stdout.split())
    return resident, anonymous


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a Markdown table, a row a bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="how often each has a turn (default: 7)")
    args = parser.parse_args(argv)
    times: dict[Path, list[float]] = {bundle: [] for bundle in args.bundles}
    taken: dict[Path, list[tuple[float, float]]] = {bundle: [] for bundle in args.bundles}
    for _ in range(args.runs):
        for bundle in args.bundles:
            times[bundle].append(seconds(bundle))
            taken[bundle].append(memory(bundle))
    print("| bundle | first answer | RSS | of it anonymous | on disk |\n|---|---|---|---|---|")
    for bundle in args.bundles:
        resident, anonymous = map(statistics.median, zip(*taken[bundle], strict=True))
        size = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file()) / 1e6
        print(
            f"| {bundle} | {statistics.median(times[bundle]):.2f} s | {resident:.0f} MB | {anonymous:.0f} MB | {size:.1f} MB |"
        )


if __name__ == "__main__":
    main()
