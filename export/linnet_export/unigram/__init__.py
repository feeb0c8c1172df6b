"""Unigram tokenizers → the compact file that `linnet.unigram` reads."""

from linnet_export.unigram.compiling import write_compact_tokenizer

__all__ = ["write_compact_tokenizer"]
