"""The names of a bundle's files, and the version of their format."""

FORMAT_VERSION = 2
"""The bundle format that this version reads and writes.

Format 1 had INT8 weights that saturate on processors without VNNI.
"""

MANIFEST = "manifest.json"
CONFIG = "config.json"
SETTINGS = "linnet.json"
TOKENIZER = "tokenizer.json"
COMPACT_TOKENIZER = "tokenizer.unigram"
"""What the runtime reads in place of ``tokenizer.json``; only bundles with the tokenizers that it can hold have it."""

PARITY = "parity.json"
PREPROCESSING = "preprocessing.json"
"""The tables of a preprocessing preset; only bundles whose preset needs them have it."""

GRAPH = "onnx/model_quantized.onnx"
WEIGHTS = "onnx/model_quantized.onnx_data"

PREPARED = "onnx/prepared.json"
"""The list of what ``linnet prepare`` added for one machine. No part of the manifest."""

REQUIRED = (CONFIG, SETTINGS, TOKENIZER, GRAPH, WEIGHTS)
"""What every manifest lists."""
