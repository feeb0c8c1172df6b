import io
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.errors import LinnetError, TextTypeError, TextValueError
from linnet.texts import as_texts, iterate_texts


def refused(texts: Any, kind: type[LinnetError] = TextTypeError) -> str:
    with pytest.raises(kind) as caught:
        as_texts(texts)
    return str(caught.value)


def test_a_str_is_one_text() -> None:
    assert as_texts("two words") == ["two words"]
    assert as_texts("") == [""]


def test_any_iterable_of_str_is_several() -> None:
    expected = ["a", "", "ü 🙂"]
    for texts in (
        expected,
        tuple(expected),
        (text for text in expected),
        dict.fromkeys(expected).keys(),
        np.array(expected),
    ):
        assert as_texts(texts) == expected


def test_no_texts_are_no_texts() -> None:
    assert as_texts([]) == as_texts(iter(())) == []


@pytest.mark.parametrize(
    ("texts", "found", "remedy"),
    [
        (None, "NoneType", "give '' for a missing text"),
        (b"text", "bytes", "decode('utf-8')"),
        (bytearray(b"text"), "bytearray", "decode('utf-8')"),
        (3, "int", "str(value)"),
        (3.5, "float", "str(value)"),
    ],
)
def test_what_is_no_text_is_refused_with_a_remedy(texts: object, found: str, remedy: str) -> None:
    message = refused(texts)
    assert "expected a str or an iterable of str" in message
    assert f"found {found}" in message
    assert remedy in message


@pytest.mark.parametrize(
    ("texts", "index", "found", "remedy"),
    [
        (["a", None], 1, "NoneType", "give '' for a missing text"),
        (["a", "b", b"c"], 2, "bytes", "decode('utf-8')"),
        ([bytearray(b"c"), "a"], 0, "bytearray", "decode('utf-8')"),
        (["a", 1, b"c"], 1, "int", "str(value)"),
        ([["a"]], 0, "list", "str(value)"),
    ],
)
def test_the_first_that_is_no_text_is_named_by_its_index(
    texts: list[object], index: int, found: str, remedy: str
) -> None:
    message = refused(texts)
    assert f"text {index}:" in message
    assert f"found {found}" in message
    assert remedy in message


def test_a_lone_surrogate_is_refused_with_its_place_and_a_remedy() -> None:
    message = refused(["fine", "ab\ud83d"], TextValueError)
    assert "text 1:" in message
    assert "'\\ud83d'" in message
    assert "character 2" in message
    assert "text.encode('utf-8', 'replace')" in message
    assert message.isascii()


class Table:
    """A table as the packages of tables make them: iterating gives its column names."""

    columns = ("id", "text")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class Null:
    """A missing value that has no truth, such as pandas' NA."""

    def __ne__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


Null.__name__ = "NAType"

NAMES = ["a", "b"]


@pytest.mark.parametrize(
    ("texts", "remedy"),
    [
        (Table(), "a table; give one of its columns"),
        (dict.fromkeys(NAMES), "list(value.values())"),
        (Counter(NAMES), "list(value.values())"),
        (set(NAMES), "sorted(value)"),
        (frozenset(NAMES), "sorted(value)"),
        (np.array("a"), "str(value.item())"),
        (np.array([NAMES]), "value[:, 0]"),
        (memoryview(b"ab"), "decode('utf-8')"),
        (io.BytesIO(b"ab"), "encoding='utf-8'"),
        (Path("ab"), "read_text("),
        (str, "a class"),
    ],
)
def test_what_is_no_list_of_texts_is_refused_though_it_can_be_iterated(texts: object, remedy: str) -> None:
    message = refused(texts)
    assert message.startswith(f"expected a str or an iterable of str, found {type(texts).__name__}")
    assert remedy in message


@pytest.mark.parametrize(
    "missing",
    [
        *(None, float("nan"), np.float32("nan"), np.datetime64("NaT"), Decimal("NaN"), np.ma.masked, Null()),
        np.array(float("nan")),
    ],
)
def test_a_missing_text_is_never_to_be_turned_into_a_str(missing: object) -> None:
    for texts in (["a", missing], np.array(["a", missing], dtype=object), iter(["a", missing])):
        message = refused(texts)
        assert message.startswith("text 1: ") and message.endswith("; give '' for a missing text, or drop it")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (Path("ab"), "read_text("),
        (("a", "its pair"), "a pair of texts, which this model does not read"),
        ({"text": "a"}, "value['text']"),
        (np.array("a"), "str(value.item())"),
        (np.array(["a"]), "one flat list"),
        (np.bytes_(b"a"), "decode('utf-8')"),
    ],
)
def test_the_remedy_helps(text: object, remedy: str) -> None:
    assert remedy in refused([text])


def test_what_cannot_be_compared_is_named_by_its_index() -> None:
    class Tensor:
        """As a tensor of torch that has several values."""

        def __ne__(self, other: object) -> bool:
            raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    assert refused(["a", Tensor()]) == "text 1: expected a str, found Tensor; convert it first: str(value)"


def test_a_claim_to_be_iterable_is_checked() -> None:
    class Accessor:
        """As the accessor ``.str`` of a pandas Series."""

        def __iter__(self) -> Iterator[str]:
            raise TypeError("not iterable")

    assert "found Accessor" in refused(Accessor())


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"id": ["1", "2"], "text": NAMES})
    assert as_texts(table["text"]) == as_texts(table["text"].astype("string")) == NAMES
    assert "table['text']" in refused(table) and "table['text']" in refused(table[["text"]])
    for missing in (None, float("nan"), pandas.NA, pandas.NaT):
        for kind in ("object", "string") if missing is not pandas.NaT else ("object",):
            message = refused(pandas.Series(["a", missing], dtype=kind))
            assert message.startswith("text 1:") and message.endswith("give '' for a missing text, or drop it")


def test_polars() -> None:
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"text": NAMES})
    assert as_texts(table["text"]) == NAMES
    assert "table['text']" in refused(table) and "table['text']" in refused(table.lazy())
    assert refused(polars.Series(["a", None])).startswith("text 1:")


def test_pyarrow() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"text": ["a", None]})
    assert "table['text']" in refused(table)
    assert "column.to_pylist()" in refused(table["text"])
    assert "give '' for a missing text" in refused(table["text"][1:])


def test_the_remedies_work() -> None:
    assert as_texts(["ab\ud83d".encode("utf-8", "replace").decode()]) == ["ab?"]
    assert as_texts(b"ab".decode("utf-8")) == ["ab"]
    assert as_texts(str(np.array("ab").item())) == ["ab"]
    assert as_texts(np.array([["a", "b"], ["c", "d"]])[:, 0]) == ["a", "c"]


def test_texts_are_checked_as_they_pass() -> None:
    def texts() -> Iterator[Any]:
        yield from ("a", "b")
        yield 3

    checked = iterate_texts(texts())
    assert list(islice(checked, 2)) == ["a", "b"]
    with pytest.raises(TextTypeError, match="text 2:"):
        next(checked)


def test_a_model_refuses_what_is_no_text(model: linnet.Classifier) -> None:
    wrong: Any = ["a", None]
    for refuse in (model, model.logits, model.encode, lambda texts: list(model.stream(texts))):
        with pytest.raises(TypeError, match="text 1:"):
            refuse(wrong)
        with pytest.raises(ValueError, match="text 0:"):
            refuse(["\udcff"])
