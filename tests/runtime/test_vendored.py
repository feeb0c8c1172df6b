"""A copy of the package under another name, as products carry it: ``app._vendor.linnet``."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import linnet
import numpy as np
import pytest

PACKAGE = Path(linnet.__file__).parent
NAME = "app._vendor.linnet"

WITHOUT_LINNET = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("linnet", "linnet_default"):
            raise ImportError(f"{name} was imported by the name of the original")

sys.meta_path.insert(0, Refuse())
"""
"""A ``sitecustomize`` under which the original cannot be imported, though it is installed."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, default: Path) -> Path:
    """The folder of a product that carries the package and the embedded default."""
    root = tmp_path_factory.mktemp("product")
    vendored = root / "app" / "_vendor"
    shutil.copytree(PACKAGE, vendored / "linnet", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(default, vendored / "linnet_default")
    (root / "sitecustomize.py").write_text(WITHOUT_LINNET)
    return root


def python(product: Path, *argv: str | Path, status: int = 0) -> str:
    """Runs Python in the product; returns what it printed, on standard error if it failed."""
    env = {**os.environ, "PYTHONPATH": str(product)}
    command = [sys.executable, *map(str, argv)]
    done = subprocess.run(command, cwd=product, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if status else done.stdout


def vendored(product: Path, *argv: str | Path, status: int = 0) -> str:
    return python(product, "-m", NAME, *argv, status=status)


def test_the_original_cannot_be_imported_there(product: Path) -> None:
    python(product, "-c", "import importlib\ntry: import linnet\nexcept ImportError: raise SystemExit(3)", status=3)


def test_it_classifies_as_the_original_does(product: Path, model: linnet.Classifier) -> None:
    (row,) = [json.loads(line) for line in vendored(product, "classify", "--json", "Good news!").splitlines()]
    expected = model("Good news!")
    assert (row["label"], row["scores"]) == (expected.label, expected.scores)


def test_it_embeds_as_the_original_does(product: Path, tiny: Path, embedder: linnet.Embedder) -> None:
    (row,) = map(json.loads, vendored(product, "embed", "--bundle", tiny, "a text").splitlines())
    assert (np.float32(row["embedding"]) == embedder("a text")[0]).all()
    (row,) = map(json.loads, vendored(product, "embed", "--bundle", tiny, "--per", "word", "a text").splitlines())
    assert row["tokens"] == ["a", "text"]


def test_info_verify_and_prepare(product: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINNET_CACHE", str(tmp_path))
    facts = json.loads(vendored(product, "info", "--json"))
    assert facts["bundle"] == str(product / "app" / "_vendor" / "linnet_default")
    assert "OK" in vendored(product, "verify", "--sha256", facts["digest"])
    assert "is prepared" in vendored(product, "prepare", tiny)
    assert json.loads(vendored(product, "info", "--json", tiny))["prepared"] is True
    assert "removed" in vendored(product, "prepare", tiny, "--remove")
    assert linnet.__version__ in vendored(product, "--version")


@pytest.mark.parametrize("command", ["classify", "embed", "info", "verify", "prepare"])
def test_help_shows_the_command_as_it_is_called(product: Path, command: str) -> None:
    shown = vendored(product, command, "--help")
    assert f"usage: python -m {NAME} {command} " in shown
    examples = shown.partition("example")[2].splitlines()[1:]
    assert examples and all(f"python -m {NAME} {command} " in example for example in examples)


def test_a_message_names_a_command_that_runs(product: Path, tiny: Path) -> None:
    said = vendored(product, "classify", "--bundle", tiny, "a text", status=2).rstrip("\n")
    assert said.startswith(f"python -m {NAME}: ")
    module = said.rpartition(": python -m ")[2]
    assert module == f"{NAME} embed --bundle {tiny}"
    assert '"embedding"' in python(product, "-m", *shlex.split(module), "a text")


def test_without_the_default_it_says_where_to_put_it(product: Path, tmp_path: Path) -> None:
    shutil.copytree(product / "app" / "_vendor" / "linnet", tmp_path / "app" / "_vendor" / "linnet")
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_LINNET.replace("raise ImportError", "return print"))
    code = f"import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: n != 'linnet_default' and f(n) or None\nfrom {NAME}.cli.main import main; raise SystemExit(main(['info']))"
    assert f"artifacts/linnet_default of your clone of Linnet beside {NAME}" in python(tmp_path, "-c", code, status=2)


PICKLE = f"""
import pickle
import {NAME} as linnet

model, embedder = linnet.load(), linnet.load_embedder(__import__("sys").argv[1])
values = [model("a text"), *model.encode("a text"), linnet.TextTypeError("no text"), linnet.BundleFormatError("no")]
for value in values:
    content = pickle.dumps(value)
    assert b"{NAME}" in content
    assert repr(pickle.loads(content)) == repr(value)
words = pickle.loads(pickle.dumps(embedder.words("a text")))
assert words.tokens == ["a", "text"]
for loaded in (model, embedder):
    content = pickle.dumps(loaded)
    assert b"{NAME}" in content
    assert repr(pickle.loads(content)) == repr(loaded)
print("done")
"""


def test_answers_errors_and_models_are_pickled_by_the_name_of_the_copy(product: Path, tiny: Path) -> None:
    assert python(product, "-c", PICKLE, tiny) == "done\n"


def test_it_stands_beside_the_original(product: Path) -> None:
    code = f"""
import linnet, {NAME} as copy
assert copy is not linnet and copy.Prediction is not linnet.Prediction
texts = [f"text number {{n}}" for n in range(100)]
assert (copy.load().logits(texts) == linnet.load().logits(texts)).all()
print(copy.load("nowhere"))
"""
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(product), *sys.path]!r}\n{code}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.splitlines()[-1].startswith(f"{NAME}.errors.BundleNotFoundError"), done.stderr


def test_messages_name_commands_as_this_copy_is_called() -> None:
    """``linnet classify`` in a message is nobody's command where the package has another name: see `PROGRAM`."""
    found = [text for file in PACKAGE.rglob("*.py") for text in messages(file) if COMMAND.search(text)]
    assert found == []


COMMAND = re.compile(
    r"\blinnet (classify|embed|info|verify|prepare)\b|^linnet: |\| linnet |\bpip install (--upgrade )?'?linnet"
)


def messages(file: Path) -> Iterator[str]:
    """The string literals of a module that are no docstrings."""
    tree = ast.parse(file.read_bytes())
    alone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in alone:
            yield node.value


def test_the_copy_may_have_any_name(product: Path, tmp_path: Path) -> None:
    shutil.copytree(product / "app" / "_vendor" / "linnet", tmp_path / "text_engine")
    shutil.copytree(product / "app" / "_vendor" / "linnet_default", tmp_path / "linnet_default")
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_LINNET)
    assert python(tmp_path, "-m", "text_engine", "classify", "Good news!").startswith("positive\t")
    assert "usage: python -m text_engine verify" in python(tmp_path, "-m", "text_engine", "verify", "--help")
