"""The compact tokenizer's file: a head, a JSON object, and arrays, which are mapped and not read.

``MAGIC``, the format's version and the size of the JSON as two little-endian ``uint32``, the JSON padded with
spaces, then the arrays, each at a multiple of `ALIGNMENT`. The JSON's ``arrays`` says of each how many bytes
after the end of the JSON it begins and how many numbers it has.
"""

import struct

MAGIC = b"LNNTUNIG"
VERSION = 1
"""The newest version of the format that this version reads, and the one that it writes."""

HEAD = struct.Struct("<8sII")
ALIGNMENT = 8

TRIE = {"base": "<i4", "label": "<u2", "piece": "<i4", "code_page": "<u2", "code": "<u2"}
"""``base``, ``label`` and ``piece`` (slots,), ``code_page`` (0x1100,) and ``code`` (pages × 256,), as `Trie` has them."""

KINDS = (
    "attaching",
    "extending",
    "linking",
    "prepended",
    "control",
    "pictograph",
    "consonant",
    "linker",
    "white_space",
)
"""Kinds of characters, (ranges × 2,) each: runs from one code point to another, both included.

Attaching are those that never begin a cluster but at the start of a text or after control characters, which
make no clusters; prepended are those that what follows attaches to. Extending are those that may stand between
a pictograph and the joiner that makes it one with the next, linking those that may between two consonants, and
linkers those of them without which these are not one.
"""

DTYPES = {**TRIE, "score": "<f8", "kept": "<i4", "mapped": "<u1", "replacement": "<u1", **dict.fromkeys(KINDS, "<i4")}
"""The arrays, in their order.

Besides the trie's and the kinds: ``score`` (pieces,) by id; ``kept``, empty where the bundle has every piece, else
by id the one that the bundle has it under, or -1, while ids of the trie and the scores are those of the whole
vocabulary; ``mapped`` and ``replacement``, UTF-8 with NUL after each string: what the normalizer replaces, and by what.
"""

PAGE = 256
"""How many characters share a page of codes."""

CHARACTERS = 0x110000
