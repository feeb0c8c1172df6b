"""The presets ``bertweet`` and ``pysentimiento`` against their authors' own code, as it runs here and now."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from linnet.preprocessing import preprocessor
from linnet_export.bundle.preprocessing import preprocessing_tables
from preprocessing_tables import PYTHON_UNICODE
from preprocessing_texts import difficult_texts, every_piece

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
PYTHONS = {"bertweet": Path(sys.executable), "pysentimiento": ROOT / ".venv-pysentimiento" / "bin" / "python"}

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=list(PYTHONS))
def preset(request: pytest.FixtureRequest) -> str:
    """Each preset whose reference is here."""
    name = str(request.param)
    try:
        installed = version("emoji")
    except PackageNotFoundError:
        installed = "none"
    if name == "bertweet" and installed != "0.6.0":
        pytest.skip(f"the reference of bertweet wants emoji==0.6.0, found {installed}")
    if not PYTHONS[name].exists():
        pytest.skip(f"scripts/test makes {PYTHONS[name]}, which the reference of {name} runs in")
    return name


@pytest.fixture
def script(preset: str) -> Script:
    """Runs a script in the environment of the preset's reference."""

    def run(name: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(PYTHONS[preset]), str(SCRIPTS / name), preset, *arguments]
        # What this environment has on its path is not for the other.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" or preset == "bertweet"}
        return subprocess.run(command, input=stdin, capture_output=True, encoding="utf-8", cwd=ROOT, env=kept)

    return run


def differing(preset: str, script: Script, texts: list[str]) -> list[str]:
    """The texts that the reference prepares otherwise."""
    done = script("preprocessing_reference.py", stdin="".join(json.dumps(text) + "\n" for text in texts))
    assert done.returncode == 0, done.stderr
    # An entity may name half of a character ("&#55357;"), which no tokenizer takes: here it is U+FFFF instead.
    expected = [re.sub("[\ud800-\udfff]", "\uffff", json.loads(line)) for line in done.stdout.splitlines()]
    prepare = preprocessor(preset, preprocessing_tables(preset))
    return [text for text, prepared in zip(texts, expected, strict=True) if prepare(text).text != prepared]


def test_every_tweet_is_prepared_as_the_authors_code_does(preset: str, script: Script, tweets: list[str]) -> None:
    assert len(tweets) > 65_000
    assert differing(preset, script, tweets) == []


def test_difficult_texts_are_too(preset: str, script: Script) -> None:
    # Not those of the committed outputs.
    needs_unicode(preset)
    texts = [*every_piece(), *difficult_texts(6000, seed=1)]
    assert differing(preset, script, texts) == []


def test_the_committed_outputs_are_the_authors(preset: str, script: Script) -> None:
    needs_unicode(preset)
    done = script("preprocessing_reference.py", "--check")
    assert done.returncode == 0, done.stderr


def test_the_tables_are_what_the_packages_make(preset: str, script: Script) -> None:
    needs_unicode(preset)
    done = script("preprocessing_tables.py", "--check")
    assert done.returncode == 0, done.stderr


def needs_unicode(preset: str) -> None:
    """Skips where Python has another version of Unicode, and with it other letters."""
    code = "import unicodedata; print(unicodedata.unidata_version)"
    found = subprocess.run([PYTHONS[preset], "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    if found != PYTHON_UNICODE:
        pytest.skip(f"the tables are of Unicode {PYTHON_UNICODE} (Python 3.11), and {PYTHONS[preset]} has {found}")
