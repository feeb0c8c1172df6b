"""The benchmark's processes, with Linnet's small bundles: scores and vectors, fixed lengths, budgets, memory."""

import json
import sys
from pathlib import Path

import linnet
import numpy as np
import pytest
from benchmark import lengths as fixed
from benchmark import tune
from benchmark.environment import FOLDERS
from benchmark.fixed_texts import text_of
from benchmark.lengths import lengths
from benchmark.measure import Contender, measure
from benchmark.peers import EMBEDDING, LINNET, SLIM
from benchmark.peers.linnet_bundle import lay_out
from benchmark.processes import run
from benchmark.results import add_ratios, row_results
from benchmark.tweets import Tweets

ROOT = Path(__file__).parents[2]
CLASSIFIER = ROOT / "artifacts" / "linnet_default"
EMBEDDER = ROOT / "tests" / "runtime" / "tiny_embedder"
TEXTS = [f"{'good ' * (number % 7)}news {number}" for number in range(70)]
TWEETS = Tweets(TEXTS, TEXTS[:5], TEXTS, [])


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers run in the environment of the tests."""
    monkeypatch.setitem(FOLDERS, SLIM, Path(sys.prefix))


def _contender(bundle: Path, tmp_path: Path, threads: int = 2) -> Contender:
    return Contender(LINNET, bundle, tmp_path / "linnet.log", threads)


def test_a_classifier_is_measured_by_its_scores(tmp_path: Path) -> None:
    measured, failed = measure([_contender(CLASSIFIER, tmp_path)], TWEETS, rounds=1)
    found = measured["linnet"]
    assert not failed and found.judged is not None and found.alone is not None
    assert found.judged.shape == (70, 3) and found.alone.shape == (5, 3)
    np.testing.assert_allclose(found.judged.sum(axis=1), 1, rtol=1e-5)
    assert 0 < found.anonymous[0] < found.rss[0] <= found.peak


def test_an_embedder_is_measured_by_its_vectors(tmp_path: Path) -> None:
    contender = _contender(EMBEDDER, tmp_path)
    measured, _ = measure([contender], TWEETS, rounds=1)
    found = measured["linnet"]
    model = linnet.load(EMBEDDER)
    assert isinstance(model, linnet.Embedder) and found.judged is not None
    assert np.array_equal(found.judged, model(TEXTS))
    rows = {"linnet": row_results(contender, found, model(TEXTS), task=EMBEDDING)}
    add_ratios(rows)
    assert rows["linnet"]["cosine"]["least"] == pytest.approx(1)
    assert rows["linnet"]["moved"]["texts"] == 0 and "closeness" not in rows["linnet"]


@pytest.mark.parametrize("bundle", [CLASSIFIER, EMBEDDER])
def test_bits_are_compared_in_every_task(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(TEXTS[:12]))
    found = json.loads(run(SLIM, "bits", bundle, file, log=tmp_path / "bits.log"))
    assert found["texts"] == 12 and set(found["differing"].values()) == {0}


def test_fixed_texts_have_their_lengths_up_to_the_models_limit(tmp_path: Path) -> None:
    printed = json.loads(run(SLIM, "fixed_texts", CLASSIFIER, 8, 32, 100000, log=tmp_path / "texts.log"))
    model = linnet.load(CLASSIFIER)
    limit = model.bundle.settings.max_length
    assert [int(tokens) for tokens in printed] == [8, 32, limit]
    assert {len(model.encode([text])[0].ids) for text in printed.values()} == {8, 32, limit}
    assert len(model.encode([text_of(model, 9)])[0].ids) == 9


def test_lengths_take_turns_and_are_told_by_their_medians(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed, "TOKENS", {8: 3})
    found = lengths([_contender(CLASSIFIER, tmp_path)], {8: "good news"}, rounds=2)
    assert list(found) == ["8"] and found["8"]["p50"]["linnet"] > 0 and found["8"]["ratio"] == {}


def test_tuning_measures_every_budget_in_every_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tune, "BUDGETS", (128, 640))
    found = tune.tune(_contender(EMBEDDER, tmp_path), TWEETS, rounds=2)
    assert list(found["speed"]) == ["", "alone:128", "alone:640", "shared:128", "shared:640"]
    assert found["ratio"][""] == 1 and all(len(each) == 2 for each in found["rounds"].values())
    said = tune.tuning_table(found)
    assert "Linnet's own choice" in said and "| 640 |" in said and said.count(" ×)") == 4
    assert tune.modes(1) == ("", "alone:128", "alone:640")


def test_a_mode_changes_the_batches_and_the_empty_one_restores_them() -> None:
    from linnet import pipeline as encoder
    from linnet.inference.batching import batches

    def sizes() -> list[int]:
        return [len(batch.rows) for batch in batches([[1] * 10] * 130)]

    own, bulk = sizes(), encoder.BULK
    try:
        lay_out("shared:100")
        assert sizes() == [10] * 13 and encoder.BULK > 10**9
        lay_out("alone:1300")
        assert sizes() == [130] and bulk > encoder.BULK
    finally:
        lay_out("")
    assert sizes() == own and bulk == encoder.BULK
