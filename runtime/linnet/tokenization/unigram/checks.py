"""Checks that the parts of a compact tokenizer's file fit each other, so that every text is answered in linear time.

The file's checksum shows damage. These checks also hold for a file that was made to do harm: no lookup leaves its
array, every word has a segmentation, and no text grows by more than a fixed factor.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import BundleFormatError
from ...fields import malformed, shown
from ...names import COMPACT_TOKENIZER
from .layout import CHARACTERS, KINDS, LOWEST_SCORE, PAGE
from .settings import Settings

Arrays = Mapping[str, npt.NDArray[Any]]

_MOST_RANGES = 2048
_MOST_WHITE_SPACE = 64
_MOST_REPLACEMENTS = 100_000
_LONGEST_REPLACED, _LONGEST_REPLACEMENT = 8, 64
"""The most characters; Unicode's NFKC makes at most 18 of one."""


def check_arrays(arrays: Arrays, settings: Settings) -> None:
    """Checks the arrays by themselves, and with the settings.

    Raises:
        BundleFormatError: they do not fit each other, or hold numbers out of range.
    """
    _check_trie(arrays)
    _check_scores(arrays["score"], settings)
    if len(arrays["kept"]):
        _check_kept(arrays, settings)
    for kind in KINDS:
        _check_ranges(kind, arrays[kind])
    first, last = arrays["white_space"][::2], arrays["white_space"][1::2]
    if not 1 <= (last - first + 1).sum() <= _MOST_WHITE_SPACE:
        raise unfit(f"1 to {_MOST_WHITE_SPACE} white space characters")


def read_replacements(arrays: Arrays) -> dict[str, str]:
    """Returns the replacements of the normalizer, by the text that each one replaces.

    Raises:
        BundleFormatError: they are no pairs of short texts.
    """
    try:
        mapped, replacement = (arrays[name].tobytes().decode().split("\0") for name in ("mapped", "replacement"))
    except UnicodeDecodeError as error:
        raise unfit("replacements in UTF-8", str(error)) from None
    if len(mapped) != len(replacement) or mapped.pop() or replacement.pop() or len(mapped) > _MOST_REPLACEMENTS:
        raise unfit("pairs of replaced texts and replacements")
    if not all(1 <= len(text) <= _LONGEST_REPLACED for text in mapped) or len(set(mapped)) < len(mapped):
        raise unfit(f"distinct replaced texts of 1 to {_LONGEST_REPLACED} characters")
    if max(map(len, replacement), default=0) > _LONGEST_REPLACEMENT:
        raise unfit(f"replacements of at most {_LONGEST_REPLACEMENT} characters")
    return dict(zip(mapped, replacement, strict=True))


def largest_id(arrays: Arrays, settings: Settings) -> int:
    """Returns the largest id that a text may get."""
    pieces = arrays["kept"] if len(arrays["kept"]) else arrays["piece"]
    unknown = arrays["kept"][settings.unk_id] if len(arrays["kept"]) else settings.unk_id
    special = (index for _, index in (*settings.prefix, *settings.suffix))
    return max(int(pieces.max()), int(unknown), *special, *(token.id for token in settings.added_tokens))


def unfit(expected: str, found: object = None) -> BundleFormatError:
    """Returns the error for parts that do not fit each other."""
    return malformed(f"{COMPACT_TOKENIZER}: expected {expected}, found {'others' if found is None else shown(found)}")


def _check_trie(arrays: Arrays) -> None:
    base, label, piece = arrays["base"], arrays["label"], arrays["piece"]
    pages, rest = divmod(len(arrays["code"]), PAGE)
    if not len(base) == len(label) == len(piece) > 0 or len(arrays["code_page"]) != CHARACTERS // PAGE or rest:
        raise unfit("arrays whose sizes fit each other")
    if arrays["code_page"].max() >= pages:
        raise unfit(f"codes of characters on {pages} pages", arrays["code_page"].max())
    if base.min() < 0 or int(base.max()) + int(arrays["code"].max()) >= len(base):
        raise unfit(f"nodes in {len(base)} slots", (int(base.min()), int(base.max())))
    if piece.min() < -1 or piece.max() >= len(arrays["score"]):
        raise unfit(f"pieces below {len(arrays['score'])}", (int(piece.min()), int(piece.max())))


def _check_scores(scores: npt.NDArray[np.float64], settings: Settings) -> None:
    if not len(scores):
        raise unfit("scores")
    least, most = float(scores.min()), float(scores.max())
    if not LOWEST_SCORE <= settings.unk_score <= 0:
        raise unfit(f"unk_score from {LOWEST_SCORE} to 0", settings.unk_score)
    if not LOWEST_SCORE <= least <= most <= 0:  # False also for a score that is no number
        raise unfit(f"scores from {LOWEST_SCORE} to 0", (least, most))
    if not 0 <= settings.unk_id < len(scores):
        raise unfit(f"unk_id below {len(scores)}", settings.unk_id)


def _check_kept(arrays: Arrays, settings: Settings) -> None:
    kept, label, piece = arrays["kept"], arrays["label"], arrays["piece"]
    if len(kept) < len(arrays["score"]) or kept.min() < -1:
        raise unfit(f"{len(arrays['score'])} ids from -1 on", (len(kept), int(kept.min())))
    codes = np.unique(arrays["code"]).astype(np.int64)
    codes = codes[codes > 0]
    slots = int(arrays["base"][0]) + codes
    single = piece[slots[label[slots] == codes]]
    if (kept[single[single >= 0]] < 0).any() or kept[settings.unk_id] < 0:
        raise unfit("all pieces of one character and the unknown token among the kept ones")


def _check_ranges(kind: str, bounds: npt.NDArray[np.int32]) -> None:
    first, last = bounds[::2], bounds[1::2]
    ordered = len(first) == len(last) and (first <= last).all() and (last[:-1] < first[1:]).all()
    if not ordered or len(first) > _MOST_RANGES or (len(first) and (first[0] < 0 or last[-1] >= CHARACTERS)):
        raise unfit(f"{kind} to be at most {_MOST_RANGES} ascending ranges of characters")
