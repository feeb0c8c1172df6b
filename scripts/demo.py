#!/usr/bin/env python3
"""Classifies a few texts with the embedded default; prints the time to the first answer and the installed packages.

Installs linnet and its embedded default in .venv-demo first. PYTHON=python3.12 names the interpreter.
"""

import argparse
import subprocess
import sys
import time
from importlib.metadata import distributions
from pathlib import Path

TEXTS = (
    "Good news! The bridge opens on Friday 🎉",
    "@friend the new album is out, and I can't stop listening to it 😍 https://example.org/album",
    "Worst service ever: two hours on hold, and then they hung up 😡",
    "The 9:40 to Porto leaves from platform 3.",
    "not bad at all, this cheap kettle",
)


def main() -> None:
    """Runs the `linnet` command, as a user does."""
    formatter = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser(prog="scripts/demo", description=__doc__, formatter_class=formatter).parse_args()
    linnet = Path(sys.executable).with_name("linnet")
    began = time.perf_counter()
    subprocess.run([linnet, "classify", TEXTS[0]], check=True, stdout=subprocess.DEVNULL)
    first = time.perf_counter() - began
    print('$ linnet classify "Good news! …" …', flush=True)
    subprocess.run([linnet, "classify", *TEXTS], check=True)
    print(
        f"\nThe first answer took {first:.2f} s from process start. Installed: linnet, its three dependencies, and theirs:"
    )
    for distribution in sorted(distributions(), key=lambda each: each.name.lower()):
        if distribution.name not in ("pip", "setuptools"):
            print(f"  {distribution.name} {distribution.version}")


if __name__ == "__main__":
    main()
