"""The five checkpoints that the project exists for, from a hub on the loopback to predictions.

They are small, of the same architecture, and have exactly the files of the real repositories; their vocabularies
are the real ones where LINNET_DATA has them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import linnet
import numpy as np
import pytest
import torch
from five import FIVE, Known, make_known
from hub_server import LoopbackHub
from linnet_export.source.recipe import recipe_named
from optimum.onnxruntime import ORTModelForFeatureExtraction
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

TEXTS = [
    "love great happy lovely",
    "",
    "so proud of you 😍😍 @friend https://example.org/x #BestDayEver",
    "Ça va être nul, 最悪 — не очень хорошо",
    "awful hate " * 400,
    "sooooo bad!!! jajaja &amp; <mask>",
]


@dataclass(frozen=True)
class FromHub:
    known: Known
    checkpoint: Path
    bundle: Path
    revision: str
    fetched: set[str]


@pytest.fixture(scope="module")
def converted_five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, FromHub]]:
    data = os.environ.get("LINNET_DATA")
    vocabularies = Path(data) / "tokenizers" if data else None
    folder = tmp_path_factory.mktemp("five")
    made = {}
    with LoopbackHub() as hub:
        for known in FIVE:
            checkpoint = make_known(folder / "checkpoints" / known.name, known, vocabularies=vocabularies)
            revision = hub.add_repository(known.id, checkpoint)
            bundle = folder / "bundles" / known.name
            command = [sys.executable, "-m", "linnet_export", "convert", known.id, "--output", str(bundle)]
            environment = {**os.environ, **hub.environment(folder / "cache")}
            subprocess.run([*command, "--accept-licence", "--quiet"], env=environment, check=True)
            fetched = {asked.path for asked in hub.requests if asked.repository == known.id and asked.kind != "api"}
            made[known.name] = FromHub(known, checkpoint, bundle, revision, fetched)
        yield made


@pytest.fixture(params=[known.name for known in FIVE])
def one(request: pytest.FixtureRequest, converted_five: dict[str, FromHub]) -> FromHub:
    return converted_five[request.param]


def test_only_what_is_read_is_downloaded(one: FromHub) -> None:
    assert one.fetched == one.known.files


def test_the_manifest_pins_the_source(one: FromHub) -> None:
    manifest = json.loads((one.bundle / "manifest.json").read_bytes())
    source = manifest["source"]
    assert (source["id"], source["revision"], source["recipe"]) == (one.known.id, one.revision, one.known.name)
    assert {file["path"] for file in source["files"]} == one.known.files
    assert manifest["accepted_licence"]


def test_the_recipe_is_applied(one: FromHub) -> None:
    recipe, model = recipe_named(one.known.name), linnet.load(one.bundle)
    assert model.bundle.manifest.published == recipe.figures
    settings = model.bundle.settings
    assert settings.task == recipe.task
    assert settings.preprocessing == recipe.preprocessing
    assert settings.max_length == recipe.max_length
    assert (settings.embedding and settings.embedding.pooling) == recipe.pooling
    if isinstance(model, linnet.Classifier):
        assert model.labels == tuple(dict.fromkeys(recipe.labels.values()))
        assert list(model("love great happy").scores) == list(model.labels)


def test_ids_are_the_originals(one: FromHub) -> None:
    model = linnet.load(one.bundle)
    limit = model.bundle.settings.max_length
    original = AutoTokenizer.from_pretrained(one.checkpoint)
    expected = original(TEXTS, truncation=True, max_length=limit)["input_ids"]
    assert [encoding.ids for encoding in model.encode(TEXTS, preprocess=False)] == expected


def test_predictions_are_the_originals(one: FromHub) -> None:
    model = linnet.load(one.bundle)
    if not isinstance(model, linnet.Classifier):
        return
    tokenizer = AutoTokenizer.from_pretrained(one.checkpoint)
    original = AutoModelForSequenceClassification.from_pretrained(one.checkpoint).eval()
    limit = model.bundle.settings.max_length
    with torch.inference_mode():
        logits = [
            original(**tokenizer(text, truncation=True, max_length=limit, return_tensors="pt")).logits[0].numpy()
            for text in TEXTS
        ]
    expected = model.head.scores(np.stack(logits))
    found = model.head.scores(model.logits(TEXTS, preprocess=False))
    assert np.abs(expected - found).max() < 0.05


def test_embeddings_are_the_originals(converted_five: dict[str, FromHub]) -> None:
    one = converted_five["twitter-xlm-roberta-base"]
    embedder = linnet.load(one.bundle)
    assert isinstance(embedder, linnet.Embedder)
    tokenizer = AutoTokenizer.from_pretrained(one.checkpoint)
    original = AutoModel.from_pretrained(one.checkpoint).eval()
    for text in TEXTS:
        with torch.inference_mode():
            encoded = tokenizer(text, truncation=True, max_length=512, return_tensors="pt")
            hidden = original(**encoded).last_hidden_state[0].numpy()
        vector = embedder(text, preprocess=False)[0]
        mean = hidden.mean(0)
        assert vector @ mean / np.linalg.norm(vector) / np.linalg.norm(mean) > 0.99
        tokens = embedder.tokens(text, preprocess=False)
        assert tokens.vectors.shape == (len(hidden) - 2, hidden.shape[1])


def test_optimum_and_transformers_load_the_embeddings_as_they_are(converted_five: dict[str, FromHub]) -> None:
    bundle = converted_five["twitter-xlm-roberta-base"].bundle
    tokenizer, mine = AutoTokenizer.from_pretrained(bundle), linnet.load(bundle)
    assert isinstance(mine, linnet.Embedder)
    model = ORTModelForFeatureExtraction.from_pretrained(bundle, subfolder="onnx", file_name="model_quantized.onnx")
    for text in TEXTS:
        hidden = model(**tokenizer(text, truncation=True, return_tensors="pt")).last_hidden_state[0].numpy()
        assert np.abs(hidden[1:-1] - mine.tokens(text, preprocess=False).vectors).max(initial=0.0) < 1e-5
