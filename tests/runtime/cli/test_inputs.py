from collections.abc import Iterator
from pathlib import Path

import pytest
from linnet.cli.formats.reading import READABLE, format_of, read_file, reading_for
from linnet.errors import InputError

TABLES = [(".csv", ","), (".tsv", "\t")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def texts_of(file: Path, column: str | None = None) -> Iterator[str]:
    yield from read_file(file, reading_for(str(file), format_of(file), column))


def read(file: Path, content: bytes | str, column: str | None = None) -> list[str]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(texts_of(file, column))


def refused(file: Path, content: bytes | str, column: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(file, content, column)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_txt_is_a_text_a_line(folder: Path) -> None:
    assert read(folder / "a.txt", "one\n\n\ttwo \r\nthree\r") == ["one", "", "\ttwo ", "three"]
    assert read(folder / "a.txt", "") == []


@pytest.mark.parametrize(("suffix", "mark"), TABLES)
def test_a_table_gives_its_column(folder: Path, suffix: str, mark: str) -> None:
    file = folder / f"a{suffix}"
    content = f"id{mark}text{mark}tweet\n1{mark}one{mark}eins\n2{mark}{mark}\n3{mark} three {mark}drei"
    assert read(file, content) == ["one", "", " three "]
    assert read(file, content, "tweet") == ["eins", "", "drei"]


def test_csv_keeps_what_is_quoted(folder: Path) -> None:
    content = 'id,text\n1,"a\nb"\n2,"say ""hi"", now"\n3,"c\r\nd"\n4,""\n'
    assert read(folder / "a.csv", content) == ["a\nb", 'say "hi", now', "c\r\nd", ""]


def test_quotes_of_tsv_are_text(folder: Path) -> None:
    content = 'text\tid\n"a\t1\nb"\t2\n"say ""hi"" now"\t3\r\nc\rd\t4\n""\t5\n"'
    assert read(folder / "a.tsv", content) == ['"a', 'b"', '"say ""hi"" now"', "c\rd", '""', '"']


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


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".tsv", ".jsonl"])
@pytest.mark.parametrize("content", ["", "\ufeff"])
def test_an_empty_file_has_no_texts(
    folder: Path, suffix: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(folder / f"a{suffix}", content) == []
    assert capsys.readouterr().err == f"note: {folder / f'a{suffix}'} has no texts\n"


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_the_header_is_the_first_line_that_is_not_blank(folder: Path, suffix: str) -> None:
    mark = dict(TABLES)[suffix]
    for blank in ("\n", "\r\n\n", f"{mark}\n \n"):
        assert read(folder / f"a{suffix}", f"{blank}id{mark}text\n1{mark}one\n") == ["one"]
    assert read(folder / f"a{suffix}", "\n \n") == []


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
    rows: Iterator[str] = texts_of(folder / "a.csv")
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
    ],
)
def test_invalid_utf8_is_named_by_its_line(folder: Path, name: str, content: bytes, line: int) -> None:
    message = refused(folder / name, content)
    assert f"line {line}:" in message
    assert "expected UTF-8" in message
    assert "iconv" in message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_utf16_and_utf32_are_decoded_by_their_byte_order_mark(folder: Path, encoding: str) -> None:
    for name, content in (
        ("a.txt", "\ufeffone\n🙂\ufefftwo"),
        ("a.csv", "\ufeffid,text\n1,one\n2,🙂\ufefftwo"),
        ("a.tsv", "\ufeffid\ttext\n1\tone\n2\t🙂\ufefftwo"),
        ("a.jsonl", '\ufeff{"text": "one"}\n{"text": "🙂\ufefftwo"}'),
    ):
        assert read(folder / name, content.encode(encoding)) == ["one", "🙂\ufefftwo"]
    assert "iconv -f latin1 -t utf-8" in refused(folder / "a.txt", b"a\n\xff\xfeb")


