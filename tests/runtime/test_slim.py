import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import linnet
import pytest
from linnet.bundle.opening import open_bundle
from linnet.packing.packing import prepare
from tracing import needs_strace, run, traced

PACKAGE = Path(linnet.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
RUNTIME = {"onnxruntime", "tokenizers", "numpy"}
OPTIONAL = {
    "PyInstaller": ["freezing/hook-linnet.py", "freezing/hook-linnet.serving.py"],
    "chromadb": ["integrations/chroma.py"],
    "cryptography": ["trust/keys.py"],
    "dask": ["engines/dask.py"],
    "duckdb": ["engines/duckdb.py"],
    "haystack": ["integrations/haystack.py"],
    "langchain_core": ["integrations/langchain.py"],
    "llama_index": ["integrations/llama_index.py"],
    "msgspec": [
        "serving/application.py",
        "serving/decoding.py",
        *(
            f"serving/dialects/{name}.py"
            for name in ("administration", "huggingface", "openai", "own", "tei_types", "watching")
        ),
        "serving/endpoint.py",
        "serving/openapi.py",
    ],
    "narwhals": ["frames/answers.py"],
    "pandas": ["engines/dask.py", "spark/columns.py"],
    "polars": ["engines/polars.py"],
    "prometheus_client": ["serving/watching/metrics.py"],
    "pyarrow": [
        "cli/formats/parquet.py",
        "cli/outputs/parquet.py",
        *(f"engines/{name}.py" for name in ("columns", "dask", "duckdb", "polars", "ray")),
        *(f"spark/{name}.py" for name in ("__init__", "annotations", "columns")),
    ],
    "pyspark": [f"spark/{name}.py" for name in ("__init__", "annotators", "columns", "frames", "shipping")],
    "ray": ["engines/ray.py"],
    "sklearn": ["integrations/scikit_learn.py"],
    "spacy": ["integrations/spacy.py"],
    "starlette": ["serving/application.py", "serving/connections.py"],
    "uvicorn": ["serving/connections.py", "serving/server.py"],
}
"""Which modules import an extra: when they are called, or modules of a room that only its users import."""

FOREIGN = {"torch", "transformers", "optimum", "onnx", "linnet_export", "huggingface_hub", *OPTIONAL}

CLASSIFY = """
import sys, linnet
model = linnet.load(*sys.argv[1:])
assert model("Good news!").label == "positive"
assert len(list(model.stream(["@a http://b", ""]))) == 2
assert model.encode("Good news!")
"""

EMBED = """
import sys, linnet
from linnet.cli.main import main
assert main(["embed", "--bundle", *sys.argv[1:], "a text", ""]) == 0
assert main(["embed", "--per", "word", "--bundle", *sys.argv[1:], "a text"]) == 0
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def imports(file: Path) -> Iterator[str]:
    """The top-level names of all that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "linnet" if node.level else (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            assert called not in ("import_module", "__import__", "exec", "eval"), f"{file} imports what cannot be seen"


def place(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def importers(name: str) -> list[str]:
    return [place(file) for file in MODULES if name in imports(file)]


def test_classifying_imports_nothing_heavy(home: Path) -> None:
    loaded = set(run(home, CLASSIFY + "print(*{name.partition('.')[0] for name in sys.modules})").split())
    assert loaded & FOREIGN == set()
    assert loaded >= {"linnet", *RUNTIME}


def test_embedding_imports_nothing_heavy(home: Path, tiny: Path) -> None:
    printed = run(home, EMBED + "print(*{name.partition('.')[0] for name in sys.modules})", str(tiny))
    loaded = set(printed.splitlines()[-1].split())
    assert loaded & FOREIGN == set()
    assert loaded >= {"linnet", *RUNTIME}


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_a_module_imports_the_standard_library_and_the_three(file: Path) -> None:
    optional = {name for name, places in OPTIONAL.items() if place(file) in places}
    assert set(imports(file)) <= set(sys.stdlib_module_names) | RUNTIME | {"linnet"} | optional


def test_there_are_modules_to_look_at() -> None:
    known = {"bundle/opening.py", "cli/main.py", "inference/session.py", "tokenization/tokenizer.py"}
    assert known <= {place(file) for file in MODULES}


def test_one_module_imports_onnxruntime_and_one_tokenizers() -> None:
    assert importers("onnxruntime") == ["inference/session.py"]
    assert importers("tokenizers") == ["tokenization/tokenizer.py"]
    assert {name: importers(name) for name in OPTIONAL} == OPTIONAL


def test_telemetry_is_off_before_onnxruntime_is_imported(home: Path) -> None:
    code = """
import builtins, os, sys
assert "ORT_DISABLE_TELEMETRY" not in os.environ
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.meta_path.insert(0, Finder())
import linnet
assert "onnxruntime" not in sys.modules
LAST
"""
    for last in (
        "linnet.load",
        "import onnxruntime",
        "from linnet import Classifier",
        "import linnet.inference.session",
    ):
        assert run(home, code.replace("LAST", last)).split() == ["1"]


@pytest.mark.parametrize("argv", [["info"], ["verify"], ["--version"], ["classify", "--help"]])
def test_what_runs_no_bundle_imports_none_of_the_three(home: Path, argv: list[str]) -> None:
    code = """
import sys
from linnet.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(*{name.partition('.')[0] for name in sys.modules})
"""
    loaded = set(run(home, code, *argv).splitlines()[-1].split())
    assert loaded & {*FOREIGN, *RUNTIME} == set()


def test_one_text_imports_no_tables_and_no_embeddings(home: Path) -> None:
    code = "import sys; from linnet.cli.main import main; main(['classify', 'a text']); print(*sys.modules)"
    loaded = set(run(home, code).splitlines()[-1].split())
    assert not loaded & {
        *(
            "csv",
            "tempfile",
            "linnet.models.embedder",
            "linnet.cli.formats.parquet",
            "linnet.cli.outputs.parquet",
            "linnet.cli.outputs.partial",
            "linnet.system.staging",
            "linnet.cli.outputs.vectors",
        ),
        "linnet.preprocessing.bertweet",
    }


def test_every_public_name_can_be_had(home: Path) -> None:
    code = """
import linnet
assert set(linnet.__all__) <= set(dir(linnet))
assert linnet.load is linnet.load and linnet.Classifier.__name__ == "Classifier"
from linnet import *
print(*sorted(name for name in linnet.__all__ if globals()[name] is getattr(linnet, name)))
try:
    linnet.nonsense
except AttributeError as error:
    print(error)
"""
    names, error = run(home, code).splitlines()
    assert names.split() == sorted(linnet.__all__)
    assert error == "module 'linnet' has no attribute 'nonsense'"


@needs_strace
def test_the_trace_would_show_a_write_and_a_connection(home: Path, tmp_path: Path) -> None:
    code = """
import os, socket, threading
open("written", "w").close()
os.mkdir("made")
open(os.devnull, "w").close()
thread = threading.Thread(target=lambda: open("by a thread", "a").close())
thread.start(); thread.join()
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        socket.socket(family).connect((host, 9))
    except OSError:
        pass
"""
    network, written = traced(home, tmp_path / "trace", code)
    assert any("AF_INET," in call and "connect(" in call for call in network) or len(network) >= 2
    assert any("AF_INET6" in call for call in network)
    assert [re.findall(r'"([^"]*)"', call)[0] for call in written] == ["written", "made", "by a thread"]


@needs_strace
def test_the_first_run_opens_no_connection_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    network, written = traced(home, tmp_path / "trace", CLASSIFY)
    assert network == []
    assert written == []
    assert names(home) == []


@needs_strace
def test_a_read_only_disk_will_do(home: Path, bundle_copy: Path, tmp_path: Path) -> None:
    # Root may write wherever it likes, so that the modes alone would prove nothing.
    folders = [home, bundle_copy, *(path for path in bundle_copy.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        network, written = traced(home, tmp_path / "trace", CLASSIFY, str(bundle_copy))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert network == []
    assert written == []


@needs_strace
def test_what_is_prepared_is_read_from_a_read_only_disk(home: Path, tiny_copy: Path, tmp_path: Path) -> None:
    packed = prepare(open_bundle(tiny_copy), home / ".cache" / "linnet")
    folders = [home, *packed.parents[:2], packed, tiny_copy, tiny_copy / "onnx"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        network, written = traced(home, tmp_path / "trace", EMBED, str(tiny_copy))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert "prepared-" in (tmp_path / "trace").read_text(errors="replace")
    assert network == []
    assert written == []


@needs_strace
def test_embedding_from_a_read_only_disk_opens_no_connection_and_writes_nothing(
    home: Path, tiny_copy: Path, tmp_path: Path
) -> None:
    for folder in (home, tiny_copy, tiny_copy / "onnx"):
        folder.chmod(0o555)
    try:
        network, written = traced(home, tmp_path / "trace", EMBED, str(tiny_copy))
    finally:
        for folder in (home, tiny_copy, tiny_copy / "onnx"):
            folder.chmod(0o755)
    assert network == []
    assert written == []


@needs_strace
def test_the_command_line_opens_no_connection_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from linnet.cli.main import main; sys.exit(main(['classify', 'Good news!']) or main(['verify']))"
    )
    network, written = traced(home, tmp_path / "trace", code)
    assert network == []
    assert written == []
