"""What a sentence-transformers checkpoint says of its pooling, and what Linnet does not have."""

import json
import shutil
from pathlib import Path
from typing import Any

import linnet
import pytest
from checkpoints import Converted
from linnet.bundle.settings import EmbeddingSettings
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.convert import convert
from linnet_export.errors import CheckpointError
from linnet_export.source.sentence_transformers import SentenceModules, read_modules

TYPES = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize", "Dense": "2_Dense"}


def write(folder: Path, *kinds: str, pooling: dict[str, Any], root: str = "", limits: str | None = None) -> Path:
    paths = {**TYPES, "Transformer": root}
    modules = [
        {"idx": index, "name": str(index), "path": paths[kind], "type": f"sentence_transformers.models.{kind}"}
        for index, kind in enumerate(kinds)
    ]
    for path in (root, "1_Pooling"):
        (folder / path).mkdir(parents=True, exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    if limits:
        (folder / root / limits).write_text(json.dumps({"max_seq_length": 96, "do_lower_case": False}))
    return folder


def flags(**modes: bool) -> dict[str, Any]:
    off = dict.fromkeys(("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"), False)
    return {"word_embedding_dimension": 64, **{f"pooling_mode_{mode}": on for mode, on in {**off, **modes}.items()}}


MEAN = flags(mean_tokens=True)


def test_a_folder_without_modules_is_none(tmp_path: Path) -> None:
    assert read_modules(tmp_path) is None


@pytest.mark.parametrize(
    ("pooling", "name"),
    [
        (MEAN, "mean"),
        (flags(cls_token=True), "cls"),
        (flags(max_tokens=True), "max"),
        ({"embedding_dimension": 64, "pooling_mode": "cls"}, "cls"),
    ],
)
def test_the_pooling_is_read(pooling: dict[str, Any], name: str, tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", pooling=pooling)
    assert read_modules(tmp_path) == SentenceModules(tmp_path, name, False, None, False)


@pytest.mark.parametrize("limits", ["sentence_bert_config.json", "sentence_roberta_config.json"])
@pytest.mark.parametrize("root", ["", "0_Transformer"])
def test_length_normalization_and_folder_are_read(limits: str, root: str, tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", "Normalize", pooling=MEAN, root=root, limits=limits)
    assert read_modules(tmp_path) == SentenceModules(tmp_path / root, "mean", True, 96, False)


@pytest.mark.parametrize(
    "pooling",
    [
        flags(mean_sqrt_len_tokens=True),
        flags(mean_tokens=True, max_tokens=True),
        flags(),
        {"pooling_mode": "lasttoken"},
    ],
)
def test_a_pooling_that_linnet_does_not_have_is_refused(pooling: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", pooling=pooling)
    with pytest.raises(CheckpointError, match="expected one of the poolings cls, max, mean"):
        read_modules(tmp_path)


def test_other_modules_are_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", "Dense", pooling=MEAN)
    with pytest.raises(CheckpointError, match="found Transformer, Pooling, Dense"):
        read_modules(tmp_path)


def test_a_default_prompt_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", pooling=MEAN)
    settings = tmp_path / "config_sentence_transformers.json"
    settings.write_text(json.dumps({"prompts": {"query": "query: "}, "default_prompt_name": None}))
    assert read_modules(tmp_path) is not None
    settings.write_text(json.dumps({"prompts": {"query": "query: "}, "default_prompt_name": "query"}))
    with pytest.raises(CheckpointError, match="expected no default prompt, found 'query'"):
        read_modules(tmp_path)


@pytest.mark.parametrize(
    "name", ["1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json"]
)
def test_settings_that_are_none(name: str, tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", pooling=MEAN)
    (tmp_path / name).write_text("[]")
    with pytest.raises(CheckpointError, match="expected a JSON dict"):
        read_modules(tmp_path)


def test_lower_casing_that_the_tokenizer_does_not_do_is_refused(
    all_converted: dict[str, Converted], tmp_path: Path
) -> None:
    """A tokenizer that lower-cases by itself makes no difference."""
    for architecture, refused in (("roberta", True), ("bert", False)):
        folder = shutil.copytree(all_converted[architecture].checkpoint, tmp_path / architecture)
        write(folder, "Transformer", "Pooling", pooling=MEAN)
        (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64, "do_lower_case": True}))
        checkpoint = read_checkpoint(folder)
        if refused:
            with pytest.raises(CheckpointError, match="do_lower_case"):
                _ = checkpoint.tokenizer
        else:
            assert checkpoint.max_length == 64


def test_the_folder_that_modules_name_is_where_the_weights_are(
    all_converted: dict[str, Converted], tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoint"
    write(folder, "Transformer", "Pooling", "Normalize", pooling=flags(cls_token=True), root="encoder")
    shutil.copytree(all_converted["bert"].checkpoint, folder / "encoder", dirs_exist_ok=True)
    convert(folder, tmp_path / "bundle")
    embedder = linnet.load(tmp_path / "bundle")
    settings = embedder.bundle.settings
    assert (settings.task, settings.embedding) == ("feature-extraction", EmbeddingSettings("cls", True))
    sources = {file.path for file in embedder.bundle.manifest.source.files}
    assert {"modules.json", "1_Pooling/config.json", "encoder/config.json", "encoder/model.safetensors"} <= sources


@pytest.mark.parametrize("content", ["", "{", "3", '[{"type": "x"}]', "[[]]"])
def test_modules_that_are_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"modules\.json"):
        read_modules(tmp_path)


@pytest.mark.parametrize("length", ['"long"', "true", "[]"])
def test_a_length_that_is_none(length: str, tmp_path: Path) -> None:
    write(tmp_path, "Transformer", "Pooling", pooling=MEAN)
    (tmp_path / "sentence_bert_config.json").write_text(f'{{"max_seq_length": {length}}}')
    with pytest.raises(CheckpointError, match="max_seq_length"):
        read_modules(tmp_path)
