"""Encodes texts with a compact tokenizer, exactly as `tokenizers` does with the original ``tokenizer.json``."""

import mmap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ...errors import InputError
from ...names import CONFIG
from ...preprocessing import PreparedText
from ..encoding import Encoding, Span, TokenIds, source_offsets
from ..separation import Added, Separation, stay_in_words
from .added_tokens import AddedTokens
from .characters import Characters
from .charsmap import Charsmap
from .checks import largest_id, unfit
from .file import UnigramFile, read_unigram
from .layout import KINDS, TRIE
from .normalizer import SPACE, Normalizer, Word
from .selection import SelectiveSegmenter
from .trie import Trie
from .viterbi import Segmentation, Segmenter

PIECE = 128
"""The number of texts whose words are looked up together.

Words are not cached across these batches: a cache made this a tenth faster, and took some megabytes.
"""


class Token(NamedTuple):
    """A token of a text."""

    id: int
    """The bundle's id."""
    text: str
    """The token as text."""
    span: Span
    """The characters of the prepared text that it stands for."""
    complete: bool = True
    """Whether the bundle's vocabulary has every piece of its word."""


class UnigramTokenizer:
    """A compact tokenizer that truncates at ``max_length`` tokens, and never pads. Several threads may call it at once.

    Args:
        file: the path or the memory map of the compact file that ``linnet-export`` made from a ``tokenizer.json``.
        max_length: the maximum number of tokens of a text, special tokens included.
        truncation_side: ``left`` or ``right``, the side on which a longer text is cut.
        vocab_size: the number of ids that the model knows; None if any id will do.

    Raises:
        BundleFormatError: the file is not a compact tokenizer, has another format, is damaged, its parts do not fit
            each other, or it has ids that the model does not know.
    """

    def __init__(
        self, file: Path | mmap.mmap, *, max_length: int, truncation_side: str, vocab_size: int | None = None
    ) -> None:
        opened = read_unigram(file)
        settings, arrays = opened.settings, opened.arrays
        _check_fit(opened, max_length, vocab_size)
        characters = Characters({kind: arrays[kind] for kind in KINDS})
        white_space = characters.all("white_space")
        self._added_tokens = AddedTokens(settings.added_tokens, white_space)
        self._normalizer = Normalizer(
            Charsmap(opened.replacements, characters),
            white_space,
            strip=settings.strip,
            collapsed=settings.collapsed,
            split=settings.split,
        )
        added = [Added(token.content) for token in settings.added_tokens]
        words = " " not in opened.replacements and stay_in_words(added)
        self.separation = Separation(words, tuple(token.content for token in added), shifts=True)
        trie = Trie(**{name: arrays[name] for name in TRIE}, longest=settings.longest)
        whole = Segmenter(trie, arrays["score"], settings.unk_id, settings.unk_score)
        self._selective = len(arrays["kept"]) > 0
        self._segmenter = SelectiveSegmenter(whole, arrays["kept"]) if self._selective else whole
        self._prefix, self._suffix = settings.prefix, settings.suffix
        self._prefix_ids, self._suffix_ids = ([index for _, index in tokens] for tokens in (self._prefix, self._suffix))
        self._room = max_length - len(self._prefix) - len(self._suffix)
        self._kept = slice(-self._room, None) if truncation_side == "left" else slice(self._room)

    def ids(self, texts: Sequence[str]) -> list[TokenIds]:
        """Returns only the ids of each text, which is faster than `encode`."""
        return [ids for start in range(0, len(texts), PIECE) for ids in self._ids(texts[start : start + PIECE])]

    def encode(self, texts: Sequence[PreparedText], *, trimmed: bool = False, whole: bool = False) -> list[Encoding]:
        """Returns the encodings of prepared texts; see `linnet.tokenization.encoding.TextTokenizer`."""
        return [
            encoding
            for start in range(0, len(texts), PIECE)
            for encoding in self._encodings(texts[start : start + PIECE], trimmed, whole)
        ]

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Refuses: a compact tokenizer has only the way from texts to ids.

        Raises:
            InputError: always.
        """
        raise InputError("expected a tokenizer that decodes, found a compact one; tokenizer.json decodes elsewhere")

    def overflows(self, text: str) -> bool:
        """Returns whether a prepared text has more than twice as many tokens as the model reads."""
        words, most = list(self._words(text)), 2 * self._room
        if len(words) > most:
            return True
        known = self._known(words)
        return sum(len(known[word].ids) for word in words) > most

    def _ids(self, texts: Sequence[str]) -> Iterator[TokenIds]:
        read = [list(self._words(text)) for text in texts]
        known = self._known(chain.from_iterable(words[self._kept] for words in read))
        for words in read:
            pieces = [known[word] for word in words[self._kept]]
            found = [index for piece in pieces for index in piece.ids]
            complete = [piece.complete for piece in pieces for _ in piece.ids] if self._selective else ()
            yield TokenIds(
                [*self._prefix_ids, *found[self._kept], *self._suffix_ids],
                truncated=max(len(found), len(words)) > self._room,
                complete=all(complete[self._kept]),
            )

    def _words(self, text: str) -> Iterator[str | int]:
        """Yields the words of a text and the ids of the added tokens between them.

        Each becomes at least one token, so no more of them are read than tokens fit.
        """
        for start, end, index in self._added_tokens.parts(text):
            if index is None:
                yield from self._normalizer.words(text[start:end])
            else:
                yield index

    def _known(self, words: Iterable[str | int]) -> dict[str | int, Segmentation]:
        """Returns the pieces of each word."""
        apart = dict.fromkeys(words)
        known: dict[str | int, Segmentation] = {
            word: Segmentation([word], [0]) for word in apart if isinstance(word, int)
        }
        new = [word for word in apart if isinstance(word, str)]
        pieces = self._segmenter.segment([SPACE + word for word in new])
        known.update(zip(new, pieces, strict=True))
        return known

    def _encodings(self, texts: Sequence[PreparedText], trimmed: bool, whole: bool) -> Iterator[Encoding]:
        kept = slice(None) if whole else self._kept
        read = [self._aligned(text.text) for text in texts]
        words = {word.text for parts in read for word in parts[kept] if isinstance(word, Word)}
        pieces = dict(zip(words, self._segmenter.segment(list(words)), strict=True))
        for text, parts in zip(texts, read, strict=True):
            tokens = [
                token
                for part in parts[kept]
                for token in ([part] if isinstance(part, Token) else _tokens(part, pieces))
            ]
            truncated = not whole and (text.is_part or max(len(tokens), len(parts)) > self._room)
            yield replace(self._framed(text, tokens[kept], trimmed), truncated=truncated)

    def _aligned(self, text: str) -> list[Word | Token]:
        """Returns the words of a text with their spans, and the added tokens between them."""
        found: list[Word | Token] = []
        for start, end, index in self._added_tokens.parts(text):
            if index is None:
                found += self._normalizer.aligned(text[start:end], start)
            else:
                found.append(Token(index, text[start:end], (start, end)))
        return found

    def _framed(self, text: PreparedText, tokens: list[Token], trimmed: bool) -> Encoding:
        """Returns the encoding of the tokens, with the special tokens around them."""
        before, after = (
            [Token(index, token, (0, 0)) for token, index in side] for side in (self._prefix, self._suffix)
        )
        mask = [1] * len(before) + [0] * len(tokens) + [1] * len(after)
        tokens = [*before, *tokens, *after]
        spans = [token.span for token in tokens]
        return Encoding(
            [token.id for token in tokens],
            [token.text for token in tokens],
            source_offsets(text, spans, mask, trimmed=trimmed),
            mask,
            all(token.complete for token in tokens),
        )


def _check_fit(opened: UnigramFile, max_length: int, vocab_size: int | None) -> None:
    special = len(opened.settings.prefix) + len(opened.settings.suffix)
    if special >= max_length:
        raise unfit(f"fewer special tokens than max_length, {max_length}", special)
    largest = largest_id(opened.arrays, opened.settings)
    if vocab_size is not None and largest >= vocab_size:
        raise unfit(f"ids below {vocab_size}, the vocab_size in {CONFIG}", largest)


def _tokens(word: Word, pieces: Mapping[str, Segmentation]) -> Iterator[Token]:
    begin = 0
    found = pieces[word.text]
    for index, end in zip(found.ids, found.ends, strict=True):
        yield Token(index, word.text[begin:end], (word.spans[begin][0], word.spans[end - 1][1]), found.complete)
        begin = end
