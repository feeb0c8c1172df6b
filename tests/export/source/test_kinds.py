"""What is no checkpoint is called by its name, with what to do with it."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hub_server import LoopbackHub
from linnet.bundle.opening import open_bundle
from linnet_export.cli.main import main
from linnet_export.source.location import HubSource
from linnet_export.source.provenance import find_original

WHOLE = {"config.json", "tokenizer.json"}
OTHERS: dict[str, tuple[set[str], list[str]]] = {
    "adapter": ({"adapter_config.json", "adapter_model.safetensors"}, ["PEFT adapter", "merge_and_unload()"]),
    "adapter beside weights": (
        WHOLE | {"adapter_config.json", "model.safetensors"},
        ["PEFT adapter", "merged already"],
    ),
    "SetFit": (WHOLE | {"model.safetensors", "model_head.pkl"}, ["SetFit", "--task feature-extraction"]),
    "GGUF": (WHOLE | {"model-Q4_K_M.gguf"}, ["GGUF", "model-Q4_K_M.gguf", "it was made from"]),
    "ONNX": (WHOLE | {"onnx/model.onnx"}, ["ONNX", "onnx/model.onnx", "it was made from"]),
    "TensorFlow": (WHOLE | {"tf_model.h5"}, ["TensorFlow", "from_tf=True"]),
    "Flax": (WHOLE | {"flax_model.msgpack"}, ["Flax", "from_flax=True"]),
    "variant": (WHOLE | {"model.fp16.safetensors"}, ["model.fp16.safetensors", "rename"]),
    "training": (WHOLE | {"training_args.bin", "best.ckpt"}, ["found best.ckpt", "save_pretrained"]),
    "subfolder": ({"checkpoint-500/config.json", "checkpoint-500/model.safetensors"}, ["in its folder checkpoint-500"]),
}


def write(folder: Path, paths: Iterable[str]) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("{}")
    return folder


@pytest.mark.parametrize("kind", OTHERS)
def test_a_folder_that_is_no_checkpoint(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths, said = OTHERS[kind]
    folder = write(tmp_path / "folder", paths)
    assert main(["convert", str(folder), "--output", str(tmp_path / "bundle"), "--quiet"]) == 2
    message = capsys.readouterr().err
    assert "expected a checkpoint" in message
    assert all(words in message for words in said)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_repository_that_is_no_checkpoint(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths, said = OTHERS[kind]
    folder = write(tmp_path / "folder", paths)
    with LoopbackHub() as hub:
        hub.use(monkeypatch, tmp_path / "cache")
        hub.add_repository("somebody/other", folder)
        command = ["convert", "somebody/other", "--output", str(tmp_path / "bundle"), "--quiet", "--accept-licence"]
        assert main(command) == 2
        assert hub.fetched() == set()
    message = capsys.readouterr().err
    assert "somebody/other: expected a checkpoint" in message
    assert all(words in message for words in said)


@pytest.mark.parametrize("silent", [True, False])
def test_the_original_of_a_bundle_is_looked_for_with_its_task(
    silent: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = open_bundle(Path(__file__).parents[2] / "runtime" / "tiny_embedder")
    folder = write(tmp_path / "folder", OTHERS["SetFit"][0])
    found = find_original(bundle, folder, recipe=None, revision=None, offline=True)
    assert found.source.id == "folder"
    with LoopbackHub() as hub:
        hub.use(monkeypatch, tmp_path / "cache")
        hub.add_repository("somebody/other", folder)
        found = find_original(bundle, "somebody/other", recipe=None, revision=None, offline=False, silent=silent)
    assert isinstance(found.source, HubSource) and found.source.silent == silent


def test_a_part_of_a_bundle_is_no_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "folder", {"config.json", "linnet.json", "onnx/model_quantized.onnx"})
    assert main(["convert", str(folder), "--output", str(tmp_path / "bundle"), "--quiet"]) == 2
    assert "found a bundle" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["https://huggingface.co/a/b", "https://hub.example/a/b/tree/main", "hf://a/b"])
def test_an_address_is_told_its_id(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", address, "--output", str(tmp_path / "bundle"), "--quiet"]) == 2
    assert "have the form a/b" in capsys.readouterr().err
