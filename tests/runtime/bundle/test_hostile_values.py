"""JSON whose values make no sense: refused at load, in a short message, with one of Linnet's errors."""

import json
from collections.abc import Callable
from pathlib import Path

import linnet
import pytest
from linnet.errors import BundleFormatError
from linnet.names import CONFIG, MANIFEST, SETTINGS

Rewrite = Callable[[Path, str, bytes], None]
Change = Callable[..., None]

LARGE = [2**31, 2**63, 2**64, 10**30, 10**999]
NO_COUNTS: list[object] = [*LARGE, 0, -1, -(2**64), 1.5, "3", True, None, [], {}]


def refused(folder: Path) -> str:
    with pytest.raises(BundleFormatError) as caught:
        linnet.load(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert len(message) < 2000 + len(str(folder))
    assert message.isprintable()
    return message


@pytest.mark.parametrize("key", ["vocab_size", "max_position_embeddings"])
@pytest.mark.parametrize("value", NO_COUNTS)
def test_a_count_that_no_model_has_is_refused(bundle_copy: Path, rewrite_json: Change, key: str, value: object) -> None:
    rewrite_json(bundle_copy, CONFIG, **{key: value})
    assert key in refused(bundle_copy)


@pytest.mark.parametrize("value", [*LARGE, -1, 30522, 1.5, "1", True, None])
def test_a_padding_that_the_vocabulary_lacks_is_refused(bundle_copy: Path, rewrite_json: Change, value: object) -> None:
    rewrite_json(bundle_copy, CONFIG, model_type="roberta", pad_token_id=value)
    assert "pad_token_id" in refused(bundle_copy)


@pytest.mark.parametrize("value", NO_COUNTS)
def test_a_hidden_size_that_no_model_has_is_refused(tiny_copy: Path, rewrite_json: Change, value: object) -> None:
    rewrite_json(tiny_copy, CONFIG, hidden_size=value)
    assert "hidden_size" in refused(tiny_copy)


@pytest.mark.parametrize("key", ["max_length", "unk_token_id"])
@pytest.mark.parametrize("value", [*LARGE, -1, -(2**64), 1.5, "3", True, [], {}])
def test_a_setting_out_of_range_is_refused(bundle_copy: Path, rewrite_json: Change, key: str, value: object) -> None:
    rewrite_json(bundle_copy, SETTINGS, **{key: value})
    assert key in refused(bundle_copy)


@pytest.mark.parametrize("key", ["equalization", "quantization", "vocabulary", "task", "preprocessing"])
@pytest.mark.parametrize("value", ["a" * 10_000, "a\nb", "\x1b[2J", "\0", 3, ["a"], {"a": 1}, True])
def test_a_setting_that_is_no_line_is_refused(bundle_copy: Path, rewrite_json: Change, key: str, value: object) -> None:
    rewrite_json(bundle_copy, SETTINGS, **{key: value})
    assert key in refused(bundle_copy)


@pytest.mark.parametrize("label", [0, 1.5, None, True, ["a"], {"a": "b"}, "a" * 1001])
def test_a_label_that_is_no_text_is_refused(bundle_copy: Path, rewrite_json: Change, label: object) -> None:
    rewrite_json(bundle_copy, CONFIG, id2label={"0": "a", "1": "b", "2": label})
    assert "labels" in refused(bundle_copy)


def test_many_labels_are_refused_in_a_short_message(bundle_copy: Path, rewrite_json: Change) -> None:
    rewrite_json(bundle_copy, CONFIG, id2label={str(number): str(number) for number in range(100_000)})
    assert "100000 labels" in refused(bundle_copy)


@pytest.mark.parametrize("name", [CONFIG, SETTINGS, MANIFEST])
@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ('"odd": NaN', "nan"),
        ('"odd": -Infinity', "inf"),
        ('"odd": 1e999', "1e999"),
        ('"odd": ' + "9" * 1001, "1001 digits"),
        ('"odd": ' + "9" * 60_000, "60000 digits"),
        ('"odd": "\\ud800"', "surrogates"),
        ('"\\udfff": 1', "surrogates"),
        ('"odd": {"a": 1, "b": 2, "a": 3}', "'a' twice"),
        ('"odd": ' + "[" * 20_000 + "]" * 20_000, "JSON"),
        ('"odd": "\x01"', "control character"),
        ('"odd": 1, ' + '"task": "a", "task": "a", "labels": {}, "labels": {}', "twice"),
    ],
    ids=lambda odd: odd[:24],
)
def test_json_that_linnet_never_writes_is_refused(
    bundle_copy: Path, rewrite: Rewrite, replace: Callable[[Path, bytes], None], name: str, odd: str, told: str
) -> None:
    content = json.dumps(json.loads((bundle_copy / name).read_bytes()))
    changed = (content[:-1] + ", " + odd + "}").encode()
    if name == MANIFEST:
        replace(bundle_copy / name, changed)
    else:
        rewrite(bundle_copy, name, changed)
    message = refused(bundle_copy)
    assert name in message
    assert told.lower() in message.lower()


def test_text_that_is_not_utf8_is_refused(bundle_copy: Path, rewrite: Rewrite) -> None:
    rewrite(bundle_copy, CONFIG, (bundle_copy / CONFIG).read_bytes().replace(b"negative", b"neg\xed\xa0\x80ve"))
    assert CONFIG in refused(bundle_copy)
