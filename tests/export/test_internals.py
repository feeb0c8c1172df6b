"""Hidden states and attentions: those of transformers, whatever is folded or equalized, over the main graph's weights."""

import json
import shutil
from pathlib import Path

import linnet
import numpy as np
import onnx
import pytest
import torch
from checked import classifier
from checkpoints import Converted, sentences
from linnet.names import GRAPH, INTERNALS, WEIGHTS
from linnet.tasks import CLASSIFICATION, EMBEDDING
from linnet_export.checkpoint.reading import Checkpoint, read_checkpoint
from linnet_export.cli.main import main
from linnet_export.convert import check_parity, convert
from linnet_export.errors import CheckpointError
from linnet_export.int8.arithmetic import PerToken
from linnet_export.int8.lean_model import EQUALIZATIONS, lean_model
from linnet_export.lean.arithmetic import Exact
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.onnx_graph.external import SharedWeights
from linnet_export.onnx_graph.running import Running
from linnet_export.parity.reference import OriginalInternals, Reference

TEXTS = ["Good news! The bridge opens on Friday 🎉", "", "  two  spaces, @someone\n", "word " * 200]


@torch.inference_mode()
def of_torch(source: Checkpoint, ids: list[list[int]], task: str = CLASSIFICATION) -> list[np.ndarray]:
    """Hidden states (batch, layers + 1, seq, dimension) and attentions (batch, layers, heads, seq, seq)."""
    assert source.task == task
    model = source.model()
    found = model(input_ids=torch.tensor(ids), output_hidden_states=True, output_attentions=True)
    return [torch.stack(arrays, dim=1).numpy() for arrays in (found.hidden_states, found.attentions)]


@pytest.mark.parametrize("task", [CLASSIFICATION, EMBEDDING])
def test_every_form_gives_what_transformers_gives(converted: Converted, task: str, tmp_path: Path) -> None:
    source = read_checkpoint(converted.checkpoint, task=task)
    exported = export_graph(source.model(), task, tmp_path)
    rows = source.original_tokenizer([text for text, _ in sentences(40)])["input_ids"]
    config = source.config
    lean = lean_model(exported, tmp_path, rows, heads=config.num_attention_heads, padding_id=config.pad_token_id)
    length = len(rows[0])
    ids = [row for row in rows if len(row) == length]
    hidden, attentions = of_torch(source, ids, task)
    assert attentions.shape == (len(ids), 2, 4, length, length) and hidden.shape == (len(ids), 3, length, 64)
    for name in EQUALIZATIONS:
        for arithmetic, bound in ((Exact, 1e-4), (PerToken, 0.5)):
            lean.write(name, arithmetic, tmp_path / "main.onnx", "main.data")
            size = (tmp_path / "main.data").stat().st_size
            lean.write_internals(name, arithmetic, tmp_path / "inner.onnx", tmp_path / "main.onnx")
            assert (tmp_path / "main.data").stat().st_size == size
            found = Running(tmp_path / "inner.onnx").batch(np.array(ids))
            assert np.abs(found[0] - hidden).max() < bound * max(1, np.abs(hidden).max()), (name, arithmetic)
            assert np.abs(found[1] - attentions).max() < bound, (name, arithmetic)
            assert np.abs(found[1].sum(axis=-1) - 1).max() < 1e-5


