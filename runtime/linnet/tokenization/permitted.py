"""Checks the steps of a ``tokenizer.json`` before `tokenizers` builds them: only those that take linear time and room.

`linnet-export` refuses checkpoints by the same check, so it writes no other steps. The vocabulary is not parsed here:
that would take as long as half of the building.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import BundleFormatError
from ..fields import field, malformed, optional_field, parse_object, shown
from ..names import TOKENIZER
from .precompiled import check_charsmap

_LISTS = {
    "normalizer": "normalizers",
    "pre_tokenizer": "pretokenizers",
    "post_processor": "processors",
    "decoder": "decoders",
}
"""Part → the key of a sequence's steps."""

_TYPES = {
    "normalizer": (
        *("BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt"),
        *("Precompiled", "Prepend", "Replace", "Strip", "StripAccents"),
    ),
    "pre_tokenizer": (
        *("BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "Metaspace"),
        *("Punctuation", "Split", "UnicodeScripts", "Whitespace", "WhitespaceSplit"),
    ),
    "post_processor": ("BertProcessing", "ByteLevel", "RobertaProcessing", "TemplateProcessing"),
    "decoder": (
        *("BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse"),
        *("Metaspace", "Replace", "Strip", "WordPiece"),
    ),
}
"""Part → the types of its steps."""

_MOST_STEPS = 16
_MOST_ADDED = 20_000
_MOST_SPECIAL = 16
_LONGEST = 64
"""The most characters of a text that a step replaces or puts before a text."""

_MODEL = b'\n  "model": {'
_KEYS = tuple(f'"{part}"'.encode() for part in (*_LISTS, "added_tokens"))
_VALUE = re.compile(rb"\s*:\s*[^\s\d]")
"""What follows a key of a part, but not a piece of the vocabulary, whose values are numbers."""

_ESCAPE = r"\\(?:u[0-9a-fA-F]{4}|[pP]\{\^?\w+\}|[sSdDwWnrtfv]|[^a-zA-Z0-9])"
_LITERAL = r"[^\\\[\](){}|*+?.^$]"
_ATOM = rf"(?:{_ESCAPE}|\[\^?(?:[^\[\]\\&]|{_ESCAPE})+\]|{_LITERAL}|\.)"
_SIMPLE = (
    rf"(?:{_ATOM}(?:[*+?]|\{{\d{{1,2}}(?:,\d{{0,2}})?\}})?(?:{_ATOM}\?)?|(?:{_ESCAPE}|{_LITERAL}){{1,{_LONGEST}}})"
)
_LINEAR = re.compile(rf"{_SIMPLE}(?:\|{_SIMPLE}){{0,7}}")
"""Expressions that match in linear time: alternatives that repeat one character, or spell a text."""
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_LONGEST_EXPRESSION = 1000


def check_parts(content: bytes) -> None:
    """Checks all parts of a ``tokenizer.json`` except the model.

    Raises:
        BundleFormatError: the file is no JSON, or has a step that Linnet does not write.
    """
    parts = _parts(content)
    charsmaps = 0
    for part in _LISTS:
        steps = list(_steps(part, parts.get(part)))
        if len(steps) > _MOST_STEPS:
            raise _unexpected(f"at most {_MOST_STEPS} steps in the {part}", len(steps))
        for step in steps:
            _check_step(step)
            charsmaps += step["type"] == "Precompiled"
    if charsmaps > 1:
        raise _unexpected("at most one map of characters", charsmaps)
    if len(added := optional_field(parts, TOKENIZER, "added_tokens", list) or []) > _MOST_ADDED:
        raise _unexpected(f"at most {_MOST_ADDED} added tokens", len(added))


def _parts(content: bytes) -> dict[str, Any]:
    """Returns the parts without the model, if the file has the layout that Linnet writes; else all of them."""
    model = content.find(_MODEL)
    if model >= 0 and content.find(b"\\u", model) < 0 and not any(_follows(content, key, model) for key in _KEYS):
        content = content[:model].rstrip().removesuffix(b",") + b"}"
    try:
        return parse_object(TOKENIZER, content)
    except BundleFormatError as error:
        raise BundleFormatError(f"{error}, or try pip install --upgrade tokenizers") from None


def _follows(content: bytes, key: bytes, start: int) -> bool:
    """Returns True if a part with this key may begin after ``start``."""
    while (start := content.find(key, start)) >= 0:
        start += len(key)
        if _VALUE.match(content, start):
            return True
    return False


def _steps(part: str, found: Any) -> Iterator[Mapping[str, Any]]:
    if found is None:
        return
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "Sequence":
        for step in field(found, TOKENIZER, _LISTS[part], list):
            yield from _steps(part, step)
    elif kind in _TYPES[part]:
        yield found
    else:
        raise _unexpected(f"each step of the {part} to have one of the types {', '.join(_TYPES[part])}", found)


def _check_step(step: Mapping[str, Any]) -> None:
    match step["type"]:
        case "Precompiled":
            check_charsmap(field(step, TOKENIZER, "precompiled_charsmap", str))
        case "Replace":
            most = max(1, _check_pattern(step))
            if len(field(step, TOKENIZER, "content", str)) > most:
                raise _unexpected(f"a replacement of at most {most} characters", step)
        case "Split":
            _check_pattern(step)
        case "Prepend":
            if len(field(step, TOKENIZER, "prepend", str)) > _LONGEST:
                raise _unexpected(f"a prefix of at most {_LONGEST} characters", step)
        case "TemplateProcessing":
            _check_template(step)


def _check_pattern(step: Mapping[str, Any]) -> int:
    """Checks what a step looks for; returns the fewest characters of a match that are certain."""
    match step.get("pattern"):
        case {"String": str(text)} if 1 <= len(text) <= _LONGEST:
            return len(text)
        case {"Regex": str(expression)} if len(expression) <= _LONGEST_EXPRESSION:
            if expression == _GPT2 or _LINEAR.fullmatch(expression):
                return 0
    raise _unexpected("a short text or a simple expression", step)


def _check_template(step: Mapping[str, Any]) -> None:
    """Checks that a template has each text once, so that no text becomes longer than it was truncated to."""
    for name, texts in (("single", ["A"]), ("pair", ["A", "B"])):
        items = field(step, TOKENIZER, name, list)
        found = sorted(item["Sequence"]["id"] for item in items if _is_text(item))
        if found != texts or len(items) > _MOST_SPECIAL:
            raise _unexpected(f"the template {name} to have {' and '.join(texts)} once", items)


def _is_text(item: Any) -> bool:
    match item:
        case {"Sequence": {"id": "A" | "B"}}:
            return True
        case {"SpecialToken": {"id": str()}}:
            return False
    raise _unexpected("texts and special tokens in a template", item)


def _unexpected(expected: str, found: object) -> BundleFormatError:
    return malformed(f"{TOKENIZER}: expected {expected}, found {shown(found)}")
