from collections.abc import Iterator
from itertools import islice
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
    for texts in (expected, tuple(expected), (text for text in expected), dict.fromkeys(expected), np.array(expected)):
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


def test_the_remedies_work() -> None:
    assert as_texts(["ab\ud83d".encode("utf-8", "replace").decode()]) == ["ab?"]
    assert as_texts(b"ab".decode("utf-8")) == ["ab"]


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
