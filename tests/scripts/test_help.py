"""Every script says how it is used at once, where nothing is installed; and what it needs, where that is missing."""

import os
import shutil
import stat
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(file for file in (ROOT / "scripts").iterdir() if file.is_file() and file.stat().st_mode & stat.S_IXUSR)


def has_shebang(file: Path) -> bool:
    return file.read_bytes().startswith(b"#!")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the standard library alone."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts without anything that an earlier run installed beside them."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(script: Path, clone: Path, bare: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a script as a user does, where ``python3`` is the bare Python; one that installed something would fail."""
    path = f"{bare.parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "PYTHON": str(bare), "HOME": str(clone), "PIP_NO_INDEX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(clone / "scripts" / script.name), *arguments]
    return subprocess.run(
        command, cwd=clone, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.name))
def test_help_is_printed_where_nothing_is_installed(script: Path, flag: str, clone: Path, bare: Path) -> None:
    done = run(script, clone, bare, flag)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: " in done.stdout
    assert sorted(path.name for path in clone.iterdir()) == ["scripts"]


@pytest.mark.parametrize(
    "command",
    [
        ["five_checkpoints.py", "--data", "."],
        ["footprint.py", "."],
        ["isa_parity.py"],
        ["preprocessing_reference.py", "bertweet"],
        ["preprocessing_tables.py", "bertweet"],
        ["read_back.py", ".", "out"],
        ["retweets.py", "--data", "."],
        ["serving_memory.py"],
        ["tiny_embedder.py", "--output", "."],
        ["tokenizer_bench.py", ".", "."],
        ["train_default.py", "--data", ".", "--ratings", ".", "--work", "."],
    ],
    ids=lambda command: str(command[0]),
)
def test_a_missing_package_is_named_with_what_installs_it(command: list[str], clone: Path, bare: Path) -> None:
    (clone / "umsab" / "x").mkdir(parents=True, exist_ok=True)
    (clone / "umsab" / "x" / "train_text.txt").write_text("a text\nanother\n", encoding="utf-8")
    try:
        done = run(Path(command[0]), clone, bare, *command[1:])
    finally:
        shutil.rmtree(clone / "umsab")
    assert "Traceback" not in done.stderr
    expected = ("scripts/test sets up .venv", "expected a Python with Unicode")
    assert any(said in done.stderr for said in expected), done.stderr
    assert done.returncode in (1, 2)


def test_every_script_is_looked_at() -> None:
    assert {"bench", "demo", "isa_parity", "test", "tokenizer_bench.py", "train_default.py"} <= {
        script.name for script in SCRIPTS
    }


def test_what_has_a_shebang_can_be_run_and_the_other_way_round() -> None:
    for file in tracked():
        assert has_shebang(file) == bool(file.stat().st_mode & stat.S_IXUSR), file


def test_what_takes_arguments_can_be_run() -> None:
    for file in (ROOT / "scripts").glob("*.py"):
        reads = "parse_args(" in file.read_text(encoding="utf-8")
        assert reads == has_shebang(file), f"{file} reads arguments: give it a shebang and a run bit"
