"""All columns of an input are kept, in every format, and the answers stand after them."""

import csv
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Result, Run
from linnet.cli.commands import classify
from linnet.cli.formats.nul import hidden, shown
from stub import LABELS, Stub, answer

SUPPORT = Path(__file__).parents[2] / "support"
COLUMNS = ["id", "text", "note", ""]
ADDED = ["label", "score", *(f"score_{label}" for label in LABELS)]
IN_FILES = [*ADDED, "truncated"]
PIECES = [
    '"',
    '""',
    ",",
    ";",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\ufeff",
    "\\",
    "\0",
    "\u2028",
    "🙂",
    "é",
    " ",
    "word",
    "'",
    "NA",
    "1",
]
Rows = list[list[str]]


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "Classifier", Stub)


def hard_rows(count: int) -> Rows:
    pick = random.Random(count)

    def field() -> str:
        return "".join(pick.choices(PIECES, k=pick.choice([0, 0, 1, 2, 5])))

    return [[str(number), field(), field(), field()] for number in range(count)]


def spaced(field: str) -> str:
    return field.replace("\t", " ").replace("\n", " ").replace("\r", " ")


def write_csv(file: Path, rows: Rows) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([map(hidden, row) for row in [COLUMNS, *rows]])
    file.write_text(shown(stream.getvalue()), encoding="utf-8-sig", newline="")


def write_tsv(file: Path, rows: Rows) -> None:
    file.write_text("".join("\t".join(row) + "\n" for row in [COLUMNS, *rows]), encoding="utf-8-sig", newline="")


