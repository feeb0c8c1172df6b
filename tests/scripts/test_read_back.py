"""A checkpoint that is read back from a bundle computes what the bundle computes, but for the rounding of activations."""

from pathlib import Path

import numpy as np
import torch
from checked import classifier
from linnet.bundle.opening import default_bundle
from linnet.preprocessing import tweeteval
from training.reading_back import read_back
from transformers import AutoTokenizer

TEXTS = ("Good news!", "I hate this broken bridge 😡", "The meeting is on Tuesday at 10.", "")


def test_it_gives_the_bundles_scores(tmp_path: Path) -> None:
    model = read_back(default_bundle(), tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    bundle = classifier(default_bundle())
    for text in TEXTS:
        ids = tokenizer(tweeteval(text).text, return_tensors="pt")
        assert ids["input_ids"][0].tolist() == bundle.encode([text])[0].ids
        with torch.inference_mode():
            scores = torch.softmax(model(**ids).logits, dim=-1).numpy()
        assert np.abs(scores - bundle.head.scores(bundle.logits([text]))).max() < 0.03
    assert "## INT8 bundle" not in (tmp_path / "README.md").read_text(encoding="utf-8")
