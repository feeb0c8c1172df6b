import io
import sys
from pathlib import Path

import linnet
import pytest
from commands import Run
from linnet.cli import main as cli

TEXT = "not bad at all, this cheap kettle"
LONG = "What a day: the train was late, the food was awful, and nobody ever said sorry"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, *argv: str, **environment: str) -> str:
    """What a command prints on a terminal."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert cli.main(list(argv)) == 0
    return terminal.getvalue()


def test_a_line_for_each_word(run: Run, model: linnet.Classifier) -> None:
    found = run("explain", TEXT)
    assert (found.status, found.err) == (0, "")
    head, text, columns, *rows, last = found.out.rstrip("\n").split("\n")
    assert head.startswith("positive 0.79") and "without words" in head
    assert (text, columns.split()) == (TEXT, ["logit", "score", "word"])
    expected = model.explain(TEXT)
    shown = [row.split()[:3] for row in [*rows, last]]
    assert [word for *_, word in shown] == TEXT.split()
    assert [float(logit.replace("−", "-")) for logit, *_ in shown] == pytest.approx(
        list(expected.contributions), abs=0.0006
    )
    assert "\033" not in found.out


def test_sampled_contributions_have_their_error(run: Run) -> None:
    found = run("explain", LONG, "--method", "shapley", "--permutations", 4)
    assert found.out.split("\n")[2].split() == ["logit", "error", "score", "word"]
    assert found.out.count("±") == len(LONG.split())


def test_one_json_object_for_each_text(run: Run, model: linnet.Classifier) -> None:
    found = run("explain", "--json", TEXT, "Good news!", "--label", "negative", "--method", "shapley")
    for row, text in zip(found.rows, [TEXT, "Good news!"], strict=True):
        expected = model.explain(text, label="negative", method="shapley")
        assert [text[word["start"] : word["end"]] for word in row["words"]] == [word["word"] for word in row["words"]]
        assert [word["contribution"] for word in row["words"]] == list(expected.contributions)
        assert [word["score_contribution"] for word in row["words"]] == list(expected.score_contributions)
        assert {name: row[name] for name in ("text", "label", "score", "logit", "base")} == {
            "text": text,
            "label": "negative",
            "score": expected.score,
            "logit": expected.logit,
            "base": expected.base,
        }


def test_texts_come_from_standard_input(run: Run) -> None:
    found = run("explain", "--json", stdin="Good\r\n\nschön".encode())
    assert [row["text"] for row in found.rows] == ["Good", "", "schön"]
    damaged = run("explain", stdin=b"Good\n\xff\n")
    assert damaged.status == 2 and "standard input, line 2: expected UTF-8" in damaged.err


def test_words_are_coloured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    found = on_terminal(monkeypatch, "explain", f"{TEXT}\x1b[31m")
    shown = found.split("\n")[1]
    assert shown.startswith("\033[48;5;114m\033[38;5;16mnot\033[0m ")
    assert "\x1b[31m" not in found and "\\x1b[31m" in shown


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    assert "\033" not in on_terminal(monkeypatch, "explain", TEXT, **{variable: value})


def test_a_page_is_written_too(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    found = run("explain", TEXT, "--html", page)
    assert found.status == 0 and f"page → {page}" in found.err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("explain", TEXT, "--label", "joy", "--html", tmp_path / "none.html").status == 2
    assert not (tmp_path / "none.html").exists()


def test_a_bundle_may_stand_before_the_texts(run: Run, default: Path) -> None:
    plain = run("explain", "--json", TEXT).out
    assert run("explain", "--json", default, TEXT).out == plain
    assert run("explain", "--json", "--bundle", default, TEXT).out == plain
    assert run("explain", "--json", default, stdin=TEXT.encode()).out == plain


def test_truncated_texts_are_told(run: Run) -> None:
    found = run("explain", "--json", "good " * 600)
    assert found.status == 0 and len(found.rows[0]["words"]) == 510 and found.rows[0]["truncated"] is True
    assert "1 text had to be truncated" in found.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "joy"], "expected label to be one of negative, neutral, positive, found 'joy'"),
        (["--method", "lime"], "invalid choice: 'lime'"),
        (["--permutations", "3"], "expected an even number of at least 4, found '3'"),
    ],
)
def test_what_cannot_be_explained_is_refused(run: Run, arguments: list[str], message: str) -> None:
    found = run("explain", TEXT, *arguments)
    assert found.status == 2 and message in found.err and not found.out


def test_an_embedding_bundle_is_refused(run: Run, tiny: Path) -> None:
    found = run("explain", "--bundle", tiny, TEXT)
    assert (
        found.status == 2 and "expected a bundle for text-classification, found one for feature-extraction" in found.err
    )
