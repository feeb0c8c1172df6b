"""Unigram tokenizers that read a memory-mapped compact file: without `tokenizers`, and with a fraction of its memory.

XLM-R's 250,002 pieces on one thread: the time and memory to load, then UMSAB validation tweets per second.

- `tokenizers`: 0.60 s, 300 MB, 16,400. With 150,000 of the pieces: 0.27 s and 140 MB, so a rewritten
  ``tokenizer.json`` helps no more than leaving out pieces does.
- `sentencepiece`: 0.41 s, 64 MB, 88,600. It gives other ids where it does not normalize by grapheme.
- This package: 0.02 s, 7 MB, 31,500.
"""

from .tokenizer import UnigramTokenizer

__all__ = ["UnigramTokenizer"]
