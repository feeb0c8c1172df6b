"""What an output replaces: links, modes, owners, other names, and what is no regular file."""

import argparse
import contextlib
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import TIMEOUT, Run, ended, linnet_process, names
from linnet.cli.command import run_command
from linnet.errors import InputError
from linnet.system.files import bytes_written_whole, written_whole

if sys.platform == "win32":
    pytest.skip("Windows has other files", allow_module_level=True)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def write(path: Path, content: str = "new") -> None:
    with written_whole(path) as stream:
        stream.write(content)


@contextlib.contextmanager
def user(number: int) -> Iterator[None]:
    """Acts as another user, who is in no group."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that other users reach too."""
    for folder in (tmp_path, *tmp_path.parents):
        if stat.S_IMODE(folder.stat().st_mode) == 0o700:  # as pytest makes them
            folder.chmod(0o711)
    return tmp_path


@pytest.mark.parametrize("links", [1, 3])
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_its_file_is_written(tmp_path: Path, links: int, exists: bool) -> None:
    target = tmp_path / "elsewhere" / "a.txt"
    target.parent.mkdir()
    if exists:
        target.write_text("old")
    link = target
    for number in range(links):
        (tmp_path / f"link{number}").symlink_to(os.path.relpath(link, tmp_path))
        link = tmp_path / f"link{number}"
    with written_whole(link) as stream:
        stream.write("new")
        stream.flush()
        assert len(names(target.parent)) == 1 + exists
        assert not exists or target.read_text() == "old"
    assert link.is_symlink() and target.read_text() == "new"
    assert names(target.parent) == ["a.txt"]


def test_a_link_into_a_folder_is_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link" / "a.txt")
    assert (tmp_path / "link").is_symlink() and names(tmp_path / "real") == ["a.txt"]


@pytest.mark.parametrize("target", ["itself", "nowhere/a.txt"])
def test_a_link_to_what_cannot_be_made_is_refused(tmp_path: Path, target: str) -> None:
    link = tmp_path / "itself"
    link.symlink_to(target)
    with pytest.raises(InputError, match=r"cannot write .*itself"):
        write(link)
    assert link.is_symlink() and names(tmp_path) == ["itself"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755, 0o604])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    file.chmod(mode)
    with written_whole(file) as stream:
        stream.write("new")
        for temporary in tmp_path.glob(".a.txt.*"):
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.read_text() == "new" and names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_gets_the_mode_of_the_umask(tmp_path: Path, umask: int) -> None:
    previous = os.umask(umask)
    try:
        write(tmp_path / "a.txt")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o666 & ~umask


def test_an_existing_file_keeps_its_attributes(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    os.utime(file, (1, 1))
    with contextlib.suppress(OSError):
        os.setxattr(file, "user.origin", b"tweets")
    before = os.listxattr(file)
    write(file)
    assert os.listxattr(file) == before and file.stat().st_mtime > 1


def test_all_names_of_a_file_get_the_new_content(tmp_path: Path) -> None:
    file, other = tmp_path / "a.txt", tmp_path / "b.txt"
    file.write_text("old and longer")
    os.link(file, other)
    with written_whole(file) as stream:
        stream.write("new")
        stream.flush()
        assert file.read_text() == "old and longer"
    assert file.read_text() == other.read_text() == "new" and file.samefile(other)
    assert names(tmp_path) == ["a.txt", "b.txt"]


def test_failed_work_leaves_every_kind_of_file_as_it_was(tmp_path: Path) -> None:
    file, other, link = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.txt"
    file.write_text("old")
    file.chmod(0o640)
    os.link(file, other)
    link.symlink_to(file)
    for path in (file, other, link):
        with pytest.raises(RuntimeError), written_whole(path) as stream:
            stream.write("half")
            stream.flush()
            raise RuntimeError
    assert names(tmp_path) == ["a.txt", "b.txt", "c.txt"]
    assert {path.read_text() for path in (file, other, link)} == {"old"} and link.is_symlink()


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    for name in ("a" * 251 + ".txt", "字" * 80 + ".txt", "🙂" * 60 + ".txt"):
        write(tmp_path / name)
        write(tmp_path / name, "newer")
        assert (tmp_path / name).read_text() == "newer"
    assert len(names(tmp_path)) == 3


@as_root
def test_root_leaves_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    os.chown(file, 54321, 54322)
    file.chmod(0o640)
    write(file)
    found = file.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (54321, 54322, 0o640)


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o1777, 0o777])
def test_the_file_of_another_user_keeps_its_owner(open_folder: Path, mode: int) -> None:
    """Also where the folder takes no new file, or lets only the owner replace a file."""
    folder = open_folder / "folder"
    folder.mkdir()
    folder.chmod(mode)
    file = folder / "a.txt"
    file.write_text("old and longer")
    file.chmod(0o666)
    with user(54321):
        write(file)
    found = file.stat()
    assert (file.read_text(), found.st_uid, stat.S_IMODE(found.st_mode)) == ("new", 0, 0o666)
    assert names(folder) == ["a.txt"]


