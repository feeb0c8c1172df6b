"""All readers, in the order in which a bundle is loaded; then those of the files that users name."""

import importlib.util

from fuzzing.readers import bundle_files, models, rows
from fuzzing.readers.reader import Reader

READERS: tuple[Reader, ...] = (*bundle_files.READERS, *models.READERS, *rows.READERS)


def usable() -> list[Reader]:
    """Returns the readers whose packages are installed."""
    return [reader for reader in READERS if reader.needs is None or importlib.util.find_spec(reader.needs)]
