"""The layout of a compact tokenizer's file: a head, a JSON object, and memory-mapped arrays.

The head is ``MAGIC``, then three little-endian ``uint32``: the format's version, the CRC-32 of everything after the
head (the JSON, every array, and the padding between them), and the size of the JSON. The JSON is padded with spaces.
Each array begins at a multiple of `ALIGNMENT`. The JSON's ``arrays`` gives, for each array, its offset in bytes after
the end of the JSON and its count of numbers. Damage to the head itself shows by its magic, version or sizes.
"""

import struct

MAGIC = b"LNNTUNIG"
VERSION = 2
"""The version of the format that this version of Linnet reads and writes."""

HEAD = struct.Struct("<8sIII")
ALIGNMENT = 8

LARGEST_JSON = 1 << 20
"""The most bytes of the JSON."""
LONGEST_PIECE = 128
"""The most characters of a piece: a lookup in the trie ends there."""
LOWEST_SCORE = -1e30
"""The lowest score: sums of any text's scores stay finite."""

TRIE = {"base": "<i4", "label": "<u2", "piece": "<i4", "code_page": "<u2", "code": "<u2"}
"""``base``, ``label`` and ``piece`` (slots,), ``code_page`` (0x1100,) and ``code`` (pages × 256,): see `Trie`."""

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
"""Kinds of characters, (ranges × 2,) each: ranges of code points, both ends included.

- attaching: begin a cluster only at the start of a text or after a control character.
- extending: may stand between a pictograph and the joiner that joins it to the next pictograph.
- linking: may stand between two consonants of one cluster.
- prepended: the next character joins their cluster.
- control: form no clusters.
- linker: those of the linking characters that join two consonants; at least one is needed.
"""

DTYPES = {**TRIE, "score": "<f8", "kept": "<i4", "mapped": "<u1", "replacement": "<u1", **dict.fromkeys(KINDS, "<i4")}
"""The dtypes of the arrays, in file order.

Besides the arrays of the trie and of the kinds:

- ``score`` (pieces,): the scores by id.
- ``kept``: empty if the bundle has every piece; else, by id, the id in the bundle, or -1 if the bundle lacks the
  piece. The trie and the scores always use the ids of the whole vocabulary.
- ``mapped`` and ``replacement``: the strings that the normalizer replaces, and their replacements, in UTF-8 with a
  NUL after each string.
"""

PAGE = 256
"""The number of characters per page of codes."""

CHARACTERS = 0x110000
