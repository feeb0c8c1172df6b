"""Adapted bundles in other loaders: optimum and transformers give the logits that Linnet gives."""

from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
import torch
from checkpoints import make_checkpoint
from linnet.analysis.adaptation.adapting import adapt, changes_of
from linnet.bundle.deriving import derive, target_of
from linnet.bundle.opening import open_bundle
from linnet.tasks import EMBEDDING
from linnet_export.builtin_texts import builtin_texts
from linnet_export.convert import convert
from optimum.onnxruntime import ORTModelForSequenceClassification
from transformers import AutoTokenizer

LABELS = ("bug", "idea", "praise", "question")
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("bert", {}),
    "distilbert": ("distilbert", {}),
    "exported-form": ("roberta", {"quantization": "per-tensor"}),
    "embeddings-mean": ("bert", {"task": EMBEDDING, "pooling": "mean"}),
    "embeddings-max": ("roberta", {"task": EMBEDDING, "pooling": "max"}),
}


@pytest.fixture(scope="module", params=list(FORMS))
def adapted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle that was converted, and the one that was adapted from it."""
    architecture, options = FORMS[request.param]
    folder = tmp_path_factory.mktemp("adapted")
    convert(make_checkpoint(folder / "checkpoint", architecture), folder / "parent", **options)
    parent = open_bundle(folder / "parent")
    texts = [text for text in builtin_texts() if 0 < len(text) < 300][:120]
    found = adapt(parent, texts, [LABELS[len(text) % len(LABELS)] for text in texts])
    derive(parent, target_of(parent, folder / "adapted", overwrite=False), changes_of(parent, found))
    return folder / "parent", folder / "adapted"


def test_optimum_gives_the_same_logits(adapted: tuple[Path, Path]) -> None:
    parent, bundle = adapted
    mine = linnet.load_classifier(bundle)
    assert mine.labels == LABELS
    tokenizer = AutoTokenizer.from_pretrained(bundle)
    model = ORTModelForSequenceClassification.from_pretrained(
        bundle, subfolder="onnx", file_name="model_quantized.onnx"
    )
    assert model.config.id2label == dict(enumerate(LABELS))
    texts = ["It crashes when I press save 😡", "ok", "Please add a dark theme, and thank you for the last update!"]
    # One scale a tensor makes a text's logits depend on its neighbours, padding included.
    batches = [[text] for text in texts] if mine.bundle.settings.quantization == "per-tensor" else [texts]
    with torch.inference_mode():
        found = [model(**tokenizer(batch, padding=True, return_tensors="pt")).logits.numpy() for batch in batches]
    np.testing.assert_allclose(np.concatenate(found), mine.logits(texts), atol=2e-5)
    assert open_bundle(parent).digest == mine.bundle.manifest.parent
