"""What a signal leaves of a bundle that is being replaced."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import attend, names
from linnet.bundle.opening import default_bundle
from linnet.names import MANIFEST

REPLACING = """
import argparse, os, signal, sys
from pathlib import Path
from linnet.cli.command import run_command
from linnet.bundle.placing import publish, staging_folder

target, after, times = Path(sys.argv[1]), int(sys.argv[2]), []
rename = Path.rename

def interrupted(self, other):
    if len(times) == after:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    times.append(self)
    return rename(self, other)

def run(args):
    with staging_folder(target) as staged:
        (staged.bundle / "new").touch()
        Path.rename = interrupted
        publish(staged.bundle, target, overwrite=True)
    return 0

signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.exit(run_command(argparse.Namespace(load=lambda: run), "linnet-export"))
"""


def old_bundle(folder: Path) -> Path:
    """Makes a folder that is a bundle, as far as replacing it goes."""
    (folder / "bundle").mkdir()
    shutil.copyfile(default_bundle() / MANIFEST, folder / "bundle" / MANIFEST)
    return folder / "bundle"


def replace(target: Path, after: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", REPLACING, str(target), str(after)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=attend)


@pytest.mark.parametrize("after", [0, 1])
def test_an_interrupt_while_a_bundle_is_replaced_leaves_the_old_one(tmp_path: Path, after: int) -> None:
    target = old_bundle(tmp_path)
    done = replace(target, after)
    assert done.returncode in (130, 143) and done.stderr.startswith("linnet-export: interrupted")
    assert (names(tmp_path), names(target)) == (["bundle"], [MANIFEST])


def test_new_parents_are_removed(tmp_path: Path) -> None:
    done = replace(tmp_path / "new" / "newer" / "bundle", 0)
    assert (done.returncode in (130, 143), names(tmp_path)) == (True, [])


def test_a_bundle_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = old_bundle(tmp_path)
    assert replace(target, 9).returncode == 0
    assert (names(tmp_path), names(target)) == (["bundle"], ["new"])
