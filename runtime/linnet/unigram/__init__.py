"""Unigram tokenizers from a compact file that is mapped: no `tokenizers`, and a small part of its memory."""

from linnet.unigram.tokenizer import UnigramTokenizer

__all__ = ["UnigramTokenizer"]
