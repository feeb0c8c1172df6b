import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linnet.cli.formats.reading import READABLE, read_arriving, read_file, read_lines
from linnet.errors import InputError

TABLES = [(".csv", ","), (".tsv", "\t")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(file: Path, content: bytes | str, column: str | None = None) -> list[str]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_file(file, column))


def refused(file: Path, content: bytes | str, column: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(file, content, column)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_lines_are_split_at_line_feeds_alone() -> None:
    stream = io.BytesIO("a\n\n b\u2028c\u0085d\x0b\x0c\x1ce\rf \n🙂".encode())
    assert list(read_lines(stream, "it")) == ["a", "", " b\u2028c\u0085d\x0b\x0c\x1ce\rf ", "🙂"]


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", []), (b"\n", [""]), (b"a", ["a"]), (b"a\n", ["a"]), (b"a\n\n", ["a", ""])]
)
def test_a_last_line_feed_ends_its_line(content: bytes, expected: list[str]) -> None:
    assert list(read_lines(io.BytesIO(content), "it")) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\r\nb\r", ["a", "b"]),
        (b"\r\n\n\r", ["", "", ""]),
        (b"a\rb\n\rc\n", ["a\rb", "\rc"]),
        (b"a\r\r\n", ["a\r"]),
    ],
)
def test_a_carriage_return_at_the_end_of_a_line_is_no_text(content: bytes, expected: list[str]) -> None:
    assert list(read_lines(io.BytesIO(content), "it")) == expected


