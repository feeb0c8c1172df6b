"""Output files that a later run can continue.

While it is written, the file is ``NAME.partial``. A journal beside it says how much of it is complete: it is written
again, whole, every few seconds, after the rows that it counts have reached the disk. So whatever ends the process, the
rows in the journal are there; what follows them in the partial file is cut off by the run that continues.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import InputError
from ...notes import counted, tell
from ...system.files import put_in_place, takes_files
from ...system.temporary import finally_doing
from .locking import WITHOUT_LINKS, is_at, locked

_LONGEST_NAME = 255 - len(".partial.journal~")  # bytes
_FORMAT = 1
_LONGEST_JOURNAL = 1 << 20  # bytes
_LONGEST_SHOWN = 200  # characters


@dataclass(frozen=True)
class Checkpoint:
    """What is complete of an output.

    Attributes:
        rows: how many texts were answered.
        size: how many bytes the file then had.
        digest: the digest of these texts.
        tally: what was counted until then.
    """

    rows: int = 0
    size: int = 0
    digest: str = ""
    tally: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all values are of their types: a journal can hold anything."""
        counts = (self.rows, self.size, *self.tally.values()) if isinstance(self.tally, dict) else (None,)
        return isinstance(self.digest, str) and all(type(count) is int and count >= 0 for count in counts)


