"""The machine that the figures were measured on, and the class of its processor."""

import os
import platform
from pathlib import Path

UNKNOWN = "unknown"

_X86 = (
    ("amx", {"amx_int8"}),
    ("avx512-vnni", {"avx512_vnni"}),
    ("avx-vnni", {"avx_vnni"}),
    ("avx512", {"avx512f", "avx512bw"}),
    ("avx2", {"avx2"}),
    ("sse", set[str]()),
)
_ARM = (
    ("i8mm", {"i8mm"}),
    ("neon-dotprod", {"asimddp"}),
    ("neon", {"asimd"}),
)
"""Each class with the flags that it takes; the best for INT8 comes first."""

CLASSES = (*(name for name, _ in reversed(_X86)), *(name for name, _ in reversed(_ARM)), UNKNOWN)
"""The classes of processors, in the order of the columns."""


def processor_class(cpuinfo: str, machine: str) -> str:
    """The best class that every processor in ``/proc/cpuinfo`` shows.

    Args:
        cpuinfo: the text of ``/proc/cpuinfo``.
        machine: the architecture, as `platform.machine` names it.
    """
    flags = _flags(cpuinfo)
    known = _ARM if machine.lower().startswith(("aarch64", "arm")) else _X86
    if not flags or (known is _X86 and machine.lower() not in ("x86_64", "amd64", "i386", "i686")):
        return UNKNOWN
    return next((name for name, needed in known if needed <= flags), UNKNOWN)


def _flags(cpuinfo: str) -> set[str]:
    """The flags that all processors share: a program may run on any of them."""
    lines = [line.partition(":") for line in cpuinfo.splitlines()]
    found = [set(value.split()) for name, _, value in lines if name.strip() in ("flags", "Features")]
    return set.intersection(*found) if found else set()


def this_class() -> str:
    """The class of this machine's processors."""
    return processor_class(_cpuinfo(), platform.machine())


def describe() -> str:
    """The processor, its class, and the number of processors that this process may use."""
    named = (line.split(":")[1].strip() for line in _cpuinfo().splitlines() if line.startswith("model name"))
    processor = next(named, platform.processor() or "unknown processor")
    usable = len(os.sched_getaffinity(0))
    return f"{platform.machine()}, {usable} processors, {processor}, {this_class()}, Python {platform.python_version()}"


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
