#!/usr/bin/env python3
"""Streams many texts through a bundle, and prints how much memory the process and its memory cgroup use meanwhile.

    .venv/bin/python scripts/steady.py [--texts 1000000] [--threads 2] [BUNDLE]

Exits with 1 if either figure grows by more than --growth after the first tenth of the texts. The cgroup's figure needs
root, or a delegated cgroup; without one it is left out, and the script says so.
"""

import argparse
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from needed import packages

_WARM = 10_000
"""The texts after which the allocator's caches are full: growth counts from the first figure after them."""
_TESTS = Path(__file__).resolve().parents[1] / "tests"

STREAMING = """
import random, sys
from pathlib import Path
import linnet

bundle, threads, total, usage = sys.argv[1] or None, int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
chance = random.Random(0)
words = [bytes(chance.choices(range(97, 123), k=chance.randint(1, 8))).decode() for _ in range(5000)]

def texts():
    for number in range(total):
        yield f"{number} " + " ".join(chance.choices(words, k=chance.randint(0, 12)))

def kilobytes():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024

model = linnet.load(bundle, threads=threads)
for number, _ in enumerate(model.stream(texts()), 1):
    if number % (total // 10) == 0:
        print(number, kilobytes(), int(Path(usage).read_text()) if usage else 0, flush=True)
"""


def main() -> int:
    """Prints ten lines of figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", default="", help="the folder of a bundle (default: the embedded default)")
    parser.add_argument("--texts", type=int, default=1_000_000, metavar="N", help="how many texts (default 1000000)")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="the number of threads (default 2)")
    parser.add_argument("--growth", type=float, default=0.02, help="the growth that is allowed (default 0.02)")
    args = parser.parse_args()
    grown = growth(args.bundle, args.texts, args.threads)
    for name, found in grown.items():
        print(f"{name}: grew by {found:.2%} after the first tenth; allowed: {args.growth:.0%}")
    return 1 if max(grown.values()) > args.growth else 0


def growth(bundle: str, texts: int, threads: int) -> dict[str, float]:
    """Returns how much the resident memory, and that of the cgroup if there is one, grew after the first tenth."""
    sys.path.insert(0, str(_TESTS / "support"))
    from cgroups import Group, memory_group

    with ExitStack() as stack:
        group: Group | None = None
        try:
            group = stack.enter_context(memory_group())
        except OSError as error:
            print(f"without a cgroup of its own: {error}")
        process = subprocess.Popen(
            [sys.executable, "-c", STREAMING, bundle, str(threads), str(texts), str(group.usage) if group else ""],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=group.join if group else None,
        )
        assert process.stdout
        rows = []
        for line in process.stdout:
            rows.append(tuple(map(int, line.split())))
            print("{:>9,} texts: RSS {:.2f} MB, cgroup {:.2f} MB".format(rows[-1][0], *(n / 1e6 for n in rows[-1][1:])))
            sys.stdout.flush()
        if process.wait():
            raise SystemExit(f"the stream ended with {process.returncode}")
    names = ("RSS", "cgroup") if group else ("RSS",)
    first = next((row for row in rows if row[0] >= _WARM), rows[0])
    return {name: max(row[at] for row in rows if row >= first) / first[at] - 1 for at, name in enumerate(names, 1)}


if __name__ == "__main__":
    with packages():
        sys.exit(main())
