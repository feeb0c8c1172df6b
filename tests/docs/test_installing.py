"""The pages that install Linnet, tried as they stand: from a clone, without a network, frozen, as a service."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import linnet
import pytest
from frozen import ELSEWHERE, check_frozen
from pages import ROOT, blocks
from shells import shell

DOCS = ROOT / "runtime" / "docs"

OF_COMMANDS = re.compile(
    r"linnet\.(analysis\.(adaptation|calibration|evaluation\.(pages|published|tables)|explanations|folds|heatmaps"
    r"|internals|optimizing|page|plots)|bundle\.(cyclonedx|deriving|materials|placing)|inference\.network|notes"
    r"|packing\.(aligning|packing)|serving|system\.(files|staging|temporary))(\..*)?"
)
"""The modules that only the command line imports."""

NOT_PACKED = ("cli", "engines", "extras.py", "freezing", "integrations", "spark", "__main__.py")
"""What no model imports; PyInstaller finds by itself what a program imports of it."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone of the repository has, as far as these pages need it."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("runtime", "artifacts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return folder


@pytest.fixture(scope="module")
def wheelhouse(clone: Path) -> Path:
    build, *_ = blocks(DOCS / "air-gapped.md", "")
    shell(clone, build)
    return clone / "wheelhouse"


@pytest.fixture(scope="module")
def target(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The machine without a network: its folder, and what the page's commands printed there."""
    folder = tmp_path_factory.mktemp("target")
    shutil.copytree(wheelhouse, folder / "wheelhouse")
    install = blocks(DOCS / "air-gapped.md", "")[1]
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_FIND_LINKS": ""}
    return folder, shell(folder, install, **nowhere)


def test_without_a_network_it_installs_from_wheels(target: tuple[Path, str]) -> None:
    verified, answer = target[1].splitlines()
    assert verified.endswith("OK")
    assert answer.startswith("positive\t")


@pytest.fixture(scope="module")
def installed(clone: Path, wheelhouse: Path) -> Path:
    """The clone with the environment that the README's first block makes; nothing is downloaded twice."""
    install, *_ = blocks(ROOT / "README.md", "")
    shell(clone, install, PIP_FIND_LINKS=str(wheelhouse))
    return clone


def test_the_first_commands_of_the_readme_answer_as_shown(installed: Path) -> None:
    session = blocks(ROOT / "README.md", "")[1]
    lines = session.replace("\\\n", " ").splitlines()
    expected = [line.split()[0] for line in lines if line.split()[0] in ("positive", "neutral", "negative")]
    found = shell(installed, ". venv/bin/activate\n" + lines[0].removeprefix("$ ")).splitlines()
    assert [line.split("\t")[0] for line in found] == expected
    assert len(expected) == 4


def test_the_shell_commands_of_the_readme_run(installed: Path) -> None:
    (commands,) = [block for block in blocks(ROOT / "README.md", "") if "linnet verify " in block]
    printed = shell(installed, ". venv/bin/activate\n" + commands)
    assert "positive" in printed and "digest" in printed and "OK" in printed
    assert (installed / "predictions.csv").read_text(encoding="utf-8").startswith("id,text,label,score")


def test_vendored_as_the_page_says(installed: Path) -> None:
    (commands,) = [block for block in blocks(DOCS / "desktop.md", "") if "mkdir -p app/_vendor" in block]
    assert shell(installed, ". venv/bin/activate\n" + commands).startswith("positive\t")
    assert (installed / "app" / "_vendor" / "linnet" / "LICENSE").is_file()


@pytest.fixture(scope="module")
def frozen(installed: Path, wheelhouse: Path) -> Path:
    """The clone in which PyInstaller has built the page's program."""
    pip = str(installed / "venv" / "bin" / "pip")
    download = [pip, "download", "--quiet", "--no-deps", "--dest", str(wheelhouse), "pyinstaller"]
    if subprocess.run(download, capture_output=True).returncode:
        pytest.skip("pip cannot install PyInstaller here")
    (program,) = blocks(DOCS / "desktop.md", "python")
    (installed / "mood.py").write_text(program, encoding="utf-8")
    folder, _ = [block for block in blocks(DOCS / "desktop.md", "") if "pyinstaller" in block]
    assert shell(installed, folder, PIP_FIND_LINKS=str(wheelhouse)) == "positive\n"
    return installed


def test_a_frozen_folder_runs_where_nothing_is_installed(frozen: Path, tmp_path: Path) -> None:
    shutil.copytree(frozen / "dist" / "mood", tmp_path / ELSEWHERE, symlinks=True)
    check_frozen(tmp_path / ELSEWHERE / "mood")


def test_a_frozen_file_runs_where_nothing_is_installed(frozen: Path, tmp_path: Path) -> None:
    """It unpacks itself, also into a folder with such a name."""
    _, file = [block for block in blocks(DOCS / "desktop.md", "") if "pyinstaller" in block]
    assert shell(frozen, file) == "positive\n"
    unpacked = tmp_path / ELSEWHERE / "temporär"
    unpacked.mkdir(parents=True)
    program = Path(shutil.copy(frozen / "single" / "mood", tmp_path / ELSEWHERE / "Stimmung größer"))
    check_frozen(program, TMPDIR=str(unpacked))
    assert list(unpacked.iterdir()) == []


def test_a_frozen_program_has_every_module_that_a_model_may_import(frozen: Path) -> None:
    packed = set(
        re.findall(r"\('(linnet[\w.]*)'", (frozen / "build" / "mood" / "PYZ-00.toc").read_text(encoding="utf-8"))
    )
    package = Path(linnet.__file__).parent
    expected = {
        ".".join(("linnet", *file.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        for file in package.rglob("*.py")
        if file.relative_to(package).parts[0] not in NOT_PACKED
    }
    assert [name for name in expected - packed if not OF_COMMANDS.fullmatch(name)] == []
    assert {"linnet.notes", "linnet.analysis.page"} <= expected - packed
    assert not any(name.startswith("linnet.cli") for name in packed)


def test_a_frozen_server_has_its_page(frozen: Path) -> None:
    program = """
from importlib.resources import files
import linnet.serving
print(sorted(file.name for file in (files(linnet.serving) / "page").iterdir()))
"""
    (frozen / "paged.py").write_text(program, encoding="utf-8")
    shown = shell(frozen, "venv/bin/pyinstaller --onedir paged.py\ndist/paged/paged")
    assert shown.strip() == str(
        sorted(file.name for file in (Path(linnet.__file__).parent / "serving" / "page").iterdir())
    )


def test_the_service_answers_on_its_socket(target: tuple[Path, str], tmp_path: Path) -> None:
    (program,) = blocks(DOCS / "service.md", "python")
    (tmp_path / "service.py").write_text(program, encoding="utf-8")
    env = {"RUNTIME_DIRECTORY": str(tmp_path), "LINNET_THREADS": "2", "PATH": os.environ["PATH"]}
    command = [str(target[0] / "venv" / "bin" / "python"), str(tmp_path / "service.py")]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        asked = "Good news! 🎉\nso bad 😡\n\n"
        answers = [json.loads(line) for line in ask(tmp_path / "linnet.sock", asked.encode() + b"caf\xe9\n", process)]
        assert [answer["label"] for answer in answers[:2]] == ["positive", "negative"]
        assert len(answers) == 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == -signal.SIGTERM
    finally:
        process.kill()


def ask(address: Path, lines: bytes, process: "subprocess.Popen[str]") -> list[str]:
    """Sends lines to a socket as soon as it is there; returns the lines that come back."""
    deadline = time.monotonic() + 60
    while not address.exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate(timeout=5)
        time.sleep(0.05)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(str(address))
        client.sendall(lines)
        client.shutdown(socket.SHUT_WR)
        with client.makefile(encoding="utf-8") as received:
            return list(received)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(target: tuple[Path, str], tmp_path: Path) -> None:
    (unit,) = blocks(DOCS / "service.md", "ini")
    (tmp_path / "linnet.service").write_text(unit.replace("/opt/linnet", str(target[0])), encoding="utf-8")
    (target[0] / "service.py").touch()
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / "linnet.service"], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "linnet.service" in line] == []
