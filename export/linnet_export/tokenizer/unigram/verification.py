"""Compares a compact tokenizer with `tokenizers`, on every piece and on difficult texts."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from linnet.preprocessing import PreparedText
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.unigram import UnigramTokenizer
from tokenizers import Tokenizer

from linnet_export.builtin_texts import builtin_texts
from linnet_export.tokenizer.unigram.kinds import kinds_of_characters
from linnet_export.tokenizer.unigram.pipeline import Pipeline

_LENGTH = 512
_AWKWARD = 4000
_SPARSE = 20
"""The step between pieces whose tokens and offsets are compared too, which takes longer than comparing ids."""


def first_difference(tokenizer: Tokenizer, compact: Path, pipeline: Pipeline) -> str | None:
    """Returns the first text for which the compact tokenizer gives other ids, tokens or offsets; None if all agree."""
    mine = UnigramTokenizer(compact, max_length=_LENGTH, truncation_side="right")
    tokenizer.enable_truncation(_LENGTH)
    texts = [*list(pipeline.pieces)[::_SPARSE], *builtin_texts(), *awkward_texts(pipeline, _AWKWARD)]
    found = (
        _differing_ids(tokenizer, mine, list(pipeline.pieces)),
        _differing_ids(tokenizer, mine, texts),
        _differing_encodings(tokenizer, mine, texts),
    )
    return next(itertools.chain(*found), None)


def _differing_ids(tokenizer: Tokenizer, mine: UnigramTokenizer, texts: Sequence[str]) -> Iterator[str]:
    for some in _parts(texts):
        theirs = tokenizer.encode_batch_fast(some)
        yield from (text for text, their, own in zip(some, theirs, mine.ids(some), strict=True) if their.ids != own.ids)


def _differing_encodings(tokenizer: Tokenizer, mine: UnigramTokenizer, texts: Sequence[str]) -> Iterator[str]:
    for some in _parts(texts):
        theirs, ours = tokenizer.encode_batch(some), mine.encode([PreparedText(text) for text in some])
        for text, their, own in zip(some, theirs, ours, strict=True):
            expected = Encoding(their.ids, their.tokens, their.offsets, their.special_tokens_mask)
            if own != replace(expected, complete=own.complete, truncated=bool(their.overflowing)):
                yield text


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Returns the texts in parts, because the encodings of `tokenizers` take more memory than the texts."""
    return (texts[start : start + _AWKWARD] for start in range(0, len(texts), _AWKWARD))


def awkward_texts(pipeline: Pipeline, count: int, seed: int = 0) -> Iterator[str]:
    """Yields random mixes of replaced strings, marks, joining characters, white space, pieces and added tokens."""
    chance = random.Random(seed)
    kinds = kinds_of_characters()
    pools: list[Sequence[str]] = [sorted(kinds[kind]) for kind in sorted(kinds) if kinds[kind]]
    pools += [
        sorted(pipeline.replacements) or [""],
        list(pipeline.pieces),
        [token.content for token in pipeline.added_tokens] or [""],
        ["\u0301", "\u0323", "\u0307", "\u3099", "\u0654", "\u20dd", "\ufe0f", "\u200d", "\u094d"],
        [" ", "  ", " \u3000", "\n", "\r\n", "\u2581"],
        "aeioAEIO™①½ﬁ株ｶ\u0958\u1100\u1161\uac00",
    ]
    for _ in range(count):
        yield "".join(_drawn(chance, chance.choice(pools)) for _ in range(chance.randint(1, 12)))


def _drawn(chance: random.Random, pool: Sequence[str]) -> str:
    if chance.random() < 0.1:
        code = chance.randrange(0x110000)
        return "" if 0xD800 <= code < 0xE000 else chr(code)
    return chance.choice(pool)
