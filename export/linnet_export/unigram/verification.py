"""Holds a compact tokenizer against `tokenizers`, on every piece and on texts made to be awkward."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from linnet.preprocessing import PreparedText
from linnet.unigram import UnigramTokenizer
from tokenizers import Tokenizer

from linnet_export.builtin_texts import builtin_texts
from linnet_export.unigram.kinds import kinds_of_characters
from linnet_export.unigram.pipeline import Pipeline

_LENGTH = 512
_AWKWARD = 4000


def first_difference(tokenizer: Tokenizer, compact: Path, pipeline: Pipeline) -> str | None:
    """The first text of which the compact tokenizer gives other ids, tokens or offsets, if there is one."""
    mine = UnigramTokenizer(compact, max_length=_LENGTH, truncation_side="right")
    tokenizer.enable_truncation(_LENGTH)
    texts = [*pipeline.pieces, *builtin_texts(), *awkward_texts(pipeline, _AWKWARD)]
    found = mine.ids(texts)
    # Not all at once: what `tokenizers` gives for a text takes more memory than the text.
    for start in range(0, len(texts), _AWKWARD):
        some = texts[start : start + _AWKWARD]
        theirs = tokenizer.encode_batch(some)
        ours = mine.encode([PreparedText(text) for text in some])
        for text, ids, own, their in zip(some, found[start:], ours, theirs, strict=False):
            same = ids == own.ids == their.ids and own.tokens == their.tokens and own.offsets == their.offsets
            if not same:
                return text
    return None


def awkward_texts(pipeline: Pipeline, count: int, seed: int = 0) -> Iterator[str]:
    """Texts of what the normalizer replaces, marks after it, characters that join, white space, pieces and tokens."""
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
