"""Calibration recovers what was planted, and its figures are those of texts that it did not see."""

import json
from pathlib import Path

import linnet
import numpy as np
import numpy.typing as npt
import pytest
from commands import Run
from linnet.analysis.calibration.calibrating import LEAST_TEXTS, calibrate, changes_of
from linnet.analysis.calibration.fitting import fit
from linnet.analysis.calibration.pages import calibration_page
from linnet.analysis.calibration.quality import BINS, quality
from linnet.bundle.opening import open_bundle
from linnet.errors import InputError
from linnet.names import DERIVED
from linnet.postprocessing.calibration import Calibration
from linnet.postprocessing.scores import Head

LABELS = ("a", "b", "c", "d")
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


def planted(calibration: Calibration, rows: int = 20_000, seed: int = 0) -> tuple[Floats, Indices]:
    """Logits, and labels that were drawn with the probabilities that the calibration says."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 4, size=(rows, len(LABELS))).astype(np.float32)
    scores = Head(LABELS, calibration=calibration).scores(logits).astype(np.float64)
    return logits, (scores.cumsum(axis=1) < random.random(rows)[:, None]).sum(axis=1).clip(0, len(LABELS) - 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5, 6.0])
def test_a_planted_temperature_is_recovered(temperature: float) -> None:
    logits, truths = planted(Calibration(temperature))
    found = fit(logits, truths, LABELS)
    assert found.temperature == pytest.approx(temperature, rel=0.05)
    assert not found.bias


def test_planted_biases_are_recovered_up_to_a_common_shift() -> None:
    bias = {"a": -1.0, "b": 0.0, "c": 0.5, "d": 2.0}
    found = fit(*planted(Calibration(1.5, bias)), LABELS, bias=True)
    assert found.temperature == pytest.approx(1.5, rel=0.05)
    shift = np.mean(list(found.bias.values())) - np.mean(list(bias.values()))
    for label, value in bias.items():
        assert found.bias[label] - shift == pytest.approx(value, abs=0.08)


def test_scores_of_planted_calibration_are_calibrated_afterwards() -> None:
    logits, truths = planted(Calibration(3.0))
    found = calibrate(Head(LABELS), logits, truths, range(len(truths)))
    assert found.before.calibration_error > 0.1
    assert found.after.calibration_error < 0.015
    assert found.after.log_loss < found.before.log_loss
    assert found.after.brier < found.before.brier
    assert found.after.accuracy == found.before.accuracy  # a temperature changes no label


def test_the_figures_are_honest() -> None:
    """Biases of 40 labels fitted on 60 texts look good on these texts: the figures have to say otherwise."""
    labels = tuple(map(str, range(40)))
    random, seen, told, real = np.random.default_rng(1), [], [], []
    for _ in range(10):
        logits = random.normal(size=(2060, 40)).astype(np.float32)
        truths = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
        found = calibrate(Head(labels), logits[:60], truths[:60], range(60), bias=True)
        head = Head(labels, calibration=found.calibration)
        seen.append(quality(head.scores(logits[:60]), truths[:60]).log_loss)
        told.append(found.after.log_loss)
        real.append(quality(head.scores(logits[60:]), truths[60:]).log_loss)
    assert np.mean(seen) < np.mean(real) - 0.2
    assert abs(np.mean(told) - np.mean(real)) < 0.05


def test_equal_texts_are_judged_together() -> None:
    logits, truths = planted(Calibration(2.0), rows=60)
    alike = calibrate(
        Head(LABELS), np.repeat(logits, 5, axis=0), np.repeat(truths, 5), np.repeat(np.arange(60), 5).tolist()
    )
    alone = calibrate(Head(LABELS), logits, truths, range(60))
    assert alike.after.log_loss == pytest.approx(alone.after.log_loss, abs=0.05)


def test_data_without_a_wrong_answer_gives_a_finite_temperature() -> None:
    logits = np.eye(4, dtype=np.float32)[np.arange(200) % 4] * 3
    found = fit(logits, np.arange(200) % 4, LABELS, bias=True)
    assert 0.01 <= found.temperature < 1
    assert all(abs(value) < 1 for value in found.bias.values())


def test_a_label_that_never_occurs_gets_a_finite_bias() -> None:
    logits, truths = planted(Calibration(), rows=500)
    found = fit(logits[truths != 3], truths[truths != 3], LABELS, bias=True)
    assert -20 < found.bias["d"] < min(found.bias[label] for label in "abc")


def test_labels_that_contradict_the_scores_are_refused() -> None:
    logits, truths = planted(Calibration())
    with pytest.raises(InputError, match="see that the data has the labels of this bundle"):
        fit(-logits, truths, LABELS)


def test_too_few_texts_are_refused() -> None:
    logits, truths = planted(Calibration(), rows=400)
    for texts in (range(LEAST_TEXTS - 1), [row % (LEAST_TEXTS - 1) for row in range(400)]):
        with pytest.raises(InputError, match=f"at least {LEAST_TEXTS} different texts with labels, found 49"):
            calibrate(Head(LABELS), logits[: len(texts)], truths[: len(texts)], texts)


@pytest.mark.parametrize("rows", [1, 14, 15, 16, 1000])
def test_bins_have_equal_mass_and_all_texts(rows: int) -> None:
    logits, truths = planted(Calibration(), rows)
    found = quality(Head(LABELS).scores(logits), truths)
    sizes = [part.texts for part in found.bins]
    assert len(sizes) == min(BINS, rows)
    assert sum(sizes) == rows
    assert max(sizes) - min(sizes) <= 1
    assert [part.score for part in found.bins] == sorted(part.score for part in found.bins)


def test_measures_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    logits, truths = planted(Calibration(2.0), 3000)
    scores = Head(LABELS).scores(logits).astype(np.float64)
    found = quality(scores, truths)
    assert found.log_loss == pytest.approx(
        metrics.log_loss(truths, scores / scores.sum(axis=1)[:, None], labels=range(4))
    )
    assert found.accuracy == metrics.accuracy_score(truths, scores.argmax(axis=1))
    one_by_one = sum(metrics.brier_score_loss(truths == label, scores[:, label]) for label in range(4))
    assert found.brier == pytest.approx(one_by_one)


@pytest.mark.parametrize(("score", "error"), [(0.8, 0.0), (0.9, 0.1), (0.6, 0.2)])
def test_the_calibration_error_of_a_known_case(score: float, error: float) -> None:
    truths = np.tile([0, 0, 0, 0, 1], 300)  # every bin of 100 texts has 80 that are right
    found = quality(np.tile([score, 1 - score], (1500, 1)), truths)
    assert found.calibration_error == pytest.approx(error)
    assert found.brier == pytest.approx(0.8 * 2 * (1 - score) ** 2 + 0.2 * 2 * score**2)


def test_perfect_scores_have_no_error() -> None:
    found = quality(np.tile([1.0, 0.0], (10, 1)), np.zeros(10, dtype=np.int64))
    assert (found.calibration_error, found.brier, found.log_loss, found.accuracy) == (0, 0, 0, 1)


def test_a_page_has_both_diagrams() -> None:
    found = calibrate(Head(LABELS), *planted(Calibration(3.0), 500), range(500), bias=True)
    page = calibration_page(found, model="<b>", data="tweets.csv")
    assert page.count("<svg") == 2
    assert "<b>" not in page
    assert "Reliability before" in page


@pytest.fixture
def tweets(tmp_path: Path, model: linnet.Classifier) -> Path:
    """Texts whose labels a model with temperature 2 would give."""
    random = np.random.default_rng(0)
    words = ["good", "bad", "it", "is", "late", "great", "awful", "the", "bus", "news", "never", "again"]
    texts = sorted({" ".join(random.choice(words, size=5)) for _ in range(400)})
    scores = Head(model.labels, calibration=Calibration(2.0)).scores(model.logits(texts)).astype(np.float64)
    truths = (scores.cumsum(axis=1) < random.random(len(texts))[:, None]).sum(axis=1).clip(0, 2)
    rows = [f"{text},{model.labels[truth]}" for text, truth in zip(texts, truths, strict=True)]
    file = tmp_path / "tweets.csv"
    file.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    return file


def test_the_command_writes_a_bundle(
    run: Run, default: Path, tweets: Path, tmp_path: Path, model: linnet.Classifier
) -> None:
    output, html = tmp_path / "calibrated", tmp_path / "report.html"
    result = run("calibrate", default, "--data", tweets, "--output", output, "--html", html, "--json")
    assert result.status == 0
    (report,) = result.rows
    assert report["calibration"]["temperature"] == pytest.approx(2, rel=0.3)
    assert report["after"]["log_loss"] < report["before"]["log_loss"]
    assert html.read_text(encoding="utf-8").count("<svg") == 2
    assert run("verify", output).status == 0
    calibrated = linnet.load_classifier(output)
    assert calibrated.bundle.digest == report["digest"]
    assert calibrated.logits("bad news").tobytes() == model.logits("bad news").tobytes()
    assert calibrated("bad news").score < model("bad news").score
    (step,) = json.loads((output / DERIVED).read_bytes())["steps"]
    assert step == {
        "parent": model.bundle.digest,
        "command": "calibrate",
        "linnet": linnet.__version__,
        "figures": {key: report[key] for key in step["figures"]},
    }


def test_the_command_says_what_it_found(run: Run, tweets: Path, tmp_path: Path) -> None:
    result = run("calibrate", "--data", tweets, "--bias", "--output", tmp_path / "new")
    assert result.status == 0
    for told in ("Temperature ", "bias ", "expected calibration error", "Brier score", "cross-validation"):
        assert told in result.out
    assert f"bundle → {tmp_path / 'new'}" in result.err


def test_thresholds_are_stored_and_hold(run: Run, default: Path, tmp_path: Path) -> None:
    output = tmp_path / "careful"
    assert run("calibrate", "--min-score", "positive=never", "--output", output).status == 0
    assert run("verify", output).status == 0
    assert [row["label"] for row in run("classify", "--bundle", output, "--json", "Good news!", "Awful").rows] == [
        None,
        "negative",
    ]
    assert run("calibrate", output, "--min-score", "0.5", "--output", tmp_path / "other").status == 0
    found = open_bundle(tmp_path / "other").settings.calibration
    assert found == Calibration(thresholds=dict.fromkeys(("negative", "neutral", "positive"), 0.5))


def test_thresholds_keep_the_calibration(run: Run, tweets: Path, tmp_path: Path) -> None:
    run("calibrate", "--data", tweets, "--output", tmp_path / "first")
    run("calibrate", tmp_path / "first", "--min-score", "neutral=0.6", "--output", tmp_path / "second")
    first, second = (open_bundle(tmp_path / name).settings.calibration for name in ("first", "second"))
    assert first and second
    assert second == Calibration(first.temperature, first.bias, {"neutral": 0.6})


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--output", "new"], "give --data or --min-score"),
        (["--output", "new", "--min-score", "great=0.5"], "expected labels among negative, neutral, positive"),
        (["--output", "new", "--min-score", "0.5", "--html", "a.html"], "add --data"),
        (["--min-score", "0.5"], "--output"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    run: Run, argv: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("calibrate", *argv)
    assert result.status == 2
    assert told in result.err
    assert not (tmp_path / "new").exists()


def test_a_bundle_for_embeddings_is_refused(run: Run, tiny: Path, tweets: Path, tmp_path: Path) -> None:
    result = run("calibrate", tiny, "--data", tweets, "--output", tmp_path / "new")
    assert result.status == 2
    assert "expected a bundle for text-classification" in result.err


def test_the_card_says_what_was_done(default: Path) -> None:
    logits, truths = planted(Calibration(3.0), 500)
    found = calibrate(Head(LABELS), logits, truths, range(500), bias=True)
    card = changes_of(open_bundle(default), found.calibration, found).card
    assert f"| negative log likelihood | {found.before.log_loss:.4f} | {found.after.log_loss:.4f} |" in card
    assert f"logits / {found.calibration.temperature:.4g}" in card
