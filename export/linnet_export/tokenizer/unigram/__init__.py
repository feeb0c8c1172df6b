"""A Unigram tokenizer comes in; the compact file that `linnet.tokenization.unigram` reads goes out."""

from linnet_export.tokenizer.unigram.compiling import write_compact_tokenizer

__all__ = ["write_compact_tokenizer"]