def test_damaged_utf16_is_not_called_latin1(folder: Path) -> None:
    message = refused(folder / "a.txt", "\ufeffa\nb".encode("utf-16-le") + b"c")
    assert "line 2: expected text, found damaged UTF-16 or UTF-32" in message


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
            list(texts_of(folder / name))
        assert str(folder / name) in str(caught.value)
        assert why in str(caught.value)


def test_a_row_with_more_fields_than_the_header_is_refused(folder: Path) -> None:
    message = refused(folder / "a.csv", "id,text\n1,fine\n1,I said hello, world is awful today\n")
    assert "line 3: expected 2 fields as in the header, found 3; quote a field that contains ','" in message
    assert "expected 1 field as" in refused(folder / "a.csv", "text\nWell, well\n")
    assert "found 3" in refused(folder / "a.csv", "id,text\n1,one,\n")


def test_rows_of_tsv_are_lines_whatever_is_in_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "a.tsv"
    assert read(file, "id\ttext\n1\tone\t\n2\ttwo\t \t\n") == ["one", "two"]  # white space alone is left over
    assert capsys.readouterr().err == ""
    assert read(file, "id\ttext\n1\n2\ttwo\tmore\n\n3\tthree\n") == ["", "two", "three"]
    assert capsys.readouterr().err.splitlines() == [
        f"note: {file}: 1 row has fewer fields than the header, in line 2; a missing text is empty",
        f"note: {file}: 1 text is empty, in line 2",
        f"note: {file}: 1 row has more fields than the header, in line 3; a text with a tab ends at it",
    ]
    assert read(file, "text\none\n\ntwo\n") == ["one", "", "two"]


def test_short_rows_that_have_the_text_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(folder / "a.csv", "text,label\none,x\ntwo\nthree\n") == ["one", "two", "three"]
    assert "2 rows have fewer fields than the header, the first in line 3" in capsys.readouterr().err


def test_empty_texts_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (
        ("a.csv", 'id,text\n1,"a\nb"\n2,\n3,  \n'),
        ("a.tsv", "id\ttext\n1\ta\n\n2\t\n3\t  \n"),
        ("a.jsonl", '{"text": "a"}\n\n\n{"text": ""}\n{"text": " "}\n'),
        ("a.txt", "a\nb\nc\n\n \n"),
    ):
        read(folder / name, content)
        assert capsys.readouterr().err == f"note: {folder / name}: 2 texts are empty, the first in line 4\n"


def test_blank_lines_that_may_be_texts_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(folder / "a.csv", "text\none\n\ntwo\n\n") == ["one", "two"]
    assert "1 blank line is no row, in line 3" in capsys.readouterr().err
    assert read(folder / "a.csv", "id,text\n1,one\n\n2,two\n\n") == ["one", "two"]
    assert capsys.readouterr().err == ""


def test_a_column_that_is_there_twice_is_refused(folder: Path) -> None:
    assert "expected one column 'text', found 2" in refused(folder / "a.csv", "text,id,text\na,1,b\n")


@pytest.mark.parametrize(
    ("name", "content", "option"),
    [
        ("a.csv", "id;created;text\n1;x;one\n", "--delimiter ';'"),
        ("a.csv", '"id";"text"\n"1";"one"\n', "--delimiter ';'"),
        ("a.csv", "id\ttext\n1\tone\n", "--delimiter tab"),
        ("a.csv", "id|text\n", "--delimiter '|'"),
        ("a.tsv", "id,text\n1,one\n", "--delimiter ','"),
        ("a.csv", "number;text;a,b\n", "--delimiter ';'"),
    ],
)
def test_another_delimiter_in_the_header_is_told(folder: Path, name: str, content: str, option: str) -> None:
    assert option in refused(folder / name, content)


def test_a_json_array_is_told_how_to_become_lines(folder: Path) -> None:
    assert "jq -c '.[]'" in refused(folder / "a.jsonl", '[\n{"text": "a"}\n]\n')


def test_remarks_are_told_unless_it_is_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("\n")
    for silent in (True, False):
        assert list(read_file(tmp_path / "a.txt", reading_for("a", "txt"), silent=silent)) == [""]
        assert ("text is empty" in capsys.readouterr().err) is not silent
