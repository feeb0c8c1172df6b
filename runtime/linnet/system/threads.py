"""Tells how many threads the system lets this process start: containers limit them."""

import threading


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
    return len(started)