class Pipe(io.BytesIO):
    """Gives what was written to it in the pieces that it was written in."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(b"".join(pieces))
        self._pieces = iter([piece for piece in pieces if piece])

    def read1(self, size: int | None = -1, /) -> bytes:
        return next(self._pieces, b"")


@given(st.lists(st.text("ab\n\r🙂é").map(str.encode)))
def test_lines_that_arrive_are_the_same_lines(pieces: list[bytes]) -> None:
    parts = list(read_arriving(Pipe(pieces), "it"))
    assert [line for part in parts for line in part] == list(read_lines(io.BytesIO(b"".join(pieces)), "it"))
    assert all(parts)


def test_lines_that_arrive_wait_for_their_ends_alone() -> None:
    parts = read_arriving(
        Pipe([b"one\ntwo\nth", b"r", b"ee\n", "\n🙂".encode()[:3], "🙂".encode()[2:] + b"\nlast"]), "it"
    )
    assert list(parts) == [["one", "two"], ["three"], [""], ["🙂"], ["last"]]


def test_a_line_that_arrives_and_is_not_utf8_is_named() -> None:
    parts = read_arriving(Pipe([b"a\nb\n", b"c\nab\xe9\n"]), "standard input")
    assert next(parts) == ["a", "b"]
    with pytest.raises(InputError, match="standard input, line 4: expected UTF-8, found byte 0xe9 at position 2"):
        next(parts)


def test_a_line_that_is_not_utf8_is_named() -> None:
    lines = read_lines(io.BytesIO(b"a\nb\nab\xe9\n"), "standard input")
    assert [next(lines), next(lines)] == ["a", "b"]
    with pytest.raises(InputError) as caught:
        next(lines)
    message = str(caught.value)
    assert "standard input, line 3" in message
    assert "0xe9 at position 2" in message
    assert "iconv" in message


def test_lines_are_read_as_they_are_asked_for() -> None:
    class Endless(io.BytesIO):
        def __next__(self) -> bytes:
            return b"more\n"

        def __iter__(self) -> "Endless":
            return self

    assert next(read_lines(Endless(), "it")) == "more"


def test_the_bytes_that_were_read_are_told() -> None:
    told: list[int] = []
    list(read_lines(io.BytesIO("ä\n\nb".encode()), "it", told.append))
    assert told == [3, 1, 1]


def test_txt_is_a_text_a_line(folder: Path) -> None:
    assert read(folder / "a.txt", "one\n\n\ttwo \r\nthree\r") == ["one", "", "\ttwo ", "three"]
    assert read(folder / "a.txt", "") == []


@pytest.mark.parametrize(("suffix", "mark"), TABLES)
def test_a_table_gives_its_column(folder: Path, suffix: str, mark: str) -> None:
    file = folder / f"a{suffix}"
    content = f"id{mark}text{mark}tweet\n1{mark}one{mark}eins\n2{mark}{mark}\n3{mark} three {mark}drei"
    assert read(file, content) == ["one", "", " three "]
    assert read(file, content, "tweet") == ["eins", "", "drei"]


@pytest.mark.parametrize(("suffix", "mark"), TABLES)
def test_a_table_keeps_what_is_quoted(folder: Path, suffix: str, mark: str) -> None:
    content = f'id{mark}text\n1{mark}"a\nb"\n2{mark}"say ""hi""{mark} now"\n3{mark}"c\r\nd"\n4{mark}""\n'
    assert read(folder / f"a{suffix}", content) == ["a\nb", f'say "hi"{mark} now', "c\r\nd", ""]


def test_a_table_may_end_its_lines_with_crlf(folder: Path) -> None:
    assert read(folder / "a.csv", 'id,text\r\n1,one\r\n\r\n2,"a\r\nb"\r\n') == ["one", "a\r\nb"]


def test_blank_lines_of_a_table_are_no_rows(folder: Path) -> None:
    assert read(folder / "a.csv", 'text\n\none\n\n""\n\n') == ["one", ""]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "\ufeffone\n\ufefftwo"),
        ("a.csv", "\ufefftext\none\n\ufefftwo"),
        ("a.csv", '\ufeff"text"\none\n\ufefftwo'),
        ("a.tsv", "\ufefftext\none\n\ufefftwo"),
        ("a.jsonl", '\ufeff{"text": "one"}\n{"text": "\ufefftwo"}'),
    ],
)
def test_a_byte_order_mark_at_the_start_is_no_text(folder: Path, name: str, content: str) -> None:
    assert read(folder / name, content) == ["one", "\ufefftwo"]


def test_jsonl_gives_its_key(folder: Path) -> None:
    content = '{"text": "one", "n": 1}\n\n  \n{"tweet": "zwei", "text": "t\\nw\\u00f6"}\r\n{"text": ""}'
    assert read(folder / "a.jsonl", content) == ["one", "t\nwö", ""]
    assert read(folder / "a.jsonl", '{"tweet": "zwei"}', "tweet") == ["zwei"]


def test_suffixes_may_be_in_capitals(folder: Path) -> None:
    assert read(folder / "A.CSV", "text\none") == ["one"]


def test_a_field_may_be_long(folder: Path) -> None:
    long = "x" * 500_000
    assert read(folder / "a.csv", f"text\n{long}\n") == [long]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_a_missing_column_lists_those_that_there_are(folder: Path, suffix: str) -> None:
    mark = dict(TABLES)[suffix]
    message = refused(folder / f"a{suffix}", f"id{mark}tweet\n1{mark}one\n")
    assert "expected a column 'text', found 'id', 'tweet'" in message
    assert "--column" in message
    assert "'nope'" in refused(folder / f"a{suffix}", f"id{mark}tweet\n", "nope")


def test_an_empty_table_has_no_column(folder: Path) -> None:
    assert "found an empty file" in refused(folder / "a.csv", "")


@pytest.mark.parametrize(
    ("row", "found", "remedy"),
    [
        ('{"id": 1, "tweet": "a"}', "'id', 'tweet'", "--column"),
        ('{"text": 3}', "3", "fix the row"),
        ('{"text": null}', "null", "fix the row"),
        ('["text"]', '["text"]', "--column"),
        ('"text"', '"text"', "--column"),
    ],
)
def test_a_row_of_jsonl_without_the_key_is_named(folder: Path, row: str, found: str, remedy: str) -> None:
    message = refused(folder / "a.jsonl", f'{{"text": "a"}}\n\n{row}\n')
    assert "line 3" in message
    assert f"found {found}" in message
    assert remedy in message


@pytest.mark.parametrize(
    "row", ["{", "nonsense", '{"text": "a"} {"text": "b"}', "[" * 100_000], ids=lambda row: row[:9]
)
def test_malformed_jsonl_is_named_by_its_line(folder: Path, row: str) -> None:
    assert "line 2" in refused(folder / "a.jsonl", f'{{"text": "a"}}\n{row}\n')


def test_a_text_of_jsonl_that_no_encoding_can_hold_is_named_by_its_line(folder: Path) -> None:
    assert "line 2" in refused(folder / "a.jsonl", '{"text": "a"}\n{"text": "\\ud83d"}\n')


@pytest.mark.parametrize(
    ("content", "line"), [('id,text\n1,"a\nb"\n2\n', 4), ('id,text\n1,"open\n', 2), ('id,text\n1,"a"b\n', 2)]
)
def test_a_malformed_row_of_a_table_is_named_by_its_line(folder: Path, content: str, line: int) -> None:
    message = refused(folder / "a.csv", content)
    assert f"line {line}" in message
    assert "fix the row" in message


def test_rows_before_a_malformed_one_are_given(folder: Path) -> None:
    (folder / "a.csv").write_text("id,text\n1,one\n2\n")
    rows: Iterator[str] = read_file(folder / "a.csv")
    assert next(rows) == "one"
    with pytest.raises(InputError):
        next(rows)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.txt", b"a\n\n\xff", 3),
        ("a.csv", b"text\na\n\xe9\n", 3),
        ("a.tsv", b"text\n\xe9\n", 2),
        ("a.jsonl", b'{"text": "\xe9"}', 1),
        ("a.csv", b"\xff\xfet\x00", 1),
    ],
)
def test_invalid_utf8_is_named_by_its_line(folder: Path, name: str, content: bytes, line: int) -> None:
    message = refused(folder / name, content)
    assert f"line {line}:" in message
    assert "expected UTF-8" in message
    assert "iconv" in message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_known_by_its_byte_order_mark(folder: Path, encoding: str) -> None:
    for name, content in (
        ("a.txt", "\ufeffone\n\ufefftwo"),
        ("a.csv", "\ufefftext\none"),
        ("a.jsonl", '\ufeff{"text": ""}'),
    ):
        assert "iconv -f utf-16 -t utf-8" in refused(folder / name, content.encode(encoding))
    assert "iconv -f latin1 -t utf-8" in refused(folder / "a.txt", b"a\n\xff\xfeb")


def test_a_column_of_txt_is_refused(folder: Path) -> None:
    message = refused(folder / "a.txt", "one", "text")
    assert "omit --column" in message


@pytest.mark.parametrize(("name", "found"), [("a.json", ".json"), ("a.xlsx", ".xlsx"), ("tweets", "no suffix")])
def test_an_unknown_suffix_is_refused_and_the_known_ones_listed(folder: Path, name: str, found: str) -> None:
    message = refused(folder / name, "")
    assert f"found {found}" in message
    for suffix in READABLE:
        assert suffix in message


def test_a_missing_file_and_a_folder_are_refused(folder: Path) -> None:
    (folder / "folder.csv").mkdir()
    for name, why in (("nowhere.csv", "No such file"), ("folder.csv", "directory")):
        with pytest.raises(InputError) as caught:
            list(read_file(folder / name))
        assert str(folder / name) in str(caught.value)
        assert why in str(caught.value)
