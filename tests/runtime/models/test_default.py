"""The embedded default against its fp32 original, whose logits were written down when it was made."""

import json
import subprocess
import sys
from pathlib import Path

import linnet
import numpy as np
import pytest

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "default_reference.jsonl")
    .read_text(encoding="utf-8")
    .rstrip("\n")
    .split("\n")
]
TEXTS = [row["text"] for row in ROWS]
ORIGINAL = np.array([row["logits"] for row in ROWS], dtype=np.float32)


def test_there_are_a_hundred_references_that_disagree_with_each_other() -> None:
    assert len(set(TEXTS)) == 100
    assert np.bincount(ORIGINAL.argmax(-1), minlength=3).min() >= 10


def test_int8_is_close_to_the_original(model: linnet.Classifier) -> None:
    found, expected = model.head.scores(model.logits(TEXTS)), model.head.scores(ORIGINAL)
    ordered = np.sort(expected, axis=-1)
    clear = ordered[:, -1] - ordered[:, -2] > 0.1
    agrees = found.argmax(-1) == expected.argmax(-1)
    assert agrees.mean() >= 0.95
    assert agrees[clear].mean() >= 0.98
    assert np.abs(found - expected).mean() < 0.02


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Good news!", "positive"),
        ("I love this song 😍", "positive"),
        ("😍😍😍", "positive"),
        ("worst service ever, I want my money back 😡", "negative"),
        ("so sad about the fire last night 😢", "negative"),
        ("The meeting is on Tuesday at 10.", "neutral"),
    ],
)
def test_plain_cases(model: linnet.Classifier, text: str, label: str) -> None:
    assert model(text).label == label


def test_it_answers_in_a_process_of_its_own() -> None:
    """A fault of onnxruntime's that ends the process shows here by itself."""
    command = [sys.executable, "-m", "linnet", "classify", "--json", "Good news!"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["label"] == "positive"


def test_it_is_small_and_says_what_it_is(model: linnet.Classifier) -> None:
    assert sum(file.stat().st_size for file in model.bundle.path.rglob("*") if file.is_file()) <= 25_000_000
    assert model.labels == ("negative", "neutral", "positive")
    assert model.bundle.manifest.licence == "apache-2.0"
    card = (model.bundle.path / "README.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("SemEval-2017", "all-MiniLM-L6-v2", "Macro recall on TweetEval validation"))
