"""What is no checkpoint, or none that Linnet converts, is refused with a message that says what to do."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from checkpoints import Converted
from linnet.bundle.folder import read_manifest
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.cli.main import main
from linnet_export.errors import CheckpointError
from linnet_export.source.recipe import FOLDER, recipe_named
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForTokenClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
)


@pytest.fixture
def copy(roberta: Converted, tmp_path: Path) -> Path:
    return shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")


def edit_config(checkpoint: Path, **changes: Any) -> None:
    config = json.loads((checkpoint / "config.json").read_bytes())
    (checkpoint / "config.json").write_text(json.dumps({**config, **changes}))


def refused(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command line says of a checkpoint that it refuses, having left nothing behind."""
    output = tmp_path / "out" / "bundle"
    assert main(["convert", str(checkpoint), "--output", str(output), "--quiet"]) == 2
    assert not output.exists()
    assert not list(tmp_path.glob("out/.*"))
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def test_nothing_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "found nothing" in refused(tmp_path / "absent", tmp_path, capsys)


def test_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert "found a file" in refused(tmp_path / "file", tmp_path, capsys)


def test_a_folder_without_a_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert "no config.json" in refused(tmp_path / "empty", tmp_path, capsys)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"model_type": "unheard-of"}', "{}"])
def test_a_config_that_is_none(content: str, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "config.json").write_text(content)
    assert "config.json" in refused(copy, tmp_path, capsys)


def test_a_decoder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = GPT2Config(n_embd=32, n_layer=1, n_head=2, vocab_size=100)
    GPT2ForSequenceClassification(config).save_pretrained(tmp_path / "gpt2")
    message = refused(tmp_path / "gpt2", tmp_path, capsys)
    assert "expected an encoder" in message and "GPT2ForSequenceClassification" in message


def test_an_encoder_made_a_decoder(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_config(copy, is_decoder=True)
    assert "a decoder" in refused(copy, tmp_path, capsys)


def test_another_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, vocab_size=100)
    BertForTokenClassification(config).save_pretrained(tmp_path / "bert")
    message = refused(tmp_path / "bert", tmp_path, capsys)
    assert "BertForTokenClassification" in message and "--task feature-extraction" in message


def test_an_encoder_is_no_classifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, vocab_size=100)
    BertForMaskedLM(config).save_pretrained(tmp_path / "bert")
    assert main(["convert", str(tmp_path / "bert"), "--output", "x", "--task", "text-classification"]) == 2
    assert "BertForMaskedLM" in capsys.readouterr().err


