import csv
import json
from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run

LONG = " ".join(f"Good news, day {number}, and it is awful." for number in range(120))
SHORT = "Good news!"


def test_windows_are_asked_for(run: Run, model: linnet.Classifier) -> None:
    found = run("classify", "--json", "--long", "windows", LONG, SHORT)
    assert (found.status, found.err) == (0, "")
    for row, expected in zip(found.rows, model([LONG, SHORT], long="windows"), strict=True):
        assert (row["label"], row["scores"]) == (expected.label, expected.scores)
        assert [(window["start"], window["end"]) for window in row["windows"]] == [
            (window.start, window.end) for window in expected.windows
        ]
        assert [window["logits"] for window in row["windows"]] == [window.logits for window in expected.windows]
    assert "windows" not in run("classify", "--json", SHORT).rows[0]


def test_truncation_is_the_default_and_is_told(run: Run) -> None:
    plain, said = run("classify", "--json", LONG), run("classify", "--json", LONG, "--long", "truncate")
    assert plain.out == said.out
    assert "1 of 1 text had to be truncated" in plain.err and "1 of 1 text had to be truncated" in said.err
    assert plain.err.endswith("; --long windows reads all of it\n")


def test_overlap_and_aggregate_reach_the_model(run: Run, model: linnet.Classifier) -> None:
    found = run("classify", "--json", LONG, "--long", "windows", "--overlap", "0", "--aggregate", "max")
    expected = model(LONG, long=linnet.Windowing(overlap=0, aggregate="max"))
    assert found.rows[0]["scores"] == expected.scores
    assert len(found.rows[0]["windows"]) == len(expected.windows)


def test_the_first_window_alone_is_a_truncated_text(run: Run) -> None:
    found = run("classify", "--json", LONG, "--long", "windows", "--aggregate", "first")
    assert found.rows[0]["scores"] == run("classify", "--json", LONG).rows[0]["scores"]
    assert "1 of 1 text had to be truncated" in found.err and "--long" not in found.err


@pytest.mark.parametrize("options", [[], ["--per", "word"], ["--long", "windows"], ["--long", "split"]])
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_files_of_vectors_say_what_was_truncated(
    run: Run, tiny: Path, tmp_path: Path, options: list[str], suffix: str
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet") if suffix == "parquet" else None
    output = tmp_path / f"vectors.{suffix}"
    assert run("embed", "--bundle", tiny, *options, LONG, SHORT, "--output", output).status == 0
    if parquet:
        found = parquet.read_table(output)["truncated"].to_pylist()
    elif suffix == "csv":
        with output.open(encoding="utf-8", newline="") as stream:
            found = [json.loads(row["truncated"]) for row in csv.DictReader(stream)]
    else:
        found = [json.loads(line)["truncated"] for line in output.read_text(encoding="utf-8").splitlines()]
    assert found == ["--long" not in options, False]


def test_long_texts_have_one_vector(run: Run, embedder: linnet.Embedder, tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "vectors.npy"
    assert run("embed", "--bundle", tiny, "--long", "windows", LONG, SHORT, "--output", output).status == 0
    assert np.array_equal(np.load(output), embedder([LONG, SHORT], long="windows"))


def test_split_gives_a_vector_for_each_window(run: Run, embedder: linnet.Embedder, tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "windows.jsonl"
    assert (
        run("embed", "--bundle", tiny, "--long", "split", "--overlap", 5, LONG, SHORT, "--output", output).status == 0
    )
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    for row, text, expected in zip(rows, [LONG, SHORT], embedder.windows([LONG, SHORT], overlap=5), strict=True):
        assert (row["text"], row["tokens"]) == (text, [text[start:end] for start, end in row["offsets"]])
        assert [tuple(span) for span in row["offsets"]] == expected.offsets
        assert np.array_equal(np.array(row["embeddings"], dtype=np.float32), expected.vectors)
    assert len(rows[0]["embeddings"]) > 3 and len(rows[1]["embeddings"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--overlap", "5"], "--overlap is for windows"),
        (["--aggregate", "max"], "--aggregate makes one answer of several windows"),
        (["--long", "split"], "invalid choice: 'split'"),
        (["--long", "windows", "--overlap", "-1"], "expected a whole number of tokens"),
        (["--long", "windows", "--overlap", "510"], "expected an overlap of 0 to 509 tokens, found 510"),
    ],
)
def test_what_has_no_effect_is_refused(run: Run, arguments: list[str], message: str) -> None:
    found = run("classify", SHORT, *arguments)
    assert found.status == 2 and message in found.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--long", "split", "--aggregate", "max"], "--aggregate makes one answer of several windows"),
        (["--long", "windows", "--per", "word"], "--long windows is for vectors of texts, found --per word"),
        (["--long", "split", "--output", "x.npy"], "a .npy file has one vector per text, and --long split gives"),
    ],
)
def test_what_vectors_cannot_be_is_refused(run: Run, tiny: Path, arguments: list[str], message: str) -> None:
    found = run("embed", "--bundle", tiny, SHORT, *arguments)
    assert found.status == 2 and message in found.err


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_a_file_says_which_texts_were_truncated(run: Run, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"out{suffix}"

    def truncated() -> list[str]:
        lines = output.read_text(encoding="utf-8").splitlines()
        if suffix == ".jsonl":
            return [json.dumps(json.loads(line)["truncated"]) for line in lines]
        header, *rows = [line.split("," if suffix == ".csv" else "\t") for line in lines]
        assert header[-1] == "truncated"
        return [cells[-1] for cells in rows]

    assert run("classify", LONG, SHORT, "--output", output).status == 0
    assert truncated() == ["true", "false"]
    assert run("classify", LONG, SHORT, "--long", "windows", "--output", output).status == 0
    assert truncated() == ["false", "false"]
