"""Rows and journals that are made to do harm: a short message, and no raw error."""

import json
from pathlib import Path

import pytest
from commands import Run
from stub import stubbed

MANY = {f"key {number} " + "x" * 300: number for number in range(5000)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", json.dumps(MANY)),
        ("a.jsonl", json.dumps(["x" * 300] * 5000)),
        ("a.jsonl", json.dumps({"text": MANY})),
        ("a.csv", ",".join(MANY)),
        ("a.tsv", "\t".join(MANY)),
    ],
)
def test_a_row_of_many_names_is_refused_in_a_short_message(run: Run, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content + "\n")
    found = run("classify", "--input", tmp_path / name, "--column", "text")
    assert found.status == 2
    assert len(found.err) < 8000, len(found.err)


@pytest.mark.parametrize(
    "journal",
    [
        "[" * 100_000,
        json.dumps({"format": 1, "run": "abc", "done": {"rows": 1, "size": 1, "digest": "a", "tally": {}}}),
        json.dumps({"format": 1, "run": {}, "done": {"rows": 1, "size": 1, "digest": 3, "tally": {}}}),
        json.dumps({"format": 1, "run": {}, "done": {"rows": 1, "size": 1, "digest": "a", "tally": {"texts": "b"}}}),
        json.dumps({"format": 1, "run": {}, "done": {"rows": 1, "size": -1, "digest": "a", "tally": []}}),
        json.dumps({"format": 1, "run": {"x" * 100_000: 1}, "done": {"rows": 1, "size": 1, "digest": "a"}}),
    ],
)
def test_a_journal_that_no_run_wrote_is_refused_or_begun_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], journal: str
) -> None:
    (tmp_path / "a.txt").write_text("a text\n")
    (tmp_path / "out.csv.partial").write_bytes(b"label,text\n")
    (tmp_path / "out.csv.partial.journal").write_text(journal)
    status = stubbed("--input", tmp_path / "a.txt", "--output", tmp_path / "out.csv", "--resume")
    message = capsys.readouterr().err
    assert status in (0, 2) and len(message) < 3000, message


@pytest.mark.parametrize("damaged", [b"other", b"value"])
def test_a_parquet_file_whose_strings_are_no_unicode_is_refused(run: Run, tmp_path: Path, damaged: bytes) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"text": ["a"], "other": ["value"]})
    parquet.write_table(table, tmp_path / "a.parquet", compression="none", store_schema=False)
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content.replace(damaged, b"\xff" * 5))
    output = ["--columns", "text,other", "--output", tmp_path / "out.csv"]
    found = run("classify", "--input", tmp_path / "a.parquet", "--column", "text", *output)
    assert found.status == 2, found.err
    assert not (tmp_path / "out.csv").exists()
