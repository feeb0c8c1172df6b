"""Workers: processes that hold a peer, answer when asked, and stand still in between."""

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmark.environment import ROOT, command, variables
from benchmark.peers import Row

_PATIENCE = 1800
"""Seconds after which a worker that gives no answer is taken to hang."""

FIRST_TEXT = "Good news! The bridge opens on Friday 🎉"


class WorkerError(RuntimeError):
    """A peer's process ended, or could not do what it was asked; the message has the end of what it said."""


class Worker:
    """A peer in its own process, stopped (SIGSTOP) but while it works, so that nothing of it spins meanwhile.

    ``started`` is what the first answer took: ``seconds``, and ``rss``, ``anonymous`` and ``peak`` in MB.

    Raises:
        WorkerError: it does not start.
    """

    def __init__(self, row: Row, folder: Path, *, threads: int, mode: str, log: Path) -> None:
        self._log = log
        arguments = (row.module, folder, threads, mode, FIRST_TEXT)
        with log.open("a", encoding="utf-8") as said:
            self._process = subprocess.Popen(
                command(row.environment, "worker", *arguments),
                cwd=ROOT / "scripts",
                env=variables(row.environment, "worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,  # Ctrl-C is for the one who started them
            )
        try:
            self.started: dict[str, float] = self._answer()
            self._signal(signal.SIGSTOP)
        except BaseException:
            self.close()
            raise

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Wakes it, has it do one thing, and stops it again.

        Raises:
            WorkerError: it could not.
        """
        self._signal(signal.SIGCONT)
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerError(f"{error}: {self._last_words()}") from error
        found = self._answer()
        self._signal(signal.SIGSTOP)
        return found

    def close(self) -> None:
        """Ends it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):  # what was not written to it any more
                    stream.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        patience = threading.Timer(_PATIENCE, self._process.kill)
        patience.start()
        try:
            line = self._process.stdout.readline()
        finally:
            patience.cancel()
        if not line:
            raise WorkerError(self._last_words())
        return json.loads(line)  # type: ignore[no-any-return]

    def _last_words(self) -> str:
        lines = [line for line in self._log.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]
        return f"{lines[-1] if lines else 'it ended without a word'} (all of it: {self._log})"

    def _signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)


def run(environment: str, module: str, *arguments: object, log: Path) -> str:
    """Runs a module of this package to its end; gives what it printed.

    Raises:
        WorkerError: it failed.
    """
    with log.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            command(environment, module, *arguments),
            cwd=ROOT / "scripts",
            env=variables(environment, module),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,
        )
    try:
        printed, _ = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]
        raise WorkerError(f"{lines[-1] if lines else f'exit status {process.returncode}'} (all of it: {log})")
    return printed
