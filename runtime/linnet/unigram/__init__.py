"""Unigram tokenizers from a compact file that is mapped: no `tokenizers`, and a small part of its memory.

XLM-R's 250,002 pieces on one thread, to load and then over the UMSAB validation tweets: `tokenizers` 0.60 s, 300 MB, 16,400 a
second; with 150,000 of the pieces 0.27 s and 140 MB, so that a rewritten ``tokenizer.json`` helps no more than leaving pieces
out does; `sentencepiece` 0.41 s, 64 MB, 88,600, but other ids where it does not normalize by grapheme; this 0.02 s, 7 MB, 31,500.
"""

from linnet.unigram.tokenizer import UnigramTokenizer

__all__ = ["UnigramTokenizer"]
