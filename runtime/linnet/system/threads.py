"""Tells how many threads the system lets this process start: containers limit them."""

import os
import threading
from time import monotonic, sleep

_MOST_SECONDS = 1.0
"""How long to wait for threads to be gone."""


def startable(most: int) -> int:
    """Returns how many threads can be started now, up to ``most``. It starts that many, which end at once."""
    ended, started = threading.Event(), list[threading.Thread]()
    try:
        for _ in range(most):
            thread = threading.Thread(target=ended.wait, name="linnet-trial", daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:  # "can't start new thread"
        pass
    finally:
        ended.set()
    for thread in started:
        thread.join()
    _await_end(started)
    return len(started)


def _await_end(threads: list[threading.Thread]) -> None:
    """Waits until the system has taken joined threads back: until then they count, and no others can be started."""
    deadline = monotonic() + _MOST_SECONDS
    for thread in threads:
        while os.path.exists(f"/proc/self/task/{thread.native_id}") and monotonic() < deadline:  # noqa: PTH110
            sleep(0.0002)
