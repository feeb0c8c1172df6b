"""A stream takes no more memory, by the process's own count and by that of its memory cgroup: in short."""

from pathlib import Path

import pytest
import steady
from cgroups import memory_group

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"
GROWTH = 0.05
"""More than of a long stream, in which it counts from a later text on."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not say how much memory is used"
)


def test_memory_stays_flat(capsys: pytest.CaptureFixture[str]) -> None:
    found = steady.growth(str(TINY), 20_000, 1)
    assert found["RSS"] < GROWTH
    assert "20,000 texts" in capsys.readouterr().out


def test_the_memory_that_the_system_charges_stays_flat() -> None:
    try:
        with memory_group():
            pass
    except OSError as error:
        pytest.skip(f"this user may not make a memory cgroup: {error}")
    assert steady.growth(str(TINY), 20_000, 1)["cgroup"] < GROWTH
