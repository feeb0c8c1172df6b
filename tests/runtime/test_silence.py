"""Every command, in a network namespace without interfaces, under ``strace``: no socket, no program, no other file."""

import fnmatch
import json
import re
import shutil
import site
import sys
import sysconfig
from pathlib import Path

import linnet
import numpy
import pytest
from linnet.cli.command import Parser
from linnet.cli.main import COMMANDS
from silence import Asked, asked, needs_namespaces
from tracing import needs_strace

DOCUMENT = Path(__file__).parents[2] / "SECURITY.md"

ARGUMENTS = {
    "classify": [["Good news!"], ["--input", "texts.csv", "--column", "text", "--output", "out/labels.csv"]],
    "embed": [["--bundle", "tiny", "--input", "texts.txt", "--output", "out/vectors.npy"]],
    "explain": [["Good news!", "--html", "out/why.html"]],
    "info": [["tiny"]],
    "internals": [["--bundle", "tiny", "a text"]],
    "verify": [["tiny"]],
    "prepare": [["tiny", "--cache", "out/cache"]],
    "evaluate": [["--data", "labelled.csv", "--html", "out/evaluated.html"]],
    "compare": [["tiny-classifier", "tiny-classifier", "--data", "labelled.csv"]],
    "calibrate": [["--data", "labelled.csv", "--output", "out/calibrated"]],
    "adapt": [["--bundle", "tiny", "--data", "labelled.csv", "--output", "tiny-classifier"]],
}
"""Command → its arguments, once or more often. What a command writes goes into `OUTPUTS`."""
ORDER = ["adapt", *(name for name in ARGUMENTS if name != "adapt")]
OUTPUTS = ("out", "tiny-classifier", ".tiny-classifier")


def write_parquet(home: Path, bundle: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"text": ["Good news!", "Bad news"]}), home / "texts.parquet")


def write_signed(home: Path, bundle: Path) -> None:
    from signing import key_of, public_pem, write_signature

    shutil.copytree(bundle, home / "signed")
    write_signature(home / "signed", key_of())
    (home / "public.pem").write_bytes(public_pem(key_of()))


EXTRAS = {
    "pyarrow": (
        write_parquet,
        ["classify", "--input", "texts.parquet", "--column", "text", "--output", "out/labels.parquet"],
    ),
    "cryptography": (write_signed, ["verify", "signed", "--key", "public.pem"]),
}
"""Package of an extra that promises silence → what writes the inputs of a command that uses it, and the command."""
NOT_SILENT = {"serve": "it listens on the port that the user names"}

RUN = """
import json, os, sys
from linnet.cli.main import main
for argv in json.loads(sys.argv[1]):
    status = main(argv)
    assert status == 0, (argv, status)
"""


def commands() -> list[str]:
    parser = Parser()
    found = parser.add_subparsers()
    for add in COMMANDS:
        add(found)
    return sorted(found.choices)


def document(name: str) -> list[str]:
    """The entries of a list in SECURITY.md that begins after a comment with this name."""
    text = DOCUMENT.read_text(encoding="utf-8")
    block = text.split(f"<!-- {name} -->")[1].split("<!-- end -->")[0]
    return re.findall(r"^[-|] *`([^`]+)`", block, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    """A home with inputs of every kind; ``tiny`` is a bundle."""
    home = tmp_path / "home"
    (home / "out").mkdir(parents=True)
    (home / "tiny").symlink_to(tiny)
    rows = [(f"the bridge {number} is {word}", word) for number in range(30) for word in ("good", "bad")]
    (home / "texts.txt").write_text("".join(f"{text}\n" for text, _ in rows))
    (home / "texts.csv").write_text("text\n" + "".join(f"{text}\n" for text, _ in rows))
    labels = {"good": "positive", "bad": "negative"}
    (home / "labelled.csv").write_text("text,label\n" + "".join(f"{text},{labels[word]}\n" for text, word in rows))
    return home


def allowed_to_read(path: str, home: Path, bundles: list[Path]) -> bool:
    own = [sys.prefix, sys.base_prefix, *site.getsitepackages(), *map(str, bundles), str(home)]
    own += [sysconfig.get_path("stdlib"), str(Path(numpy.__file__).parents[1]), str(Path(linnet.__file__).parent)]
    own += ["/proc", "/sys", str(Path(sys.executable).resolve().parents[1])]
    if path in sys.path or any(path == folder or path.startswith(f"{folder}/") for folder in own):
        return True  # Python lists the folders of its path
    library = re.fullmatch(r"(?:/usr)?/(?:lib|lib64|usr/local/lib)(?:/.*)?/([^/]*\.so[^/]*)", path)
    listed = document("libraries") if library else document("files")
    return any(fnmatch.fnmatch(library[1] if library else path, pattern) for pattern in listed)


def assert_silent(found: Asked, home: Path, bundles: list[Path]) -> None:
    assert (found.sockets, found.programs) == ([], [])
    outputs = tuple(str(home / name) for name in OUTPUTS)
    assert [path for path in found.written if not path.startswith((*outputs, "/dev/null"))] == []
    assert sorted({path for path in found.read if not allowed_to_read(path, home, bundles)}) == []
    assert found.read


def test_no_command_is_left_out() -> None:
    assert commands() == sorted([*ARGUMENTS, *NOT_SILENT])


def test_the_document_names_each_command() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in commands() if f"`{name}`" not in text] == []


@needs_strace
@needs_namespaces
def test_every_command_is_silent(folder: Path, tiny: Path, default: Path, tmp_path: Path) -> None:
    runs = [[name, *argv] for name in ORDER for argv in ARGUMENTS[name]]
    found = asked(folder, tmp_path / "trace", ["-c", RUN, json.dumps(runs)])
    assert_silent(found, folder, [tiny, default])
    assert any(path.startswith(str(folder / "out")) for path in found.written)


@needs_strace
@needs_namespaces
@pytest.mark.parametrize("extra", EXTRAS)
def test_extras_are_silent(folder: Path, tiny: Path, default: Path, tmp_path: Path, extra: str) -> None:
    pytest.importorskip(extra)
    write_inputs, argv = EXTRAS[extra]
    write_inputs(folder, tiny)
    found = asked(folder, tmp_path / "trace", ["-c", RUN, json.dumps([argv])])
    assert_silent(found, folder, [default])


@needs_strace
@needs_namespaces
def test_the_trace_shows_what_is_not_silent(folder: Path, tmp_path: Path) -> None:
    code = """
import os, socket, subprocess
socket.socket(socket.AF_UNIX).close()
subprocess.run(["true"])
open("elsewhere", "w").close()
open("/etc/passwd").close()
"""
    found = asked(folder, tmp_path / "trace", ["-c", code])
    assert any("AF_UNIX" in call for call in found.sockets)
    assert [Path(path).name for path in found.programs] == ["true"]
    assert str(folder / "elsewhere") in found.written
    assert "/etc/passwd" in found.read
    assert not allowed_to_read("/etc/passwd", folder, [])
