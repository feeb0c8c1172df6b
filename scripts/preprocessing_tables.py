#!/usr/bin/env python3
"""Makes or checks the tables in bundles with the presets ``bertweet`` and ``pysentimiento``.

    .venv/bin/python scripts/preprocessing_tables.py bertweet [--check]        # needs emoji==0.6.0 and regex
    .venv/bin/python scripts/preprocessing_tables.py pysentimiento [--check]   # needs emoji, and pysentimiento without its dependencies

The presets need different versions of emoji, so each has its own environment; ``scripts/test`` sets them up. The
tables also depend on Python's Unicode version, `PYTHON_UNICODE`.
"""

import argparse
import importlib.util
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import distribution, version
from pathlib import Path
from types import ModuleType
from typing import Any

from needed import packages

TABLES = Path(__file__).resolve().parent.parent / "export" / "linnet_export" / "bundle" / "preprocessing_tables"

PYTHON_UNICODE = "14.0.0"
"""The version in Python 3.11, the newest Python that pysentimiento 0.7.3 declares support for."""


def main() -> int:
    """Writes one table, or checks the committed one; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=("bertweet", "pysentimiento"), help="the preset")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the committed table differs")
    args = parser.parse_args()
    if unicodedata.unidata_version != PYTHON_UNICODE:
        print(
            f"expected a Python with Unicode {PYTHON_UNICODE} (3.11), found {unicodedata.unidata_version}",
            file=sys.stderr,
        )
        return 2
    file = TABLES / f"{args.preset}.json"
    with packages("scripts/test sets up .venv for bertweet, and .venv-pysentimiento for pysentimiento"):
        table = {"bertweet": bertweet, "pysentimiento": pysentimiento}[args.preset]()
    content = as_json({"preset": args.preset, **table})
    if not args.check:
        file.write_bytes(content)
    elif file.read_bytes() != content:
        print(f"{file} differs from this environment's table: run {sys.argv[0]} {args.preset}", file=sys.stderr)
        return 1
    return 0


def bertweet() -> dict[str, Any]:
    """Returns the data that transformers' `normalizeTweet` uses from ``emoji`` 0.6.0, ``regex`` and Python."""
    import emoji
    import regex

    expect("emoji", "0.6.0")
    flags = regex.VERBOSE | regex.IGNORECASE | regex.UNICODE
    letter, digit = regex.compile(r"[^\W\d_]", flags), regex.compile(r"\d", flags)
    return {
        "versions": {"emoji": version("emoji"), "regex": version("regex"), "unicode": PYTHON_UNICODE},
        "letters": boundaries(lambda character: letter.match(character)),
        "digits": boundaries(lambda character: digit.match(character)),
        "decimals": boundaries(str.isdecimal),
        "emoji": names({sign: name for sign, name in emoji.UNICODE_EMOJI.items() if len(sign) == 1}),
    }


def pysentimiento() -> dict[str, Any]:
    """Returns the data that `preprocess_tweet` uses from ``emoji`` 2 and Python, and its character replacements."""
    import emoji

    expect("pysentimiento", "0.7.3")
    data, component = emoji.EMOJI_DATA, emoji.STATUS["component"]  # each a single character
    uppers = [character for character in beyond_ascii() if of_word(character) and has_lower(character)]
    return {
        "versions": {name: version(name) for name in ("emoji", "pysentimiento")} | {"unicode": PYTHON_UNICODE},
        "cased": boundaries(lambda character: of_word(character) and is_cased(character)),
        "ignored": boundaries(lambda character: of_word(character) and is_ignored(character)),
        "uncased": boundaries(
            lambda character: of_word(character) and not is_cased(character) and not is_ignored(character)
        ),
        "upper": "".join(uppers),
        "lower": "".join(character.lower() for character in uppers),
        "replacements": dict(replacements()),
        "emoji": names({sign: facts["en"] for sign, facts in data.items()}),
        "components": "".join(sorted(sign for sign, facts in data.items() if facts["status"] == component)),
    }


def pysentimiento_preprocessing() -> ModuleType:
    """Imports only pysentimiento's module ``preprocessing``: the package imports torch, transformers and more."""
    file = distribution("pysentimiento").locate_file("pysentimiento/preprocessing.py")
    spec = importlib.util.spec_from_file_location("pysentimiento_preprocessing", str(file))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replacements() -> Iterator[tuple[str, str]]:
    """Yields each character that `preprocess_tweet` replaces or drops with all options off, and its replacement."""
    prepare = pysentimiento_preprocessing().preprocess_tweet
    asked = {"preprocess_hashtags": False, "preprocess_handles": False, "demoji": False, "shorten": None}
    ascii_characters = (chr(code) for code in range(128))
    for character in (*ascii_characters, *beyond_ascii()):
        found = prepare(f"x{character}x", lang="en", normalize_laughter=False, **asked)
        if found != f"x{character}x":
            yield character, found[1:-1]


def expect(name: str, wanted: str) -> None:
    """Exits unless the installed version of a package is the wanted one."""
    if version(name) != wanted:
        sys.exit(f"expected {name}=={wanted}, found {version(name)}: pip install {name}=={wanted}")


def of_word(character: str) -> bool:
    r"""Returns whether ``\w`` of ``re`` matches the character."""
    return character.isalnum() or character == "_"


def has_lower(character: str) -> bool:
    """Returns whether the character has a lower case of one character."""
    return len(character.lower()) == 1 and character.lower() != character


def is_cased(character: str) -> bool:
    """Returns whether the character is cased: a capital sigma after it becomes a final sigma in lower case."""
    return (character + "Σ").lower()[-1] == "ς"


def is_ignored(character: str) -> bool:
    """Returns whether Python skips the character when it looks for the end of a word."""
    return not is_cased(character) and ("a" + character + "Σ").lower()[-1] == "ς"


def beyond_ascii() -> Iterator[str]:
    """Yields every character except ASCII and surrogates."""
    return (chr(code) for code in range(128, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)


def boundaries(holds: Callable[[str], object]) -> list[int]:
    """Returns the starts and ends, in turn, of the ranges beyond ASCII in which a condition holds."""
    found: list[int] = []
    for character in beyond_ascii():
        if bool(holds(character)) == (len(found) % 2 == 0):
            found.append(ord(character))
    return found if len(found) % 2 == 0 else [*found, sys.maxunicode + 1]


def names(by_emoji: dict[str, str]) -> dict[str, str]:
    """Returns emoji → name without its colons, sorted."""
    return {sign: name[1:-1] for sign, name in sorted(by_emoji.items())}


def as_json(table: dict[str, Any]) -> bytes:
    """Returns the table as deterministic JSON, with one key per line for readable diffs."""
    lines: Iterable[str] = (
        f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for key, value in table.items()
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


if __name__ == "__main__":
    sys.exit(main())
