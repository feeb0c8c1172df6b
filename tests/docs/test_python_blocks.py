"""The pages' Python: it passes ``mypy --strict``, and runs as it stands, under any locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, blocks, pages
from signing import key_of, public_pem, write_signature
from workplaces import furnish

WITH_PYTHON = [page for page in pages() if blocks(page, "python")]
DOCS = ROOT / "runtime" / "docs"
SERVICE = DOCS / "service.md"
ELSEWHERE = (SERVICE, DOCS / "engines.md", DOCS / "libraries.md")
"""What other tests run: a service, and pages that need packages of other environments."""


def code(page: Path) -> str:
    """A page's Python blocks, in order: later ones use the names of earlier ones."""
    return "\n".join(blocks(page, "python"))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix().replace("/", "_").removesuffix(".md")


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder with the files and bundles that the pages name."""
    furnish(tmp_path)
    write_signature(tmp_path / "my-bundle", key_of())
    (tmp_path / "signer.pem.pub").write_bytes(public_pem(key_of()))
    return tmp_path


def test_there_are_pages_with_python() -> None:
    assert {"README", "runtime_README", "runtime_docs_pandas", "runtime_docs_service", "runtime_docs_desktop"} <= {
        name(page) for page in WITH_PYTHON
    }


def test_python_passes_mypy_strict(tmp_path: Path) -> None:
    files = [tmp_path / f"{name(page)}.py" for page in WITH_PYTHON]
    for file, page in zip(files, WITH_PYTHON, strict=True):
        file.write_text(code(page), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", [page for page in WITH_PYTHON if page not in ELSEWHERE], ids=name)
def test_python_runs_as_it_stands(page: Path, workplace: Path) -> None:
    """In the C locale too, where Python reads files as ASCII unless told otherwise."""
    (workplace / "page.py").write_text(code(page), encoding="utf-8")
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning:__main__", "page.py"]
    done = subprocess.run(command, cwd=workplace, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_pandas_gives_a_row_per_row(workplace: Path) -> None:
    page = ROOT / "runtime" / "docs" / "pandas.md"
    first, parts, _ = blocks(page, "python")
    for content in (first, first + parts):
        (workplace / "page.py").write_text(content, encoding="utf-8")
        subprocess.run([sys.executable, "page.py"], cwd=workplace, check=True, timeout=120)
        header, *rows = (workplace / "predictions.csv").read_text(encoding="utf-8").splitlines()
        assert header.startswith("id,text,label")
        assert [row.split(",")[:2] for row in rows] == [
            ["1", "Good news! 🎉"],
            ["2", ""],
            ["3", "null"],
            ["4", "so bad"],
        ]
        assert rows[0].split(",")[2] == "positive"
