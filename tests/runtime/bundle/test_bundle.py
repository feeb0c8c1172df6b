import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import linnet
import pytest
from checked import classifier
from linnet.bundle import opening as bundle
from linnet.bundle.integrity import verify
from linnet.bundle.manifest import Figure
from linnet.bundle.opening import open_bundle
from linnet.cli import main as cli
from linnet.errors import BundleError, BundleFormatError, BundleIntegrityError, BundleNotFoundError, LinnetError
from linnet.names import CONFIG, FORMAT_VERSION, GRAPH, MANIFEST, SETTINGS, TOKENIZER, WEIGHTS

Replace = Callable[[Path, bytes], None]
Rewrite = Callable[[Path, str, bytes], None]

HASHED = [CONFIG, TOKENIZER, GRAPH]


class Opened:
    """Which files Python opens while it listens."""

    def __init__(self) -> None:
        self.listening = False
        self.paths: list[str] = []
        sys.addaudithook(self._hear)  # which cannot be taken away again

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.listening and event == "open":
            self.paths.append(str(args[0]))


_OPENED = Opened()


@pytest.fixture
def opened() -> Iterator[list[str]]:
    _OPENED.paths.clear()
    _OPENED.listening = True
    yield _OPENED.paths
    _OPENED.listening = False


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return manifest


def write_manifest(folder: Path, manifest: object) -> None:
    (folder / MANIFEST).write_bytes(json.dumps(manifest).encode())


