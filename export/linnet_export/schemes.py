"""The quantization schemes, by their names in ``linnet.json``."""

PER_TOKEN = "per-token"
"""Activations have one scale per token. Weights are symmetric, with one scale per column, or per embedding row."""

PER_TENSOR = "per-tensor"
"""Activations have one scale per tensor, so a text's result depends on its batch. Weights are as in onnxruntime."""

SCHEMES = (PER_TOKEN, PER_TENSOR)
