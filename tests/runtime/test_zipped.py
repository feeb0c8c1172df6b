"""Linnet within a zip of Python, in a folder with spaces and letters that are not ASCII."""

import shutil
import subprocess
import sys
import zipapp
from pathlib import Path

import linnet

PROGRAM = """
import sys

import linnet

model = linnet.load_classifier(sys.argv.pop(1))
assert ".pyz" in linnet.__file__
for text in sys.argv[1:]:
    print(model(text).label)
"""


def test_a_zip_of_python_answers_from_a_bundle_beside_it(default: Path, tmp_path: Path) -> None:
    source, folder = tmp_path / "zipped", tmp_path / "Meine Programme für März"
    package = Path(linnet.__file__).parent
    shutil.copytree(package, source / "linnet", ignore=shutil.ignore_patterns("__pycache__"))
    (source / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    shutil.copytree(default, folder / "bündel")
    zipapp.create_archive(source, folder / "stimmung.pyz", compressed=True)
    command: list[str | Path] = [sys.executable, folder / "stimmung.pyz", folder / "bündel", "Good news!", "so bad"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "positive\nnegative\n", "")
