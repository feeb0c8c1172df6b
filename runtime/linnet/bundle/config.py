"""``config.json`` → a model's number of positions, hidden size and labels."""

from collections.abc import Mapping
from typing import Any

from ..fields import field, malformed
from ..names import CONFIG, SETTINGS
from ..tasks import TASKS
from .settings import Settings

OFFSET_POSITIONS = ("camembert", "roberta", "xlm-roberta")
"""Model types whose first position is ``pad_token_id + 1``."""


def positions(config: Mapping[str, Any]) -> int:
    """Returns how many tokens a model's position table allows, special tokens included.

    RoBERTa and related models count positions from ``pad_token_id + 1``.
    """
    table = field(config, CONFIG, "max_position_embeddings", int)
    if config.get("model_type") in OFFSET_POSITIONS:
        return table - field(config, CONFIG, "pad_token_id", int) - 1
    return table


def hidden_size(config: Mapping[str, Any]) -> int:
    """Returns the dimension of a token's vector; DistilBERT's ``config.json`` calls it ``dim``.

    Raises:
        BundleFormatError: it is missing or less than 1.
    """
    key = "dim" if config.get("model_type") == "distilbert" else "hidden_size"
    found = field(config, CONFIG, key, int)
    if found < 1:
        raise malformed(f"{CONFIG}: expected {key} of at least 1, found {found}")
    return found


def check_fit(config: dict[str, Any], settings: Settings) -> None:
    """Checks that the settings fit the config.

    Raises:
        BundleFormatError: they do not fit.
    """
    if settings.max_length > positions(config):
        raise malformed(
            f"{SETTINGS}: expected max_length of at most {positions(config)}, the positions in {CONFIG}, found {settings.max_length}"
        )
    vocabulary = field(config, CONFIG, "vocab_size", int)
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
    if not id2label or sorted(id2label) != sorted(expected):
        raise malformed(f"{CONFIG}: expected id2label to number the labels from 0, found {id2label}")
    labels = tuple(str(id2label[index]) for index in expected)
    if len(set(labels)) < len(labels):
        raise malformed(f"{CONFIG}: expected distinct labels, found {', '.join(labels)}")
    return labels
