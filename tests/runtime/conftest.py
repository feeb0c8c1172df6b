import hashlib
import importlib.util
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import linnet
import pytest
from commands import Result, Run
from linnet.bundle import opening
from linnet.bundle.opening import default_bundle
from linnet.cli import main as cli
from linnet.names import INTERNALS, MANIFEST
from linnet.packing.cache import VARIABLE

hypothesis.settings.register_profile("linnet", deadline=None, database=None, derandomize=True)
hypothesis.settings.load_profile("linnet")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for packed weights: those of the machine's user are not tested."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def default() -> Path:
    return default_bundle()


@pytest.fixture(scope="session")
def model() -> linnet.Classifier:
    return linnet.load()


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The embedding bundle that ``scripts/tiny_embedder.py`` made."""
    return Path(__file__).parent / "tiny_embedder"


@pytest.fixture
def tiny_copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "tiny"))


@pytest.fixture
def without_internals(tiny_copy: Path) -> Path:
    """A bundle that was converted without ``--internals``."""
    (tiny_copy / INTERNALS).unlink()
    manifest = json.loads((tiny_copy / MANIFEST).read_bytes())
    manifest["files"] = [file for file in manifest["files"] if file["path"] != INTERNALS]
    (tiny_copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return tiny_copy


@pytest.fixture(scope="session")
def embedder(tiny: Path) -> linnet.Embedder:
    loaded = linnet.load(tiny)
    assert isinstance(loaded, linnet.Embedder)
    return loaded


@pytest.fixture(scope="session")
def pristine(default: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whole copy, for others to link to: what a test spoils is never the bundle itself."""
    return Path(shutil.copytree(default, tmp_path_factory.mktemp("pristine") / "bundle"))


@pytest.fixture
def bundle_copy(pristine: Path, tmp_path: Path) -> Path:
    """A copy whose files may be replaced, never written through: the weights are a hard link where that can be."""

    def link_weights(source: str, target: str) -> None:
        if source.endswith(".onnx_data"):
            try:
                os.link(source, target)
                return
            except OSError:
                pass
        shutil.copyfile(source, target)

    return Path(shutil.copytree(pristine, tmp_path / "bundle", copy_function=link_weights))


@pytest.fixture(scope="session")
def replace() -> Callable[[Path, bytes], None]:
    """Gives a file another content, and leaves what it was a hard link of as it is."""

    def replace(file: Path, content: bytes) -> None:
        file.unlink(missing_ok=True)
        file.write_bytes(content)

    return replace


@pytest.fixture(scope="session")
def rewrite(replace: Callable[[Path, bytes], None]) -> Callable[[Path, str, bytes], None]:
    """Changes a file of a bundle and mends its line of the manifest, so that only its meaning is wrong."""

    def rewrite(bundle: Path, name: str, content: bytes) -> None:
        replace(bundle / name, content)
        manifest = json.loads((bundle / "manifest.json").read_bytes())
        record = {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest["files"] = [*(file for file in manifest["files"] if file["path"] != name), record]
        replace(bundle / "manifest.json", json.dumps(manifest).encode())

    return rewrite


@pytest.fixture(scope="session")
def rewrite_json(rewrite: Callable[[Path, str, bytes], None]) -> Callable[..., None]:
    """The same for single keys of a JSON file: ``rewrite_json(bundle, "linnet.json", max_length=2)``."""

    def rewrite_json(bundle: Path, name: str, **changed: object) -> None:
        rewrite(bundle, name, json.dumps({**json.loads((bundle / name).read_bytes()), **changed}).encode())

    return rewrite_json


@pytest.fixture
def no_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The embedded default is not installed: neither beside the package nor where Python looks."""
    monkeypatch.setattr(opening, "__file__", str(tmp_path / "linnet" / "bundle" / "opening.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process; ``stdin`` is what it may read."""

    def run(*argv: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        try:
            status = cli.main([str(argument) for argument in argv])
        except SystemExit as ending:
            status = int(ending.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Result(status, captured.out, captured.err)

    return run