def test_a_config_without_architectures_is_what_it_is_said_to_be(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = json.loads((copy / "config.json").read_bytes())
    del config["architectures"]
    (copy / "config.json").write_text(json.dumps(config))
    assert "--task text-classification" in refused(copy, tmp_path, capsys)
    command = ["convert", str(copy), "--output", str(tmp_path / "x"), "--task", "text-classification"]
    assert main(command) == 0


def test_parity_wants_a_recipe_of_ones_own_again(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text((FOLDER / "twitter-roberta-base-sentiment.toml").read_text().replace("512", "64"))
    bundle = str(tmp_path / "bundle")
    assert main(["convert", str(copy), "--output", bundle, "--recipe", str(mine), "--accept-licence"]) == 0
    assert read_manifest(Path(bundle)).published == recipe_named(str(mine)).figures != ()
    assert main(["parity", bundle, "--checkpoint", str(copy)]) == 2
    assert "give that file with --recipe" in capsys.readouterr().err
    assert main(["parity", bundle, "--checkpoint", str(copy), "--recipe", str(mine)]) == 0


@pytest.mark.parametrize("choice", [["--pooling", "cls"], ["--normalize"], ["--no-normalize"]])
def test_pooling_is_not_of_classifiers(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], choice: list[str]
) -> None:
    assert main(["convert", str(copy), "--output", str(tmp_path / "x"), *choice]) == 2
    assert "--task feature-extraction" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_no_weights(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "model.safetensors").unlink()
    assert "model.safetensors" in refused(copy, tmp_path, capsys)


def test_truncated_weights(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "cannot be read" in refused(copy, tmp_path, capsys)


def test_weights_without_the_head(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = {name: tensor for name, tensor in load_file(copy / "model.safetensors").items() if "out_proj" not in name}
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert "classifier.out_proj" in refused(copy, tmp_path, capsys)


def test_a_label_too_many(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_config(copy, id2label={"0": "a", "1": "b", "2": "c", "3": "d"})
    assert "classifier.out_proj" in refused(copy, tmp_path, capsys)


def test_labels_that_are_not_distinct(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_config(copy, id2label={"0": "same", "1": "same", "2": "other"})
    assert "distinct labels" in refused(copy, tmp_path, capsys)


def test_a_regression(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_config(copy, problem_type="regression")
    assert "'regression'" in refused(copy, tmp_path, capsys)


def test_no_tokenizer(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "vocab.json").unlink()
    (copy / "merges.txt").unlink()
    message = refused(copy, tmp_path, capsys)
    assert "expected the files of a tokenizer (tokenizer.json, vocab.json and merges.txt" in message
    assert "found none of them" in message


def test_half_a_tokenizer(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "merges.txt").unlink()
    message = refused(copy, tmp_path, capsys)
    assert "vocab.json and merges.txt" in message
    assert "stat: path" not in message


def test_a_bundle_is_no_checkpoint(roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = (
        f"expected a checkpoint at {roberta.bundle}, found a bundle; "
        "give the checkpoint that it was converted from: roberta"
    )
    assert told in refused(roberta.bundle, tmp_path, capsys)
    assert main(["parity", str(roberta.bundle), "--checkpoint", str(roberta.bundle)]) == 2
    assert told in capsys.readouterr().err
    spoilt = shutil.copytree(roberta.bundle, tmp_path / "spoilt")
    (spoilt / "manifest.json").write_text("{}")
    assert "found a bundle" in refused(spoilt, tmp_path, capsys)


def test_a_bundle_is_not_written_into_its_checkpoint(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(copy.rglob("*"))
    assert main(["convert", str(copy), "--output", str(copy / "sub" / "bundle")]) == 2
    assert "in the folder of the checkpoint" in capsys.readouterr().err
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize(
    "argv",
    [["convert", "", "--output", "x"], ["convert", "x", "--output", ""], ["parity", "", "--checkpoint", "x"]],
)
def test_an_empty_path_is_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(argv)
    assert "the path is empty" in capsys.readouterr().err


def test_a_file_without_texts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("")
    assert main(["convert", str(tmp_path / "absent"), "--output", "x", "--texts", str(tmp_path / "a.txt")]) == 2
    assert f"note: {tmp_path / 'a.txt'} has no texts" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b"id;text\n1;good\n", [], "--delimiter ';'"),
        (b"id;text\n1;good\n", ["--delimiter", ";"], "absent"),
        (b'text,id\n"good,1\n', [], "--no-quotes"),
        (b'text,id\n"good,1\n', ["--no-quotes"], "absent"),
        (b"text\ncaf\xe9\n", [], "--errors replace"),
        (b"text\ncaf\xe9\n", ["--errors", "replace"], "absent"),
        (b"caf\n", ["--format", "txt"], "absent"),
    ],
)
def test_files_are_read_as_the_options_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, options: list[str], told: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "a.txt").write_text("a text\n")
    argv = ["convert", str(tmp_path / "absent"), "--output", "x", "--texts", str(tmp_path / "a.csv"), *options]
    assert main(argv) == 2
    assert told in capsys.readouterr().err
    if "--format" not in options and told == "absent":
        assert main([*argv, "--vocabulary-from", str(tmp_path / "a.txt")]) == 2
        assert "absent" in capsys.readouterr().err


def test_a_tokenizer_that_no_fast_one_is_known_for(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "vocab.json").unlink()
    (copy / "merges.txt").unlink()
    (copy / "vocab.txt").write_text("a 1\nb 1\n")
    (copy / "bpe.codes").write_text("a b 1\n")
    (copy / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PhobertTokenizer"}))
    message = refused(copy, tmp_path, capsys)
    assert "PhobertTokenizer" in message and "neither transformers nor Linnet" in message


def test_a_bertweet_tokenizer_that_cannot_be_had_exactly(
    all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(all_converted["bertweet"].checkpoint, tmp_path / "checkpoint")
    lines = (copy / "vocab.txt").read_text(encoding="utf-8").split("\n")
    (copy / "vocab.txt").write_text("\n".join([*lines[:9], lines[2], *lines[9:]]), encoding="utf-8")
    message = refused(copy, tmp_path, capsys)
    assert str(copy) in message and "names one twice" in message


def test_bertweets_files_are_wanted_whole(
    all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(all_converted["bertweet"].checkpoint, tmp_path / "checkpoint")
    (copy / "bpe.codes").unlink()
    assert "vocab.txt and bpe.codes" in refused(copy, tmp_path, capsys)


def test_more_ids_than_embeddings(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    """Only what has no id in the original may have one beyond the embeddings."""
    for architecture in ("roberta", "bertweet"):
        copy = shutil.copytree(all_converted[architecture].checkpoint, tmp_path / architecture)
        tokenizer = read_checkpoint(copy).original_tokenizer
        tokenizer.add_tokens(["one_too_many"])
        tokenizer.save_pretrained(copy)
        with pytest.raises(CheckpointError, match="resize it first"):
            read_checkpoint(copy).model()


@pytest.mark.parametrize("normalization", [True, False])
def test_a_tokenizer_that_normalizes_says_so_and_is_converted_without(
    all_converted: dict[str, Converted], tmp_path: Path, normalization: bool
) -> None:
    copy = shutil.copytree(all_converted["bertweet"].checkpoint, tmp_path / "checkpoint")
    (copy / "tokenizer_config.json").write_text(json.dumps({"normalization": normalization}))
    checkpoint = read_checkpoint(copy)
    assert checkpoint.normalizes_tweets is normalization
    text = "@someone it’s great… http://x.y"
    size, unknown = checkpoint.config.vocab_size, checkpoint.unk_token_id
    found = [unknown if index >= size else index for index in checkpoint.tokenizer(text)["input_ids"]]
    assert checkpoint.original_tokenizer(text)["input_ids"] == found
    assert checkpoint.max_length == 128  # of the positions: tokenizer_config.json does not say


def test_only_bertweet_has_ids_beyond_the_vocabulary(all_converted: dict[str, Converted]) -> None:
    for architecture, made in all_converted.items():
        checkpoint = read_checkpoint(made.checkpoint)
        bertweet = architecture == "bertweet"
        assert (checkpoint.unk_token_id is not None) == bertweet
        assert (checkpoint.tokenizer is checkpoint.original_tokenizer) != bertweet
        assert checkpoint.normalizes_tweets is False


def test_padding_that_the_tokenizer_and_the_config_disagree_on(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_config(copy, pad_token_id=0)
    assert "pad_token_id" in refused(copy, tmp_path, capsys)


def test_max_length_is_what_the_positions_allow(all_converted: dict[str, Converted], copy: Path) -> None:
    for architecture, expected in (
        ("bert", 128),
        ("distilbert", 128),
        ("roberta", 128),
        ("xlm-roberta", 128),
        ("bertweet", 128),
    ):
        assert read_checkpoint(all_converted[architecture].checkpoint).max_length == expected
    (copy / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 60}))
    assert read_checkpoint(copy).max_length == 60


def test_a_checkpoint_error_is_unusable_input() -> None:
    assert issubclass(CheckpointError, ValueError)
