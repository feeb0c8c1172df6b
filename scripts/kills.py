#!/usr/bin/env python3
"""Kills `linnet-export convert` with SIGKILL at every step that reaches the disk, and checks what it leaves.

    .venv/bin/python scripts/kills.py CHECKPOINT --output DIR [--tries 100]

A step is an open, a rename, a new folder or a removal in the folder of the output. Kills are spread evenly over them.
After each kill there is a whole bundle or none. The next run removes what the killed one left, and the last one, which
is not killed, leaves the bundle alone. DIR is a folder that does not exist; it is removed at the end.
"""

import argparse
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

from needed import packages

_STEPS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate")


def main() -> int:
    """Prints how the runs ended and what they left; returns 1 if one left half a bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a folder that does not exist")
    parser.add_argument("--tries", type=int, default=100, metavar="N", help="how many runs to kill (default 100)")
    args = parser.parse_args()
    folder = args.output.resolve()
    folder.mkdir()
    try:
        print(report(killed(args.checkpoint.resolve(), folder, args.tries)), flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


def report(endings: "Counter[str]") -> str:
    """Returns the endings on one line."""
    return "; ".join(f"{count} {ending}" for ending, count in endings.most_common())


def killed(checkpoint: Path, folder: Path, tries: int) -> "Counter[str]":
    """Kills ``tries`` conversions at steps that are spread evenly; returns how often each state was left.

    Raises:
        SystemExit: half a bundle was left, or the last run did not clean up.
    """
    with packages():
        import linnet_export.cli.convert  # once: the runs are forks of this process
        import linnet_export.convert  # noqa: F401
    target, endings = folder / "bundle", Counter[str]()
    steps = _run(checkpoint, target, at=0)
    _check(target, whole=True)
    shutil.rmtree(target)
    for number in range(tries):
        at = 1 + number * steps // tries
        if _run(checkpoint, target, at=at) >= 0:
            endings["ended before its kill"] += 1
        left = [path.name for path in folder.iterdir() if path != target]
        if len(left) > 1:
            raise SystemExit(f"step {at}: the run left what an earlier one had left: {left}")
        endings[f"killed with {_check(target, whole=False)}, {len(left)} temporary folder"] += 1
        if target.exists():
            shutil.rmtree(target)
    _run(checkpoint, target, at=0)
    _check(target, whole=True)
    if left := [path.name for path in folder.iterdir() if path != target]:
        raise SystemExit(f"the last run left {left}")
    return endings


def _run(checkpoint: Path, target: Path, *, at: int) -> int:
    """Converts in a fork, which kills itself at a step; returns the number of its steps, -1 if it was killed."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        _convert(checkpoint, target, at, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as stream:
        told = stream.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGKILL:
        return -1
    if status:
        raise SystemExit(f"the conversion ended with {status}")
    return int(told)


def _convert(checkpoint: Path, target: Path, at: int, write_end: int) -> None:
    """Converts, counts the steps, and ends this process."""
    from linnet_export.cli.main import main

    steps, inside = 0, f"{target.parent}{os.sep}"

    def step(event: str, details: tuple[object, ...]) -> None:
        nonlocal steps
        if event in _STEPS and isinstance(details[0], (str, Path)) and str(details[0]).startswith(inside):
            steps += 1
            if steps == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    status = main(["convert", str(checkpoint), "--output", str(target)])
    os.write(write_end, str(steps).encode())
    os._exit(status)


def _check(target: Path, *, whole: bool) -> str:
    """Returns "a whole bundle" or "no bundle"; ends the process if there is something else."""
    from linnet.bundle.integrity import unlisted, verify

    if not target.exists() and not whole:
        return "no bundle"
    faults = [fault for _, fault in verify(target) if fault] + [str(path) for path in unlisted(target)]
    if faults:
        raise SystemExit(f"half a bundle is left: {faults}")
    return "a whole bundle"


if __name__ == "__main__":
    sys.exit(main())
