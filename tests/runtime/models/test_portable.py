"""Models travel to other processes, by pickle, and are copied."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path

import linnet
import numpy as np
import pytest
from linnet.errors import BundleIntegrityError

TEXTS = ["Good news!", "the bridge is closed", ""]


def logits(model: linnet.Classifier) -> list[list[float]]:
    found: list[list[float]] = model.logits(TEXTS).tolist()
    return found


def test_a_pickled_model_gives_the_same_bits_in_another_process(default: Path) -> None:
    model = linnet.load(default, threads=1)
    assert isinstance(model, linnet.Classifier)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(logits, (model,)) == logits(model)


def test_arguments_travel(default: Path) -> None:
    model = linnet.load(default, threads=1, cache=10)
    again = pickle.loads(pickle.dumps(model))
    assert type(again) is linnet.Classifier
    assert again._arguments == {"threads": 1, "cache": 10} and again._encoder._cache is not None


def test_an_embedder_travels_too(tiny: Path) -> None:
    model = linnet.load(tiny)
    assert isinstance(model, linnet.Embedder)
    assert np.array_equal(pickle.loads(pickle.dumps(model))(TEXTS), model(TEXTS))


def test_the_embedded_default_travels_without_its_path() -> None:
    assert b"linnet_default" not in pickle.dumps(linnet.load())


def test_a_relative_path_travels_as_the_folder_that_it_was(
    bundle_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bundle_copy.parent)
    content = pickle.dumps(linnet.load(bundle_copy.name))
    monkeypatch.chdir("/")
    assert pickle.loads(content)("Good news!").label == "positive"


def test_another_bundle_in_its_place_is_refused(bundle_copy: Path, rewrite_json: Callable[..., None]) -> None:
    content = pickle.dumps(linnet.load(bundle_copy))
    rewrite_json(bundle_copy, "linnet.json", max_length=16)
    with pytest.raises(BundleIntegrityError, match="the bundle that the model was pickled with"):
        pickle.loads(content)


def test_a_copy_is_the_model_itself(default: Path) -> None:
    model = linnet.load(default)
    assert copy.copy(model) is model and copy.deepcopy([model])[0] is model
