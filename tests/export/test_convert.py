"""Checkpoint → bundle → predictions, on small checkpoints of every architecture."""

import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from checked import classifier
from checkpoints import Converted, make_checkpoint, sentences
from commands import attend
from linnet.bundle.opening import open_bundle
from linnet.bundle.settings import Settings
from linnet.errors import InputError
from linnet.packing.packing import prepare
from linnet_export.builtin_texts import builtin_texts
from linnet_export.bundle.preprocessing import preprocessing_tables
from linnet_export.bundle.writer import write_tokenizer
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.cli.main import main
from linnet_export.convert import convert
from linnet_export.errors import CheckpointError, ParityError
from linnet_export.graphs import Graphs
from linnet_export.options import complete
from linnet_export.parity.decisions import margins
from optimum.onnxruntime import ORTModelForSequenceClassification
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

TEXTS = [
    "love great happy lovely",
    "",
    " ",
    "so proud of you 😍😍 @friend http://example.org/x",
    "Ça va être nul, 最悪 — не очень хорошо",
    "awful " * 500,
    "<s> [CLS] <mask> as plain text",
]
BUNDLE_FILES = {
    *("README.md", "config.json", "linnet.json", "manifest.json", "parity.json", "sbom.cdx.json"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("onnx/model_quantized.onnx", "onnx/model_quantized.onnx_data"),
}


def original_logits(checkpoint: Path, texts: list[str], max_length: int = 128) -> np.ndarray:
    """As a user of transformers would get them, one text at a time."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint).eval()
    with torch.inference_mode():
        rows = [
            model(**tokenizer(text, truncation=True, max_length=max_length, return_tensors="pt")).logits[0].numpy()
            for text in texts
        ]
    return np.stack(rows)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_bundle_has_the_files_of_the_contract(converted: Converted) -> None:
    compact = {"tokenizer.unigram"} if converted.architecture == "xlm-roberta" else set()
    assert files_below(converted.bundle) == BUNDLE_FILES | compact
    manifest = json.loads((converted.bundle / "manifest.json").read_bytes())
    assert {entry["path"] for entry in manifest["files"]} == BUNDLE_FILES - {"manifest.json"} | compact
    sources = {entry["path"] for entry in manifest["source"]["files"]}
    assert {"config.json", "model.safetensors"} <= sources <= files_below(converted.checkpoint)


def test_bundle_predicts_as_the_original_does(converted: Converted) -> None:
    model = classifier(converted.bundle)
    original = original_logits(converted.checkpoint, TEXTS)
    found = model.logits(TEXTS)
    scores = model.head.scores(original)
    clear = margins(model.head, scores) > 0.1
    assert np.abs(scores - model.head.scores(found)).max() < 0.1  # INT8's share; a wrong graph is off by far more
    assert (scores.argmax(-1) == found.argmax(-1))[clear].all()


def test_decisions_mean_something(converted: Converted) -> None:
    texts, labels = zip(*sentences(), strict=True)
    predictions = linnet.load(converted.bundle)(texts)
    assert np.mean([found.label == label for found, label in zip(predictions, labels, strict=True)]) > 0.85


def test_ids_are_the_originals(converted: Converted) -> None:
    tokenizer = AutoTokenizer.from_pretrained(converted.checkpoint)
    expected = tokenizer(TEXTS, truncation=True, max_length=128, return_offsets_mapping=tokenizer.is_fast)
    found = linnet.load(converted.bundle).encode(TEXTS)
    assert [encoding.ids for encoding in found] == expected["input_ids"]
    if tokenizer.is_fast:
        spans = [list(map(tuple, spans)) for spans in expected["offset_mapping"]]
        assert [encoding.offsets for encoding in found] == spans


def test_other_loaders_get_the_same_ids_and_logits(converted: Converted) -> None:
    """What AutoTokenizer gives, as it is, into the graph as it is, against what `linnet` gives."""
    tokenizer, mine = AutoTokenizer.from_pretrained(converted.bundle), classifier(converted.bundle)
    assert tokenizer.is_fast
    session = onnxruntime.InferenceSession(converted.bundle / "onnx" / "model_quantized.onnx")
    names = {given.name for given in session.get_inputs()}
    size, beyond = mine.bundle.config["vocab_size"], 0
    for text in [*TEXTS, *builtin_texts()[:60]]:
        given = tokenizer(text, truncation=True, return_tensors="np")
        (encoding,), (ids,) = mine.encode(text), given["input_ids"].tolist()
        assert [mine.bundle.settings.unk_token_id if index >= size else index for index in ids] == encoding.ids
        assert set(given) <= names
        (logits,) = session.run(None, dict(given))
        assert np.abs(logits - mine.logits(text)).max() < 1e-5
        beyond += sum(index >= size for index in ids)
    assert (beyond > 0) == (converted.architecture == "bertweet")


def test_parity_is_recorded_with_what_it_was_measured_on(converted: Converted) -> None:
    parity = json.loads((converted.bundle / "parity.json").read_bytes())
    assert parity["passed"] and all(criterion["passed"] for criterion in parity["criteria"])
    assert parity["texts"]["count"] > 200 and len(parity["texts"]["sha256"]) == 64
    assert {"torch", "transformers", "onnxruntime", "optimum", "linnet"} <= set(parity["versions"])


def test_optimum_and_transformers_load_the_bundle_as_it_is(converted: Converted) -> None:
    tokenizer = AutoTokenizer.from_pretrained(converted.bundle)
    model = ORTModelForSequenceClassification.from_pretrained(
        converted.bundle, subfolder="onnx", file_name="model_quantized.onnx"
    )
    classify: Any = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None)
    mine = classifier(converted.bundle)
    for text in TEXTS:
        theirs = {row["label"]: row["score"] for row in classify([text], truncation=True)[0]}
        assert theirs == pytest.approx(mine(text).scores, abs=2e-5)


def test_converting_again_gives_the_same_bytes(roberta: Converted, tmp_path: Path) -> None:
    convert(roberta.checkpoint, tmp_path / roberta.bundle.name)
    for name in BUNDLE_FILES:
        assert (tmp_path / roberta.bundle.name / name).read_bytes() == (roberta.bundle / name).read_bytes(), name


def test_pickled_weights_are_read(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "pickled", "bert", safetensors=False)
    assert (checkpoint / "pytorch_model.bin").is_file() and not (checkpoint / "model.safetensors").exists()
    convert(checkpoint, tmp_path / "bundle")
    scores = classifier(tmp_path / "bundle").head.scores
    drift = scores(original_logits(checkpoint, TEXTS)) - scores(classifier(tmp_path / "bundle").logits(TEXTS))
    assert np.abs(drift).max() < 0.1


def test_a_pickle_that_would_run_code_is_refused(roberta: Converted, tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {tmp_path / 'harmed'}",)

    checkpoint = shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")
    (checkpoint / "model.safetensors").unlink()
    (checkpoint / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Harm()}))
    with pytest.raises(CheckpointError, match="cannot be read"):
        convert(checkpoint, tmp_path / "bundle")
    assert not (tmp_path / "harmed").exists()
    assert not (tmp_path / "bundle").exists()


def test_multi_label_heads_score_each_label_by_itself(tmp_path: Path) -> None:
    labels = ("negative", "positive")
    checkpoint = make_checkpoint(
        tmp_path / "checkpoint", "distilbert", labels=labels, problem_type="multi_label_classification"
    )
    convert(checkpoint, tmp_path / "bundle")
    model = linnet.load(tmp_path / "bundle")
    expected = 1 / (1 + np.exp(-original_logits(checkpoint, TEXTS).astype(np.float64)))
    found = [list(prediction.scores.values()) for prediction in model(TEXTS)]
    assert np.abs(expected - found).max() < 0.1
    assert any(all(score < 0.5 for score in prediction.scores.values()) for prediction in model(TEXTS))


def test_a_head_with_one_logit_gives_its_sigmoid(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "checkpoint", "bert", labels=("positive",))
    convert(checkpoint, tmp_path / "bundle")
    model = linnet.load(tmp_path / "bundle")
    texts, labels = zip(*sentences(), strict=True)
    says = [prediction.score > 0.5 for prediction in model(texts)]
    assert np.mean([said == (label == "positive") for said, label in zip(says, labels, strict=True)]) > 0.85


def test_the_users_own_texts_are_proven_too(roberta: Converted, tmp_path: Path) -> None:
    mine = ["one of mine", "and another, lovely"]
    before = json.loads((roberta.bundle / "parity.json").read_bytes())["texts"]
    parity = convert(roberta.checkpoint, tmp_path / "bundle", texts=mine)
    assert parity.texts == before["count"] + 2 and parity.texts_sha256 != before["sha256"]


@pytest.mark.parametrize(
    ("preset", "prepared"),
    [
        ("bertweet", "@USER can't wait :grinning_face: #GoodNews HTTPURL"),
        ("pysentimiento", "@USER cant wait  emoji grinning face emoji  hashtag good news HTTPURL"),
    ],
)
def test_a_preset_travels_with_its_tables(
    roberta: Converted, tmp_path: Path, preset: str, prepared: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle"
    command = ["convert", str(roberta.checkpoint), "--output", str(bundle), "--preprocessing", preset, "--quiet"]
    assert main(command) == 0
    assert files_below(bundle) == {*BUNDLE_FILES, "preprocessing.json", "LICENSE-emoji.txt"}
    assert (bundle / "preprocessing.json").read_bytes() == preprocessing_tables(preset)
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    assert "preprocessing.json" in {entry["path"] for entry in manifest["files"]}
    model = linnet.load(bundle)
    text = "@ann can’t wait 😀 #GoodNews https://t.co/AbC"
    (found,), (expected,) = model.encode(text), model.encode(prepared, preprocess=False)
    assert found.ids == expected.ids == AutoTokenizer.from_pretrained(roberta.checkpoint)(prepared)["input_ids"]
    assert model(text) == model(prepared, preprocess=False)
    assert {text[slice(*span)] for span in found.offsets} >= {"@ann", "😀", "https://t.co/AbC"}
    assert main(["parity", str(bundle), "--checkpoint", str(roberta.checkpoint)]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_licence_and_card_travel_with_the_bundle(roberta: Converted, tmp_path: Path) -> None:
    checkpoint = shutil.copytree(roberta.checkpoint, tmp_path / "checkpoint")
    (checkpoint / "README.md").write_text("---\nlicense: mit\n---\n# My model\n")
    (checkpoint / "LICENSE").write_text("as you like it")
    convert(checkpoint, tmp_path / "bundle")
    assert json.loads((tmp_path / "bundle" / "manifest.json").read_bytes())["licence"] == "mit and other"
    assert (tmp_path / "bundle" / "LICENSE").read_text() == "as you like it"
    assert "# My model\n" in (tmp_path / "bundle" / "README.md").read_text()


def test_what_is_at_the_target_is_kept_unless_told_otherwise(roberta: Converted, tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    target.mkdir()
    (target / "precious").write_text("mine")
    (target / "manifest.json").write_text('{"name": "of an application"}')
    for overwrite in (False, True):
        with pytest.raises(InputError, match="is not empty, and is not a bundle"):
            convert(roberta.checkpoint, target, overwrite=overwrite)
    assert files_below(tmp_path) == {"bundle/precious", "bundle/manifest.json"}


def test_a_bundle_is_replaced_when_that_is_wanted(roberta: Converted, tmp_path: Path) -> None:
    target = shutil.copytree(roberta.bundle, tmp_path / "bundle")
    (target / "parity.json").write_text("old")
    manifest = json.loads((target / "manifest.json").read_bytes())
    (target / "manifest.json").write_text(json.dumps({**manifest, "format_version": 1}))  # which is not loaded any more
    with pytest.raises(InputError, match="--overwrite"):
        convert(roberta.checkpoint, target)
    assert (target / "parity.json").read_text() == "old"
    convert(roberta.checkpoint, target, overwrite=True)
    assert files_below(target) == BUNDLE_FILES and (target / "parity.json").read_text() != "old"
    for name in ("notes.txt", ".env"):
        (target / name).write_text("mine")
        with pytest.raises(InputError, match=rf"besides the bundle: {re.escape(name)}"):
            convert(roberta.checkpoint, target, overwrite=True)
        (target / name).unlink()
    prepare(open_bundle(target))
    (target / ".DS_Store").write_text("a system's")
    convert(roberta.checkpoint, target, overwrite=True)
    assert files_below(target) == BUNDLE_FILES
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_checkpoint_is_never_replaced_by_its_bundle(roberta: Converted, tmp_path: Path) -> None:
    checkpoint = shutil.copytree(roberta.checkpoint, tmp_path / "project" / "checkpoint")
    for output in (checkpoint, tmp_path / "project"):
        with pytest.raises(InputError, match="choose another --output"):
            convert(checkpoint, output, overwrite=True)
    assert files_below(checkpoint) == files_below(roberta.checkpoint)


def test_parents_made_in_vain_are_gone(roberta: Converted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(graphs: Graphs, settings: Settings, bundle: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Graphs, "quantize", fail)
    with pytest.raises(KeyboardInterrupt):
        convert(roberta.checkpoint, tmp_path / "new" / "newer" / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_fails_parity_is_not_written(
    roberta: Converted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(graphs: Graphs, settings: Settings, bundle: Path) -> Path:
        fp32 = quantize(graphs, settings, bundle)
        weights = bundle / "onnx" / "model_quantized.onnx_data"
        weights.write_bytes(bytes(reversed(weights.read_bytes())))
        return fp32

    quantize = Graphs.quantize
    monkeypatch.setattr(Graphs, "quantize", spoil)
    with pytest.raises(ParityError, match=r"(?s)weights within a quantization step.*FAILED"):
        convert(roberta.checkpoint, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_computes_something_else_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that is never given agrees whatever the graph computes; the logits tell."""
    checkpoint = make_checkpoint(tmp_path / "checkpoint", "roberta", labels=("toxic",))
    tensors = load_file(checkpoint / "model.safetensors")
    tensors["classifier.out_proj.bias"] -= 4
    save_file(tensors, checkpoint / "model.safetensors", metadata={"format": "pt"})

    def without_the_scales_of_rows(graphs: Graphs, settings: Settings, bundle: Path) -> Path:
        fp32 = quantize(graphs, settings, bundle)
        graph = bundle / "onnx" / "model_quantized.onnx"
        model = onnx.load(graph, load_external_data=False)
        products = {node.output[0]: node for node in model.graph.node if node.op_type == "MatMulIntegerToFloat"}
        for node in model.graph.node:
            if node.op_type == "Mul" and node.input[0] in products:
                node.input[1] = products[node.input[0]].input[2]  # the scale that is 1
        onnx.save_model(model, graph)
        return fp32

    quantize = Graphs.quantize
    monkeypatch.setattr(Graphs, "quantize", without_the_scales_of_rows)
    with pytest.raises(ParityError, match=r"INT8 logits.*FAILED"):
        convert(checkpoint, tmp_path / "bundle")


@pytest.mark.parametrize("architecture", ["roberta", "bert"])
def test_per_tensor_is_still_to_be_had(all_converted: dict[str, Converted], architecture: str, tmp_path: Path) -> None:
    checkpoint = all_converted[architecture].checkpoint
    assert main(["convert", str(checkpoint), "--output", str(tmp_path / "b"), "--quantization", "per-tensor"]) == 0
    model = linnet.load(tmp_path / "b")
    assert model.bundle.settings.quantization == "per-tensor"
    operators = {node.op_type for node in onnx.load(model.bundle.graph, load_external_data=False).graph.node}
    assert "DynamicQuantizeLinear" in operators and "MatMulIntegerToFloat" not in operators


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_conversion_leaves_nothing(roberta: Converted, tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "linnet_export", "convert", str(roberta.checkpoint), "--output", "bundle"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=attend)
    assert process.stderr is not None
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".bundle.partial-*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "no partly written file" in errors and "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_writing_the_tokenizer_leaves_the_reference_as_it_was(roberta: Converted, tmp_path: Path) -> None:
    checkpoint = read_checkpoint(roberta.checkpoint)
    backend = checkpoint.tokenizer.backend_tokenizer
    assert checkpoint.tokenizer is checkpoint.original_tokenizer  # parity compares with it
    checkpoint.tokenizer.model_max_length = 17
    backend.enable_truncation(9)
    backend.enable_padding(length=11)
    (tmp_path / "bundle").mkdir()
    write_tokenizer(checkpoint, tmp_path / "bundle", tmp_path / "scratch")
    assert checkpoint.tokenizer.model_max_length == 17
    assert (backend.truncation["max_length"], backend.padding["length"]) == (9, 11)
    written = json.loads((tmp_path / "bundle" / "tokenizer.json").read_bytes())
    assert (written["truncation"], written["padding"]) == (None, None)


def test_a_killed_conversion_leaves_no_bundle(roberta: Converted, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "linnet_export", "convert", str(roberta.checkpoint), "--output", "bundle"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".bundle.partial-*/bundle/onnx/*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait(timeout=60)
    assert not (tmp_path / "bundle").exists()
    assert list(tmp_path.glob(".bundle.partial-*"))
    convert(roberta.checkpoint, tmp_path / "bundle")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_options_that_do_not_exist_are_refused(roberta: Converted, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="embeding_bits"):
        convert(roberta.checkpoint, tmp_path / "bundle", embeding_bits=4)  # type: ignore[call-arg]
    assert list(tmp_path.iterdir()) == []


def test_options_that_are_none_are_as_if_left_out() -> None:
    assert complete({"quantization": None, "embedding_bits": 4, "recipe": None}) == {  # type: ignore[typeddict-item]
        "quantization": "per-token",
        "embedding_bits": 4,
        "scripts": (),
        "texts": (),
        "silent": True,
    }
