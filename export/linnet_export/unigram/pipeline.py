"""``tokenizer.json`` → what a compact tokenizer keeps of it, if it can hold it."""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linnet.unigram.file import AddedToken
from linnet.unigram.normalizer import SPACE

from linnet_export.unigram.charsmap import read_charsmap

LONGEST = 5
"""How many bytes of UTF-8 the longest cluster has that is replaced as a whole."""

_PENALTY = 10.0
"""How much less than the least of all scores an unknown character has."""


class UnsupportedError(Exception):
    """A tokenizer that a compact one cannot stand for; says which of its parts is in the way."""


@dataclass(frozen=True)
class Pipeline:
    """A Unigram tokenizer: fields as `linnet.unigram.file.Settings` has them, the vocabulary, the replacements.

    ``pieces`` are ids, the last of a piece that occurs twice, and ``scores`` (ids,) those of all.
    """

    pieces: Mapping[str, int]
    scores: Sequence[float]
    replacements: Mapping[str, str]
    added_tokens: tuple[AddedToken, ...]
    prefix: tuple[tuple[str, int], ...]
    suffix: tuple[tuple[str, int], ...]
    strip: bool
    collapsed: str | None
    split: bool
    unk_id: int

    @property
    def unk_score(self) -> float:
        """The score of an unknown character."""
        return min(self.scores) - _PENALTY


def read_pipeline(state: Mapping[str, Any]) -> Pipeline:
    """The parts of a tokenizer's JSON, as `tokenizers` writes it.

    Raises:
        UnsupportedError: a part is of another kind, or has another setting, than a compact tokenizer has.
    """
    model = state["model"]
    if model["type"] != "Unigram" or model.get("byte_fallback") or model.get("unk_id") is None:
        raise UnsupportedError("its model is no Unigram with an unknown token")
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
    if not all(math.isfinite(score) and score <= 0 for score in scores):
        raise UnsupportedError("its scores are not all finite and at most 0")
    # Unknown characters in a row are one piece, which `tokenizers` looks up by its text.
    if any(
        unk_token in piece and not _known(piece.replace(unk_token, ""), pieces)
        for piece in pieces
        if piece != unk_token
    ):
        raise UnsupportedError(f"a piece is nothing but {unk_token} and unknown characters")


def _known(text: str, pieces: Mapping[str, int]) -> bool:
    return any(character in pieces for character in text)


def _steps(whole: Mapping[str, Any] | None, key: str) -> list[Mapping[str, Any]]:
    """The steps of a normalizer or pre-tokenizer, of which a sequence has several under ``key``."""
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
        raise UnsupportedError(f"its normalizer has a step {steps[0]['type']}")
    try:
        replacements = read_charsmap(charsmap, longest=LONGEST)
    except ValueError as error:
        raise UnsupportedError(str(error)) from None
    return {"replacements": replacements, "strip": strip, "collapsed": collapsed}


def _splits(pre_tokenizer: Mapping[str, Any] | None) -> bool:
    """Whether words are split at white space before ``▁`` is put before each."""
    steps = _steps(pre_tokenizer, "pretokenizers")
    split = len(steps) == 2 and steps[0] == {"type": "WhitespaceSplit"}
    metaspace = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    if steps[split:] != [metaspace]:
        raise UnsupportedError("its words do not each begin with ▁")
    return split


def _added_token(token: Mapping[str, Any]) -> AddedToken:
    if token["single_word"] or token["rstrip"] or token["normalized"] or not token["content"]:
        raise UnsupportedError(f"its added token {token['content']} is not found in the raw text as it is")
    return AddedToken(token["content"], token["id"], token["lstrip"])


def _template(processor: Mapping[str, Any] | None) -> dict[str, Any]:
    """The special tokens before and after a text."""
    if not processor or processor["type"] != "TemplateProcessing":
        raise UnsupportedError("its special tokens are not put around a text by a template")
    items = processor["single"]
    places = [index for index, item in enumerate(items) if "Sequence" in item]
    if len(places) != 1 or any(part["type_id"] for item in items for part in item.values()):
        raise UnsupportedError("its template is not of one text")
    before, after = items[: places[0]], items[places[0] + 1 :]
    return {"prefix": _special_tokens(processor, before), "suffix": _special_tokens(processor, after)}


def _special_tokens(processor: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    named = [processor["special_tokens"][item["SpecialToken"]["id"]] for item in items]
    return tuple(pair for special in named for pair in zip(special["tokens"], special["ids"], strict=True))
