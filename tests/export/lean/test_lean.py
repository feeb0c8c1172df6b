"""The lean graph: the same function as the exported one, whatever is folded or equalized, and in INT8 near it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import bits
import linnet
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from checkpoints import Converted, sentences
from linnet.tasks import CLASSIFICATION, EMBEDDING
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.cli.main import main
from linnet_export.graphs import Graphs
from linnet_export.int8.arithmetic import PerToken
from linnet_export.int8.lean_model import EQUALIZATIONS, LeanModel, lean_model
from linnet_export.lean.arithmetic import Exact
from linnet_export.lean.encoder import Encoder, Linear
from linnet_export.lean.lift import NotRecognisedError, lift
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.onnx_graph.running import Running
from onnx import TensorProto, helper
from transformers import BertConfig, BertForSequenceClassification


def lifted_from(converted: Converted, folder: Path, task: str = CLASSIFICATION) -> tuple[LeanModel, Path]:
    """The lean model of a checkpoint, and the graph that it was lifted from."""
    source = read_checkpoint(converted.checkpoint, task=task)
    exported = export_graph(source.model(), task, folder)
    ids = source.original_tokenizer([text for text, _ in sentences(60)])["input_ids"]
    config = source.config
    return lean_model(exported, folder, ids, heads=config.num_attention_heads, padding_id=config.pad_token_id), exported


def padded(rows: list[list[int]], padding_id: int) -> tuple[np.ndarray, np.ndarray]:
    ids = np.full((len(rows), max(map(len, rows))), padding_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, found in enumerate(rows):
        ids[row, : len(found)], mask[row, : len(found)] = found, 1
    return ids, mask


@pytest.mark.parametrize("task", [CLASSIFICATION, EMBEDDING])
def test_every_form_gives_what_torch_gives(converted: Converted, task: str, tmp_path: Path) -> None:
    """Texts padded to one length, so that the mask counts, and a padding token within a text."""
    lean, exported = lifted_from(converted, tmp_path, task)
    source = read_checkpoint(converted.checkpoint, task=task)
    ids, mask = padded([list(row) for row in lean.ids], source.pad_token_id)
    ids[0, 2] = source.pad_token_id
    with torch.inference_mode():
        expected = source.model()(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))[0].numpy()
    kept = mask > 0 if task == EMBEDDING else slice(None)
    assert np.abs(Running(exported).batch(ids, mask)[0] - expected)[kept].max() < 1e-5
    for name in EQUALIZATIONS:
        lean.write(name, Exact, tmp_path / f"{name}.onnx", f"{name}.data")
        assert np.abs(Running(tmp_path / f"{name}.onnx").batch(ids, mask)[0] - expected)[kept].max() < 1e-5, name
        lean.write(name, PerToken, tmp_path / "int8.onnx", "int8.data")
        found = Running(tmp_path / "int8.onnx").batch(ids, mask)[0]
        assert 0 < np.abs(found - expected)[kept].mean() < 0.05 * np.abs(expected[kept]).mean(), name


def test_a_bundle_is_lean(converted: Converted) -> None:
    graph = onnx.load(converted.bundle / "onnx" / "model_quantized.onnx", load_external_data=False).graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("FusedMatMul") == 4 and kinds.count("MatMulIntegerToFloat") == 12  # of two layers
    assert len(kinds) < 160 and not {"Expand", "Sqrt"} & set(kinds)


def test_an_unknown_activation_keeps_the_exported_graph(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        hidden_act="gelu_new",
    )  # fmt: skip
    exported = export_graph(BertForSequenceClassification(config).eval(), CLASSIFICATION, tmp_path)
    with pytest.raises(NotRecognisedError, match="expected GELU or ReLU"):
        lift(exported, heads=2, padding_id=0)


def test_what_is_not_recognised_is_converted_all_the_same(
    all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = shutil.copytree(all_converted["bert"].checkpoint, tmp_path / "checkpoint")
    config = json.loads((checkpoint / "config.json").read_bytes())
    (checkpoint / "config.json").write_text(json.dumps({**config, "hidden_act": "gelu_new"}))
    assert main(["convert", str(checkpoint), "--output", str(tmp_path / "bundle")]) == 0
    assert "note: the encoder keeps its exported form" in capsys.readouterr().err
    one, two = (linnet.load(tmp_path / "bundle", threads=threads) for threads in (1, 2))
    assert one.bundle.settings.equalization is None
    bits.assert_same_bits(bits.logits, one, two, bits.of_every_length(9))
    assert main(["parity", str(tmp_path / "bundle"), "--checkpoint", str(checkpoint)]) == 0


def test_heads_of_other_sizes_are_not_recognised(tmp_path: Path) -> None:
    """Pruned heads leave fewer columns than the dimension; what is lifted of them cannot run."""
    config = BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=130, pad_token_id=39, pruned_heads={0: [1]},
    )  # fmt: skip
    exported = export_graph(BertForSequenceClassification(config).eval(), CLASSIFICATION, tmp_path)
    with pytest.raises(NotRecognisedError):
        lean_model(exported, tmp_path, [], heads=4, padding_id=39)


def test_positions_need_not_count_from_the_padding(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=240, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=130, pad_token_id=200,
    )  # fmt: skip
    exported = export_graph(BertForSequenceClassification(config).eval(), CLASSIFICATION, tmp_path)
    assert lean_model(exported, tmp_path, [], heads=2, padding_id=200).lifted.first


def test_an_equalization_of_a_later_version_is_named(roberta: Converted, tmp_path: Path) -> None:
    lean, exported = lifted_from(roberta, tmp_path)
    graphs = Graphs(read_checkpoint(roberta.checkpoint), tmp_path, exported, lean, None)
    with pytest.raises(linnet.BundleFormatError, match="one of none, values, hidden, found 'rotation'; a newer"):
        graphs.write_fp32("rotation")


def test_every_shape_is_declared(converted: Converted) -> None:
    graph = onnx.load(converted.bundle / "onnx" / "model_quantized.onnx", load_external_data=False).graph
    shapes = {
        value.name: [dimension.dim_param or dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in graph.value_info
    }
    made = {name for node in graph.node for name in node.output}
    made -= {output.name for output in graph.output} | {name for name in made if name.startswith("linnet_")}
    assert made == set(shapes) and all(all(shape) for shape in shapes.values())
    assert ["tokens", 64] in shapes.values() and ["batch", 4, "seq", "seq"] in shapes.values()


def test_what_is_lifted_wrongly_is_noticed(roberta: Converted, tmp_path: Path) -> None:
    source = read_checkpoint(roberta.checkpoint)
    exported = export_graph(source.model(), CLASSIFICATION, tmp_path)
    with pytest.raises(NotRecognisedError, match="equal to within"):
        lean_model(exported, tmp_path, [], heads=2, padding_id=source.pad_token_id)  # it has 4
    with pytest.raises(NotRecognisedError, match="equal to within"):
        lean_model(exported, tmp_path, [], heads=4, padding_id=0)


def with_outliers(encoder: Encoder, greatest: float) -> Encoder:
    """The same function: some columns of the values up to ``greatest`` times as large, what reads them the less."""
    chance = np.random.default_rng(0)
    layers = []
    for layer in encoder.layers:
        factors = np.ones(layer.value.weight.shape[1], dtype=np.float32)
        factors[chance.choice(len(factors), 4, replace=False)] = np.geomspace(10, greatest, 4)
        value = Linear(layer.value.weight * factors, layer.value.bias * factors)
        attended = replace(layer.attended, weight=layer.attended.weight / factors[:, np.newaxis])
        layers.append(replace(layer, value=value, attended=attended))
    return replace(encoder, layers=tuple(layers))


def test_outliers_between_values_and_output_cost_nothing(roberta: Converted, tmp_path: Path) -> None:
    """Equalization undoes them, so that INT8 is as near to fp32 as without them; without it, it is not."""
    lean, _ = lifted_from(roberta, tmp_path)
    spoilt = replace(lean, lifted=replace(lean.lifted, encoder=with_outliers(lean.lifted.encoder, 100)))
    assert spoilt.error("none") > 2 * lean.error("none")
    assert spoilt.error("values") == pytest.approx(lean.error("values"), rel=0.1)
    assert spoilt.best_equalization() != "none"


def test_a_row_of_zeros_gives_zeros(tmp_path: Path) -> None:
    """Its scale is 0, and 0 / 0 must not reach what is multiplied."""
    graph = GraphBuilder(tmp_path / "g.onnx", "g.data")
    arithmetic = PerToken(graph)
    weight = np.random.default_rng(0).standard_normal((64, 32)).astype(np.float32)
    arithmetic.product(arithmetic.rows("x", 64), "w", weight, output="y")
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", None]) for name in "xy"]
    graph.save(value[:1], value[1:])
    rows = np.random.default_rng(1).standard_normal((3, 64)).astype(np.float32)
    rows[1] = 0
    found = onnxruntime.InferenceSession(tmp_path / "g.onnx", providers=["CPUExecutionProvider"]).run(
        None, {"x": rows}
    )[0]
    assert (found[1] == 0).all()
    assert np.abs(found - rows @ weight).max() < 0.02 * np.abs(rows @ weight).max()
