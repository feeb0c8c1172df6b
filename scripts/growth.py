#!/usr/bin/env python3
"""Looks for texts whose preparation takes more than linear time: units of one to three pieces, repeated.

    .venv/bin/python scripts/growth.py [--seconds 60] [--seed 0] [BUNDLE …]

Measures the presets, with the mapping of spans back to the user's text, and the encodings of the bundles.
Prints the units whose time grows much faster than the text, and the slowest one; exits with 1 if it finds any. Seconds
are those of the processor.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from needed import packages
from preprocessing_texts import every_piece

SHORT, LONG = 2_000, 16_000  # characters
TOO_STEEP = 3.0
"""How many times as steep as linear is reported: quadratic growth is 8 times as steep."""
LEAST = 0.02
"""Seconds: shorter times are noise."""

PIECES = [
    *("@", "@a", "a@", "a@b.", ".", "..", "a.", ".a", ".aa", "aa/", "1", "12", "1.", "-", "a-", "_", "'", "#", "#a"),
    *("http", "http:", "http:/", "https://", "www.", ".com", ".com/", "/", "(", ")", "()", "(a)", "((a)", "<", ">"),
    *("<a", "&", "&#", "&#1", ";", ":", ":)", "8", "=", "|", "|_", "!", "?", "*", "+1", "[", "]", "{", "}", "`", ","),
    *(
        "a",
        "A",
        "h",
        "ha",
        "ah",
        "é",
        "Σ",
        "²",
        "ا",
        "\u0301",
        "\u200d",
        "\ufe0f",
        "😀",
        "🏽",
        "👩",
        "🇵",
        "❤️",
        "1\u20e3",
    ),
    *(" ", "  ", "\t", "\n", "\xa0", "\u3000", "\u200b", "\0", "n't ", "cannot ", "ca n't", " p . m", "<mask>", "▁"),
    *("한", "好", "\u0915", "\u094d", "\u0600", "\u1100", "ﷺ"),
]

Subject = Callable[[str], object]


def main() -> int:
    """Measures random units until the time is over; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="*", type=Path, metavar="BUNDLE")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    subjects = _presets() | {str(path): _bundle(path) for path in args.bundles}
    tried, steep, slowest = 0, 0, (0.0, "", "")
    end = time.monotonic() + args.seconds
    for unit in _units(random.Random(args.seed)):
        if time.monotonic() > end:
            break
        tried += 1
        for name, subject in subjects.items():
            growth, seconds = _growth(subject, unit)
            slowest = max(slowest, (seconds, name, unit))
            if growth > TOO_STEEP:
                steep += 1
                print(
                    f"{name}: {unit!r}: {growth:.1f} times as steep as linear, {seconds:.2f} s for {LONG:,} characters"
                )
    print(f"{tried} units, {steep} too steep; the slowest took {slowest[0]:.2f} s: {slowest[1]}, {slowest[2]!r}")
    return 1 if steep else 0


def _presets() -> dict[str, Subject]:
    with packages():
        from linnet.preprocessing import PREPROCESSORS, needs_tables, preprocessor
        from linnet_export.bundle.preprocessing import preprocessing_tables
    prepare = {
        name: preprocessor(name, preprocessing_tables(name) if needs_tables(name) else None) for name in PREPROCESSORS
    }

    def mapped(name: str, text: str) -> object:
        found = prepare[name](text)
        return [found.source_span(at, at + 3) for at in range(0, len(found.text) - 2, 16)]

    return {name: partial(mapped, name) for name in prepare}


def _bundle(path: Path) -> Subject:
    with packages():
        import linnet
    model = linnet.load(path)
    return lambda text: model.encode(text)


def _units(chance: random.Random) -> Iterator[str]:
    """Yields each piece alone, then random combinations without end, a third of them with pieces of the tests."""
    yield from PIECES
    others = every_piece()
    while True:
        pieces = [chance.choice(others if chance.random() < 0.2 else PIECES) for _ in range(chance.randint(1, 4))]
        yield "".join(piece * chance.choice((1, 1, 1, 2, 4)) for piece in pieces)


def _growth(subject: Subject, unit: str) -> tuple[float, float]:
    """Returns how many times as steep as linear the time grows, and the seconds of the long text."""
    short, long = (unit * (length // len(unit) + 1) for length in (SHORT, LONG))
    seconds = _seconds(subject, long)
    if seconds < LEAST:
        return 0.0, seconds
    steepness = seconds / max(_seconds(subject, short), 1e-5) * SHORT / LONG
    if steepness > TOO_STEEP:  # once more, because other programs disturb
        seconds = min(seconds, *(_seconds(subject, long) for _ in range(2)))
        steepness = seconds / min(_seconds(subject, short) for _ in range(3)) * SHORT / LONG
    return steepness, seconds


def _seconds(subject: Subject, text: str) -> float:
    start = time.process_time()
    subject(text)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
