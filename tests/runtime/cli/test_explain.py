import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import linnet
import pytest
from commands import Run, names
from linnet.cli import main as cli
from linnet.cli.outputs import saving
from linnet.explaining.explanation import Explanation

TEXT = "not bad at all, this cheap kettle"
LONG = "What a day: the train was late, the food was awful, and nobody ever said sorry"


KEYS = ["text", "label", "score", "base_score", "logit", "base", "method", "truncated"]


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
    assert found.out.endswith("\n\n") and not found.out.endswith("\n\n\n")
    head, text, columns, *rows, last = found.out.rstrip("\n").split("\n")
    assert head.startswith("positive 0.8") and "without words" in head
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
    assert [list(row) for row in found.rows] == [[*KEYS, "words"]] * 3
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
    assert "note: 1 of 1 text had to be truncated" in found.err


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


@pytest.mark.parametrize("text", ["", "  "])
def test_a_text_without_words_says_so(run: Run, text: str) -> None:
    found = run("explain", text)
    assert (found.status, found.err) == (0, "")
    assert found.out.split("\n", 1)[1] == f"{text}\n  There is no word to explain.\n\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "tweets.csv"
    file.write_text(f'id,tweet,label\n7,"{TEXT}",x\n8,Good news!,y\n9,a,b,c\n', encoding="utf-8")
    return file


def words_of(found: linnet.Explanation) -> list[tuple[str, int, int, float]]:
    return [
        (word, *span, value) for word, span, value in zip(found.words, found.spans, found.contributions, strict=True)
    ]


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "tsv", "parquet"])
def test_files_keep_their_columns_beside_the_explanations(
    run: Run, table: Path, model: linnet.Classifier, suffix: str
) -> None:
    output = table.with_name(f"out.{suffix}")
    if suffix == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
    found = run("explain", "--input", table, "--column", "tweet", "--output", output)
    assert (found.status, found.out) == (0, "")
    assert "1 malformed row left out" in found.err and f"2 texts → {output}" in found.err
    if suffix == "jsonl":
        rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    elif suffix == "parquet":
        rows = parquet.read_table(output).to_pylist()
    else:
        with output.open(encoding="utf-8", newline="") as stream:
            tsv = suffix == "tsv"
            read = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE) if tsv else csv.DictReader(stream)
            rows = [{**row, "words": json.loads(row["words"])} for row in read]
    expected = [model.explain(text) for text in (TEXT, "Good news!")]
    assert list(rows[0]) == ["id", "tweet", "label", "label_2", *KEYS[2:], "words"]
    assert [(row["id"], row["tweet"], row["label"]) for row in rows] == [("7", TEXT, "x"), ("8", "Good news!", "y")]
    assert [row["label_2"] for row in rows] == [each.label for each in expected]
    assert [float(row["base"]) for row in rows] == [each.base for each in expected]
    assert [
        [(word["word"], word["start"], word["end"], word["contribution"]) for word in row["words"]] for row in rows
    ] == [words_of(each) for each in expected]


def test_a_file_is_explained_to_standard_output_too(run: Run, table: Path) -> None:
    found = run("explain", "--input", table, "--column", "tweet", "--json", "--columns", "id")
    assert found.status == 0 and [list(row) for row in found.rows] == [[*KEYS, "words", "id"]] * 2
    shown = run("explain", "--input", table, "--column", "tweet").out
    assert shown == run("explain", TEXT, "Good news!").out
    written = table.with_name("out.txt")
    assert run("explain", "--input", table, "--column", "tweet", "--output", written).status == 0
    assert written.read_text(encoding="utf-8") == shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([TEXT, "--input", "tweets.csv"], "expected texts or --input, found both"),
        (["--input", "tweets.csv"], "expected a column 'text', found 'id', 'tweet', 'label'"),
        (["tweets.csv"], "linnet explain --input tweets.csv"),
        (["--input", "tweets.csv", "--output", "out.npy"], "expected a name that ends in .jsonl, .csv"),
        (["--input", "tweets.csv", "--output", "a.csv", "--html", "a.html", "--resume"], "omit one"),
    ],
)
def test_unusable_files_are_refused(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(table.parent)
    found = run("explain", *arguments)
    assert (found.status, found.out) == (2, "") and message in found.err


def test_an_interrupted_run_with_a_page_goes_on_without_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page shows a whole run, so that a run that goes on has none."""
    texts, output, whole = (tmp_path / name for name in ("in.txt", "out.jsonl", "whole.jsonl"))
    texts.write_text("".join(f"a good text {number}\n" for number in range(20)))
    explain = linnet.Classifier.explain

    def interrupted(self: linnet.Classifier, text: str, **options: Any) -> Explanation:
        if text == "a good text 15":
            raise KeyboardInterrupt
        return explain(self, text, **options)

    with monkeypatch.context() as patched:
        patched.setattr(saving, "EVERY", 0.0)
        patched.setattr(linnet.Classifier, "explain", interrupted)
        stopped = run("explain", "--input", texts, "--output", output, "--html", tmp_path / "page.html")
    assert stopped.status == 130 and "--resume to go on" in stopped.err
    assert run("explain", "--input", texts, "--output", output, "--resume").status == 0
    assert run("explain", "--input", texts, "--output", whole).status == 0
    assert output.read_bytes() == whole.read_bytes()
    assert names(tmp_path) == ["in.txt", "out.jsonl", "whole.jsonl"]
