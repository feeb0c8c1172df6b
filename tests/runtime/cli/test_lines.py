import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linnet.cli.formats.lines import Lines
from linnet.cli.formats.reading import read_parts
from linnet.cli.formats.remarks import Remarks
from linnet.cli.formats.rows import Reading
from linnet.errors import InputError

UNMARKED = ["utf-8"]
MARKED = ["utf-8-sig", "utf-16", "utf-32"]


class Pipe(io.BytesIO):
    """Gives what was written to it in the pieces that it was written in."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(b"".join(pieces))
        self._pieces = iter([piece for piece in pieces if piece])

    def read1(self, size: int | None = -1, /) -> bytes:
        return next(self._pieces, b"")


def arriving(*pieces: bytes, errors: str = "strict") -> list[list[str]]:
    parts = read_parts(Pipe(list(pieces)), Reading(errors=errors), Remarks("standard input"))
    return [texts for part in parts if (texts := [row.text for row in part])]


def texts_of(content: bytes, errors: str = "strict") -> list[str]:
    return [text for part in arriving(content, errors=errors) for text in part]


def test_lines_are_split_at_line_feeds_alone() -> None:
    content = "a\n\n b\u2028c\u0085d\x0b\x0c\x1ce\rf \n🙂".encode()
    assert texts_of(content) == ["a", "", " b\u2028c\u0085d\x0b\x0c\x1ce\rf ", "🙂"]


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", []), (b"\n", [""]), (b"a", ["a"]), (b"a\n", ["a"]), (b"a\n\n", ["a", ""])]
)
def test_a_last_line_feed_ends_its_line(content: bytes, expected: list[str]) -> None:
    assert texts_of(content) == expected


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
    assert texts_of(content) == expected


@given(st.lists(st.text("ab\n\r🙂é").map(str.encode)))
def test_lines_that_arrive_are_the_same_lines(pieces: list[bytes]) -> None:
    assert [text for part in arriving(*pieces) for text in part] == texts_of(b"".join(pieces))


def test_lines_that_arrive_wait_for_their_ends_alone() -> None:
    pieces = [b"one\ntwo\nth", b"r", b"ee\n", "\n🙂".encode()[:3], "🙂".encode()[2:] + b"\nlast"]
    assert arriving(*pieces) == [["one", "two"], ["three"], [""], ["🙂"], ["last"]]


def test_lines_are_read_as_they_are_asked_for() -> None:
    class Endless(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return b"more\n"

    assert next(Lines(Endless(), Remarks("it"))) == "more"


def test_the_bytes_that_were_read_are_told() -> None:
    told: list[int] = []
    list(Lines(io.BytesIO("ä\n\nb".encode()), Remarks("it"), advance=told.append))
    assert told == [3, 1, 1]


@pytest.mark.parametrize("encoding", [*UNMARKED, *MARKED])
@given(lines=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"))), cut=st.integers(1))
def test_a_byte_order_mark_names_the_encoding(encoding: str, lines: list[str], cut: int) -> None:
    lines = [line.lstrip("\ufeff") for line in lines]
    content = "".join(f"{line}\n" for line in lines).encode(encoding)
    cut %= len(content) + 1
    assert [text for part in arriving(content[:cut], content[cut:]) for text in part] == lines
    assert [text for part in arriving(*(content[at : at + 1] for at in range(len(content)))) for text in part] == lines


def test_a_byte_order_mark_is_text_after_the_start() -> None:
    assert texts_of("\ufeffone\n\ufefftwo".encode()) == ["one", "\ufefftwo"]
    assert texts_of("\ufeffone\n\ufefftwo".encode("utf-16-be")) == ["one", "\ufefftwo"]


def test_a_short_line_does_not_wait_for_a_byte_order_mark() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as pipe:  # noqa: PTH123  # descriptors
        parts = read_parts(stream, Reading(), Remarks("it"))
        for line in (b"\n", b"a\n"):
            pipe.write(line)
            assert [row.text for row in next(parts)] == [line.decode().strip()]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_damaged_utf16_and_utf32_is_named_by_its_line(encoding: str) -> None:
    content = "\ufeffa\nb\n".encode(encoding)
    for damage in (b"\x41", "\ud800x\n".encode(encoding, "surrogatepass")):
        with pytest.raises(InputError, match="standard input, line 3"):
            texts_of(content + damage)
        assert texts_of(content + damage, "replace")[:2] == ["a", "b"]


def failing(*pieces: bytes) -> tuple[list[str], str]:
    given, parts = [], read_parts(Pipe(list(pieces)), Reading(), Remarks("standard input"))
    with pytest.raises(InputError) as caught:
        for part in parts:
            given += [row.text for row in part]
    return given, str(caught.value)


def test_a_line_that_is_not_utf8_is_named_after_those_before_it_are_given() -> None:
    for pieces in ([b"a\nb\n", b"c\nab\xe9\nd\n"], [b"a\nb\nc\nab\xe9\nd\n"]):
        given, message = failing(*pieces)
        assert given == ["a", "b", "c"]
        assert "standard input, line 4: expected UTF-8, found byte 0xe9 at position 2" in message
        assert "iconv -f latin1 -t utf-8" in message
        assert "--errors replace" in message


def test_a_line_that_is_not_utf8_may_be_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    remarks = Remarks("standard input")
    parts = read_parts(io.BytesIO(b"a\nb\xe9d\n\xff\n"), Reading(errors="replace"), remarks)
    assert [row[:2] for part in parts for row in part] == [(1, "a"), (2, "b\ufffdd"), (3, "\ufffd")]
    remarks.tell()
    assert "standard input: 2 lines are not UTF-8, the first in line 2; U+FFFD" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("start", "told"), [(b"\x1f\x8b\x08\x00\xff", "a gzip file"), (b"PK\x03\x04\xff", "a zip archive")]
)
def test_packed_files_are_known(start: bytes, told: str) -> None:
    assert told in failing(start + b"\n")[1]


def test_a_file_is_one_part_whatever_its_size(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a line of text\n" * 50_000)
    with (tmp_path / "a.txt").open("rb") as stream:
        sizes = [len(list(part)) for part in read_parts(stream, Reading(), Remarks("it"))]
    assert sizes == [50_000]