def write_jsonl(file: Path, rows: Rows) -> None:
    lines = (json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8-sig")


def write_parquet(file: Path, rows: Rows) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table([list(column) for column in zip(*rows, strict=True)], names=COLUMNS)
    parquet.write_table(table, file, row_group_size=7000)


def read_csv(file: Path) -> Iterator[list[Any]]:
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = ([shown(field) for field in row] for row in csv.reader(map(hidden, stream), strict=True))
    assert header == [*COLUMNS, *IN_FILES]
    return ([*row[:5], *map(float, row[5:-1]), row[-1] == "true"] for row in rows)


def read_tsv(file: Path) -> Iterator[list[Any]]:
    header, *rows = (line.split("\t") for line in file.read_bytes().decode().split("\n")[:-1])
    assert header == [*COLUMNS, *IN_FILES]
    return ([*row[:5], *map(float, row[5:-1]), row[-1] == "true"] for row in rows)


def read_jsonl(file: Path) -> Iterator[list[Any]]:
    rows = [json.loads(line) for line in file.read_bytes().decode().split("\n")[:-1]]
    assert all(list(row) == [*COLUMNS, "label", "score", "scores", "truncated"] for row in rows)
    head = [*COLUMNS, "label", "score"]
    return ([*(row[name] for name in head), *row["scores"].values(), row["truncated"]] for row in rows)


def read_parquet(file: Path) -> Iterator[list[Any]]:
    table = pytest.importorskip("pyarrow.parquet").read_table(file)
    assert table.schema.names == [*COLUMNS, *IN_FILES]
    return (list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    "csv": write_csv, "tsv": write_tsv, "jsonl": write_jsonl, "parquet": write_parquet
}  # fmt: skip
READERS: dict[str, Callable[[Path], Iterator[list[Any]]]] = {
    "csv": read_csv, "tsv": read_tsv, "jsonl": read_jsonl, "parquet": read_parquet
}  # fmt: skip


def answered(rows: Rows) -> Iterator[list[Any]]:
    for row in rows:
        found = answer(row[1])
        yield [*row, found.label, found.score, *found.scores.values(), found.truncated]


@pytest.mark.parametrize("written", READERS)
@pytest.mark.parametrize("read", WRITERS)
def test_hard_rows_stay_as_they_are(run: Run, tmp_path: Path, read: str, written: str) -> None:
    if "parquet" in (read, written):
        pytest.importorskip("pyarrow")
    rows = hard_rows(50_000 if read == written else 5_000)
    if read == "tsv":
        rows = [[spaced(field) for field in row] for row in rows]
    WRITERS[read](tmp_path / f"in.{read}", rows)
    result = run("classify", "--input", tmp_path / f"in.{read}", "--output", tmp_path / f"out.{written}")
    assert result.status == 0 and f"{len(rows):,} texts → " in result.err and "malformed" not in result.err
    found = list(READERS[written](tmp_path / f"out.{written}"))
    expected = list(answered(rows))
    if written == "tsv":
        expected = [[spaced(one) if isinstance(one, str) else one for one in row] for row in expected]
    assert found == expected


def test_the_types_of_json_lines_and_their_order_stay(run: Run, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"z": 1, "text": "good", "a": {"deep": [1.5, None, True]}, "n": 12345678901234567890},
        {"text": "bad", "z": None, "label": "gold", "more": "Ü"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("classify", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl").status == 0
    first, second = (json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines())
    assert (
        list(first) == [*rows[0], "label", "score", "scores", "truncated"]
        and {name: first[name] for name in rows[0]} == rows[0]
    )
    assert list(second) == ["text", "z", "label_2", "more", "label", "score", "scores", "truncated"]
    assert (second["label_2"], second["more"], second["z"]) == ("gold", "Ü", None)
    assert run("classify", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.csv").status == 0
    table = list(csv.reader((tmp_path / "out.csv").open(encoding="utf-8")))
    assert table[0] == ["z", "text", "a", "n", "label", "more", "label_2", *IN_FILES[1:]]
    assert table[1][:6] == ["1", "good", '{"deep": [1.5, null, true]}', "12345678901234567890", "", ""]


def test_the_types_of_parquet_stay(run: Run, tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table(
        {
            "when": pyarrow.array([1, None, 3], pyarrow.timestamp("ns", "UTC")),
            "text": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
            "deep": pyarrow.array([[{"x": 1}], None, []]),
            "raw": pyarrow.array([b"\xff", b"", None]),
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    assert run("classify", "--input", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet").status == 0
    assert (
        parquet.read_table(tmp_path / "out.parquet")
        .select(table.schema.names)
        .equals(parquet.read_table(tmp_path / "in.parquet"))
    )
    chosen = run("classify", "--json", "--columns", "raw,text", stdin=(tmp_path / "in.parquet").read_bytes())
    assert chosen.status == 2  # text lines have no columns
    piped = run(
        "classify", "--json", "--format", "parquet", "--columns", "raw", stdin=(tmp_path / "in.parquet").read_bytes()
    )
    assert [(row["text"], row["raw"]) for row in piped.rows] == [("a", "ff"), ("b", ""), ("a", None)]


def table_of(run: Run, content: str, *argv: str) -> tuple[Rows, Result]:
    result = run("classify", "--format", "csv", "--output-format", "csv", *argv, stdin=content.encode())
    return list(csv.reader(io.StringIO(result.out, newline=""), strict=True)), result


def test_columns_are_chosen_in_their_order(run: Run) -> None:
    content = 'id,text,"a,b",lang\n1,good,x,en\n'
    (header, row), _ = table_of(run, content, "--columns", 'lang,"a,b"')
    assert (header, row[:2]) == (["lang", "a,b", *ADDED], ["en", "x"])
    assert table_of(run, content, "--columns", "")[0][0] == ADDED
    for chosen, told in (("nope", "expected a column 'nope', found 'id', 'text', 'a,b', 'lang'"), ("id,id", "twice")):
        refused = table_of(run, content, "--columns", chosen)[1]
        assert refused.status == 2 and told in refused.err
    result = run("classify", "--columns", "id", "--format", "csv", stdin=content.encode())
    assert result.status == 2 and "--columns chooses columns of a table" in result.err


def test_a_column_named_like_an_answer_is_not_lost(run: Run) -> None:
    content = "label,text,score,label_2\ngold,good,9,x\n"
    (header, row), result = table_of(run, content)
    assert header == ["label", "text", "score", "label_2", "label_3", "score_2", *ADDED[2:]]
    assert row[:4] == ["gold", "good", "9", "x"] and row[4] == answer("good").label
    assert "note: the input has a column 'label': the answer's is 'label_3'" in result.err
    (found,) = run("classify", "--json", "--format", "csv", stdin=content.encode()).rows
    assert list(found) == ["text", "label", "score", "scores", "label_2", "score_2", "label_2_2"]
    assert (found["label"], found["label_2"], found["score_2"]) == (answer("good").label, "gold", "9")


def test_objects_on_standard_output_start_with_the_contract(run: Run) -> None:
    (found,) = run("classify", "--json", "--format", "csv", "--column", "tweet", stdin=b"id,tweet\n1,good\n").rows
    assert list(found) == ["text", "label", "score", "scores", "id", "tweet"]
    assert (found["text"], found["tweet"], found["id"]) == ("good", "good", "1")
    assert list(run("classify", "--json", "good").rows[0]) == ["text", "label", "score", "scores"]


def test_keys_that_come_late_are_told_where_they_cannot_be_kept(run: Run) -> None:
    content = b'{"text": "a"}\n{"text": "b", "late": 1}\n{"late": 2, "text": "c"}\n'
    result = run("classify", "--format", "jsonl", "--output-format", "csv", stdin=content)
    assert result.out.splitlines()[0] == ",".join(["text", *ADDED])
    assert "2 objects have keys that the first object lacks, the first in line 2" in result.err
    kept = run("classify", "--format", "jsonl", "--output-format", "csv", "--columns", "late,text", stdin=content)
    assert [line.split(",")[:2] for line in kept.out.splitlines()[1:]] == [["", "a"], ["1", "b"], ["2", "c"]]
    assert kept.err == ""


def test_objects_become_columns_of_their_types(run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    lines = ['{"text": "a", "n": 1, "f": 1.5, "b": true, "s": "x", "m": 1, "d": {"k": 1}, "none": null}']
    lines.append('{"text": "b", "n": null, "f": 2, "b": false, "s": "y", "m": "z", "late": 3}')
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    assert run("classify", "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.parquet").status == 0
    table = parquet.read_table(tmp_path / "out.parquet").drop_columns(IN_FILES)
    assert [str(kind) for kind in table.schema.types] == ["string", "int64", "double", "bool", *["string"] * 4, "int64"]
    assert table.to_pylist()[1] == {
        "text": "b",
        "n": None,
        "f": 2.0,
        "b": False,
        "s": "y",
        "m": "z",
        "d": None,
        "none": None,
        "late": 3,
    }
    assert (table["m"][0].as_py(), table["d"][0].as_py()) == ("1", '{"k": 1}')


@pytest.mark.parametrize("content", [b"", b"PAR1", b"text\ngood\n"])
def test_what_is_no_parquet_file_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(content)
    result = run("classify", "--input", tmp_path / "a.parquet")
    assert result.status == 2 and f"{tmp_path / 'a.parquet'}: expected a Parquet file" in result.err


MEMORY = """
import resource, sys
from stub import stubbed
assert stubbed("--input", sys.argv[1], "--output", sys.argv[2], every=0.5, chunk=2048) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("suffix", "many"),
    [
        ("csv", 100_000),
        ("jsonl", 100_000),
        ("parquet", 100_000),
        pytest.param("csv", 1_000_000, marks=pytest.mark.slow),
    ],
)
def test_many_rows_need_the_memory_of_ten_thousand(tmp_path: Path, suffix: str, many: int) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    peaks = []
    for count in (10_000, many):
        with (tmp_path / "in.csv").open("w") as stream:
            stream.write("id,text,lang\n")
            stream.writelines(f'{number},"the bridge is ""good"" {number}",en\n' for number in range(count))
        command = [sys.executable, "-c", MEMORY, str(tmp_path / "in.csv"), str(tmp_path / f"out.{suffix}")]
        done = subprocess.run(command, env={"PYTHONPATH": str(SUPPORT)}, capture_output=True, text=True, check=True)
        assert f"{count:,} texts" in done.stderr
        peaks.append(int(done.stdout))
    assert peaks[1] <= 1.3 * peaks[0]


def test_damaged_content_of_a_parquet_file_is_told(run: Run, tmp_path: Path) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    damaged = pyarrow.StringArray.from_buffers(
        2, pyarrow.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pyarrow.py_buffer(b"ab\xe9\xe9")
    )
    parquet.write_table(pyarrow.table({"text": damaged}), tmp_path / "in.parquet")
    result = run("classify", "--json", "--input", tmp_path / "in.parquet")
    assert result.status == 0 and [row["text"] for row in result.rows] == ["ab"]
    assert "line 2: expected 'text' to be UTF-8" in result.err
    parquet.write_table(pyarrow.table({"text": ["word " * 50] * 500}), tmp_path / "in.parquet", use_dictionary=False)
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    content[40:300] = b"\xff" * 260
    (tmp_path / "in.parquet").write_bytes(content)
    result = run("classify", "--json", "--input", tmp_path / "in.parquet")
    assert result.status == 2 and f"{tmp_path / 'in.parquet'}: expected a Parquet file that is whole" in result.err
