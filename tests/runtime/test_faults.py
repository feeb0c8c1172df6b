"""What the system can run out of: a clear error, and nothing half-written."""

import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from commands import names
from tracing import environment

MB = 1 << 20
FEW_FILES = 24


def ended(
    folder: Path, *argv: str | Path, before: Callable[[], object] | None = None, **env: str
) -> "subprocess.CompletedProcess[str]":
    """How a command ended that ran in a folder, which is also its home, under limits that ``before`` sets."""
    command = [sys.executable, "-m", "linnet", *map(str, argv)]
    return subprocess.run(
        command, cwd=folder, env={**environment(folder), **env}, capture_output=True, text=True, timeout=300,
        preexec_fn=before,
    )  # fmt: skip


def limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    rows = [f"the bridge {number} is {word},{word}\n" for number in range(300) for word in ("positive", "negative")]
    (tmp_path / "home" / "texts.csv").write_text("text,label\n" + "".join(rows))
    return tmp_path / "home"


WRITING: list[Sequence[str]] = [
    ["embed", "--input", "texts.csv", "--column", "text", "--output", "out.npy", "--bundle"],
    ["embed", "--input", "texts.csv", "--column", "text", "--output", "out.jsonl", "--bundle"],
    ["embed", "--input", "texts.csv", "--column", "text", "--output", "out.csv", "--bundle"],
    ["adapt", "--data", "texts.csv", "--output", "out", "--bundle"],
    ["prepare", "--cache", "out"],
]
READING: list[Sequence[str]] = [["embed", "a text", "--bundle"], ["info"], ["verify"]]


@pytest.mark.parametrize("argv", WRITING, ids=lambda argv: " ".join([argv[0], argv[-2]]))
def test_a_full_disk_is_told_and_leaves_nothing(home: Path, tiny: Path, argv: Sequence[str]) -> None:
    """A limit on the size of files fails the same calls as a full disk; Python ignores the signal that comes with it."""
    found = ended(home, *argv, tiny, before=limited(resource.RLIMIT_FSIZE, 4096))
    assert found.returncode in (1, 2), found.stderr
    assert "Traceback" not in found.stderr, found.stderr
    assert "File too large" in found.stderr or "make room" in found.stderr, found.stderr
    left = [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and path.name != "texts.csv"]
    assert [path for path in left if not path.startswith("out.") or ".partial" not in path] == []


@pytest.mark.parametrize("argv", READING, ids=lambda argv: str(argv[0]))
def test_no_home_and_no_temporary_folder_will_do(home: Path, tiny: Path, argv: Sequence[str]) -> None:
    found = ended(home, *argv, tiny, HOME="/nonexistent", TMPDIR="/nonexistent", XDG_CACHE_HOME="/nonexistent")
    assert (found.returncode, found.stderr) == (0, "")


def test_outputs_need_no_temporary_folder(home: Path, tiny: Path) -> None:
    argv = ["embed", "--input", "texts.csv", "--column", "text", "--bundle", str(tiny), "--output"]
    for name in ("out.npy", "out.csv", "out.npy"):
        assert ended(home, *argv, name, TMPDIR="/nonexistent").returncode == 0
    assert names(home) == ["out.csv", "out.npy", "texts.csv"]


@pytest.mark.parametrize("most", [6, 10, 14, FEW_FILES])
def test_few_open_files_are_enough_or_told(home: Path, tiny: Path, most: int) -> None:
    argv = ["embed", "--input", "texts.csv", "--column", "text", "--output", "out.npy", "--threads", "1", "--bundle"]
    found = ended(home, *argv, tiny, before=limited(resource.RLIMIT_NOFILE, most))
    assert found.returncode in ((0,) if most == FEW_FILES else (0, 1, 2)), found.stderr
    if found.returncode:
        assert "Traceback" not in found.stderr and "Too many open files" in found.stderr, found.stderr
        assert names(home) == ["texts.csv"]


@pytest.mark.parametrize("most", [200 * MB, 300 * MB, 400 * MB, 600 * MB])
def test_little_address_space_is_enough_or_ends_with_a_message(home: Path, tiny: Path, most: int) -> None:
    argv = ["embed", "--input", "texts.csv", "--column", "text", "--output", "out.npy", "--threads", "1", "--bundle"]
    found = ended(home, *argv, tiny, before=limited(resource.RLIMIT_AS, most), OPENBLAS_NUM_THREADS="1")
    assert found.returncode == 0 or found.stderr.strip(), found.returncode
    assert names(home) == (["out.npy", "texts.csv"] if found.returncode == 0 else ["texts.csv"])
