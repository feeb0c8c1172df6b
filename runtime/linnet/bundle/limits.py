"""The most that a bundle's files may hold: what Linnet writes, with ample room. So reading one is bounded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..fields import malformed, shown
from ..names import CONFIG, GRAPH, INTERNALS, MANIFEST, PREPROCESSING, SETTINGS, SIGNATURE

if TYPE_CHECKING:
    from .manifest import FileRecord

LONGEST_NAME = 255
"""The most bytes of a file's path in a bundle."""
_MOST_FILES = 1000

_KB, _MB, _GB = 1 << 10, 1 << 20, 1 << 30
_LARGEST = {
    MANIFEST: 4 * _MB,
    CONFIG: 4 * _MB,
    SETTINGS: 64 * _KB,
    PREPROCESSING: 2 * _MB,
    GRAPH: 64 * _MB,
    INTERNALS: 64 * _MB,
    SIGNATURE: 4 * _MB,
}
_LARGEST_OTHER = 128 * _MB
"""A ``tokenizer.json`` takes 17 MB for 250,000 pieces."""
_LARGEST_WEIGHTS = 16 * _GB
_MOST_HASHED = 256 * _MB
"""The most bytes of all files together that loading hashes."""


def largest(path: str) -> int:
    """Returns the most bytes that the file with this path in a bundle may have."""
    return _LARGEST.get(path, _LARGEST_OTHER)


def check_listed(records: Sequence["FileRecord"]) -> None:
    """Checks the sizes and the names of the files that a manifest lists.

    Raises:
        BundleFormatError: there are too many, one or all are too large, or two have one name on some file systems.
    """
    if len(records) > _MOST_FILES:
        raise malformed(f"{MANIFEST}: expected at most {_MOST_FILES} files, found {len(records)}")
    for record in records:
        most = _LARGEST_WEIGHTS if record.mapped else largest(record.path)
        if not 0 <= record.size <= most:
            raise malformed(f"{MANIFEST}: expected {record.path} to have at most {most} bytes, found {record.size}")
    if (size := sum(record.size for record in records if not record.mapped)) > _MOST_HASHED:
        raise malformed(f"{MANIFEST}: expected at most {_MOST_HASHED} bytes in all files but the weights, found {size}")
    names: dict[str, str] = {}
    for record in records:
        other = names.setdefault(record.path.casefold(), record.path)
        if other is not record.path:
            raise malformed(f"{MANIFEST}: expected distinct names, found {shown(other)} and {shown(record.path)}")
