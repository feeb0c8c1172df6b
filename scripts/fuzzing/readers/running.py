"""Runs readers: a child process reads one input after the other, and is replaced when one ends it or takes too long."""

import mmap
import os
import random
import resource
import signal
import struct
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from linnet.errors import LinnetError

from fuzzing.readers.coverage import Coverage
from fuzzing.readers.models import CORPUS
from fuzzing.readers.reader import Reader

PATIENCE = 10.0
"""The seconds of processor time after which an input counts as a hang: other programs do not count."""
MEMORY = 300 << 20
"""The bytes of memory that one input may take besides what the process had."""

_HEAD = struct.Struct("<7qd")
_ROOM = 1 << 20
_MOST_KEPT, _LONGEST_KEPT = 400, 1 << 13


@dataclass
class Figures:
    """What became of a reader's inputs; ``faults`` describe those that were neither read nor refused."""

    name: str
    inputs: int = 0
    read: int = 0
    refused: int = 0
    crashes: int = 0
    hangs: int = 0
    lines: int = 0
    """Lines of `linnet` that were reached first by one of these inputs."""
    kept: int = 0
    """Inputs that reached new lines, and were changed further."""
    slowest: float = 0.0
    """Seconds of processor time."""
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Returns the figures on one line."""
        return (
            f"{self.name:<14} {self.inputs:>8} inputs: {self.refused} refused, {self.read} read, "
            f"{len(self.faults)} faults ({self.crashes} crashes, {self.hangs} hangs); "
            f"{self.lines} lines reached, {self.kept} inputs kept; at worst {self.slowest:.2f} s"
        )


class _Board:
    """Memory that the child writes and the parent reads: the figures, and the input that is being read."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _HEAD.size + 8 + _ROOM)

    def put(self, figures: Figures) -> None:
        _HEAD.pack_into(
            self._memory, 0, figures.inputs, figures.read, figures.refused, figures.lines, figures.kept, 0, 0,
            figures.slowest,
        )  # fmt: skip

    def get(self, figures: Figures) -> None:
        found = _HEAD.unpack_from(self._memory, 0)
        figures.inputs, figures.read, figures.refused, figures.lines, figures.kept = found[:5]
        figures.slowest = found[-1]

    def put_input(self, content: bytes) -> None:
        self._memory[_HEAD.size : _HEAD.size + 8] = len(content).to_bytes(8, "little")
        self._memory[_HEAD.size + 8 : _HEAD.size + 8 + len(content)] = content

    def input(self) -> bytes:
        size = int.from_bytes(self._memory[_HEAD.size : _HEAD.size + 8], "little")
        return self._memory[_HEAD.size + 8 : _HEAD.size + 8 + size]


def corpus(reader: Reader, folder: Path = CORPUS) -> list[bytes]:
    """Returns the committed inputs of a reader, in the order of their names."""
    return [file.read_bytes() for file in sorted((folder / reader.name).glob("*"))]


def run(reader: Reader, count: int, seed: int, *, keep: Path | None = None, faults: Path | None = None) -> Figures:
    """Returns the figures of ``count`` inputs.

    Args:
        reader: what reads them.
        count: how many inputs to try.
        seed: equal seeds make equal inputs, on one version of Python.
        keep: a folder for inputs that reach new lines; None keeps them in memory only.
        faults: a folder for inputs that are faults.
    """
    figures, board = Figures(reader.name), _Board()
    while figures.inputs < count:
        ended, reason = _in_child(reader, figures, board, count, seed, keep, faults)
        tried = figures.inputs
        board.get(figures)
        if ended == 0:
            continue
        figures.inputs = max(figures.inputs, tried) + 1  # the child ended before it counted this one
        figures.crashes += ended != signal.SIGPROF
        figures.hangs += ended == signal.SIGPROF
        figures.faults.append(f"{reader.name} {figures.inputs - 1}: {reason}")
        _keep(faults, board.input())
        board.put(figures)
    return figures


def _in_child(
    reader: Reader, figures: Figures, board: _Board, count: int, seed: int, keep: Path | None, faults: Path | None
) -> tuple[int, str]:
    """Reads inputs in a child process until all are read or it ends; returns its signal or status, and why."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.close(read_end)
        try:
            _quiet()
            for fault in _read_all(reader, figures, board, count, seed, keep, faults):
                os.write(write_end, f"{fault}\n".encode())
        except Exception:
            os.write(write_end, traceback.format_exc().encode()[-60_000:])
            os._exit(1)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        told = stream.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status > 0:
        raise RuntimeError(f"the fuzzer of {reader.name} itself failed: {told}")
    figures.faults += [line for line in told.split("\n") if line]
    return abs(status), f"ended with {status}"


def _quiet() -> None:
    """Sends what Rust prints about panics nowhere, bounds the memory, and lets an alarm end it."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _read_all(
    reader: Reader, figures: Figures, board: _Board, count: int, seed: int, keep: Path | None, faults: Path | None
) -> Iterator[str]:
    """Reads inputs until all are read; yields a line for each fault."""
    coverage = Coverage()
    coverage.start()
    pool = [*reader.seeds(), *corpus(reader), *(corpus(reader, keep) if keep else [])]
    for content in pool:
        outcome(reader, content)
    while figures.inputs < count:
        chance = random.Random(f"{reader.name} {seed} {figures.inputs}")
        content = reader.mutate(chance.choice(pool), chance)[:_ROOM]
        board.put_input(content)
        before = coverage.lines
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        start = time.process_time()
        answer = outcome(reader, content)
        figures.slowest = max(figures.slowest, time.process_time() - start)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if answer in ("read", "refused"):
            setattr(figures, answer, getattr(figures, answer) + 1)
        else:
            yield f"{reader.name} {figures.inputs}: {answer}"
            _keep(faults, content)
        if coverage.lines > before:
            figures.lines += coverage.lines - before
            if len(pool) < _MOST_KEPT and len(content) < _LONGEST_KEPT:
                figures.kept += 1
                pool.append(content)
                _keep(keep and keep / reader.name, content)
        figures.inputs += 1
        board.put(figures)


def outcome(reader: Reader, content: bytes) -> str:
    """Returns "read" or "refused", or the error that is not one of Linnet's."""
    try:
        reader.read(content)
    except LinnetError as error:
        return "refused" if len(str(error)) < 5000 else f"a message of {len(str(error))} characters"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300].replace("\n", " ")
    return "read"


def _keep(folder: Path | None, content: bytes) -> None:
    if folder:
        import hashlib

        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