def flipped(content: bytes) -> bytes:
    """The same but for one bit, in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def refused(folder: Path, kind: type[LinnetError]) -> str:
    """The message with which the folder is refused, before any text is seen."""
    with pytest.raises(kind) as caught:
        linnet.load(folder)
    assert type(caught.value) is kind
    return str(caught.value)


def test_an_untouched_copy_loads_and_verifies(bundle_copy: Path) -> None:
    assert classifier(bundle_copy).labels == classifier(str(bundle_copy)).labels
    checked = list(verify(bundle_copy))
    assert [fault for _, fault in checked if fault] == []
    on_disk = {path.relative_to(bundle_copy).as_posix() for path in bundle_copy.rglob("*") if path.is_file()}
    assert {record.path for record, _ in checked} == on_disk - {MANIFEST}


@pytest.mark.parametrize("name", HASHED)
def test_an_altered_file_is_refused(bundle_copy: Path, replace: Replace, name: str) -> None:
    replace(bundle_copy / name, flipped((bundle_copy / name).read_bytes()))
    message = refused(bundle_copy, BundleIntegrityError)
    assert str(bundle_copy / name) in message
    assert "altered" in message
    assert "copy the bundle again" in message


@pytest.mark.parametrize("name", [*HASHED, WEIGHTS])
def test_a_truncated_file_is_refused(bundle_copy: Path, replace: Replace, name: str) -> None:
    content = (bundle_copy / name).read_bytes()
    replace(bundle_copy / name, content[:-1])
    message = refused(bundle_copy, BundleIntegrityError)
    assert str(bundle_copy / name) in message
    assert f"expected {len(content)} bytes, found {len(content) - 1}" in message
    assert "copy the bundle again" in message


@pytest.mark.parametrize("name", [*HASHED, WEIGHTS])
def test_a_missing_file_is_refused(bundle_copy: Path, name: str) -> None:
    (bundle_copy / name).unlink()
    message = refused(bundle_copy, BundleIntegrityError)
    assert str(bundle_copy / name) in message
    assert "missing" in message
    assert "copy the bundle again" in message


def test_a_folder_in_place_of_a_file_is_refused(bundle_copy: Path) -> None:
    (bundle_copy / CONFIG).unlink()
    (bundle_copy / CONFIG).mkdir()
    assert str(bundle_copy / CONFIG) in refused(bundle_copy, BundleIntegrityError)


def test_altered_weights_of_the_same_size_are_left_to_verify(
    bundle_copy: Path, replace: Replace, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(bundle_copy / WEIGHTS, flipped((bundle_copy / WEIGHTS).read_bytes()))
    linnet.load(bundle_copy)
    faults = {record.path: fault for record, fault in verify(bundle_copy) if fault}
    assert list(faults) == [WEIGHTS]
    assert "altered" in (faults[WEIGHTS] or "")
    assert cli.main(["verify", str(bundle_copy)]) == 1
    assert str(bundle_copy / WEIGHTS) in capsys.readouterr().err


def test_verify_tells_all_that_is_wrong(bundle_copy: Path, replace: Replace) -> None:
    (bundle_copy / CONFIG).unlink()
    replace(bundle_copy / TOKENIZER, b"{}")
    assert {record.path for record, fault in verify(bundle_copy) if fault} == {CONFIG, TOKENIZER}


def test_a_later_format_asks_for_a_newer_linnet(bundle_copy: Path) -> None:
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "format_version": FORMAT_VERSION + 1})
    message = refused(bundle_copy, BundleFormatError)
    assert f"format {FORMAT_VERSION + 1}" in message
    assert "pip install ./runtime" in message


def test_the_format_of_weights_that_saturate_is_refused(bundle_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "format_version": 1})
    message = refused(bundle_copy, BundleFormatError)
    assert "found format 1: convert the checkpoint again" in message
    assert cli.main(["verify", str(bundle_copy)]) == 1
    assert "found format 1: convert the checkpoint again" in capsys.readouterr().err


def test_a_later_format_is_told_before_its_files_are_looked_at(bundle_copy: Path) -> None:
    write_manifest(bundle_copy, {"format_version": FORMAT_VERSION + 1})
    assert "pip install ./runtime" in refused(bundle_copy, BundleFormatError)


@pytest.mark.parametrize("version", [None, "1", True, 1.0, 0, -1])
def test_a_format_version_that_never_was_is_refused(bundle_copy: Path, version: object) -> None:
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "format_version": version})
    assert "format_version" in refused(bundle_copy, BundleFormatError)


@pytest.mark.parametrize("name", ["../outside", "onnx/../../outside", "/etc/passwd", "a\\b", "C:outside", ".", ""])
def test_a_path_that_leaves_the_bundle_is_refused_unread(bundle_copy: Path, opened: list[str], name: str) -> None:
    (bundle_copy.parent / "outside").write_bytes(b"secret")
    for odd in ("a\\b", "C:outside"):
        (bundle_copy / odd).write_bytes(b"secret")
    content = (bundle_copy / name).read_bytes() if (bundle_copy / name).is_file() else b"secret"
    record = {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = manifest_of(bundle_copy)
    write_manifest(bundle_copy, {**manifest, "files": [record, *manifest["files"]]})
    opened.clear()

    message = refused(bundle_copy, BundleFormatError)
    with pytest.raises(BundleFormatError):
        list(verify(bundle_copy))

    assert repr(name) in message
    assert "do not use this bundle" in message
    assert {bundle_copy / file for file in opened} == {bundle_copy, bundle_copy / MANIFEST}


@pytest.mark.parametrize("name", [CONFIG, SETTINGS, TOKENIZER, GRAPH])
def test_a_manifest_without_a_required_file_is_refused(bundle_copy: Path, name: str) -> None:
    manifest = manifest_of(bundle_copy)
    manifest["files"] = [record for record in manifest["files"] if record["path"] != name]
    write_manifest(bundle_copy, manifest)
    message = refused(bundle_copy, BundleFormatError)
    assert f"lists no {name}" in message
    assert "convert the checkpoint again" in message


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        ["config.json"],
        [{"path": "config.json"}],
        [{"path": 3, "size": 3, "sha256": ""}],
        [{"path": "config.json", "size": "3", "sha256": ""}],
    ],
)
def test_a_malformed_list_of_files_is_refused(bundle_copy: Path, files: object) -> None:
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "files": files})
    assert MANIFEST in refused(bundle_copy, BundleFormatError)


@pytest.mark.parametrize("name", [MANIFEST, CONFIG, SETTINGS])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000], ids=lambda content: content[:3]
)
def test_malformed_json_is_refused(
    bundle_copy: Path, rewrite: Rewrite, replace: Replace, name: str, content: bytes
) -> None:
    if name == MANIFEST:
        replace(bundle_copy / name, content)
    else:
        rewrite(bundle_copy, name, content)
    assert name in refused(bundle_copy, BundleFormatError)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff"])
def test_a_malformed_tokenizer_is_refused(bundle_copy: Path, rewrite: Rewrite, content: bytes) -> None:
    rewrite(bundle_copy, TOKENIZER, content)
    message = refused(bundle_copy, BundleFormatError)
    assert TOKENIZER in message
    assert "pip install --upgrade tokenizers" in message


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08"])
def test_a_malformed_graph_is_refused(bundle_copy: Path, rewrite: Rewrite, content: bytes) -> None:
    rewrite(bundle_copy, GRAPH, content)
    message = refused(bundle_copy, BundleFormatError)
    assert str(bundle_copy / GRAPH) in message
    assert "convert the checkpoint again" in message


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("task", "fill-mask", "text-classification"),
        ("task", None, "None"),
        ("preprocessing", "lowercase", "none, tweeteval, bertweet, pysentimiento"),
        ("truncation_side", "middle", "left, right"),
        ("max_length", 2, "at least 3"),
        ("max_length", "512", "'512'"),
        ("max_length", True, "True"),
        ("max_length", None, "None"),
        ("unk_token_id", -1, "at least 0"),
        ("unk_token_id", 10**9, "vocab_size"),
        ("unk_token_id", "3", "'3'"),
        ("unk_token_id", True, "True"),
        ("quantization", 8, "8"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    bundle_copy: Path, rewrite_json: Callable[..., None], key: str, value: object, told: str
) -> None:
    rewrite_json(bundle_copy, SETTINGS, **{key: value})
    message = refused(bundle_copy, BundleFormatError)
    assert SETTINGS in message
    assert key in message
    assert told in message


@pytest.mark.parametrize("key", ["task", "preprocessing"])
def test_an_unknown_task_or_preprocessing_asks_for_a_newer_linnet(
    bundle_copy: Path, rewrite_json: Callable[..., None], key: str
) -> None:
    rewrite_json(bundle_copy, SETTINGS, **{key: "unheard-of"})
    message = refused(bundle_copy, BundleFormatError)
    assert "'unheard-of'" in message
    assert "pip install ./runtime" in message


@pytest.mark.parametrize(
    ("id2label", "told"),
    [
        ({"0": "a", "2": "c"}, "number the labels from 0"),
        ({"1": "a", "2": "b", "3": "c"}, "number the labels from 0"),
        ({"0": "a", "one": "b", "2": "c"}, "number the labels from 0"),
        ({"0": "a", "1": "b", "2": "a"}, "distinct labels"),
        ({}, "number the labels from 0"),
        (["a", "b", "c"], "id2label"),
        (None, "id2label"),
    ],
)
def test_labels_that_make_no_sense_are_refused(
    bundle_copy: Path, rewrite_json: Callable[..., None], id2label: object, told: str
) -> None:
    rewrite_json(bundle_copy, CONFIG, id2label=id2label)
    message = refused(bundle_copy, BundleFormatError)
    assert CONFIG in message
    assert told in message


def test_labels_are_in_the_order_of_their_numbers(bundle_copy: Path, rewrite_json: Callable[..., None]) -> None:
    rewrite_json(bundle_copy, CONFIG, id2label={str(number): f"label {number}" for number in reversed(range(11))})
    assert bundle.open_bundle(bundle_copy).labels == tuple(f"label {number}" for number in range(11))


@pytest.mark.parametrize("count", [2, 4])
def test_a_label_count_that_does_not_fit_the_logits_is_refused(
    bundle_copy: Path, model: linnet.Classifier, rewrite_json: Callable[..., None], count: int
) -> None:
    rewrite_json(bundle_copy, CONFIG, id2label={str(number): f"label {number}" for number in range(count)})
    message = refused(bundle_copy, BundleFormatError)
    assert f"{count} labels" in message
    assert f"{len(model.labels)} logits" in message
    assert "convert the checkpoint again" in message


def test_a_regression_head_is_refused_by_name(bundle_copy: Path, rewrite_json: Callable[..., None]) -> None:
    rewrite_json(bundle_copy, CONFIG, problem_type="regression")
    assert "'regression'" in refused(bundle_copy, BundleFormatError)


def test_a_checkpoint_is_to_be_converted(bundle_copy: Path) -> None:
    (bundle_copy / MANIFEST).unlink()
    assert "copy the whole bundle again" in refused(bundle_copy, BundleNotFoundError)
    (bundle_copy / SETTINGS).unlink()
    assert f"linnet-export convert {bundle_copy}" in refused(bundle_copy, BundleNotFoundError)


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    message = refused(tmp_path, BundleNotFoundError)
    assert str(tmp_path) in message
    assert "linnet-export convert" in message


def test_a_missing_folder_is_no_bundle(tmp_path: Path) -> None:
    message = refused(tmp_path / "nowhere", BundleNotFoundError)
    assert str(tmp_path / "nowhere") in message
    assert "found nothing" in message


def test_a_file_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    message = refused(tmp_path / "model.onnx", BundleNotFoundError)
    assert str(tmp_path / "model.onnx") in message
    assert "found a file" in message


def test_without_the_default_bundle_pip_installs_it(no_default: None) -> None:
    with pytest.raises(BundleNotFoundError, match="install linnet-default"):
        linnet.load()


def test_errors_are_linnets_and_their_builtin_kind() -> None:
    for kind, builtin in (
        (BundleNotFoundError, FileNotFoundError),
        (BundleFormatError, ValueError),
        (BundleIntegrityError, ValueError),
    ):
        assert issubclass(kind, BundleError)
        assert issubclass(kind, builtin)
    for error in (BundleError, linnet.InputError, linnet.TextTypeError, linnet.TextValueError):
        assert issubclass(error, LinnetError)
    assert issubclass(linnet.TextTypeError, TypeError)


def test_verify_names_the_bundle_whose_manifest_makes_no_sense(bundle_copy: Path) -> None:
    (bundle_copy / MANIFEST).write_text("{")
    with pytest.raises(BundleFormatError, match=str(bundle_copy)):
        list(verify(bundle_copy))


def test_published_figures_are_read_and_checked(bundle_copy: Path) -> None:
    figure = {"what": "macro F1, some tweets", "value": 69.3, "source": "the model card"}
    assert open_bundle(bundle_copy).manifest.published == ()
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "published": [figure]})
    opened = open_bundle(bundle_copy)
    assert opened.manifest.published == (Figure("macro F1, some tweets", 69.3, "the model card"),)
    assert opened.manifest.as_json()["published"] == (figure,)
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "published": [{**figure, "value": "69.3"}]})
    with pytest.raises(BundleFormatError, match=r"manifest.json: expected value to be a number, found '69.3'"):
        open_bundle(bundle_copy)
    write_manifest(bundle_copy, {**manifest_of(bundle_copy), "published": ["69.3"]})
    with pytest.raises(BundleFormatError, match="expected an object for every published figure"):
        open_bundle(bundle_copy)
