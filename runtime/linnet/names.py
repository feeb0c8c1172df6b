"""The file names in a bundle, and the version of the bundle format."""

from collections.abc import Iterable

FORMAT_VERSION = 2
"""The bundle format that this version reads and writes.

Format 1 had INT8 weights that saturate on processors without VNNI.
"""

MANIFEST = "manifest.json"
CONFIG = "config.json"
SETTINGS = "linnet.json"
TOKENIZER = "tokenizer.json"
COMPACT_TOKENIZER = "tokenizer.unigram"
"""The file that the runtime reads instead of ``tokenizer.json``; only for tokenizers that this format supports."""

SENTENCE_MODULES = ("modules.json", "1_Pooling/config.json")
"""The files by which sentence-transformers pools as Linnet does; only in embedding bundles."""

PARITY = "parity.json"
CARD = "README.md"
DERIVED = "derived.json"
"""What was changed since the conversion, and the figures that were measured then; only in derived bundles."""
SBOM = "sbom.cdx.json"
"""The bill of materials, in CycloneDX 1.6. Bundles of older versions have none."""
PREPROCESSING = "preprocessing.json"
"""The tables of a preprocessing preset; present only if the preset needs them."""

SIGNATURE = "model.sig"
"""The signature of a signed bundle, an OpenSSF Model Signing bundle; the manifest, which is signed, does not list it."""

GRAPH = "onnx/model_quantized.onnx"
WEIGHTS = "onnx/model_quantized.onnx_data"

INTERNALS = "onnx/model_internals.pb"
"""The graph of hidden states and attentions, over the same weights; only in bundles converted with ``--internals``.

The name does not end in ``.onnx``, because optimum takes any such file of a folder for the model.
"""
HIDDEN_STATES, ATTENTIONS = "hidden_states", "attentions"
"""The outputs of that graph."""

REQUIRED = (CONFIG, SETTINGS, TOKENIZER, GRAPH, WEIGHTS)
"""The files that every manifest lists."""


def free_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Returns the names; one that is taken gets the first free number: ``label_2``."""
    used, found = set(taken), list[str]()
    for name in names:
        free, number = name, 2
        while free in used:
            free, number = f"{name}_{number}", number + 1
        used.add(free)
        found.append(free)
    return found
