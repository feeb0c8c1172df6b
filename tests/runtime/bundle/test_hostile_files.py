"""Files that are no files, too large, or named oddly: refused in bounded time and memory, with one of Linnet's errors."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet.bundle.folder import Folder
from linnet.bundle.integrity import verify
from linnet.errors import BundleError, BundleFormatError, BundleIntegrityError, BundleNotFoundError
from linnet.names import CONFIG, GRAPH, MANIFEST, PREPROCESSING, SETTINGS, TOKENIZER, WEIGHTS

FILES = [MANIFEST, CONFIG, SETTINGS, TOKENIZER, GRAPH, WEIGHTS, "parity.json"]
SPARSE = 3 << 30
MEMORY = 1 << 31
SECONDS = 20


def asked(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a command answers in a process that may take some seconds and 2 GB of address space."""
    return subprocess.run(
        [sys.executable, "-m", "linnet", command, str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


def put_fifo(file: Path) -> None:
    os.mkfifo(file)


def put_device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def put_terminal(file: Path) -> None:
    file.symlink_to("/dev/tty")


def put_folder(file: Path) -> None:
    file.mkdir()


def put_loop(file: Path) -> None:
    file.symlink_to(file.name)


def put_sparse(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(SPARSE)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("put", [put_fifo, put_device, put_terminal, put_folder, put_loop, put_sparse])
def test_what_is_no_file_of_the_listed_size_is_refused(
    bundle_copy: Path, name: str, put: Callable[[Path], None]
) -> None:
    (bundle_copy / name).unlink()
    put(bundle_copy / name)
    with pytest.raises(BundleError, match=name):
        linnet.load(bundle_copy)
    if name == MANIFEST:
        with pytest.raises(BundleError, match=name):
            list(verify(bundle_copy))
    else:
        assert [record.path for record, fault in verify(bundle_copy) if fault] == [name]


@pytest.mark.parametrize("command", ["info", "verify"])
@pytest.mark.parametrize("name", [MANIFEST, CONFIG])
@pytest.mark.parametrize("put", [put_fifo, put_sparse])
def test_a_command_ends_in_bounded_time_and_memory(
    bundle_copy: Path, command: str, name: str, put: Callable[[Path], None]
) -> None:
    (bundle_copy / name).unlink()
    put(bundle_copy / name)
    ended = asked(command, bundle_copy)
    assert ended.returncode in (1, 2)
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", [CONFIG, SETTINGS, PREPROCESSING, GRAPH, TOKENIZER, WEIGHTS, "README.md"])
def test_a_size_that_linnet_never_writes_is_refused_before_the_file_is_opened(bundle_copy: Path, name: str) -> None:
    manifest = json.loads((bundle_copy / MANIFEST).read_bytes())
    listed = [record for record in manifest["files"] if record["path"] != name]
    listed.append({"path": name, "size": 1 << 62, "sha256": "0" * 64})
    (bundle_copy / MANIFEST).write_text(json.dumps({**manifest, "files": listed}))
    with pytest.raises(BundleFormatError, match=f"expected {name} to have at most"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("size", [-1, 2**63, 10**30])
def test_a_size_that_no_file_has_is_refused(bundle_copy: Path, size: int) -> None:
    change_record(bundle_copy, size=size)
    with pytest.raises(BundleFormatError, match=r"size|bytes"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("sha256", ["", "0" * 63, "G" * 64, "A" * 64, "0" * 64 + "\n"])
def test_a_sha256_that_is_none_is_refused(bundle_copy: Path, sha256: str) -> None:
    change_record(bundle_copy, sha256=sha256)
    with pytest.raises(BundleFormatError, match="64 hexadecimal digits"):
        linnet.load(bundle_copy)


def test_files_that_are_too_large_together_are_refused(bundle_copy: Path) -> None:
    add_records(bundle_copy, *({"path": f"LICENSE-{number}", "size": 100 << 20} for number in range(3)))
    with pytest.raises(BundleFormatError, match="in all files but the weights"):
        linnet.load(bundle_copy)


def test_too_many_files_are_refused(bundle_copy: Path) -> None:
    add_records(bundle_copy, *({"path": f"LICENSE-{number}", "size": 1} for number in range(1000)))
    with pytest.raises(BundleFormatError, match="at most 1000 files"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize(
    "name",
    [
        "a\0b",
        "a\nb",
        "a" * 10_000,
        "ö" * 200,
        "./a",
        "a//b",
        "a/",
        "a/./b",
        "\x1b[2J",
        "\u202egnp.exe",
        "\ud800",
        "a\tb",
    ],
)
def test_an_odd_name_is_refused_in_a_short_message(bundle_copy: Path, name: str) -> None:
    add_records(bundle_copy, {"path": name})
    with pytest.raises(BundleFormatError) as caught:
        linnet.load(bundle_copy)
    assert len(str(caught.value)) < 1000 + len(str(bundle_copy))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", [CONFIG, "Config.JSON", "readme.md", "STRASSE", "straße"])
def test_names_that_collide_are_refused(bundle_copy: Path, name: str) -> None:
    add_records(bundle_copy, {"path": name}, {"path": "straße" if name == "STRASSE" else "STRASSE"})
    with pytest.raises(BundleFormatError, match="distinct names"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("key", ["id", "revision", "recipe"])
@pytest.mark.parametrize("value", ["a" * 1001, "a\nb", "\x1b[2J", 3, ["a"]])
def test_an_origin_that_is_no_line_is_refused(bundle_copy: Path, key: str, value: object) -> None:
    manifest = json.loads((bundle_copy / MANIFEST).read_bytes())
    manifest["source"][key] = value
    (bundle_copy / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleFormatError, match=key):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "a/" * 3000])
def test_a_folder_that_cannot_be_is_not_found(name: str) -> None:
    with pytest.raises(BundleNotFoundError, match="found nothing"):
        linnet.load(name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_may_not_be_read_is_refused(bundle_copy: Path, name: str) -> None:
    content = (bundle_copy / name).read_bytes()
    (bundle_copy / name).unlink()
    (bundle_copy / name).write_bytes(content)
    (bundle_copy / name).chmod(0)
    with pytest.raises(BundleError, match="Permission denied"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("name", FILES)
def test_a_link_to_a_file_is_a_file(bundle_copy: Path, tmp_path: Path, name: str) -> None:
    (bundle_copy / name).rename(tmp_path / "elsewhere")
    (bundle_copy / name).symlink_to(tmp_path / "elsewhere")
    linnet.load(bundle_copy)
    assert [fault for _, fault in verify(bundle_copy) if fault] == []


def test_the_bytes_that_are_read_are_the_bytes_that_were_hashed(bundle_copy: Path) -> None:
    record = next(record for record, _ in verify(bundle_copy) if record.path == CONFIG)
    content = (bundle_copy / CONFIG).read_bytes()
    assert Folder(bundle_copy).content(record) == content
    (bundle_copy / CONFIG).write_bytes(content.replace(b"bert", b"Bert", 1))
    with pytest.raises(BundleIntegrityError, match="altered"):
        Folder(bundle_copy).content(record)


def change_record(folder: Path, **changed: Any) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    next(record for record in manifest["files"] if record["path"] == CONFIG).update(changed)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def add_records(folder: Path, *records: dict[str, Any]) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"] += [{"size": 1, "sha256": "0" * 64, **record} for record in records]
    (folder / MANIFEST).write_text(json.dumps(manifest))
