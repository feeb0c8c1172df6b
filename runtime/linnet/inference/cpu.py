"""Finds how many threads and processors this process may use."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ..errors import InputError

VARIABLE = "LINNET_THREADS"
"""The environment variable with the number of threads per model; the argument ``threads`` overrides it."""

MOST_THREADS = 512
"""The largest number of threads. No model gains from more, and each thread takes memory."""

_ROOT = Path("/")


def thread_count(threads: int | None = None) -> int:
    """Returns how many threads a model may use: ``threads``, else `VARIABLE`, else the available processors.

    Raises:
        ValueError: ``threads`` is not a whole number from 1 to `MOST_THREADS`.
        InputError: the variable's value is not one.
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
            "correct it, or unset it"
        )
    return found


def parsed_threads(said: str) -> int | None:
    """Returns the number of threads in a string, or None if it is not a whole number from 1 to `MOST_THREADS`."""
    with suppress(ValueError):  # too many digits for Python
        if said.isdecimal() and 1 <= int(said) <= MOST_THREADS:
            return int(said)
    return None


def available_cpus(root: Path = _ROOT) -> int:
    """Returns how many processors this process may use: its allowed ones or its quota, whichever is less."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(allowed, cpu_quota(root))))


def cpu_quota(root: Path = _ROOT) -> float:
    """Returns the quota of control groups (version 2 or 1) in processors; infinity if there is none.

    All parents limit a group too, so the smallest quota counts. ``root`` is the folder of ``proc`` and ``sys``.
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
    """Yields each group of this process: its controllers (none in version 2) and its path."""
    with suppress(OSError, UnicodeDecodeError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, group = line.split(":", 2)
            yield [name for name in controllers.split(",") if name], group


def _within(group: str) -> Iterator[PurePosixPath]:
    """Yields a group and its parents. In a container the path may be the host's; missing folders set no limit."""
    path = PurePosixPath(group.lstrip("/"))
    if ".." not in path.parts:
        yield path
        yield from (parent for parent in path.parents if parent != path)
    else:  # the group is outside the container
        yield PurePosixPath()


def _parsed(quota: Path, period: str | None = None) -> float:
    """Returns quota / period from one file or two; infinity if unlimited (``max`` or -1) or if a file is missing."""
    try:
        found = quota.read_text(encoding="ascii").split()
        if period:
            found += quota.with_name(period).read_text(encoding="ascii").split()
        time, of = map(float, found)
    except (OSError, ValueError):
        return math.inf
    return time / of if time > 0 and of > 0 else math.inf
