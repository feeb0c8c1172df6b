"""Makes a smaller vocabulary: keeps pieces by their script, or pieces that chosen texts use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import regex
from linnet.bundle.opening import Bundle
from linnet.tokenization.unigram.file import read_unigram

from linnet_export.errors import CheckpointError
from linnet_export.scripts import is_script, unknown_script
from linnet_export.tokenizer.unigram.pipeline import Pipeline, UnsupportedError, read_pipeline

_SPACE = "▁"
_OF_ALL_SCRIPTS = ("Common", "Inherited")
"""Unicode's script names for digits, punctuation, emoji and marks."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The pieces that stay in a smaller vocabulary.

    ``kept`` holds their ids in the checkpoint, int64 (pieces,), ascending; the index of each is its new id.
    ``size`` is the size of the whole vocabulary, and ``named`` describes in a few words which pieces stay.
    """

    kept: npt.NDArray[np.int64]
    size: int
    named: str

    @cached_property
    def new_ids(self) -> npt.NDArray[np.int64]:
        """The new id of each of the checkpoint's ids, or -1: int64 (size,)."""
        table = np.full(self.size, -1, np.int64)
        table[self.kept] = np.arange(len(self.kept))
        return table

    def has(self, ids: Sequence[int]) -> bool:
        """Returns True if all of these ids stay."""
        return bool((self.new_ids[list(ids)] >= 0).all())

    def renumbered(self, ids: Sequence[int]) -> list[int]:
        """Returns the new ids of these ids; -1 for those that do not stay."""
        return self.new_ids[list(ids)].tolist()  # type: ignore[no-any-return]

    def among_first(self, pieces: int) -> int:
        """Returns how many of the first ``pieces`` ids of the whole vocabulary stay."""
        return int(np.searchsorted(self.kept, pieces))

    def tokenizer(self, state: dict[str, Any]) -> dict[str, Any]:
        """Returns a tokenizer's JSON with only the pieces that stay, under their new ids."""
        model, post = state["model"], state["post_processor"]
        vocab = [model["vocab"][index] for index in self.kept.tolist() if index < len(model["vocab"])]
        special = {
            name: {**token, "ids": self.renumbered(token["ids"])} for name, token in post["special_tokens"].items()
        }
        return {
            **state,
            "added_tokens": [{**token, "id": self._new(token["id"])} for token in state["added_tokens"]],
            "model": {**model, "vocab": vocab, "unk_id": self._new(model["unk_id"])},
            "post_processor": {**post, "special_tokens": special},
        }

    def config(self, config: dict[str, Any]) -> dict[str, Any]:
        """Returns a ``config.json`` with the new size and ids."""
        ids = {
            key: self._new(value)
            for key, value in config.items()
            if key.endswith("_token_id") and isinstance(value, int) and 0 <= value < self.size
        }
        return {**config, **ids, "vocab_size": len(self.kept)}

    def tokenizer_config(self, config: dict[str, Any]) -> dict[str, Any]:
        """Returns a ``tokenizer_config.json`` with the new ids."""
        added = config.get("added_tokens_decoder", {})
        return {**config, "added_tokens_decoder": {str(self._new(int(key))): token for key, token in added.items()}}

    def _new(self, index: int) -> int:
        if (found := int(self.new_ids[index])) < 0:
            raise CheckpointError(f"expected all special tokens in the smaller vocabulary, found id {index} missing")
        return found


def selection_of(bundle: Bundle) -> Selection | None:
    """Returns the selection that a bundle was converted with; None if the bundle has all pieces."""
    if bundle.settings.vocabulary is None or bundle.compact_tokenizer is None:
        return None
    new_ids = read_unigram(bundle.compact_tokenizer).arrays["kept"]
    return Selection(np.flatnonzero(new_ids >= 0), len(new_ids), bundle.settings.vocabulary)


def select(
    state: dict[str, Any],
    *,
    size: int,
    scripts: Sequence[str] = (),
    used: Iterable[int] | None = None,
    always: Iterable[int] = (),
) -> Selection:
    """Selects the pieces in these scripts or in no script, the used ones, and all pieces of one character.

    Characters that the tokenizer replaces by several (`single_characters`) have no such piece: pass their ids in
    ``always``.

    Args:
        state: the JSON of the checkpoint's tokenizer.
        size: the number of rows of the embedding table.
        scripts: Unicode's script names, such as ``latin``.
        used: the ids that chosen texts use.
        always: further ids that stay.

    Raises:
        CheckpointError: a script does not exist, or pieces of this tokenizer cannot be left out.
    """
    model = state["model"]
    _pipeline(state)
    scripts = list(dict.fromkeys(name.lower() for name in scripts))
    pieces, scores = zip(*model["vocab"], strict=True)
    pattern = _pattern(scripts)
    kept = {index for index, piece in enumerate(pieces) if _stays(piece, pattern)}
    kept |= {token["id"] for token in state["added_tokens"]} | {model["unk_id"], *(used or ()), *always}
    kept.add(int(np.argmin(scores)))  # the lowest score sets the score of an unknown character
    named = [
        *(["scripts: " + ", ".join(scripts)] if scripts else []),
        *(["pieces of chosen texts"] if used is not None else []),
    ]
    return Selection(np.array(sorted(index for index in kept if index < size)), size, "; ".join(named))


def single_characters(state: dict[str, Any]) -> list[str]:
    """Returns two texts for each character that the tokenizer replaces by several, such as ``™``.

    In the first text the character stands alone, in the second inside a word.

    Raises:
        CheckpointError: pieces of this tokenizer cannot be left out.
    """
    several = [one for one, other in _pipeline(state).replacements.items() if len(one) == 1 < len(other)]
    return [text for one in several for text in (one, f"x{one}")]


def _pipeline(state: dict[str, Any]) -> Pipeline:
    try:
        return read_pipeline(state)
    except UnsupportedError as error:
        raise CheckpointError(
            f"expected a Unigram tokenizer like XLM-R's for a smaller vocabulary, found {state['model']['type']} "
            f"({error}); leave out --scripts and --vocabulary-from"
        ) from None


def _stays(piece: str, pattern: "regex.Pattern[str]") -> bool:
    text = piece.removeprefix(_SPACE)
    return len(text) < 2 or pattern.fullmatch(text) is not None


def _pattern(scripts: Sequence[str]) -> "regex.Pattern[str]":
    inside = []
    for script in [*scripts, *(_OF_ALL_SCRIPTS if scripts else ())]:
        if not is_script(script):
            raise CheckpointError(unknown_script(script))
        inside.append(rf"\p{{Script={script}}}")
    return regex.compile(f"[{''.join(inside)}]+" if inside else r"(?!)")
