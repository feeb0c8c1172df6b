"""Packed weights in loads with demands: only this user's own, made of verified bytes, and hashed."""

import json
import os
import sys
import warnings
from pathlib import Path

import linnet
import pytest
from commands import Run
from linnet.bundle.opening import Bundle, open_bundle
from linnet.inference import session as sessions
from linnet.inference.graph import Graph
from linnet.packing import fitting
from linnet.packing.cache import packed_folder
from linnet.packing.fitting import NotTrustedError, prepared_graph
from linnet.packing.listing import LIST
from linnet.packing.packing import prepare
from linnet.trust.opening import open_trusted
from signing import key_of, public_pem, write_signature

KEY = public_pem(key_of())
STRANGER = 12345


@pytest.fixture
def signed(tiny_copy: Path) -> Path:
    prepare(open_bundle(tiny_copy))
    write_signature(tiny_copy, key_of())
    return tiny_copy


def packed(bundle: Path) -> Path:
    return packed_folder(open_bundle(bundle).manifest)


def files(bundle: Path) -> list[Path]:
    return [packed(bundle), *packed(bundle).iterdir()]


def owned_by(monkeypatch: pytest.MonkeyPatch, owner: int) -> None:
    """This process is another user than the one who owns its files."""
    monkeypatch.setattr(os, "geteuid", lambda: owner)


def test_a_signed_load_uses_what_this_user_made(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[Path | None] = []

    class Recording(sessions.Session):
        def __init__(self, graph: Graph, *, threads: int | None = None, packed: Path | None = None) -> None:
            used.append(packed)
            super().__init__(graph, threads=threads, packed=packed)

    monkeypatch.setattr(sessions, "Session", Recording)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = linnet.load_embedder(signed, key=KEY)
    assert used[0] is not None and used[0].parent == packed(signed).resolve()
    assert model("a text").tolist() == linnet.load_embedder(signed)("a text").tolist()


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owners there")
def test_what_another_user_made_is_ignored_with_a_note(
    signed: Path, monkeypatch: pytest.MonkeyPatch, embedder: linnet.Embedder
) -> None:
    owned_by(monkeypatch, STRANGER)
    with pytest.warns(RuntimeWarning, match=r"packed weights are not used, because another user made it"):
        model = linnet.load_embedder(signed, key=KEY)
    assert model("a text").tolist() == embedder("a text").tolist()
    with pytest.raises(NotTrustedError):
        prepared_graph(open_trusted(signed, key=KEY))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root makes files of root")
@pytest.mark.parametrize("demand", [{"key": KEY}, {"verify": "full"}], ids=["key", "verify"])
def test_what_root_made_is_used_only_without_demands(
    signed: Path, monkeypatch: pytest.MonkeyPatch, demand: dict[str, str]
) -> None:
    owned_by(monkeypatch, STRANGER)
    assert prepared_graph(open_bundle(signed))
    with pytest.raises(NotTrustedError):
        prepared_graph(open_trusted(signed, **demand))


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_what_others_can_write_to_is_ignored_with_a_note(signed: Path) -> None:
    for file in files(signed):
        mode = file.stat().st_mode
        file.chmod(mode | 0o020)
        with pytest.warns(RuntimeWarning, match="can write to it"):
            linnet.load(signed, key=KEY)
        file.chmod(mode)
    assert prepared_graph(open_trusted(signed, key=KEY))


def test_packed_weights_are_hashed_too(signed: Path) -> None:
    [weights] = packed(signed).glob("*.onnx_data")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert prepared_graph(open_bundle(signed))  # which checks their size
    with pytest.raises(fitting.NotPreparedError, match="damaged"):
        prepared_graph(open_trusted(signed, key=KEY))
    assert linnet.load(signed, key=KEY)  # from the bundle


def test_packed_weights_of_other_bytes_belong_to_another_bundle(signed: Path) -> None:
    """The folder's name and the list depend on the graph and the weights, whose hashes are signed."""
    file = packed(signed) / LIST
    values = json.loads(file.read_bytes())
    values["facts"]["bundle"]["onnx/model_quantized.onnx_data"] = "0" * 64
    file.write_text(json.dumps(values))
    with pytest.raises(fitting.NotPreparedError, match="for another machine"):
        prepared_graph(open_trusted(signed, key=KEY))


def test_weights_that_change_while_they_are_packed_are_not_put_in_use(
    tiny_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linnet.errors import BundleIntegrityError
    from linnet.packing import packing

    original = packing._write

    def write(bundle: Bundle, staged: Path) -> list[Path]:
        made = original(bundle, staged)
        with (tiny_copy / "onnx/model_quantized.onnx_data").open("r+b") as file:
            file.write(b"other")
        return made

    monkeypatch.setattr(packing, "_write", write)
    with pytest.raises(BundleIntegrityError, match="was altered"):
        prepare(open_bundle(tiny_copy))
    assert not list(packed(tiny_copy).glob("prepared*"))


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owners there")
def test_verify_notes_what_a_signed_load_does_not_use(
    signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    (tmp_path / "signer.pub").write_bytes(KEY)
    assert run("verify", signed, "--key", tmp_path / "signer.pub").err == ""
    owned_by(monkeypatch, STRANGER)
    assert (
        "is not used when the bundle is loaded with a key"
        in run("verify", signed, "--key", tmp_path / "signer.pub").err
    )
