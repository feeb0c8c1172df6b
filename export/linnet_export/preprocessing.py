"""The tables of the preprocessing presets, which travel in the bundles that need them."""

from pathlib import Path

from linnet.layout import PREPROCESSING
from linnet.preprocessing import needs_tables

_FOLDER = Path(__file__).with_name("preprocessing_tables")
_NOTICE = "LICENSE-emoji.txt"
"""Of the package from which the names of emoji are."""


def preprocessing_tables(preset: str) -> bytes | None:
    """What ``preprocessing.json`` is to be for a preset; None for one that needs no tables."""
    return (_FOLDER / f"{preset}.json").read_bytes() if needs_tables(preset) else None


def write_preprocessing(preset: str, bundle: Path) -> None:
    """``preprocessing.json`` and the licence of what is in it, for presets that need it."""
    tables = preprocessing_tables(preset)
    if tables is not None:
        (bundle / PREPROCESSING).write_bytes(tables)
        (bundle / _NOTICE).write_bytes((_FOLDER / _NOTICE).read_bytes())
