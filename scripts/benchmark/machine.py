"""What the figures were measured on."""

import os
import platform
from pathlib import Path


def describe() -> str:
    """The processor, how many of it this process may use, and what decides how fast INT8 is on it."""
    return f"{platform.machine()}, {len(os.sched_getaffinity(0))} processors, {_processor()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    return f"{name}, {'AVX512-VNNI' if any('avx512_vnni' in line for line in lines) else 'no AVX512-VNNI'}"