@pytest.fixture(scope="module")
def inner(all_converted: dict[str, Converted], tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """A bundle like ``roberta``, converted with --internals."""
    plain = all_converted["roberta"]
    bundle = tmp_path_factory.mktemp("internals") / plain.bundle.name
    assert main(["convert", str(plain.checkpoint), "--output", str(bundle), "--internals", "--quiet"]) == 0
    return Converted("roberta", plain.checkpoint, bundle)


def test_the_main_graph_pays_nothing(inner: Converted, roberta: Converted) -> None:
    def files(bundle: Path) -> dict[str, bytes]:
        return {str(path.relative_to(bundle)): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}

    found, plain = files(inner.bundle), files(roberta.bundle)
    assert found.keys() - plain.keys() == {INTERNALS} and plain.keys() <= found.keys()
    changed = {name for name, content in plain.items() if found[name] != content}
    assert changed == {"manifest.json", "parity.json", "README.md", "sbom.cdx.json"}
    assert len(found[INTERNALS]) < 150_000


def test_no_weight_is_held_twice(inner: Converted) -> None:
    main_graph, second = (
        onnx.load(inner.bundle / name, load_external_data=False).graph.initializer for name in (GRAPH, INTERNALS)
    )
    known = {tensor.name: tensor.SerializeToString() for tensor in main_graph}
    external = [tensor for tensor in second if tensor.external_data]
    assert len(external) >= 12 and {tensor.external_data[0].value for tensor in external} == {Path(WEIGHTS).name}
    assert all(known[tensor.name] == tensor.SerializeToString() for tensor in external)
    assert sum(len(tensor.raw_data) for tensor in second) < 20_000


def test_the_model_gives_them_with_tokens_and_offsets(inner: Converted, roberta: Converted) -> None:
    model, source = classifier(inner.bundle), read_checkpoint(inner.checkpoint)
    for text in TEXTS:
        found, encoding = model.internals(text), model.encode(text)[0]
        assert (found.text, found.tokens, found.offsets) == (text, encoding.tokens, encoding.offsets)
        assert found.truncated == encoding.truncated == (text == TEXTS[-1])
        hidden, attentions = of_torch(source, [encoding.ids])
        assert found.hidden_states.shape == hidden[0].shape and found.attentions.shape == attentions[0].shape
        assert np.abs(found.hidden_states - hidden[0]).mean() < 0.05 * np.abs(hidden).mean()
        assert np.abs(found.attentions - attentions[0]).max() < 0.2
        assert found.attention == pytest.approx(found.attentions[-1].mean(axis=0)[0])
    assert np.array_equal(model.logits(TEXTS), classifier(roberta.bundle).logits(TEXTS))


def test_parity_is_measured_and_recorded(inner: Converted, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = json.loads((inner.bundle / "parity.json").read_bytes())
    mine = {row["name"]: row for row in recorded["criteria"] if "internals" in row["name"]}
    assert len(mine) == 4 and recorded["passed"]
    assert all(row["n"] > 200 for row in mine.values())
    assert all(row["value"] <= 1e-4 for name, row in mine.items() if name.startswith("fp32"))
    really = Reference.internals

    def other(reference: Reference, encoding: object) -> OriginalInternals:
        found = really(reference, encoding)  # type: ignore[arg-type]
        return OriginalInternals(
            found.hidden_states[::-1], np.eye(found.attentions.shape[-1], dtype=np.float32) + 0 * found.attentions
        )

    monkeypatch.setattr(Reference, "internals", other)
    assert {criterion.name for criterion in check_parity(inner.bundle, inner.checkpoint).failures} == set(mine)


def test_a_smaller_vocabulary_in_4_bits_has_them_too(all_converted: dict[str, Converted], tmp_path: Path) -> None:
    checkpoint = all_converted["xlm-roberta"].checkpoint
    parity = convert(checkpoint, tmp_path / "bundle", internals=True, embedding_bits=4, scripts=("latin",))
    assert not parity.failures
    found = classifier(tmp_path / "bundle").internals("Good news!")
    assert found.attentions.shape[-1] == len(found.tokens) == len(found.offsets)


def test_what_is_not_recognised_is_refused(
    all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = shutil.copytree(all_converted["bert"].checkpoint, tmp_path / "checkpoint")
    config = json.loads((checkpoint / "config.json").read_bytes())
    (checkpoint / "config.json").write_text(json.dumps({**config, "hidden_act": "gelu_new"}))
    assert main(["convert", str(checkpoint), "--output", str(tmp_path / "bundle"), "--internals"]) == 2
    told = capsys.readouterr().err
    assert "--internals needs an encoder that Linnet recognises" in told and "without --internals" in told
    assert not (tmp_path / "bundle").exists()
    with pytest.raises(CheckpointError, match="--internals needs --quantization per-token, found per-tensor"):
        convert(checkpoint, tmp_path / "bundle", internals=True, quantization="per-tensor")


def test_a_bundle_without_them_says_how_to_get_them(roberta: Converted) -> None:
    with pytest.raises(linnet.InputError, match="linnet-export convert CHECKPOINT --output DIR --internals"):
        linnet.load(roberta.bundle).internals("Good news!")


def test_other_values_are_not_shared(roberta: Converted) -> None:
    shared = SharedWeights(roberta.bundle / GRAPH)
    name = "embeddings.norm.weight"
    [tensor] = [each for each in onnx.load(roberta.bundle / GRAPH).graph.initializer if each.name == name]
    values = onnx.numpy_helper.to_array(tensor)
    assert shared.tensor(name, values).name == name
    for key, other in ((name, values + 1), (name, values.astype(np.float16)), (name, values[:-1]), ("absent", values)):
        with pytest.raises(ValueError, match=f"to hold {key} with the same values"):
            shared.tensor(key, other)
