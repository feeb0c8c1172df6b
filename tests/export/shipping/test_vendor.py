"""The runtime as a package of another name: what is left out, that it runs, and that its own tests pass there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import linnet
import pytest
from commands import names
from linnet.bundle.opening import default_bundle
from linnet.errors import InputError
from linnet_export.cli.main import main
from linnet_export.shipping import vendoring
from linnet_export.shipping.modules import choose, read_modules
from linnet_export.shipping.vendoring import VendoringError, vendor

NAME = "app._vendor.engine"
ROOT = Path(__file__).parents[3]
PACKAGE = Path(linnet.__file__).parent

AS_LINNET = f"""
import importlib, importlib.abc, importlib.util, sys

class Copy(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name == "linnet" or name.startswith("linnet."):
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return importlib.import_module({NAME!r} + spec.name.removeprefix("linnet"))

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Copy())
"""
"""A ``sitecustomize`` under which ``import linnet`` gives the copy, so that tests of the original try the copy."""


def run(folder: Path, *argv: str, status: int = 0) -> str:
    """Runs Python with a product's folder on its path; returns what it printed."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *argv]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stderr if status else done.stdout


def files_of(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with all parts of the package."""
    folder = tmp_path_factory.mktemp("whole")
    vendor(folder, NAME, bundle=None)
    return folder


def test_the_runtimes_own_tests_pass_there(whole: Path) -> None:
    (whole / "sitecustomize.py").write_text(AS_LINNET)
    files = ("tokenization/test_tokenizer.py", "models/test_classifier.py", "models/test_embedder.py", "postprocessing")
    names_the_command = "tests/runtime/models/test_embedder.py::test_a_bundle_of_the_other_task_is_refused_by_name"
    tests = [*(f"tests/runtime/{file}" for file in files), "--deselect", names_the_command]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(whole), str(ROOT / "artifacts")])}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:]
    asked = "import linnet, linnet.cli.main as m; print(linnet.__name__, m.__file__)"
    assert run(whole, "-c", asked).split() == [NAME, str(whole.joinpath(*NAME.split("."), "cli", "main.py"))]


def test_its_command_line_runs(whole: Path) -> None:
    found = json.loads(run(whole, "-m", NAME, "classify", "--bundle", str(default_bundle()), "--json", "Good news!"))
    expected = linnet.load_classifier()("Good news!")
    assert (found["label"], found["scores"]) == (expected.label, expected.scores)


def test_the_notice_and_the_licence_are_there(whole: Path) -> None:
    folder = whole.joinpath(*NAME.split("."))
    assert "Apache License" in (folder / "LICENSE").read_text()
    page = (folder / "THIRD-PARTY.txt").read_text()
    assert all(f"{name}" in page for name in ("onnxruntime", "numpy", "tokenizers", f"linnet {linnet.__version__}"))


def test_a_unigram_product_needs_no_tokenizers(unigram: Path, tmp_path: Path) -> None:
    made = vendor(tmp_path / "product", NAME, bundle=unigram, without=("cli", "analysis", "frames"))
    assert [each for each in made.requires if "tokenizers" in each] == []
    found = files_of(made.folder)
    assert {"tokenization/permitted.py", "bundle/deriving.py", "cli/main.py", "__main__.py"} & found == set()
    assert len(found) < len(files_of(PACKAGE)) - 60
    code = f"""
import sys
sys.modules["tokenizers"] = None
from app._vendor import engine
model = engine.load()
print(model("good news").tobytes().hex())
for missing in ("evaluate", "frames"):
    try:
        getattr(engine, missing)
    except ImportError as error:
        assert "{NAME} was vendored without" in str(error)
    else:
        raise SystemExit(missing)
"""
    assert run(tmp_path / "product", "-c", code).strip() == linnet.load_embedder(unigram)("good news").tobytes().hex()


def test_a_bundle_for_the_other_tokenizer_is_refused_clearly(tiny: Path, unigram: Path, tmp_path: Path) -> None:
    vendor(tmp_path, "engine", bundle=unigram)
    code = f"import engine; engine.load({str(tiny)!r})"
    assert "engine was vendored without tokenization.tokenizer" in run(tmp_path, "-c", code, status=1)


@pytest.mark.parametrize(
    ("without", "told"),
    [
        (("inference",), r"found inference: pipeline imports it"),
        (("analysis",), r"found analysis: cli\."),
        (("colours",), r"expected parts of linnet such as .*cli.*found colours"),
        (("colours",), r"such as cli, frames, integrations, notes, serving, spark, analysis, engines, found colours$"),
        (("integration",), r"found integration; did you mean integrations\?"),
        (("",), "expected parts of linnet"),
    ],
)
def test_parts_that_are_needed_are_not_left_out(tmp_path: Path, without: tuple[str, ...], told: str) -> None:
    with pytest.raises(InputError, match=told):
        vendor(tmp_path / "product", NAME, without=without)
    assert names(tmp_path) == []


@pytest.mark.parametrize("package", ["", "a..b", "a.class", "9", "a b", "../up"])
def test_names_that_cannot_be_imported_are_refused(tmp_path: Path, package: str) -> None:
    with pytest.raises(InputError, match="expected --package to be a name"):
        vendor(tmp_path / "product", package)
    assert names(tmp_path) == []


def test_files_at_the_target_are_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "mine.py").touch()
    assert main(["vendor", "--output", str(tmp_path), "--package", "engine"]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert names(tmp_path / "engine") == ["mine.py"]


def test_a_vendored_copy_is_not_replaced(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {file: file.stat().st_mtime_ns for file in whole.rglob("*")}
    assert main(["vendor", "--output", str(whole), "--package", NAME]) == 2
    told = capsys.readouterr().err
    assert "is a vendored copy of linnet already" in told and "remove this folder" in told
    assert {file: file.stat().st_mtime_ns for file in whole.rglob("*")} == before


def test_a_package_that_does_not_run_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendoring, "_CHECK", "raise SystemExit('no module called sun')")
    with pytest.raises(VendoringError, match="no module called sun"):
        vendor(tmp_path / "product", NAME)
    assert names(tmp_path) == []


def test_what_is_imported_later_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(
        "from . import a\nTYPE_CHECKING = 0\nif TYPE_CHECKING:\n    from . import c\n"
    )
    (tmp_path / "a.py").write_text("import json\n\ndef run():\n    from .b.inner import x\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "__init__.py").touch()
    (tmp_path / "b" / "inner.py").write_text("from ..d import y\nx = 1\n")
    (tmp_path / "c.py").touch()
    (tmp_path / "d.py").touch()
    modules = read_modules(tmp_path)
    assert modules["a"].foreign == {"json"}
    everything = choose(modules, [])
    assert everything.kept == {"", "a", "b", "b.inner", "c", "d"} and not everything.stubs
    without = choose(modules, ["b"])
    assert without.kept == {"", "a", "c"} and without.stubs == {"b"}