@as_root
def test_a_file_that_is_write_protected_stays(open_folder: Path) -> None:
    folder = open_folder / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    file = folder / "a.txt"
    file.write_text("old")
    file.chmod(0o444)
    with user(54321), pytest.raises(InputError, match="Permission denied"):
        write(file)
    assert file.read_text() == "old" and names(folder) == ["a.txt"]


@as_root
def test_a_new_file_in_a_folder_that_takes_none_is_refused(open_folder: Path) -> None:
    with user(54321), pytest.raises(InputError, match="Permission denied; name a file in a folder"):
        write(open_folder / "a.txt")
    assert names(open_folder) == []


def test_what_cannot_be_replaced_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is mounted into a container cannot be renamed over."""

    def busy(self: Path, target: Path) -> Path:
        raise OSError(16, "Device or resource busy")

    file = tmp_path / "a.txt"
    file.write_text("old and longer")
    monkeypatch.setattr(Path, "replace", busy)
    write(file)
    assert file.read_text() == "new" and names(tmp_path) == ["a.txt"]


def test_a_pipe_is_written_directly(tmp_path: Path, run: Run) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    result = run("classify", "good", "bad", "--output", pipe)
    reader.join(TIMEOUT)
    assert (result.status, result.out, result.err) == (0, "", "")
    assert [line.split("\t")[-1] for line in read[0].splitlines()] == ["good", "bad"]
    assert stat.S_ISFIFO(pipe.stat().st_mode) and names(tmp_path) == ["pipe"]


def test_the_null_device_stays_a_device(run: Run) -> None:
    assert run("classify", "good", "--output", "/dev/null", "--json").status == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1", "link"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_standard_output_by_its_name(tmp_path: Path, output: str, options: list[str]) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    named = ended(linnet_process("classify", "good", *options, "--output", output, cwd=tmp_path))
    plain = ended(linnet_process("classify", "good", *options))
    assert (named.status, named.out, named.err) == (0, plain.out, "") and plain.out


def test_standard_output_is_appended_to(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("first\n")
    command = [sys.executable, "-m", "linnet", "classify", "good", "--output", "/dev/stdout"]
    with file.open("a") as log:
        subprocess.run(command, stdout=log, check=True, timeout=TIMEOUT)
    assert [line.split("\t")[-1] for line in file.read_text().splitlines()] == ["first", "good"]


def test_a_descriptor_that_is_not_open_is_refused(run: Run) -> None:
    result = run("classify", "good", "--output", "/dev/fd/987")
    assert result.status == 2 and "cannot write /dev/fd/987: Bad file descriptor" in result.err


def test_embeddings_go_to_a_pipe_as_lines(tmp_path: Path, tiny: Path, run: Run) -> None:
    process = linnet_process("embed", "--bundle", str(tiny), "good", "--output", "/dev/stdout")
    assert ended(process).rows[0]["text"] == "good"
    os.mkfifo(tmp_path / "a.npy")
    threading.Thread(target=(tmp_path / "a.npy").read_bytes, daemon=True).start()
    result = run("embed", "--bundle", tiny, "good", "--output", tmp_path / "a.npy")
    assert result.status == 2 and "a .npy file cannot be a pipe" in result.err


def test_a_regular_file_still_needs_a_suffix(tmp_path: Path, run: Run) -> None:
    (tmp_path / "a").touch()
    for name in ("a", "b"):
        assert "no suffix" in run("classify", "good", "--output", tmp_path / name).err


def test_bytes_are_written_whole_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a.bin")
    with bytes_written_whole(tmp_path / "link") as stream:
        stream.write(b"\x00\r\n")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\r\n"


def test_a_full_disk_is_told_with_a_closed_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: argparse.Namespace) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", None)
    assert run_command(argparse.Namespace(load=lambda: full), "linnet") == 1
    assert "No space left on device" in capsys.readouterr().err
