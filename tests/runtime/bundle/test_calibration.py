"""The calibration in ``linnet.json``."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import linnet
import numpy as np
import pytest
from linnet.bundle.opening import open_bundle
from linnet.bundle.settings import read_settings
from linnet.errors import BundleFormatError
from linnet.names import SETTINGS
from linnet.postprocessing.calibration import Calibration

RewriteJson = Callable[..., None]


@pytest.mark.parametrize(
    "calibration",
    [
        Calibration(),
        Calibration(1.5),
        Calibration(0.5, {"neutral": -0.25}, {"positive": 0.9, "negative": None}),
    ],
)
def test_it_is_read_as_it_was_written(default: Path, calibration: Calibration) -> None:
    settings = replace(open_bundle(default).settings, calibration=calibration)
    assert read_settings(json.dumps(settings.as_json()).encode()) == settings


def test_a_bundle_without_one_says_nothing_of_it(default: Path) -> None:
    settings = open_bundle(default).settings
    assert settings.calibration is None
    assert "calibration" not in settings.as_json()


def test_a_bundle_is_calibrated_by_it_and_keeps_its_logits(
    bundle_copy: Path, rewrite_json: RewriteJson, model: linnet.Classifier
) -> None:
    rewrite_json(bundle_copy, SETTINGS, calibration={"temperature": 2, "bias": {"neutral": 1.5}})
    calibrated = linnet.load_classifier(bundle_copy)
    texts = ["Good news!", "It is what it is."]
    logits = model.logits(texts)
    assert calibrated.logits(texts).tobytes() == logits.tobytes()
    powers = np.exp(logits / 2 + np.array([0, 1.5, 0]))
    expected = powers / powers.sum(axis=1)[:, None]
    np.testing.assert_allclose([list(found.scores.values()) for found in calibrated(texts)], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("calibration", "told"),
    [
        ("2", "an object"),
        ({"temperature": 0}, "from 0.01 to 100, found 0"),
        ({"temperature": -1.0}, "from 0.01 to 100, found -1"),
        ({"temperature": 10**400}, "from 0.01 to 100, found 1e+30"),
        ({"temperature": "2"}, "to be a number, found '2'"),
        ({"temperature": True}, "to be a number, found True"),
        ({"bias": {"neutral": "x"}}, "the bias of neutral to be a number"),
        ({"bias": {"neutral": -1e9}}, "the bias of 'neutral' within ±1000, found -1e+09"),
        ({"bias": [1, 2, 3]}, "an object"),
        ({"bias": {"great": 1.0}}, "negative, neutral, positive, found 'great'"),
        ({"thresholds": {"great": 0.5}}, "negative, neutral, positive, found 'great'"),
        ({"thresholds": {"positive": 1.5}}, "from 0 to 1, found 1.5"),
        ({"thresholds": {"positive": "high"}}, "the threshold of positive to be a number"),
    ],
)
def test_one_that_makes_no_sense_is_refused(
    bundle_copy: Path, rewrite_json: RewriteJson, calibration: object, told: str
) -> None:
    rewrite_json(bundle_copy, SETTINGS, calibration=calibration)
    with pytest.raises(BundleFormatError) as found:
        open_bundle(bundle_copy)
    assert str(bundle_copy) in str(found.value)
    assert f"{SETTINGS}: " in str(found.value)
    assert told in str(found.value)
