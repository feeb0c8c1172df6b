"""Settings of embeddings → the files by which sentence-transformers pools and normalizes as Linnet does."""

from typing import Any

from linnet.bundle.settings import EmbeddingSettings
from linnet.names import SENTENCE_MODULES

_FLAGS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
}


def sentence_modules(embedding: EmbeddingSettings, dimension: int) -> dict[str, Any]:
    """Returns the JSON of each file by its name, as every version of sentence-transformers reads them."""
    kinds = {"Transformer": "", "Pooling": "1_Pooling"} | ({"Normalize": "2_Normalize"} if embedding.normalize else {})
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (kind, path) in enumerate(kinds.items())
    ]
    flags = {flag: name == embedding.pooling for name, flag in _FLAGS.items()}
    contents = (modules, {"word_embedding_dimension": dimension, **flags})
    return dict(zip(SENTENCE_MODULES, contents, strict=True))
