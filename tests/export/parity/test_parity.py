"""How parity is judged: decisions, margins, criteria, and the commands that report them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoints import Converted
from linnet.inference.session import Session
from linnet.postprocessing.scores import Head
from linnet_export.cli.main import main, parse_args
from linnet_export.convert import check_parity
from linnet_export.parity import classification as classification_parity
from linnet_export.parity.criteria import Criterion
from linnet_export.parity.decisions import decisions, margins
from linnet_export.parity.reference import OriginalEncoding, Reference
from linnet_export.parity.weights import StoredWeights

SINGLE = Head(("negative", "neutral", "positive"))
MULTI = Head(("angry", "happy"), "multi_label_classification")
ONE = Head(("spam",))


def floats(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_decisions_are_the_best_label_or_every_label_above_a_half() -> None:
    assert decisions(SINGLE, floats([0.2, 0.5, 0.3], [0.1, 0.2, 0.7])) == ["neutral", "positive"]
    assert decisions(MULTI, floats([0.9, 0.8], [0.1, 0.6], [0.2, 0.3])) == ["angry + happy", "happy", "none"]
    assert decisions(ONE, floats([0.4], [0.6])) == ["none", "spam"]


def test_margins_say_how_sure_a_decision_is() -> None:
    assert margins(SINGLE, floats([0.2, 0.5, 0.3])) == pytest.approx([0.2])
    assert margins(MULTI, floats([0.9, 0.55])) == pytest.approx([0.1])
    assert margins(ONE, floats([0.5], [1.0])) == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("value", "at_least", "n", "passed"),
    [(0.95, True, 10, True), (0.9499, True, 10, False), (2e-4, False, 10, False), (0.0, True, 0, True)],
)
def test_a_criterion_is_judged_by_its_bound_and_passes_over_nothing(
    value: float, at_least: bool, n: int, passed: bool
) -> None:
    assert Criterion("c", value, 0.95 if at_least else 1e-4, at_least, n).passed is passed


def test_what_is_no_number_fails() -> None:
    assert not Criterion("c", float("nan"), 1e-4, False, 10).passed
    assert not Criterion("c", float("nan"), 0.9, True, 10).passed


@pytest.mark.parametrize("architecture", ["roberta", "xlm-roberta"])
def test_a_graph_that_gives_no_numbers_fails(
    all_converted: dict[str, Converted], architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = all_converted[architecture]

    def nothing(session: Session, encodings: list[OriginalEncoding], reference: Reference) -> list[np.ndarray]:
        return [np.full_like(output, np.nan) for output in reference.outputs(encodings)]

    monkeypatch.setattr(classification_parity, "graph_outputs", nothing)
    parity = check_parity(made.bundle, made.checkpoint)
    assert "fp32 graph, max |Δlogit|" in {criterion.name for criterion in parity.failures}


def test_weights_are_held_to_within_a_step() -> None:
    weights = np.linspace(-1, 1, 600, dtype=np.float32).reshape(20, 30)
    step = np.full(30, 0.01, dtype=np.float32)
    stored = StoredWeights(np.round(weights / step).astype(np.int8), np.zeros(30, np.float32), step)
    assert stored.holds(weights)
    assert stored.holds(weights + 0.004)
    assert not stored.holds(weights + 0.016)
    off = weights.copy()
    off[7, 3] += 0.02
    assert not stored.holds(off)
    assert not stored.holds(weights.T)


def test_the_parity_command_prints_a_table_and_json(roberta: Converted, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["parity", str(roberta.bundle), "--checkpoint", str(roberta.checkpoint)]
    assert main(arguments) == 0
    assert "label agreement" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    recorded = json.loads((roberta.bundle / "parity.json").read_bytes())
    assert measured["criteria"] == recorded["criteria"]


def test_the_parity_command_fails_on_another_checkpoint(
    roberta: Converted, all_converted: dict[str, Converted], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = all_converted["xlm-roberta"].checkpoint
    assert main(["parity", str(roberta.bundle), "--checkpoint", str(other)]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_the_parity_command_needs_what_it_is_given(
    roberta: Converted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, checkpoint = str(roberta.bundle), str(roberta.checkpoint)
    assert main(["parity", str(tmp_path), "--checkpoint", checkpoint]) == 2
    assert main(["parity", bundle, "--checkpoint", str(tmp_path)]) == 2
    assert main(["parity", bundle, "--checkpoint", checkpoint, "--texts", str(tmp_path / "absent.txt")]) == 2
    copy = shutil.copytree(roberta.bundle, tmp_path / "copy")
    (copy / "tokenizer.json").write_text("{}")
    assert main(["parity", str(copy), "--checkpoint", checkpoint]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["convert", "parity"])
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse_args([command, "--help"])
    assert stopped.value.code == 0
    assert f"linnet-export {command} my-" in capsys.readouterr().out


def test_an_unknown_preprocessing_is_unusable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse_args(["convert", "checkpoint", "--output", "bundle", "--preprocessing", "unheard-of"])
    assert stopped.value.code == 2
    assert "tweeteval" in capsys.readouterr().err