class Partial:
    """A partly written output: its binary ``stream``, its ``path``, and the checkpoint where it ``start``s."""

    def __init__(self, target: Path, identity: dict[str, Any]) -> None:
        self.stream: BinaryIO
        self.start = Checkpoint()
        self._target, self._identity = target, identity
        self.path, self._journal = (target.with_name(f"{target.name}.{end}") for end in ("partial", "partial.journal"))
        self._fresh = target.with_name(f"{target.name}.partial.journal~")  # becomes the journal
        self._last: Checkpoint | None = None  # that the journal has
        self._ours: os.stat_result | None = None  # the partial file, once this run may remove it
        self._done = False  # whether it is complete

    def open(self, stack: ExitStack, *, resume: bool) -> None:
        """Opens the partial file, at the end of what its journal says is complete; the stack closes it.

        Raises:
            InputError: another process writes it, it is the part of another run, no run of Linnet wrote it, its journal
            is damaged, or it has answers of an interrupted run that ``resume`` does not ask for.
            OSError: it cannot be made or written.
        """
        mode = 0o600 if self._target.exists() else 0o666
        descriptor = stack.enter_context(locked(self.path, mode))
        stack.enter_context(finally_doing(self.leave))  # after the stream is closed, before the file is unlocked
        self.stream = stack.enter_context(os.fdopen(descriptor, "wb"))
        file = os.fstat(descriptor)
        found = self._read_journal(file.st_size)
        if found and not resume:
            raise InputError(
                f"{self.path} has {counted(found[1].rows, 'answered text')} of an interrupted run: "
                "give --resume to go on, or remove this file to begin again"
            )
        if found:
            self.start = self._last = self._checked(*found)
        elif resume:
            tell(f"note: there is no interrupted run of {self._target} to go on with: it begins with the first text")
        self._ours = file
        if not self._last:
            self._write_journal(self.start)  # before any row: it tells that the partial file is ours, if we are killed
        self.stream.truncate(self.start.size)
        self.stream.seek(self.start.size)

    def save(self, checkpoint: Checkpoint) -> None:
        """Makes sure that what was written so far outlives this process, and the machine."""
        os.fsync(self.stream.fileno())
        self._write_journal(checkpoint)
        self._last = checkpoint

    def finish(self) -> None:
        """Gives the file its name.

        Raises:
            InputError: someone removed it.
            OSError: it cannot be completed, or cannot get its name.
        """
        self.stream.close()  # where files are locked, it stays locked
        if self._ours is None or not is_at(self._ours, self.path):
            raise InputError(f"{self.path} was removed while it was written: run the command again")
        self._done = True
        try:
            self.leave()
        except OSError:  # what is answered stays for a later run
            self._done = False
            if self._last and is_at(self._ours, self.path):
                self._write_journal(self._last)
            raise

    def leave(self) -> str | None:
        """Gives a complete file its name, and removes an incomplete one, or returns what it holds for a later run.

        It can be interrupted and called again. As soon as the partial file's name is free, another run may take it, and
        the journal's: so they are this run's only while that name is the file's that it opened.

        Returns:
            What stays; an empty text for a file that is not this run's; else None.
        """
        if self._ours is None:
            return ""
        if not is_at(self._ours, self.path):
            return None
        if not self._fresh.is_symlink():  # which this run did not make
            self._fresh.unlink(missing_ok=True)
        if not self._done and self._last:
            return self.kept()
        self._journal.unlink(missing_ok=True)
        if self._done:
            put_in_place(self.path, self._target)
        if not self._done or is_at(self._ours, self.path):  # it was copied
            self.path.unlink(missing_ok=True)
        return None

    def kept(self) -> str | None:
        """Returns what the partial file holds for a later run; None if it holds nothing, or all."""
        if self._done or self._last is None or self._ours is None or not is_at(self._ours, self.path):
            return None
        return (
            f"{counted(self._last.rows, 'text')} {'is' if self._last.rows == 1 else 'are'} answered in {self.path}: "
            "give the same command with --resume to go on"
        )

    def _write_journal(self, checkpoint: Checkpoint) -> None:
        descriptor = os.open(self._fresh, WITHOUT_LINKS | os.O_TRUNC, 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump({"format": _FORMAT, "run": self._identity, "done": asdict(checkpoint)}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        self._fresh.replace(self._journal)

    def _read_journal(self, size: int) -> tuple[dict[str, Any], Checkpoint] | None:
        """Returns the run and what it completed of a partial file of ``size`` bytes; None if it has no answers.

        Raises:
            InputError: the file is not empty, and what it has cannot be told.
        """
        if not size:
            return None  # whatever the journal says: who begins again removes the partial file
        try:
            with self._journal.open("rb") as stream:
                found = json.loads(stream.read(_LONGEST_JOURNAL))
            run, done = found["run"], Checkpoint(**found["done"])
            if found["format"] == _FORMAT and isinstance(run, dict) and done.is_whole and done.size <= size:
                return (run, done) if done.rows else None
        except FileNotFoundError:
            raise InputError(
                f"{self.path} is in the way: expected the part of an interrupted run, found a file without a journal; "
                "move or remove it, or name another file with --output"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        raise InputError(
            f"{self._journal}: expected what an interrupted run of this version of Linnet answered, found a damaged or "
            f"another file: {self.path} cannot be continued; move or remove it to begin again"
        )

    def _checked(self, run: dict[str, Any], found: Checkpoint) -> Checkpoint:
        """Returns the checkpoint if the run that made it is this one."""
        now = json.loads(json.dumps(self._identity))
        for name in sorted({*run, *now}):
            if run.get(name) != now.get(name):
                raise InputError(
                    f"--resume: {self.path} is of a run with another {name[:_LONGEST_SHOWN]}: expected {_shown(run.get(name))}, "
                    f"found {_shown(now.get(name))}; run the same command, or remove {self.path} to begin again"
                )
        return found


@contextmanager
def resumable(path: Path, identity: dict[str, Any], *, resume: bool) -> Iterator[Partial]:
    """Opens an output that appears under its name when it is complete, and that a later run can continue.

    Args:
        path: the output, for which `can_be_resumed` holds.
        identity: what has to be the same in the run that continues.
        resume: True to go on with what an interrupted run left.

    Raises:
        InputError: the file cannot be written, another process writes it, or what is left is of another run.
    """
    partial = Partial(Path(os.path.realpath(path)), identity)
    with ExitStack() as stack:
        try:
            if partial._target.exists():
                os.close(os.open(partial._target, os.O_WRONLY))  # a file that is write-protected stays as it is
            partial.open(stack, resume=resume)
        except OSError as error:
            raise InputError(
                f"cannot write {path}: {error.strerror or error}; name a file in a folder that can be written to"
            ) from None
        try:
            yield partial
            partial.finish()
        except (Exception, KeyboardInterrupt):  # whatever it is: what is complete stays
            if kept := partial.kept():
                tell(f"note: {kept}")
            raise


def can_be_resumed(path: Path) -> bool:
    """Returns whether a file can be written in parts: it has room for a name beside it, in a folder that takes files."""
    target = Path(os.path.realpath(path))
    return len(os.fsencode(target.name)) <= _LONGEST_NAME and not target.is_dir() and takes_files(target.parent)


def _shown(value: object) -> str:
    return json.dumps(value)[:_LONGEST_SHOWN]
