"""Reads from ``tokenizer.json`` the parts that a compact tokenizer keeps, if it supports all of them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linnet.tokenization.unigram.layout import LONGEST_PIECE, LOWEST_SCORE
from linnet.tokenization.unigram.normalizer import SPACE
from linnet.tokenization.unigram.settings import AddedToken

from linnet_export.tokenizer.unigram.charsmap import read_charsmap

LONGEST = 5
"""The size in bytes of UTF-8 of the longest cluster that is replaced as a whole."""

_PENALTY = 10.0
"""The difference between the lowest score of a piece and the score of an unknown character."""


class UnsupportedError(Exception):
    """A tokenizer has a part that a compact tokenizer does not support; the message names the part."""


@dataclass(frozen=True)
class Pipeline:
    """A Unigram tokenizer: its vocabulary, its replacements and the settings of a compact tokenizer."""

    pieces: Mapping[str, int]
    """Piece → id; for a piece that occurs twice, the last id."""
    scores: Sequence[float]
    """The scores by id, (ids,)."""
    replacements: Mapping[str, str]
    """The string that the normalizer replaces → its replacement."""
    added_tokens: tuple[AddedToken, ...]
    """The tokens that are matched in the raw text."""
    prefix: tuple[tuple[str, int], ...]
    """The special tokens before a text, with their ids."""
    suffix: tuple[tuple[str, int], ...]
    """The special tokens after a text, with their ids."""
    strip: bool
    """True if the normalizer removes white space at the end."""
    collapsed: str | None
    """The text that replaces each run of two or more spaces; None to keep them."""
    split: bool
    """True if white space separates words; if False, only spaces do."""
    unk_id: int
    """The id of an unknown character."""

    @property
    def unk_score(self) -> float:
        """The score of an unknown character."""
        return min(self.scores) - _PENALTY


def read_pipeline(state: Mapping[str, Any]) -> Pipeline:
    """Reads the parts of a tokenizer's JSON, in the format that `tokenizers` writes.

    Raises:
        UnsupportedError: a compact tokenizer does not support the kind or a setting of a part.
    """
    model = state["model"]
    if model["type"] != "Unigram" or model.get("byte_fallback") or model.get("unk_id") is None:
        raise UnsupportedError("its model is not a Unigram model with an unknown token")
    pieces = {piece: index for index, (piece, _) in enumerate(model["vocab"])}
    scores = [float(score) for _, score in model["vocab"]]
    unk_id = model["unk_id"]
    _check_vocabulary(pieces, scores, model["vocab"][unk_id][0])
    normalizer = _normalizer(state["normalizer"])
    return Pipeline(
        pieces={piece: index for piece, index in pieces.items() if piece},
        scores=scores,
        **normalizer,
        added_tokens=tuple(_added_token(token) for token in state["added_tokens"]),
        **_template(state["post_processor"]),
        split=_splits(state["pre_tokenizer"]),
        unk_id=unk_id,
    )


def _check_vocabulary(pieces: Mapping[str, int], scores: Sequence[float], unk_token: str) -> None:
    if not all(LOWEST_SCORE + _PENALTY <= score <= 0 for score in scores):
        raise UnsupportedError("its scores are not all finite and at most 0")
    if max(map(len, pieces)) > LONGEST_PIECE:
        raise UnsupportedError(f"it has a piece of more than {LONGEST_PIECE} characters")
    # `tokenizers` joins consecutive unknown characters into one piece and looks up its text.
    if any(
        unk_token in piece and not _known(piece.replace(unk_token, ""), pieces)
        for piece in pieces
        if piece != unk_token
    ):
        raise UnsupportedError(f"a piece consists of only {unk_token} and unknown characters")


def _known(text: str, pieces: Mapping[str, int]) -> bool:
    return any(character in pieces for character in text)


def _steps(whole: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    """Returns the steps of a normalizer or pre-tokenizer; a sequence lists them under ``key``."""
    if whole is None:
        return []
    return list(whole[key]) if whole["type"] == "Sequence" else [whole]


def _normalizer(normalizer: Mapping[str, Any] | None) -> dict[str, Any]:
    steps = _steps(normalizer, "normalizers")
    if not steps or steps[0]["type"] != "Precompiled":
        raise UnsupportedError("its normalizer does not begin with a map of characters")
    charsmap = base64.b64decode(steps.pop(0)["precompiled_charsmap"])
    strip = bool(steps) and steps[0] == {"type": "Strip", "strip_left": False, "strip_right": True}
    steps = steps[strip:]
    collapsed = None
    if steps and steps[0].get("pattern") == {"Regex": " {2,}"} and steps[0].get("content") in (" ", SPACE):
        collapsed = steps.pop(0)["content"]
    if steps:
        raise UnsupportedError(f"its normalizer has the step {steps[0]['type']}, which is not supported")
    try:
        replacements = read_charsmap(charsmap, longest=LONGEST)
    except ValueError as error:
        raise UnsupportedError(str(error)) from None
    return {"replacements": replacements, "strip": strip, "collapsed": collapsed}


def _splits(pre_tokenizer: Mapping[str, Any] | None) -> bool:
    """Returns True if white space separates words, before ``▁`` is added to the front of each."""
    steps = _steps(pre_tokenizer, "pretokenizers")
    split = len(steps) == 2 and steps[0] == {"type": "WhitespaceSplit"}
    metaspace = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    if steps[split:] != [metaspace]:
        raise UnsupportedError("its words do not each begin with ▁")
    return split


def _added_token(token: Mapping[str, Any]) -> AddedToken:
    if token["single_word"] or token["rstrip"] or token["normalized"] or not token["content"]:
        raise UnsupportedError(f"its added token {token['content']} is not matched unchanged in the raw text")
    return AddedToken(token["content"], token["id"], token["lstrip"])


def _template(processor: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the special tokens before and after a text."""
    if not processor or processor["type"] != "TemplateProcessing":
        raise UnsupportedError("its special tokens do not come from a template")
    items = processor["single"]
    places = [index for index, item in enumerate(items) if "Sequence" in item]
    if len(places) != 1 or any(part["type_id"] for item in items for part in item.values()):
        raise UnsupportedError("its template is not for one text with token type 0")
    before, after = items[: places[0]], items[places[0] + 1 :]
    return {"prefix": _special_tokens(processor, before), "suffix": _special_tokens(processor, after)}


def _special_tokens(processor: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    named = [processor["special_tokens"][item["SpecialToken"]["id"]] for item in items]
    return tuple(pair for special in named for pair in zip(special["tokens"], special["ids"], strict=True))
