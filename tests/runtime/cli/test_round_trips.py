"""As many rows come out as went in, whatever the format and whatever is in the texts."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run
from hypothesis import given
from hypothesis import strategies as st
from linnet.cli.formats.reading import read_parts, reading_for
from linnet.cli.formats.remarks import Remarks
from linnet.postprocessing.scores import Prediction
from rendered import header, rendered

PREDICTION = Prediction("b", 0.75, {"a": 0.25, "b": 0.75})
HARD = ["", '"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "\0", "\u2028", "\x85", "\ufeff", "\\", "🙂", " ", "x", "'"]
TEXTS = st.lists(st.lists(st.sampled_from(HARD), max_size=6).map("".join))
SUFFIXES = ["txt", "csv", "tsv", "jsonl"]


def read(content: str | bytes, kind: str, delimiter: str | None = None, *, quotes: bool = True) -> list[str]:
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    parts = read_parts(stream, reading_for("it", kind, delimiter=delimiter, quotes=quotes), Remarks("it"))
    return [row.text for part in parts for row in part]


def spaced(text: str) -> str:
    return text.translate(str.maketrans("\t\n\r", "   "))


@given(TEXTS)
def test_csv_that_is_written_has_the_texts_that_were_read(texts: list[str]) -> None:
    written = header("csv", ("a", "b")) + "".join(rendered("csv", text, PREDICTION) for text in texts)
    assert read(written, "csv") == texts
    if sys.version_info >= (3, 11) or "\0" not in written:  # Python 3.10's csv refuses NUL
        assert [row[0] for row in csv.reader(io.StringIO(written, newline=""))][1:] == texts


@given(TEXTS)
def test_tsv_that_is_written_has_a_row_a_text(texts: list[str]) -> None:
    written = header("tsv", ("a", "b")) + "".join(rendered("tsv", text, PREDICTION) for text in texts)
    assert read(written, "tsv") == [spaced(text) for text in texts]
    assert [line.split("\t")[0] for line in written.split("\n")[1:-1]] == [spaced(text) for text in texts]


@given(TEXTS)
def test_json_lines_that_are_written_have_the_texts_that_were_read(texts: list[str]) -> None:
    assert read("".join(rendered("jsonl", text, PREDICTION) for text in texts), "jsonl") == texts


def csv_written(texts: list[str], delimiter: str = ",", end: str = "\r\n") -> str:
    rows = [("id", "text"), *((str(at), text) for at, text in enumerate(texts))]
    return "".join(delimiter.join(quoted(field, delimiter) for field in row) + end for row in rows)


def quoted(field: str, delimiter: str) -> str:
    """As RFC 4180 and Python's csv have it."""
    return (
        '"' + field.replace('"', '""') + '"' if any(sign in field for sign in (delimiter, '"', "\r", "\n")) else field
    )


@given(TEXTS, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_csv_of_other_writers_is_read_whole(texts: list[str], delimiter: str, end: str) -> None:
    if end == "\n":  # Python's writer then leaves a lone \r unquoted
        texts = [text.replace("\r", "") for text in texts]
    assert read(csv_written(texts, delimiter, end), "csv", delimiter) == texts


@given(TEXTS, st.sampled_from([("tsv", "tab"), ("tsv", ";"), ("csv", ","), ("csv", "|")]), st.booleans())
def test_without_quotes_every_line_is_a_row(texts: list[str], how: tuple[str, str], alone: bool) -> None:
    kind, delimiter = how
    mark = "\t" if delimiter == "tab" else delimiter
    texts = [text.replace("\n", " ").replace(mark, " ").rstrip("\r") for text in texts]
    head, rows = ("text", texts) if alone else (f"id{mark}text", [f"1{mark}{text}" for text in texts])
    content = "".join(f"{line}\n" for line in [head, *rows])
    assert read(content, kind, delimiter, quotes=False) == texts


@given(TEXTS)
def test_the_same_bytes_give_the_same_texts_in_any_pieces(texts: list[str]) -> None:
    content = csv_written(texts).encode()

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read1(1)

    parts = read_parts(Slow(content), reading_for("it", "csv"), Remarks("it"))
    assert [row.text for part in parts for row in part] == texts


def txt(texts: list[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def tsv(texts: list[str]) -> str:
    return txt(["id\ttext", *(f"{at}\t{text}" for at, text in enumerate(texts))])


def jsonl(texts: list[str]) -> str:
    return txt([json.dumps({"text": text}) for text in texts])


WRITERS: dict[str, Callable[[list[str]], str]] = {"txt": txt, "csv": csv_written, "tsv": tsv, "jsonl": jsonl}
ROWS = ["good", "", '"bad', 'say "hi"', "a, b", "ends", 'it"', " x ", "\ufeffmark", "a\0b", "c\u2028d", "e\rf"]


@pytest.mark.parametrize("output", SUFFIXES)
@pytest.mark.parametrize("kind", SUFFIXES)
def test_files_and_standard_input_keep_every_row(run: Run, tmp_path: Path, kind: str, output: str) -> None:
    content = WRITERS[kind](ROWS).encode()
    (tmp_path / f"in.{kind}").write_bytes(content)
    written = []
    for argv, stdin in ((["--input", tmp_path / f"in.{kind}"], b""), (["--format", kind, "--input", "-"], content)):
        result = run("classify", *argv, "--output", tmp_path / f"out.{output}", stdin=stdin)
        assert result.status == 0
        assert f"12 texts → {tmp_path / f'out.{output}'}\n" in result.err
        written.append((tmp_path / f"out.{output}").read_bytes())
    assert written[0] == written[1]
    if output == "txt":
        assert len(written[0].decode().split("\n")) == len(ROWS) + 1
    else:
        expected = [spaced(text) for text in ROWS] if output == "tsv" else ROWS
        assert read(written[0], output) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("kind", SUFFIXES)
def test_encodings_with_a_byte_order_mark_are_the_same_on_both_ways(
    run: Run, tmp_path: Path, kind: str, encoding: str
) -> None:
    texts = ["first", "zweite Ü 🙂"]
    content = WRITERS[kind](texts).encode(encoding)
    (tmp_path / f"a.{kind}").write_bytes(content)
    found = run("classify", "--json", "--input", tmp_path / f"a.{kind}")
    assert [row["text"] for row in found.rows] == texts
    arrived = run("classify", "--json", "--format", kind, stdin=content)
    assert (arrived.status, arrived.out, arrived.err) == (found.status, found.out, "")


def test_the_tweets_of_semeval_are_all_read(data: Path) -> None:
    files = sorted((data / "semeval2017_task4A").glob("*.txt"))
    assert files
    for file in files:
        content = file.read_bytes()
        rows = [line.split(b"\t") for line in content.removesuffix(b"\n").split(b"\n")]
        found = read(b"id\tlabel\ttext\n" + content, "tsv")
        assert found == [row[2].decode() if len(row) > 2 else "" for row in rows], file.name
