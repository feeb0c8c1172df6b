"""The page's Python runs as it stands, engine by engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, blocks
from workplaces import furnish

PAGE = ROOT / "runtime" / "docs" / "engines.md"
BLOCKS = blocks(PAGE, "python")


@pytest.mark.parametrize("package", ["duckdb", "polars", "dask", "numpy"])
def test_python_runs_as_it_stands(package: str, tmp_path: Path) -> None:
    """Ray and Spark, which start slowly, are tried with the same calls in other tests."""
    pytest.importorskip(package)
    [block] = [block for block in BLOCKS if f"import {package}" in block]
    done = subprocess.run(
        [sys.executable, "-c", f"import linnet\n{block}"],
        cwd=furnish(tmp_path),
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "positive" in done.stdout
