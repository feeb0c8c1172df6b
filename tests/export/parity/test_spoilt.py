"""A bundle or a checkpoint that was spoilt after the export fails parity, whatever it was that was spoilt."""

import hashlib
import json
import random
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import linnet
import pytest
import torch
from checkpoints import Converted, sentences
from linnet.preprocessing import none
from linnet.tasks import CLASSIFICATION
from linnet_export.builtin_texts import builtin_texts
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.convert import check_parity
from linnet_export.graphs import export_graphs
from linnet_export.int8.lean_model import EQUALIZATIONS
from linnet_export.lean.arithmetic import Exact
from linnet_export.lean.folding import fold_biases
from linnet_export.lean.graph import write_lean
from linnet_export.lean.lift import lift
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.parity.reference import Reference
from linnet_export.parity.weights import weights_kept
from linnet_export.plan import settings_of
from safetensors.torch import load_file, save_file
from spoilt import failed, scaled


def rewrite(bundle: Path, name: str, content: bytes) -> None:
    """Changes a file of a bundle, and the manifest with it, so that nothing but its meaning is wrong."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        if entry["path"] == name:
            entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def test_what_was_not_spoilt_passes(converted: Converted) -> None:
    assert failed(check_parity(converted.bundle, converted.checkpoint)) == set()


@pytest.mark.parametrize("factor", [0.5, 1.05, 2])
def test_a_scaled_weight_fails(roberta: Converted, tmp_path: Path, factor: float) -> None:
    name = "roberta.encoder.layer.1.output.dense.weight"
    parity = check_parity(roberta.bundle, scaled(roberta.checkpoint, tmp_path / "spoilt", name, factor))
    assert "weights within a quantization step" in failed(parity)


def test_any_scaled_weight_is_noticed(converted: Converted, tmp_path: Path) -> None:
    """Every tensor that the graph has, one at a time: matrices, biases, norms and embeddings."""
    bundle = linnet.load(converted.bundle).bundle
    source = read_checkpoint(converted.checkpoint)
    model = source.model()
    reference = Reference(source, model, bundle.settings, none)
    graphs = export_graphs(reference, tmp_path / "clean", builtin_texts())
    assert graphs.lean is not None and bundle.settings.equalization is not None
    equalize, maxima = EQUALIZATIONS[bundle.settings.equalization], graphs.lean.calibration.maxima

    def kept(folder: Path) -> bool:
        exported = export_graph(model, CLASSIFICATION, folder)
        found = lift(exported, heads=source.config.num_attention_heads, padding_id=source.config.pad_token_id)
        encoder = fold_biases(found.encoder)
        encoder = equalize(encoder, maxima) if equalize else encoder
        write_lean(replace(found, encoder=encoder), folder / "lean.onnx", "lean.data", Exact)
        return all(weights_kept(folder / "lean.onnx", bundle.graph))

    assert kept(tmp_path / "clean")
    unnoticed = []
    for name, parameter in model.named_parameters():
        if parameter.abs().max() == 0:
            continue  # a scaled zero is a zero
        with torch.no_grad():
            original = parameter.clone()
            parameter.mul_(1.25)
            if kept(tmp_path / "spoilt"):
                unnoticed.append(name)
            parameter.copy_(original)
    # Softmax does not see a key's bias, and so the graph has none.
    assert [name for name in unnoticed if not name.endswith(("key.bias", "k_lin.bias"))] == []


def test_swapped_labels_fail(converted: Converted, tmp_path: Path) -> None:
    bundle = shutil.copytree(converted.bundle, tmp_path / "bundle")
    config = json.loads((bundle / "config.json").read_bytes())
    config["id2label"]["0"], config["id2label"]["2"] = config["id2label"]["2"], config["id2label"]["0"]
    rewrite(bundle, "config.json", json.dumps(config).encode())
    parity = check_parity(bundle, converted.checkpoint, texts=[text for text, _ in sentences()])
    assert {"labels in their place", "label agreement"} <= failed(parity)


def without_merges(bundle: Path, removed: Iterable[int]) -> bytes:
    tokenizer = json.loads((bundle / "tokenizer.json").read_bytes())
    for index in removed:
        del tokenizer["model"]["merges"][index]
    return json.dumps(tokenizer, ensure_ascii=False).encode()


def test_a_removed_merge_fails(roberta: Converted, tmp_path: Path) -> None:
    bundle = shutil.copytree(roberta.bundle, tmp_path / "bundle")
    rewrite(bundle, "tokenizer.json", without_merges(bundle, [-1]))
    assert "vocabulary pieces with identical input_ids" in failed(check_parity(bundle, roberta.checkpoint))


@pytest.mark.parametrize("architecture", ["roberta", "bertweet"])
def test_any_removed_merge_is_noticed(all_converted: dict[str, Converted], architecture: str, tmp_path: Path) -> None:
    """The built-in texts do not use every merge; the vocabulary's own pieces do."""
    made = all_converted[architecture]
    bundle = shutil.copytree(made.bundle, tmp_path / "bundle")
    source = read_checkpoint(made.checkpoint)
    reference = Reference(source, source.model(), settings_of(source, {}), none)
    probe = [*reference.vocabulary, *builtin_texts()]
    expected = [encoding.ids for encoding in reference.encode_prepared(probe)]
    merges = len(json.loads((bundle / "tokenizer.json").read_bytes())["model"]["merges"])
    unnoticed = []
    for index in random.Random(0).sample(range(merges), 40):
        rewrite(bundle, "tokenizer.json", without_merges(made.bundle, [index]))
        if [encoding.ids for encoding in linnet.load(bundle).encode(probe)] == expected:
            unnoticed.append(index)
    assert unnoticed == []


def test_a_removed_piece_fails(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    made = all_converted["xlm-roberta"]
    bundle = shutil.copytree(made.bundle, tmp_path / "bundle")
    tokenizer = json.loads((bundle / "tokenizer.json").read_bytes())
    tokenizer["model"]["vocab"][1000][1] -= 30.0
    rewrite(bundle, "tokenizer.json", json.dumps(tokenizer, ensure_ascii=False).encode())
    assert "vocabulary pieces with identical input_ids" in failed(check_parity(bundle, made.checkpoint))


def test_swapped_rows_of_the_head_fail(roberta: Converted, tmp_path: Path) -> None:
    copy = shutil.copytree(roberta.checkpoint, tmp_path / "spoilt")
    tensors = load_file(copy / "model.safetensors")
    for name in ("classifier.out_proj.weight", "classifier.out_proj.bias"):
        tensors[name] = tensors[name][[2, 1, 0]].contiguous()
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    parity = check_parity(roberta.bundle, copy, texts=[text for text, _ in sentences()])
    assert {"label agreement", "weights within a quantization step"} <= failed(parity)
