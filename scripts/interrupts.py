#!/usr/bin/env python3
"""Interrupts a command at random moments, once and twice, and counts how it ended and what it left behind.

For example:
    scripts/interrupts.py --empty out --within 20 -- linnet-export convert my-checkpoint --output out/bundle
"""

import argparse
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

PATIENCE = 30  # seconds until a process counts as hanging
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Prints, for each signal and number of times, the endings with their counts, and the longest wait."""
    args = parse_args()
    for number in SIGNALS:
        for times in (1, 2):
            endings, slowest = Counter[str](), 0.0
            for _ in range(args.tries):
                ending, seconds = interrupt(args, number, times)
                endings[ending] += 1
                slowest = max(slowest, seconds)
            shown = "; ".join(f"{count} {ending}" for ending, count in endings.most_common())
            print(f"{number.name} {times}x: {shown}; at most {slowest:.2f} s after it", flush=True)


def parse_args() -> argparse.Namespace:
    """Parses the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--empty", type=Path, required=True, help="the folder that has to be empty afterwards")
    parser.add_argument("--tries", type=int, default=40, help="for each signal and number of times (default: 40)")
    parser.add_argument("--within", type=float, default=2.0, help="seconds in which to interrupt (default: 2)")
    parser.add_argument("command", nargs="+", help="the command, after --")
    return parser.parse_args()


def interrupt(args: argparse.Namespace, number: signal.Signals, times: int) -> tuple[str, float]:
    """Runs the command once and interrupts it; returns how it ended and how many seconds after the first signal."""
    args.empty.mkdir(exist_ok=True)
    process = subprocess.Popen(
        args.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=attend, text=True
    )
    time.sleep(random.uniform(0, args.within))
    begun = time.monotonic()
    for _ in range(times):
        process.send_signal(number)
        time.sleep(random.uniform(0, 0.02))
    try:
        _, errors = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "hung", PATIENCE
    seconds = time.monotonic() - begun
    return describe(process.returncode, errors, args.empty), seconds


def describe(status: int, errors: str, folder: Path) -> str:
    """Returns one ending: the exit status, odd messages, and files that were left if it did not end well."""
    left = sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))
    shutil.rmtree(folder)
    said = [line.strip() for line in errors.split("\n") if "terminate" in line or "Traceback" in line]
    parts = [f"exit {status}", *said, *([f"left {', '.join(left)}"] if left and status else [])]
    return ", ".join(parts)


def attend() -> None:
    """Heeds SIGINT, which jobs of a shell that is not interactive ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    main()
