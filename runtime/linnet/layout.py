"""The names of a bundle's files, and the version of their format."""

FORMAT_VERSION = 1
"""The newest bundle format that this version reads, and the one that it writes."""

MANIFEST = "manifest.json"
CONFIG = "config.json"
SETTINGS = "linnet.json"
TOKENIZER = "tokenizer.json"
PARITY = "parity.json"
GRAPH = "onnx/model_quantized.onnx"
WEIGHTS = "onnx/model_quantized.onnx_data"

REQUIRED = (CONFIG, SETTINGS, TOKENIZER, GRAPH, WEIGHTS)
"""What every manifest lists."""
