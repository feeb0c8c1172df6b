"""Tables as the page reads and writes them, beside Python's csv module and the runtime's own rules."""

import csv
import io
import random
from typing import Any

import pytest
from linnet.names import free_names
from playwright.sync_api import Page

PIECES = ["a", "é🎉", '"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "", "=1", "'"]
READ = """async ([texts, separator, quotes]) => {
  const { parse } = await import("/page/csv.js");
  return texts.map((text) => parse(text, separator, quotes).rows.map((row) => row.cells));
}"""
WRITE = """async ([tables, separator]) => {
  const { write } = await import("/page/csv.js");
  return tables.map((rows) => write(rows, { separator, quotes: true, lineBreak: "\\r\\n" }));
}"""


def reads(page: Page, texts: list[str], separator: str = ",", *, quotes: bool = True) -> Any:
    return page.evaluate(READ, [texts, separator, quotes])


def expected(text: str, separator: str) -> list[list[str]]:
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    first = next((index for index, row in enumerate(rows) if any(map(str.strip, row))), len(rows))
    return rows[first:]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_are_read_as_python_reads_them(page: Page, separator: str) -> None:
    chosen = random.Random(separator)
    texts = ["".join(chosen.choices([*PIECES, separator], k=chosen.randrange(30))) for _ in range(3000)]
    for text, found in zip(texts, reads(page, texts, separator), strict=True):
        assert found == expected(text, separator), text


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_tables_are_written_as_python_reads_them(page: Page, separator: str) -> None:
    chosen = random.Random(separator)
    tables = [
        [
            ["".join(chosen.choices(PIECES, k=chosen.randrange(6))) for _ in range(3)]
            for _ in range(chosen.randrange(1, 5))
        ]
        for _ in range(1000)
    ]
    for rows, text in zip(tables, page.evaluate(WRITE, [tables, separator]), strict=True):
        assert list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)) == rows


def test_a_blank_line_of_one_column_without_quotes_is_an_empty_text(page: Page) -> None:
    assert reads(page, ["\ntext\na\n\nb\n\n\n"], "\t", quotes=False) == [[["text"], ["a"], [""], ["b"]]]
    assert reads(page, ["x\ty\na\t1\n\nb\t2\n"], "\t", quotes=False) == [[["x", "y"], ["a", "1"], ["b", "2"]]]


def test_lines_are_counted_and_open_quotes_are_found(page: Page) -> None:
    asked = 'import("/page/csv.js").then(({ parse }) => parse(\'a,"b\\n\\r\\nc"\\nd\\r"e\\n\', ",", true))'
    found = page.evaluate(asked)
    assert [row["line"] for row in found["rows"]] == [1, 4, 5] and found["unclosed"] == 5


@pytest.mark.parametrize(
    ("text", "name", "separator", "quotes"),
    [
        ("a,b\n1,2\n", "", ",", True),
        ('"a;b;c",d\n', "", ",", True),
        ("a;b,c;d\n", "", ";", True),
        ("a|b\n", "", "|", True),
        ("text\n", "", ",", True),
        ("a,b,c\td\n", "x.TSV", "\t", False),
        ('a\tb\n"x\n1\t2\n', "", "\t", False),
        ('a\tb\n"x\ny"\t2\n', "", "\t", True),  # a cell with a line break, from a spreadsheet's clipboard
    ],
)
def test_how_a_table_is_read_is_guessed(page: Page, text: str, name: str, separator: str, quotes: bool) -> None:
    asked = '([text, name]) => import("/page/csv.js").then(({ guess }) => guess(text, name))'
    assert page.evaluate(asked, [text, name]) == {"separator": separator, "quotes": quotes}


@pytest.mark.parametrize(
    ("names", "cells", "place"),
    [
        (["id", "Tweet_Text"], ["a long cell of an id", "b"], 1),
        (["id", "what", "by"], ["1", "a long cell", "me"], 1),
        (["context", "text"], ["a long cell", ""], 1),
        (["id"], ["1"], 0),
    ],
)
def test_the_column_of_the_texts_is_guessed(page: Page, names: list[str], cells: list[str], place: int) -> None:
    asked = '([names, rows]) => import("/page/csv.js").then(({ textColumn }) => textColumn(names, rows))'
    assert page.evaluate(asked, [names, [cells]]) == place


def test_names_that_are_taken_get_a_number_as_the_runtime_gives_it(page: Page) -> None:
    names, taken = ["a", "label", "a", "a_2", "label", ""], ["label", "label_2", ""]
    asked = '([names, taken]) => import("/page/csv.js").then(({ freeNames }) => freeNames(names, taken))'
    assert page.evaluate(asked, [names, taken]) == free_names(names, taken)
