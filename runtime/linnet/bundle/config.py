"""``config.json`` → a model's number of positions, hidden size and labels."""

from collections.abc import Mapping
from typing import Any

from ..fields import field, malformed, shown
from ..names import CONFIG, SETTINGS
from ..tasks import TASKS
from .settings import Settings

OFFSET_POSITIONS = ("camembert", "roberta", "xlm-roberta")
"""Model types whose first position is ``pad_token_id + 1``."""

LONGEST_LABEL = 1000
"""The most characters of a label."""
_MOST = (1 << 31) - 1


def positions(config: Mapping[str, Any]) -> int:
    """Returns how many tokens a model's position table allows, special tokens included.

    RoBERTa and related models count positions from ``pad_token_id + 1``.
    """
    table = _count(config, "max_position_embeddings")
    if config.get("model_type") in OFFSET_POSITIONS:
        return table - _padding(config) - 1
    return table


def vocab_size(config: Mapping[str, Any]) -> int:
    """Returns the number of ids that a model knows.

    Raises:
        BundleFormatError: it is missing, or not from 1 to 2,147,483,647.
    """
    return _count(config, "vocab_size")


def hidden_size(config: Mapping[str, Any]) -> int:
    """Returns the dimension of a token's vector; DistilBERT's ``config.json`` calls it ``dim``.

    Raises:
        BundleFormatError: it is missing, or not from 1 to 2,147,483,647.
    """
    return _count(config, "dim" if config.get("model_type") == "distilbert" else "hidden_size")


def check_fit(config: dict[str, Any], settings: Settings) -> None:
    """Checks that the settings fit the config.

    Raises:
        BundleFormatError: they do not fit.
    """
    if settings.max_length > positions(config):
        raise malformed(
            f"{SETTINGS}: expected max_length of at most {positions(config)}, the positions in {CONFIG}, found {settings.max_length}"
        )
    vocabulary = vocab_size(config)
    if settings.unk_token_id is not None and settings.unk_token_id >= vocabulary:
        raise malformed(
            f"{SETTINGS}: expected unk_token_id below {vocabulary}, the vocab_size in {CONFIG}, "
            f"found {settings.unk_token_id}"
        )
    if TASKS[settings.task].vectors:
        hidden_size(config)


def labels_of(config: dict[str, Any]) -> tuple[str, ...]:
    """Returns the labels in ``id2label``, in the order of the logits.

    Raises:
        BundleFormatError: they are not numbered from 0, or two are equal.
    """
    id2label = field(config, CONFIG, "id2label", dict)
    expected = [str(index) for index in range(len(id2label))]
    if not id2label or id2label.keys() != set(expected):
        raise malformed(f"{CONFIG}: expected id2label to number the labels from 0, found {shown(id2label)}")
    labels = tuple(id2label[index] for index in expected)
    for label in labels:
        if not isinstance(label, str) or len(label) > LONGEST_LABEL:
            raise malformed(f"{CONFIG}: expected labels of at most {LONGEST_LABEL} characters, found {shown(label)}")
    if len(set(labels)) < len(labels):
        raise malformed(f"{CONFIG}: expected distinct labels, found {shown(labels)}")
    return labels


def _count(config: Mapping[str, Any], key: str) -> int:
    found = field(config, CONFIG, key, int)
    if not 1 <= found <= _MOST:
        raise malformed(f"{CONFIG}: expected {key} of at least 1 and at most {_MOST}, found {found}")
    return found


def _padding(config: Mapping[str, Any]) -> int:
    found = field(config, CONFIG, "pad_token_id", int)
    if not 0 <= found < vocab_size(config):
        raise malformed(f"{CONFIG}: expected pad_token_id below vocab_size, {vocab_size(config)}, found {found}")
    return found
