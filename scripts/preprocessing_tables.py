"""Makes the tables that bundles with the presets ``bertweet`` and ``pysentimiento`` carry, or checks them.

    scripts/preprocessing_tables.py bertweet [--check]        # wants emoji==0.6.0 and regex
    scripts/preprocessing_tables.py pysentimiento [--check]   # wants emoji and pysentimiento, without what it requires

The two want different versions of emoji, so each has an environment of its own; ``scripts/test`` makes them. What
the tables say of characters is also Python's: `PYTHON_UNICODE` is the version that they were made with.
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

TABLES = Path(__file__).resolve().parent.parent / "export" / "linnet_export" / "preprocessing_tables"

PYTHON_UNICODE = "14.0.0"
"""Python 3.11's: the newest Python that pysentimiento 0.7.3 says it is for."""


def main() -> int:
    """Writes one table, or says whether the committed one is what would be written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=("bertweet", "pysentimiento"))
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the committed table differs")
    args = parser.parse_args()
    if unicodedata.unidata_version != PYTHON_UNICODE:
        print(
            f"expected a Python with Unicode {PYTHON_UNICODE} (3.11), found {unicodedata.unidata_version}",
            file=sys.stderr,
        )
        return 2
    file = TABLES / f"{args.preset}.json"
    content = as_json({"preset": args.preset, **{"bertweet": bertweet, "pysentimiento": pysentimiento}[args.preset]()})
    if not args.check:
        file.write_bytes(content)
    elif file.read_bytes() != content:
        print(f"{file} is not what this environment makes: run {sys.argv[0]} {args.preset}", file=sys.stderr)
        return 1
    return 0


def bertweet() -> dict[str, Any]:
    """What transformers' `normalizeTweet` takes from ``emoji`` 0.6.0, ``regex`` and Python."""
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
    """What `preprocess_tweet` takes from ``emoji`` 2 and Python, and which characters it is seen to replace."""
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
    """Its module ``preprocessing`` alone: the package would import torch, transformers and more."""
    file = distribution("pysentimiento").locate_file("pysentimiento/preprocessing.py")
    spec = importlib.util.spec_from_file_location("pysentimiento_preprocessing", str(file))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replacements() -> Iterator[tuple[str, str]]:
    """Each character that `preprocess_tweet` makes another of, or drops, when asked for nothing else."""
    prepare = pysentimiento_preprocessing().preprocess_tweet
    asked = {"preprocess_hashtags": False, "preprocess_handles": False, "demoji": False, "shorten": None}
    ascii_characters = (chr(code) for code in range(128))
    for character in (*ascii_characters, *beyond_ascii()):
        found = prepare(f"x{character}x", lang="en", normalize_laughter=False, **asked)
        if found != f"x{character}x":
            yield character, found[1:-1]


def expect(name: str, wanted: str) -> None:
    """Exits unless a package is of that version."""
    if version(name) != wanted:
        sys.exit(f"expected {name}=={wanted}, found {version(name)}: pip install {name}=={wanted}")


def of_word(character: str) -> bool:
    r"""Whether ``\w`` of ``re`` matches it."""
    return character.isalnum() or character == "_"


def has_lower(character: str) -> bool:
    """Whether it has a lower case of one character."""
    return len(character.lower()) == 1 and character.lower() != character


def is_cased(character: str) -> bool:
    """Whether a capital sigma after it is the last letter of a word."""
    return (character + "Σ").lower()[-1] == "ς"


def is_ignored(character: str) -> bool:
    """Whether it is skipped where the end of a word is looked for."""
    return not is_cased(character) and ("a" + character + "Σ").lower()[-1] == "ς"


def beyond_ascii() -> Iterator[str]:
    """Every character but ASCII's, and but surrogates."""
    return (chr(code) for code in range(128, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)


def boundaries(holds: Callable[[str], object]) -> list[int]:
    """Where, beyond ASCII, what holds for characters begins to, and ceases to, in turn."""
    found: list[int] = []
    for character in beyond_ascii():
        if bool(holds(character)) == (len(found) % 2 == 0):
            found.append(ord(character))
    return found if len(found) % 2 == 0 else [*found, sys.maxunicode + 1]


def names(by_emoji: dict[str, str]) -> dict[str, str]:
    """Emoji → name without its colons, sorted."""
    return {sign: name[1:-1] for sign, name in sorted(by_emoji.items())}


def as_json(table: dict[str, Any]) -> bytes:
    """The same bytes for the same table: a key a line, so that a change can be seen."""
    lines: Iterable[str] = (
        f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for key, value in table.items()
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


if __name__ == "__main__":
    sys.exit(main())
