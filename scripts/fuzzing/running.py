"""Runs fuzzers: each input in a child process, which is replaced when it ends or does not answer."""

import json
import random
import selectors
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fuzzing.fuzzers import Fuzzer

TARGET = Path(__file__).with_name("target.py")
"""The program of the child process."""

PATIENCE = 20.0
"""The seconds after which an input counts as a hang."""


@dataclass
class Figures:
    """What became of a fuzzer's inputs.

    ``faults`` are errors that are not Linnet's, crashes and hangs, each with the number of its input; ``seconds`` and
    ``memory``, in bytes, are those of the worst input.
    """

    name: str
    inputs: int = 0
    answered: int = 0
    refused: int = 0
    crashes: int = 0
    hangs: int = 0
    seconds: float = 0.0
    memory: int = 0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Returns the figures on one line."""
        return (
            f"{self.name:<10} {self.inputs:>7} inputs: {self.refused} refused, {self.answered} answered, "
            f"{self.crashes} crashes, {self.hangs} hangs, {len(self.faults)} faults; "
            f"at worst {self.seconds:.2f} s and {self.memory / 1e6:.0f} MB"
        )


class _Target:
    """The child process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, folder: Path) -> tuple[str, float, int]:
        """Returns what became of a bundle, its seconds, and the most memory that the process took so far."""
        if self._process is None:
            command = [sys.executable, str(TARGET)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE):
                self.end()
                return "hang", PATIENCE, 0
        if not (line := self._process.stdout.readline()):
            self.end()
            return "crash", 0.0, 0
        found, seconds, memory = json.loads(line)
        return found, seconds, memory

    def end(self) -> None:
        """Ends the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def run(fuzzer: Fuzzer, count: int, seed: int) -> Figures:
    """Returns the figures of ``count`` inputs; equal seeds make equal inputs."""
    figures, target = Figures(fuzzer.name), _Target()
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = Path(folder) / "base"
            fuzzer.prepare(base)
            for number in range(count):
                bundle = _copy(base, Path(folder) / "bundle")
                fuzzer.spoil(bundle, random.Random(f"{fuzzer.name} {seed} {number}"))
                _count(figures, number, *target.ask(bundle))
    finally:
        target.end()
    return figures


def _copy(base: Path, bundle: Path) -> Path:
    """Copies a bundle; its weights become a link."""
    shutil.rmtree(bundle, ignore_errors=True)

    def copy(source: str, target: str) -> None:
        if source.endswith(".onnx_data"):
            Path(target).symlink_to(source)
        else:
            shutil.copyfile(source, target)

    return Path(shutil.copytree(base, bundle, copy_function=copy))


def _count(figures: Figures, number: int, found: str, seconds: float, memory: int) -> None:
    figures.inputs += 1
    figures.seconds, figures.memory = max(figures.seconds, seconds), max(figures.memory, memory)
    if found in ("answered", "refused"):
        setattr(figures, found, getattr(figures, found) + 1)
        return
    figures.crashes += found == "crash"
    figures.hangs += found == "hang"
    figures.faults.append(f"{figures.name} {number}: {found}")
