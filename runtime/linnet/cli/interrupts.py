"""Ends the process at once and tidily when a signal asks for it, whatever the main thread is doing.

Python runs its handlers of signals in the main thread, and only when no native code holds it. So a thread of its own
waits for signals. When one comes, the main thread stops where it is, the temporary files are removed, and the process
ends without any further code: raising `KeyboardInterrupt` instead would run the destructors of native libraries beside
their threads, and lets a second signal come between.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ..system.temporary import clean_up

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_PATIENCE = 0.3
"""Seconds in which the main thread has to stop, and standard error has to take the message."""

_CANCELLED = b"\0"
"""What is no signal's number."""

_NOTHING_LEFT = "no partly written file is left"


@contextmanager
def heeding(program: str) -> Iterator[None]:
    """Makes signals that would end the process end it with a message and the exit status 128 + their number.

    Other signals stay as they are: those that are ignored, and those that the calling program handles.
    """
    taken = [number for number in _SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    if not taken or threading.current_thread() is not threading.main_thread():
        yield
        return
    end = _End(program, taken)
    previous = signal.set_wakeup_fd(end.begin(), warn_on_full_buffer=False)
    for number in taken:
        signal.signal(number, end.stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(previous)
        end.cancel()


class _End:
    """The end of the process, prepared."""

    def __init__(self, program: str, taken: list[int]) -> None:
        self._program, self._taken = program, taken
        self._stopped = threading.Lock()  # held until the main thread has stopped
        self._stopped.acquire()
        self._writing = -1  # the descriptor that wakes the thread; -1 without a thread
        self._thread: threading.Thread | None = None

    def begin(self) -> int:
        """Starts the thread that waits for signals; returns the descriptor that their numbers are written to."""
        reading, writing = os.pipe()
        if os.name == "posix":
            os.set_blocking(writing, False)
        thread = threading.Thread(target=self._watch, args=[reading], name="linnet-signals", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no thread can be started: the main thread ends the process by itself
            os.close(reading)
            os.close(writing)
        else:
            self._writing, self._thread = writing, thread
        return self._writing

    def cancel(self) -> None:
        """Ends the thread, and waits until it has ended."""
        if self._thread is None:
            return
        with suppress(BlockingIOError):  # full of signals that came: closing it tells the thread too
            os.write(self._writing, _CANCELLED)  # a forked process may hold it open
        os.close(self._writing)
        self._thread.join(_PATIENCE)

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Handles a signal in the main thread, which never continues."""
        for other in self._taken:
            signal.signal(other, signal.SIG_IGN)
        with suppress(OSError, RuntimeError, ValueError):  # closed, or interrupted while it was written to
            if sys.stdout is not None:
                sys.stdout.flush()
        if self._writing < 0:
            self._leave(number)
        self._stopped.release()
        while True:
            time.sleep(60)

    def _watch(self, reading: int) -> None:
        while (number := os.read(reading, 1)) not in (b"", _CANCELLED):
            if number[0] in self._taken:
                self._stopped.acquire(timeout=_PATIENCE)
                self._leave(number[0])
        os.close(reading)

    def _leave(self, number: int) -> None:
        try:
            said, left = ["interrupted"], clean_up()
            if left is not None:
                said += left or [_NOTHING_LEFT]
            self._tell("; ".join(filter(None, said)))
        finally:
            os._exit(128 + number)

    def _tell(self, message: str) -> None:
        """Writes to standard error without its lock, which the main thread may hold."""
        if sys.stderr is None or (os.name == "posix" and not select.select([], [2], [], _PATIENCE)[1]):
            return  # it is closed, or a pipe that nobody reads
        clear = "\r\033[K" if os.isatty(2) else ""  # a progress bar
        with suppress(OSError):
            os.write(2, f"{clear}{self._program}: {message}\n".encode())
