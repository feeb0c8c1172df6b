"""Pages in a real browser: they need nothing else, follow the dark setting, and fit a phone."""

from pathlib import Path

import linnet
import numpy as np
import pytest
from browsing import PHONE, needs_browser, opened
from linnet.analysis.calibration.calibrating import calibrate
from linnet.analysis.calibration.pages import calibration_page
from linnet.analysis.evaluation.pages import comparison_page, evaluation_page
from linnet.bundle.manifest import Figure

pytestmark = needs_browser

TEXTS = ["Good news!", "Worst service ever", "The train leaves at 9:40 <b>", "a" * 300, "مرحبا بالعالم", "It is Monday"]
LABELS = ["positive", "negative", "neutral", "positive", "negative", "positive"]


@pytest.fixture(scope="module", params=["evaluation", "comparison", "calibration"])
def page(request: pytest.FixtureRequest, model: linnet.Classifier) -> str:
    texts, labels = TEXTS * 3, LABELS * 3
    if request.param == "calibration":
        logits = np.tile(np.eye(3, dtype=np.float32) * 3, (100, 1))
        truths = np.where(np.arange(300) % 7 == 0, 0, np.arange(300) % 3)
        calibrated = calibrate(model.head, logits, truths, range(300), bias=True)
        return calibration_page(calibrated, model="my-bundle", data="tweets.csv")
    if request.param == "comparison":
        found = linnet.compare(model, model, texts, labels)
        return comparison_page(found, names=("first-bundle", "second-bundle"), data="tweets.csv")
    evaluated = linnet.evaluate(model, texts, labels, groups=["English", "a very long name of a group"] * 9)
    figures = [Figure("macro recall, a test", 72.8, "a paper")]
    return evaluation_page(evaluated, model="my-bundle", data="tweets.csv", published=figures)


@pytest.mark.parametrize("dark", [False, True])
def test_pages_follow_the_dark_setting(page: str, tmp_path: Path, dark: bool) -> None:
    found = opened(page, tmp_path, 1000, dark=dark)
    assert (sum(found["paper"]) < sum(found["ink"])) == dark
    assert abs(sum(found["paper"]) - sum(found["ink"])) > 450  # of 765: easy to read
    assert found["loaded"] == 0


def test_pages_fit_a_phone(page: str, tmp_path: Path) -> None:
    found = opened(page, tmp_path, PHONE, dark=False)
    assert found["width"] == PHONE
    assert found["plots"] and all(0 < width <= PHONE for width in found["plots"])
    assert found["cut"] == []
