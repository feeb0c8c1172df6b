"""Writes the tables of a preprocessing preset into bundles that need them."""

from pathlib import Path

from linnet.names import PREPROCESSING
from linnet.preprocessing import needs_tables

_FOLDER = Path(__file__).with_name("preprocessing_tables")
_NOTICE = "LICENSE-emoji.txt"
"""The licence of the package that the emoji names come from."""


def preprocessing_tables(preset: str) -> bytes | None:
    """Returns the content of ``preprocessing.json`` for a preset; None if the preset needs no tables."""
    return (_FOLDER / f"{preset}.json").read_bytes() if needs_tables(preset) else None


def write_preprocessing(preset: str, bundle: Path) -> None:
    """Writes ``preprocessing.json`` and the licence of its content, if the preset needs tables."""
    tables = preprocessing_tables(preset)
    if tables is not None:
        (bundle / PREPROCESSING).write_bytes(tables)
        (bundle / _NOTICE).write_bytes((_FOLDER / _NOTICE).read_bytes())
