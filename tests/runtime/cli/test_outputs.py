import csv
import io
import json
import os
import stat
import unicodedata
from pathlib import Path

import pytest
from linnet.cli.formats.reading import read_file, reading_for
from linnet.cli.outputs.predictions import render_plain, render_table, table_header
from linnet.errors import InputError
from linnet.postprocessing.scores import Prediction
from linnet.system.files import written_whole
from rendered import header as header_of
from rendered import rendered

LABELS = ("negative", "neutral", "positive")
PREDICTION = Prediction(
    "positive", 0.7000000476837158, {"negative": 0.1, "neutral": 0.2, "positive": 0.7000000476837158}
)

TEXTS = [
    "",
    "plain",
    'say "hi", now; or\tnever',
    "two\nlines",
    "two\r\nlines",
    "carriage\rreturn",
    "🙂 Ü 中文 e\u0301",
    "a\u2028b\u0085c",
    "\x1b[31mred",
    " spaces ",
    "=1+1",
    "'",
    '"',
]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def columns(line: str) -> int:
    """How many columns of a terminal a line takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line
    )


@pytest.mark.parametrize("text", TEXTS)
def test_a_json_line_is_one_line_and_round_trips(text: str) -> None:
    line = rendered("jsonl", text, PREDICTION)
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    row = json.loads(line)
    assert list(row) == ["text", "label", "score", "scores"]
    assert row["text"] == text
    assert Prediction(row["label"], row["score"], row["scores"]) == PREDICTION


def test_a_json_line_says_characters_as_they_are() -> None:
    assert "Ü 🙂" in rendered("jsonl", "Ü 🙂", PREDICTION)


def test_a_plain_line_is_label_score_and_text() -> None:
    assert render_plain("Good news!", PREDICTION) == "positive\t0.7000\tGood news!\n"
    assert render_plain("", PREDICTION) == "positive\t0.7000\t\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a\\tb"),
        ("a\nb\r\n", "a\\nb\\r\\n"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\x85d"),
        ("\x00\x07\x7f\x9b", "\\x00\\x07\\x7f\\x9b"),
        ("Ü 🙂 中文", "Ü 🙂 中文"),
    ],
)
def test_a_plain_line_escapes_what_would_break_it_or_drive_a_terminal(text: str, shown: str) -> None:
    assert render_plain(text, PREDICTION) == f"positive\t0.7000\t{shown}\n"


HEADER = ["text", "label", "score", "score_negative", "score_neutral", "score_positive"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_row_of_csv_round_trips(text: str) -> None:
    written = header_of("csv", LABELS) + rendered("csv", text, PREDICTION)
    header, row = csv.reader(io.StringIO(written, newline=""), strict=True)
    assert header == HEADER
    assert row[:2] == [text, "positive"]
    assert [float(field) for field in row[2:]] == [PREDICTION.score, *PREDICTION.scores.values()]


def spaced(text: str) -> str:
    """How TSV holds a text: tabs and line breaks become spaces, and the rest stays as it is."""
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


@pytest.mark.parametrize("text", TEXTS)
def test_a_row_of_tsv_is_its_fields_between_tabs(text: str) -> None:
    assert header_of("tsv", LABELS) == "\t".join(HEADER) + "\n"
    row = rendered("tsv", text, PREDICTION)
    assert row.count("\n") == 1
    fields = row[:-1].split("\t")
    assert fields[:2] == [spaced(text), "positive"]
    assert [float(field) for field in fields[2:]] == [PREDICTION.score, *PREDICTION.scores.values()]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_what_is_written_can_be_read_again(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    with written_whole(file) as stream:
        stream.write(header_of(suffix[1:], LABELS))
        for text in TEXTS:
            stream.write(rendered(suffix[1:], text, PREDICTION))
    assert list(read_file(file, reading_for(str(file), suffix[1:]))) == (
        TEXTS if suffix == ".csv" else [spaced(text) for text in TEXTS]
    )


@pytest.mark.parametrize("label", ["a\tb", "a\nb", "a\r\nb", 'say "a"', "a\u2028b", ",", "\x1b[31m"])
def test_labels_keep_to_their_field_and_line(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    labels, found = (label, "b"), Prediction(label, 0.5, {label: 0.5, "b": 0.5})
    plain = render_plain("text", found)
    assert (plain.count("\t"), len(plain.splitlines()), "\x1b" in plain) == (2, 1, False)
    for line in (header_of("tsv", labels), rendered("tsv", "text", found)):
        assert (line.count("\t"), line.count("\n"), "\r" in line) == (4, 1, False)
    written = header_of("csv", labels) + rendered("csv", "text", found)
    header, row = csv.reader(io.StringIO(written, newline=""), strict=True)
    assert (header[3], row[1]) == (f"score_{label}", label)
    monkeypatch.setenv("COLUMNS", "120")
    head, line = table_header(labels), render_table(labels)("TEXT", found)
    assert len((head + line).splitlines()) == 2 and "\x1b" not in head + line
    assert columns(head[: head.index("text")]) == columns(line[: line.index("TEXT")])


@pytest.mark.parametrize(
    "text",
    ["short", "word " * 100, "中" * 200, "🙂" * 200, "e\u0301" * 200, "a中" * 100, "\x1b" * 100, "x" * 50 + "\n" * 50],
)
@pytest.mark.parametrize("width", [60, 80, 81, 120])
def test_a_row_of_the_table_keeps_to_the_width(monkeypatch: pytest.MonkeyPatch, text: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    line = render_table(LABELS)(text, PREDICTION)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert columns(line[:-1]) <= width
    if text == "short":
        assert line.endswith("  short\n")
    else:
        assert line.endswith("…\n")
        assert columns(line[:-1]) > width // 2


def test_a_text_is_cut_only_when_it_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [render_table(LABELS)("x" * length, PREDICTION)[:-1] for length in range(81)]
    whole = [row for row in rows if not row.endswith("…")]
    assert whole == rows[: len(whole)]
    assert 20 < len(whole) < 80
    assert columns(whole[-1]) == columns(rows[-1]) <= 80


@pytest.mark.parametrize("labels", [LABELS, ("NEG", "NEU", "POS"), ("否定", "肯定"), ("a_very_long_label", "b")])
def test_the_head_of_the_table_stands_above_its_columns(
    monkeypatch: pytest.MonkeyPatch, labels: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    head = table_header(labels)
    row = render_table(labels)("TEXT", Prediction(labels[0], 0.5, dict.fromkeys(labels, 0.5)))
    assert columns(head[: head.index("text")]) == columns(row[: row.index("TEXT")])


def test_a_file_written_whole_holds_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    umask = os.umask(0o022)
    try:
        with written_whole(file) as stream:
            stream.write("ü\r\n🙂\n")
    finally:
        os.umask(umask)
    assert file.read_bytes() == "ü\r\n🙂\n".encode()
    assert names(tmp_path) == ["a.txt"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    with written_whole(file) as stream:
        stream.write("new")
        stream.flush()
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, ValueError, GeneratorExit])
def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, interruption: type[BaseException]) -> None:
    with pytest.raises(interruption), written_whole(tmp_path / "a.txt") as stream:
        stream.write("half")
        raise interruption
    assert names(tmp_path) == []


def test_an_interrupted_write_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), written_whole(file) as stream:
        stream.write("half")
        stream.flush()
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "a.txt"
    with pytest.raises(InputError) as caught, written_whole(file):
        pass
    assert str(file) in str(caught.value)
    assert "folder that can be written" in str(caught.value)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.mkdir()
    with pytest.raises(InputError) as caught, written_whole(file) as stream:
        stream.write("new")
    assert str(file) in str(caught.value)
    assert names(tmp_path) == ["a.txt"]
