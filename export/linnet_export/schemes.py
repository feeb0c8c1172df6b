"""The quantization schemes, by the names that ``linnet.json`` gives them."""

PER_TOKEN = "per-token"
"""Activations with one scale a token; weights symmetric, one scale a column, or a row of an embedding table."""

PER_TENSOR = "per-tensor"
"""Activations with one scale a tensor, so that a text's depend on its batch; weights as onnxruntime does it."""

SCHEMES = (PER_TOKEN, PER_TENSOR)
