"""What a conversion leaves when the disk is full: an error that says so, and the bundle that was there before."""

import argparse
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoints import Converted
from linnet.cli.command import run_command
from linnet_export.errors import translated

KB = 1 << 10
MESSAGE = re.compile(
    r"linnet-export: cannot write: (No space left on device|\d+ requested and \d+ written); "
    r"check the permissions and the free disk space\n"
)
"""numpy does not say why it wrote a part only."""

CONVERSIONS = """
import json, os, signal, sys, subprocess
from pathlib import Path
import linnet_export.cli.convert, linnet_export.convert  # once: the runs are forks of this process
from linnet_export.cli.main import main

checkpoint, before, disk = (Path(name) for name in sys.argv[1:4])

def run(size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)], check=True, timeout=60)
    subprocess.run(["cp", "-r", str(before), str(disk / "bundle")], check=True, timeout=60)
    (disk / "tmp").mkdir()
    child = os.fork()
    if not child:
        signal.alarm(120)  # ends the child if it hangs, as a fork of a process with torch's threads may
        os.environ["TMPDIR"] = str(disk / "tmp")
        os.dup2(os.open(f"{sys.argv[4]}/{size}.txt", os.O_WRONLY | os.O_CREAT), 2)
        os._exit(main(["convert", str(checkpoint), "--output", str(disk / "bundle"), "--overwrite", "--quiet"]))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    subprocess.run(["cp", "-r", str(disk), f"{sys.argv[4]}/{size}"], check=True, timeout=60)
    subprocess.run(["umount", str(disk)], check=True, timeout=60)
    return status

print(json.dumps([run(int(size)) for size in sys.argv[5:]]))
"""
"""Prints how each run ended; puts a copy of what it left, and its standard error, into the folder argv[4]."""


def blocks(folder: Path) -> int:
    """The bytes that a disk needs for a folder, in blocks of 4 KB."""
    return sum(-(-file.stat().st_size // (4 * KB)) * 4 * KB for file in folder.rglob("*"))


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def can_mount() -> bool:
    """Returns whether this machine mounts a disk. It is asked while tests are collected, also where no `unshare` is."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return subprocess.call(["unshare", "-m", "true"], timeout=60) == 0


@pytest.mark.skipif(not can_mount(), reason="only root, and not in every container, mounts a small disk")
def test_a_full_disk_is_told_and_leaves_the_bundle_that_was_there(
    checkpoints: dict[str, Path], all_converted: dict[str, Converted], tmp_path: Path
) -> None:
    """Whatever step the disk is full at: room for the old bundle and less than a conversion needs."""
    before = all_converted["bert"].bundle
    (tmp_path / "disk").mkdir()
    (tmp_path / "left").mkdir()
    sizes = [blocks(before) + more for more in (64 * KB, 256 * KB, 512 * KB, 1024 * KB)]
    places = [checkpoints["roberta"], before, tmp_path / "disk", tmp_path / "left"]
    command = ["unshare", "-m", sys.executable, "-c", CONVERSIONS, *map(str, [*places, *sizes])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stderr
    statuses = json.loads(done.stdout.splitlines()[-1])
    for size, status in zip(sizes, statuses, strict=True):
        message = (tmp_path / "left" / f"{size}.txt").read_text()
        left = tmp_path / "left" / str(size)
        assert content(left / "bundle") == content(before)
        assert sorted(path.name for path in left.iterdir()) == ["bundle", "tmp"] and not any((left / "tmp").iterdir())
        assert status == 1 and MESSAGE.fullmatch(message), (status, message)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("1000000 requested and 125 written"), "1000000 requested and 125 written"),
        (ValueError("I/O error: No space left on device (os error 28)"), os.strerror(errno.ENOSPC)),
        (OSError(errno.EFBIG, "File too large"), "File too large"),
    ],
)
def test_a_short_write_is_told_as_what_it_is(
    error: Exception, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: argparse.Namespace) -> int:
        with translated("the bundle", "free some space"):
            raise error

    monkeypatch.setattr("linnet.cli.command._discard_output", lambda: None)  # it would close pytest's own
    assert run_command(argparse.Namespace(load=lambda: run), "linnet-export") == 1
    expected = f"linnet-export: cannot write: {told}; check the permissions and the free disk space\n"
    assert capsys.readouterr().err == expected
