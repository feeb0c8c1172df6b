"""How much of the processor this process may use."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from linnet.errors import InputError

VARIABLE = "LINNET_THREADS"
"""The environment variable that says how many threads a model uses, where the program does not."""

MOST_THREADS = 512
"""More than any model gains from; each takes memory of its own."""

_ROOT = Path("/")


def thread_count(threads: int | None = None) -> int:
    """How many threads a model may use: ``threads``, else `VARIABLE`, else the processors there are for it.

    Raises:
        ValueError: ``threads`` is no whole number from 1 to `MOST_THREADS`.
        InputError: nor is what the variable says.
    """
    if threads is not None:
        if not isinstance(threads, int) or isinstance(threads, bool) or not 1 <= threads <= MOST_THREADS:
            raise ValueError(
                f"expected threads to be a whole number of at least 1 and at most {MOST_THREADS}, found {threads!r}"
            )
        return threads
    said = os.environ.get(VARIABLE)
    if not said:
        return min(available_cpus(), MOST_THREADS)
    found = parsed_threads(said)
    if found is None:
        raise InputError(
            f"expected {VARIABLE} to be a whole number of at least 1 and at most {MOST_THREADS}, found {said!r}: "
            "mend it, or unset it"
        )
    return found


def parsed_threads(said: str) -> int | None:
    """The number of threads that a string says; None where it says none from 1 to `MOST_THREADS`."""
    with suppress(ValueError):  # too many digits for Python
        if said.isdecimal() and 1 <= int(said) <= MOST_THREADS:
            return int(said)
    return None


def available_cpus(root: Path = _ROOT) -> int:
    """How many processors this process may use: those that it may run on, or what its quota comes to if that is less."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, cpu_quota(root))))


def cpu_quota(root: Path = _ROOT) -> float:
    """How many processors' worth of time the control groups allow, of version 2 and 1; infinity where none do.

    A group is bound by all that it is in, so the least counts. ``root`` is where ``proc`` and ``sys`` are.
    """
    return min(_quotas(root), default=math.inf)


def _quotas(root: Path) -> Iterator[float]:
    mounted = root / "sys/fs/cgroup"
    for controllers, group in _groups(root):
        for folder in _within(group):
            if not controllers:
                yield _parsed(mounted / folder / "cpu.max")
            elif "cpu" in controllers:
                for name in ("cpu", ",".join(controllers)):
                    yield _parsed(mounted / name / folder / "cpu.cfs_quota_us", "cpu.cfs_period_us")


def _groups(root: Path) -> Iterator[tuple[list[str], str]]:
    """The groups of this process: their controllers, none in version 2, and their path."""
    with suppress(OSError, UnicodeDecodeError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, group = line.split(":", 2)
            yield [name for name in controllers.split(",") if name], group


def _within(group: str) -> Iterator[PurePosixPath]:
    """A group and all that it is in. In a container its path may be the host's: what is not there bounds nothing."""
    path = PurePosixPath(group.lstrip("/"))
    if ".." not in path.parts:
        yield path
        yield from (parent for parent in path.parents if parent != path)
    else:  # of a group outside of the container
        yield PurePosixPath()


def _parsed(quota: Path, period: str | None = None) -> float:
    """``quota period`` in one file, or in two; infinity for none (``max`` or -1), and where they are not there."""
    try:
        found = quota.read_text(encoding="ascii").split()
        if period:
            found += quota.with_name(period).read_text(encoding="ascii").split()
        time, of = map(float, found)
    except (OSError, ValueError):
        return math.inf
    return time / of if time > 0 and of > 0 else math.inf
