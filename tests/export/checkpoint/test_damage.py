"""Files that are damaged end in an error of Linnet's that names the file, and never in a traceback."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ARCHITECTURES, Converted
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.cli.main import main
from linnet_export.errors import CheckpointError
from linnet_export.plan import plan
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, PreTrainedTokenizerFast

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 5069051\n" % (b"a" * 64)


def replaced(content: bytes) -> Callable[[Path], None]:
    def replace(file: Path) -> None:
        file.write_bytes(content)

    return replace


def into_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def into_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def into_dangling_link(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.with_name("absent"))


def cut(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


NAMED: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (replaced(b""), "found an empty one"),
    "git-LFS pointer": (replaced(LFS), "found a git-LFS pointer; fetch its content: git lfs pull"),
    "web page": (replaced(b"<!DOCTYPE html>\n<html>Log in</html>"), "found a web page"),
    "folder": (into_folder, "found a folder"),
    "pipe": (into_pipe, "found a pipe or a device"),
    "dangling link": (into_dangling_link, "which does not exist"),
}
"""Damage that is told of every file."""
OF_JSON: dict[str, Callable[[Path], None]] = {
    "cut": cut,
    "list": replaced(b"[]"),
    "deep": replaced(b"[" * 100_000),
    "not UTF-8": replaced(b'{"a": "\xff"}'),
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("damage", NAMED)
def test_each_file_is_named(checkpoints: dict[str, Path], architecture: str, damage: str, tmp_path: Path) -> None:
    how, said = NAMED[damage]
    for name in [file.name for file in checkpoints[architecture].iterdir()]:
        folder = shutil.copytree(checkpoints[architecture], tmp_path / name)
        how(folder / name)
        with pytest.raises(CheckpointError) as raised:
            found = read_checkpoint(folder)
            found.model()
        assert str(raised.value).startswith(f"{folder / name}: ") and said in str(raised.value)


@pytest.mark.parametrize("damage", OF_JSON)
def test_each_json_file_is_named(checkpoints: dict[str, Path], damage: str, tmp_path: Path) -> None:
    for name in [file.name for file in checkpoints["bert"].glob("*.json")]:
        folder = shutil.copytree(checkpoints["bert"], tmp_path / name)
        OF_JSON[damage](folder / name)
        with pytest.raises(CheckpointError, match=name):
            read_checkpoint(folder)


def values_of(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of the values in a JSON object, a few of each list or object."""
    if before:
        yield before
    if isinstance(value, dict):
        for key in list(value)[:12]:
            yield from values_of(value[key], (*before, key))
    elif isinstance(value, list):
        for index in range(min(2, len(value))):
            yield from values_of(value[index], (*before, index))


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = changed(copy[place[0]], place[1:], new)
    return copy


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"])
@pytest.mark.parametrize("new", [None, -1, 3.5, "x", True, [], {}, 10**12], ids=repr)
def test_values_of_another_type(checkpoints: dict[str, Path], name: str, new: Any, tmp_path: Path) -> None:
    """Some make no difference; no other leads to anything but an error of Linnet's."""
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "checkpoint")
    content = json.loads((folder / name).read_bytes())
    refused = 0
    for place in list(values_of(content))[::3]:
        (folder / name).write_text(json.dumps(changed(content, place, new)))
        try:
            plan(read_checkpoint(folder), {}).reference()
        except CheckpointError as error:
            refused += 1
            assert str(folder) in str(error)
    assert refused or name == "special_tokens_map.json"


@pytest.mark.parametrize("wrong", [-1, 2.5, "x", 10**12, None])
def test_ids_that_are_none(checkpoints: dict[str, Path], wrong: Any, tmp_path: Path) -> None:
    for architecture, name in (("roberta", "vocab.json"), ("bertweet", "added_tokens.json")):
        folder = shutil.copytree(checkpoints[architecture], tmp_path / architecture)
        content = json.loads((folder / name).read_bytes())
        (folder / name).write_text(json.dumps({**content, list(content)[-1]: wrong}))
        with pytest.raises(CheckpointError, match=str(folder)):
            read_checkpoint(folder).check()


@pytest.mark.parametrize("name", ["num_hidden_layers", "hidden_size", "vocab_size"])
def test_a_config_that_describes_more_than_fits_into_memory(
    checkpoints: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "checkpoint")
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps({**config, name: 4 * 10**9}))
    with pytest.raises(CheckpointError, match=r"expected at least .* weights, as config.json describes"):
        read_checkpoint(folder).model()


def of_integers(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.int64)


def with_nan(tensor: torch.Tensor) -> torch.Tensor:
    return torch.full_like(tensor, float("nan"))


def of_another_shape(tensor: torch.Tensor) -> torch.Tensor:
    return torch.cat([tensor, tensor])


@pytest.mark.parametrize("how", [of_integers, with_nan, of_another_shape])
def test_a_tensor_that_is_none(
    checkpoints: dict[str, Path], how: Callable[[torch.Tensor], torch.Tensor], tmp_path: Path
) -> None:
    for architecture, name in (("bert", "classifier.weight"), ("distilbert", "distilbert.embeddings.LayerNorm.weight")):
        folder = shutil.copytree(checkpoints[architecture], tmp_path / architecture)
        tensors = load_file(folder / "model.safetensors")
        save_file({**tensors, name: how(tensors[name])}, folder / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(CheckpointError, match=str(folder)):
            read_checkpoint(folder).model()


def test_a_pickle_that_is_cut(roberta: Converted, tmp_path: Path) -> None:
    folder = shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    cut(folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match=r"pytorch_model\.bin: the weights cannot be read"):
        read_checkpoint(folder).model()


def test_a_tokenizer_without_special_tokens(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "checkpoint")
    state = json.loads((folder / "tokenizer.json").read_bytes())
    (folder / "tokenizer.json").write_text(json.dumps({**state, "post_processor": None}))
    config = json.loads((folder / "tokenizer_config.json").read_bytes())
    config["tokenizer_class"] = PreTrainedTokenizerFast.__name__  # others add a post-processor of their own
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    assert AutoTokenizer.from_pretrained(folder)("")["input_ids"] == []
    with pytest.raises(CheckpointError, match=r"adds none.*add a post_processor to tokenizer\.json"):
        read_checkpoint(folder).check()


def test_what_fails_only_when_the_model_runs(
    checkpoints: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "checkpoint")
    config = json.loads((folder / "config.json").read_bytes())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_act": None}))
    command = ["convert", str(folder), "--output", str(tmp_path / "bundle")]
    assert main(command) == 2
    message = capsys.readouterr().err
    assert "checkpoint cannot be converted: TypeError: " in message and "--debug" in message
    assert "Traceback" not in message
    assert main([*command, "--debug"]) == 2
    traced = capsys.readouterr().err
    assert "Traceback" in traced and "TypeError" in traced
    assert traced.splitlines()[-1] == message.splitlines()[-1]
    assert not (tmp_path / "bundle").exists()
