"""``classify --min-score``: an empty label instead of a guess."""

import json
from pathlib import Path

import linnet
import pytest
from commands import Run
from linnet.cli.main import parse_args

TEXTS = ["Good news!", "What an awful day.", "It is nine."]


def test_a_low_score_has_an_empty_label(run: Run, model: linnet.Classifier) -> None:
    scores = [found.score for found in model(TEXTS)]
    least = sorted(scores)[1]
    expected = [found.label if found.score >= least else "" for found in model(TEXTS)]
    lines = run("classify", *TEXTS, "--min-score", repr(least)).out.split("\n")[:-1]
    assert [line.split("\t")[0] for line in lines] == expected
    rows = run("classify", *TEXTS, "--min-score", repr(least), "--json").rows
    assert [row["label"] for row in rows] == [label or None for label in expected]
    assert [row["score"] for row in rows] == scores


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "txt"])
def test_files_have_an_empty_label(run: Run, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"a.{suffix}"
    assert run("classify", *TEXTS[:1], "--min-score", "1", "--output", output).status == 0
    content = output.read_text(encoding="utf-8")
    assert ('"label": null' if suffix == "jsonl" else {"csv": "!,,", "tsv": "!\t\t", "txt": "\t"}[suffix]) in content
    assert content.startswith("\t") == (suffix == "txt")


def test_labels_may_have_scores_of_their_own(run: Run, model: linnet.Classifier) -> None:
    assert [found.label for found in model(TEXTS[:2])] == ["positive", "negative"]
    argv = ["classify", "--json", *TEXTS[:2], "--min-score", "positive=never", "--min-score", "negative=0"]
    assert [row["label"] for row in run(*argv).rows] == [None, "negative"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["80"], "expected a number from 0 to 1, or LABEL=NUMBER, found '80'; did you mean 0.8?"),
        (["positive=95"], "found 'positive=95'; did you mean positive=0.95?"),
        (["1e9"], "found '1e9' (see"),
        (["1.5"], "found '1.5' (see"),
        (["2"], "did you mean 0.02?"),
        (["high"], "expected a number from 0 to 1"),
        (["nan"], "expected a number from 0 to 1"),
        (["great=0.5"], "expected labels among negative, neutral, positive, found 'great'"),
        (["0.5", "0.6"], "found several"),
        (["0.5", "positive=0.6"], "found several"),
        (["positive=0.5", "positive=0.6"], "found several"),
        (["never"], "name the label"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, given: list[str], told: str) -> None:
    result = run("classify", TEXTS[0], *(part for value in given for part in ("--min-score", value)))
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert told in result.err


def test_a_run_that_is_resumed_finds_the_same_scores() -> None:
    found = parse_args(["classify", "--min-score", "positive=0.5", "--min-score", "neutral=never"]).min_score
    assert json.loads(json.dumps(found)) == found
