"""A malformed row is told, counted and written; it ends the run only with --strict."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from linnet.cli.commands import classify
from stub import Stub


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "Classifier", Stub)


CASES = [
    ("csv", 'id,text\n1,a\n2,b,c\n3,"d\ne"\n4\n5,"f\n6,g\n7,"h"\n8,x\n', ["a", "d\ne", "g", "h", "x"], [3, 6, 7]),
    ("csv", 'id,text\n1,"open\n2,b\n3,c\n', ["b", "c"], [2]),
    ("csv", 'id,text\n1,"a"b\n2,c\n', ["c"], [2]),
    (
        "jsonl",
        '{"text": "a"}\n{"t": 1}\n\nnope\n{"text": null}\n{"text": "b"}\n{"text": "\\ud83d"}\n',
        ["a", "b"],
        [2, 4, 5, 7],
    ),
    ("jsonl", '{"text": "a", "other": "\\ud83d"}\n{"text": "\\ud83d\\ude00"}\n', ["😀"], [1]),
    ("txt", b"a\n\xff\nb\n", ["a", "b"], [2]),
    ("tsv", b"id\ttext\n1\ta\n2\t\xe9\n3\tb\n", ["a", "b"], [3]),
    ("csv", b'id,text\n1,a\n2,"b\n\xe9"\n3,c\n', ["a", "c"], [3]),
    ("jsonl", b'{"text": "\xe9"}\n{"text": "b"}\n', ["b"], [1]),
]


def rejects(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("kind", "content", "texts", "lines"), CASES)
def test_the_others_are_answered(
    run: Run, tmp_path: Path, kind: str, content: str | bytes, texts: list[str], lines: list[int]
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    result = run("classify", "--json", "--format", kind, "--rejects", tmp_path / "bad.jsonl", stdin=raw)
    assert (result.status, [row["text"] for row in result.rows]) == (0, texts)
    found = rejects(tmp_path / "bad.jsonl")
    assert [row["line"] for row in found] == lines
    everything = raw.decode("utf-8", "surrogateescape")
    assert all(row["row"] in everything and row["reason"] for row in found)
    assert f"{len(lines)} malformed row{'s' * (len(lines) > 1)} left out; written to" in result.err
    for row in found:
        assert f"malformed row: standard input, line {row['line']}: {row['reason']}" in result.err


@pytest.mark.parametrize(("kind", "content", "texts", "lines"), CASES)
def test_strict_ends_at_the_first(
    run: Run, tmp_path: Path, kind: str, content: str | bytes, texts: list[str], lines: list[int]
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    output = tmp_path / "out.jsonl"
    argv = ("--rejects", tmp_path / "bad.jsonl", "--strict", "--output", output)
    result = run("classify", "--format", kind, *argv, stdin=raw)
    assert result.status == 2 and f"standard input, line {lines[0]}: " in result.err
    assert not output.exists() and [row["line"] for row in rejects(tmp_path / "bad.jsonl")] == lines[:1]


def test_the_first_ones_are_told_and_all_are_counted(run: Run) -> None:
    result = run("classify", "--format", "csv", stdin=b"text\ngood\n" + b"a,b\n" * 1000)
    assert result.status == 0 and result.out.endswith("\tgood\n")
    told = result.err.splitlines()
    assert [line.split(":")[1] for line in told[:-1]] == [f" standard input, line {line}" for line in range(3, 8)]
    assert told[-1] == "note: standard input: 1,000 malformed rows left out; to keep them, give --rejects FILE"


def test_nothing_but_malformed_rows_is_no_success(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("old")
    result = run("classify", "--format", "jsonl", "--output", output, stdin=b'{"tweet": "a"}\n' * 10)
    assert result.status == 2 and "found 10 malformed rows and no other" in result.err
    assert "did you mean --column tweet?" in result.err and output.read_text() == "old"


def test_without_malformed_rows_the_file_is_empty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("of an earlier run")
    assert run("classify", "--rejects", tmp_path / "bad.jsonl", stdin=b"a\n").err == ""
    assert (tmp_path / "bad.jsonl").read_text() == ""


def test_rejects_overwrite_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\na\n")
    for argv in (["--rejects", tmp_path / "in.csv"], ["--rejects", tmp_path / "o.csv", "--output", tmp_path / "o.csv"]):
        result = run("classify", "--input", tmp_path / "in.csv", *argv)
        assert result.status == 2 and "would overwrite it" in result.err
    assert (tmp_path / "in.csv").read_text() == "text\na\n"
    refused = run("classify", "--input", tmp_path / "in.csv", "--rejects", tmp_path / "no" / "bad.jsonl")
    assert refused.status == 2 and "--rejects: cannot write" in refused.err


def test_a_quote_that_does_not_end_costs_its_own_row_alone(run: Run) -> None:
    """And no more memory than a record may take."""
    line = "x" * 1000
    content = 'id,text\n1,"open\n' + "".join(f"{number},{line}\n" for number in range(20_000))
    result = run("classify", "--format", "csv", "--json", "--columns", "id", stdin=content.encode())
    assert result.status == 0 and [row["id"] for row in result.rows] == [str(number) for number in range(20_000)]
    assert "line 2: expected rows that end in" in result.err


def test_damaged_lines_are_rejected_on_the_way_to_a_table_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "a", "id": 1}\n{"text": "\xe9"}\n{"text": "b"}\n')
    argv = ("--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.csv", "--rejects", tmp_path / "bad.jsonl")
    assert run("classify", *argv).status == 0
    assert [row["line"] for row in rejects(tmp_path / "bad.jsonl")] == [2]
