"""An INT8 bundle → an fp32 checkpoint with its weights."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from linnet.arrays import Floats
from linnet.names import CONFIG, GRAPH
from linnet_export.int8.arithmetic import QUANTIZED, SCALE
from linnet_export.onnx_graph.external import read_tensor
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification


class Weights:
    """The tensors of a lean graph, by the names that `linnet_export.lean.graph` gives them."""

    def __init__(self, graph: Path) -> None:
        tensors = onnx.load(graph, load_external_data=False).graph.initializer
        self._tensors = {tensor.name: np.array(read_tensor(tensor, graph.parent)) for tensor in tensors}

    def exact(self, name: str) -> Floats:
        """Returns a tensor that is stored in fp32."""
        return self._tensors[name]

    def quantized(self, name: str) -> Floats:
        """Returns a matrix that is stored in INT8, in fp32."""
        values: Floats = self._tensors[name + QUANTIZED].astype(np.float32) * self._tensors[name + SCALE]
        return values

    def bias(self, name: str, size: int) -> Floats:
        """Returns a bias, (size,); a graph leaves out biases that are zero."""
        bias: Floats = self._tensors.get(f"{name}.bias", np.zeros((1, size), np.float32))[0]
        return bias

    def restored(self, norm: str, size: int) -> Floats:
        """Returns the factors, (size,), that equalization divided a normalization's output by."""
        return self._tensors.get(f"{norm}.restored", np.ones(size, np.float32))


def bert_weights(weights: Weights, layers: int, size: int) -> dict[str, Floats]:
    """Returns the weights by the names of `BertForSequenceClassification`, with equalization undone."""
    found = {
        "bert.embeddings.word_embeddings.weight": weights.quantized("embeddings.words"),
        "bert.embeddings.position_embeddings.weight": weights.exact("embeddings.positions"),
        "bert.embeddings.token_type_embeddings.weight": weights.exact("embeddings.types"),
    }
    for name in ("bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"):
        found[name] = weights.exact(name)
    before = _norm(weights, found, "embeddings.norm", "bert.embeddings.LayerNorm", size)
    for number in range(layers):
        ours, theirs = f"layer.{number}", f"bert.encoder.layer.{number}"
        for name in ("query", "key", "value"):
            _linear(weights, found, f"{ours}.{name}", f"{theirs}.attention.self.{name}", before)
        _linear(weights, found, f"{ours}.attended", f"{theirs}.attention.output.dense")
        middle = _norm(weights, found, f"{ours}.attention_norm", f"{theirs}.attention.output.LayerNorm", size)
        _linear(weights, found, f"{ours}.intermediate", f"{theirs}.intermediate.dense", middle)
        _linear(weights, found, f"{ours}.output", f"{theirs}.output.dense")
        before = _norm(weights, found, f"{ours}.output_norm", f"{theirs}.output.LayerNorm", size)
    return found


def _norm(weights: Weights, found: dict[str, Floats], ours: str, theirs: str, size: int) -> Floats:
    factors = weights.restored(ours, size)
    for kind in ("weight", "bias"):
        found[f"{theirs}.{kind}"] = weights.exact(f"{ours}.{kind}") * factors
    return factors


def _linear(weights: Weights, found: dict[str, Floats], ours: str, theirs: str, factors: Floats | None = None) -> None:
    matrix = weights.quantized(ours)
    if factors is not None:
        matrix = matrix / factors[:, np.newaxis]
    found[f"{theirs}.weight"] = matrix.T
    found[f"{theirs}.bias"] = weights.bias(ours, matrix.shape[1])


def read_back(bundle: Path, checkpoint: Path) -> BertForSequenceClassification:
    """Writes the checkpoint, with the bundle's tokenizer, licence and card; returns the model."""
    values = json.loads((bundle / CONFIG).read_bytes())
    values.pop("transformers.js_config", None)  # the bundle's own
    config = BertConfig(**values)
    model: BertForSequenceClassification = BertForSequenceClassification(config).eval()
    found = bert_weights(Weights(bundle / GRAPH), config.num_hidden_layers, config.hidden_size)
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in found.items()})
    model.save_pretrained(checkpoint)
    AutoTokenizer.from_pretrained(bundle).save_pretrained(checkpoint)
    shutil.copyfile(bundle / "LICENSE", checkpoint / "LICENSE")
    card = (bundle / "README.md").read_text(encoding="utf-8")
    (checkpoint / "README.md").write_text(card.partition("\n## INT8 bundle")[0].rstrip() + "\n", encoding="utf-8")
    return model
