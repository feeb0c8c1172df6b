"""The page's Python runs as it stands, library by library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, blocks
from workplaces import furnish

PAGE = ROOT / "runtime" / "docs" / "libraries.md"
PRINTED = {
    "langchain_core": "delays at the station",
    "llama_index": "delays at the station",
    "chromadb": "delays at the station",
    "sklearn": "['good'] ['good']",
    "spacy": "'positive': 0.",
    "linnet": "(2, 32)",
}
"""By package, what its block prints."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("workplace"))


@pytest.mark.parametrize("package", PRINTED)
def test_python_runs_as_it_stands(package: str, workplace: Path) -> None:
    pytest.importorskip(package)
    found = blocks(PAGE, "python")
    starts = f"from {package}", f"import {package}"
    [block] = [block for block in found if block.startswith(starts)]
    assert len(found) == len(PRINTED)
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=workplace,
        env={**os.environ, "PYTHONUTF8": "1", "ANONYMIZED_TELEMETRY": "False"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert PRINTED[package] in done.stdout
