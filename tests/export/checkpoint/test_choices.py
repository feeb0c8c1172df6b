"""An explicit choice overrules a side file where all weights fit; what is left out is named, or it is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
import torch
from checkpoints import Converted, make_checkpoint
from linnet_export.checkpoint.reading import Checkpoint, read_checkpoint
from linnet_export.cli.main import main
from linnet_export.errors import CheckpointError
from safetensors.torch import load_file, save_file
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer, PretrainedConfig

CLASSIFY, EMBED = "text-classification", "feature-extraction"


@pytest.fixture
def copy(all_converted: dict[str, Converted], tmp_path: Path) -> Path:
    return shutil.copytree(all_converted["bert"].checkpoint, tmp_path / "checkpoint")


def edit_config(checkpoint: Path, **changes: Any) -> Path:
    config = {**json.loads((checkpoint / "config.json").read_bytes()), **changes}
    (checkpoint / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value != ...}))
    return checkpoint


def edit_weights(checkpoint: Path, **added: torch.Tensor) -> Path:
    tensors = {**load_file(checkpoint / "model.safetensors"), **added}
    save_file(tensors, checkpoint / "model.safetensors", metadata={"format": "pt"})
    return checkpoint


def refused(checkpoint: Path, **options: Any) -> str:
    with pytest.raises(CheckpointError) as raised:
        found = read_checkpoint(checkpoint, **options)
        found.check()
        found.model()
    return str(raised.value)


@pytest.mark.parametrize("name", ["BertForMultiLabelClassification", "BertForEmotions", "EmotionModel", "BertModel"])
def test_a_class_of_the_authors_own_converts_if_all_weights_fit(name: str, copy: Path) -> None:
    edit_config(copy, architectures=[name])
    found = read_checkpoint(copy, task=CLASSIFY)
    found.check()
    assert type(found.model()).__name__ == "BertForSequenceClassification"
    assert found.head.exclusive is (name != "BertForMultiLabelClassification")


def test_without_a_choice_the_class_of_the_authors_own_is_asked_about(copy: Path) -> None:
    message = refused(edit_config(copy, architectures=["BertForMultiLabelClassification"]))
    assert "BertForMultiLabelClassification" in message
    assert f"--task {CLASSIFY}" in message and f"--task {EMBED}" in message


def test_a_multi_label_class_gives_multi_label_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = make_checkpoint(tmp_path / "checkpoint", "bert", problem_type="multi_label_classification")
    edit_config(checkpoint, architectures=["BertForMultiLabelClassification"], problem_type=...)
    assert main(["convert", str(checkpoint), "--output", str(tmp_path / "bundle"), "--task", CLASSIFY]) == 0
    assert "scores each label by itself" in capsys.readouterr().err
    model = linnet.load(tmp_path / "bundle")
    assert model.bundle.config["problem_type"] == "multi_label_classification"
    text = "love great happy lovely"
    tokenizer, original = AutoTokenizer.from_pretrained(checkpoint), AutoModelForSequenceClassification
    with torch.inference_mode():
        logits = original.from_pretrained(checkpoint).eval()(**tokenizer(text, return_tensors="pt")).logits[0]
    assert isinstance(model, linnet.Classifier)
    assert np.abs(np.array(list(model(text).scores.values())) - logits.sigmoid().numpy()).max() < 0.1


@pytest.mark.parametrize("kind", ["multi_label_classification", "single_label_classification"])
def test_a_declared_problem_type_is_kept(kind: str, copy: Path) -> None:
    edit_config(copy, architectures=["BertForMultiLabelClassification"], problem_type=kind)
    found = read_checkpoint(copy, task=CLASSIFY)
    assert (found.head.problem_type, found.remarks) == (kind, [])


def test_a_class_whose_weights_do_not_fit_is_refused_by_name(copy: Path) -> None:
    edit_config(copy, architectures=["BertForEmotions"])
    edit_weights(copy, **{"classifier.weight": torch.zeros(3, 80)})
    assert "classifier.weight" in refused(copy, task=CLASSIFY)
    edit_weights(copy, **{"classifier.weight": torch.zeros(3, 64), "gate.weight": torch.zeros(64, 64)})
    assert "found also gate.weight" in refused(copy, task=CLASSIFY)


def test_a_class_without_a_head_is_refused_before_its_weights_are_there(copy: Path) -> None:
    edit_config(copy, architectures=["BertForMaskedLM"])
    (copy / "model.safetensors").unlink()
    assert "found BertForMaskedLM" in refused(copy, task=CLASSIFY)
    read_checkpoint(edit_config(copy, architectures=["BertForEmotions"]), task=CLASSIFY)


def sentences(folder: Path, pooling: str) -> Path:
    kinds = {"Transformer": "", "Pooling": "1_Pooling"}
    modules = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for kind, path in kinds.items()]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}))
    return folder


@pytest.mark.parametrize("pooling", ["weightedmean", "lasttoken", "mean"])
def test_a_chosen_pooling_overrules_the_checkpoints(pooling: str, copy: Path, tmp_path: Path) -> None:
    checkpoint, bundle = edit_config(sentences(copy, pooling), architectures=["BertModel"]), tmp_path / "bundle"
    command = ["convert", str(checkpoint), "--output", str(bundle), "--task", EMBED, "--pooling", "cls", "--quiet"]
    assert main(command) == 0
    settings = linnet.load(bundle).bundle.settings.embedding
    assert settings and settings.pooling == "cls"
    assert main(["parity", str(bundle), "--checkpoint", str(checkpoint), "--quiet"]) == 0


def test_an_unknown_pooling_names_the_option(copy: Path) -> None:
    sentences(copy, "weightedmean")
    assert "--pooling" in refused(copy)
    assert read_checkpoint(copy, task=CLASSIFY).task == CLASSIFY  # which pools in its own way


def test_layers_that_config_json_leaves_out_are_refused_by_name(copy: Path) -> None:
    message = refused(edit_config(copy, num_hidden_layers=1))
    assert "bert.encoder.layer.1." in message and "would be lost" in message


@pytest.mark.parametrize("task", [None, EMBED])
def test_layers_are_no_head(copy: Path, task: str | None) -> None:
    edit_config(copy, num_hidden_layers=1, architectures=["BertModel"])
    assert "encoder.layer.1." in refused(copy, task=task)


@pytest.mark.parametrize("name", ["bert.adapter.weight", "classifier2.bias", "encoder.layer.0.lora_A.weight", "crf.x"])
def test_weights_that_no_model_takes_are_refused_by_name(name: str, copy: Path) -> None:
    assert name in refused(edit_weights(copy, **{name: torch.zeros(4, 4)}))


def test_layers_that_the_checkpoint_lacks_are_refused_by_name(copy: Path) -> None:
    assert "encoder.layer.2." in refused(edit_config(copy, num_hidden_layers=3))


def test_an_encoder_drops_its_head_only_by_choice(copy: Path) -> None:
    edit_config(copy, architectures=["BertModel"])
    assert "classifier.bias" in refused(copy)
    assert type(read_checkpoint(copy, task=EMBED).model()).__name__ == "BertModel"


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod."])
def test_a_prefix_that_a_wrapper_added_is_told(prefix: str, copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    save_file({prefix + name: tensor for name, tensor in tensors.items()}, copy / "model.safetensors")
    assert f"remove {prefix!r} from the beginning of their names" in refused(copy)


def loaded(folder: Path, **options: Any) -> Checkpoint:
    found = read_checkpoint(folder, **options)
    found.check()
    found.model()
    return found


@pytest.mark.parametrize("architecture", ["bert", "roberta", "distilbert", "xlm-roberta"])
def test_language_model_heads_and_poolers_may_go(
    all_converted: dict[str, Converted], architecture: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(all_converted[architecture].checkpoint, tmp_path / "checkpoint")
    config = PretrainedConfig.from_pretrained(folder)
    assert loaded(folder).task == CLASSIFY
    model = AutoModelForMaskedLM.from_pretrained(folder)
    model.save_pretrained(folder)
    prefix = model.base_model_prefix
    ids = torch.arange(config.max_position_embeddings)[None]
    extra = {f"{prefix}.embeddings.position_ids": ids, f"{prefix}.pooler.dense.weight": torch.zeros(64, 64)}
    edit_weights(folder, **extra, **{"loss_fct.weight": torch.ones(3)})
    assert loaded(folder).task == EMBED


def test_poolers_of_a_roberta_classifier_may_go(roberta: Converted, tmp_path: Path) -> None:
    folder = shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")
    edit_weights(folder, **{"roberta.pooler.dense.weight": torch.zeros(64, 64), "lm_head.bias": torch.zeros(9)})
    assert loaded(folder).task == CLASSIFY


def test_a_missing_model_type_is_deduced(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    for architecture, made in all_converted.items():
        folder = shutil.copytree(made.checkpoint, tmp_path / architecture)
        edit_config(folder, model_type=...)
        assert loaded(folder).config.model_type == ("roberta" if architecture == "bertweet" else architecture)
    message = refused(edit_config(tmp_path / "bert", architectures=["Mine"]))
    assert "expected model_type to name an encoder (bert," in message and "Mine" in message and len(message) < 500


def test_a_name_that_transformers_5_writes_is_known(copy: Path) -> None:
    config = json.loads((copy / "tokenizer_config.json").read_bytes())
    text = "so proud of you [CLS]"
    expected = AutoTokenizer.from_pretrained(copy)(text)["input_ids"]
    newer = {**config, "tokenizer_class": "TokenizersBackend", "extra_special_tokens": ["[CLS]"]}
    (copy / "tokenizer_config.json").write_text(json.dumps(newer))
    assert read_checkpoint(copy).tokenizer(text)["input_ids"] == expected


def test_a_cut_vocabulary_is_noticed(roberta: Converted, copy: Path, tmp_path: Path) -> None:
    (copy / "tokenizer.json").unlink()
    assert read_checkpoint(copy).remarks == []
    lines = (copy / "vocab.txt").read_text(encoding="utf-8").splitlines()
    (copy / "vocab.txt").write_text("\n".join(lines[:-300]), encoding="utf-8")
    assert [
        "the tokenizer has 1,200 pieces, and the embedding 1,500 rows" in one for one in read_checkpoint(copy).remarks
    ]
    merged = shutil.copytree(roberta.checkpoint, tmp_path / "merged")
    read_checkpoint(merged).check()
    lines = (merged / "merges.txt").read_text(encoding="utf-8").splitlines()
    (merged / "merges.txt").write_text("\n".join(lines[: len(lines) // 2]), encoding="utf-8")
    assert "copy merges.txt and vocab.json again" in refused(merged)
