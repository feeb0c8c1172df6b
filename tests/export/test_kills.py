"""What a conversion leaves that is killed with SIGKILL: ``scripts/kills.py`` in short."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIES = 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_killed_conversion_leaves_a_whole_bundle_or_none(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "scripts" / "kills.py", checkpoints["roberta"], "--output", tmp_path / "out"]
    done = subprocess.run(
        [*map(str, command), "--tries", str(TRIES)], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    endings = [(int(count), ending) for count, ending in re.findall(r"(\d+) (killed with [^;]*)", done.stdout)]
    assert sum(count for count, _ in endings) == TRIES, done.stdout
    assert all("no bundle" in ending or "a whole bundle" in ending for _, ending in endings)
    assert not (tmp_path / "out").exists()
