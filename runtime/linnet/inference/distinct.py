"""Texts with equal token ids → one row of the output, computed once.

A text always gets the same bits, so computing it again is waste. Examples: a retweet, a greeting, two mentions
that preprocessing turns into the same ``@user``.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from ..arrays import Floats
from ..system.forks import mend_in_child

MOST_REMEMBERED = 10_000_000
"""The largest cache size in texts; each row takes about 300 bytes besides its numbers."""


class Cache:
    """A cache: the rows of the last ``size`` distinct texts, by their ids. Threads may share it.

    Args:
        size: how many texts to remember; the least recently used text is forgotten first.

    Raises:
        ValueError: ``size`` is not a whole number from 1 to `MOST_REMEMBERED`.
    """

    def __init__(self, size: int) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MOST_REMEMBERED:
            raise ValueError(
                f"expected cache to be a whole number of texts from 1 to {MOST_REMEMBERED:,}, found {size!r}; "
                "leave it out to remember none"
            )
        self._size = size
        self._rows: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = threading.Lock()
        mend_in_child(self)

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: bytes) -> Floats | None:
        """Returns the row of a text, read-only, or None if it is not remembered."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None:
                self._rows.move_to_end(key)
            return row

    def put(self, key: bytes, row: Floats) -> None:
        """Remembers a copy of a row."""
        row = row.copy()
        row.flags.writeable = False
        with self._lock:
            self._rows[key] = row
            self._rows.move_to_end(key)
            if len(self._rows) > self._size:
                self._rows.popitem(last=False)

    def forked(self) -> None:
        """Makes a new lock: another thread of the parent may have held the old one."""
        self._lock = threading.Lock()


class Distinct:
    """The distinct texts of a chunk. Iterating yields the ids of those that have to be run.

    Only one thread at a time may iterate; any thread may call `answer`.

    Args:
        ids: the ids of each text.
        cache: the remembered rows of earlier texts, or None.
    """

    def __init__(self, ids: Iterable[Sequence[int]], cache: Cache | None) -> None:
        self._ids, self._cache = ids, cache
        self._keys: list[bytes] = []  # a key for each text
        self._asked: list[bytes] = []  # a key for each text that has to be run
        self._rows: dict[bytes, Floats] = {}

    def __iter__(self) -> Iterator[Sequence[int]]:
        seen: set[bytes] = set()
        for ids in self._ids:
            key = array("i", ids).tobytes()
            self._keys.append(key)
            if key in seen:
                continue
            seen.add(key)
            row = self._cache.get(key) if self._cache is not None else None
            if row is None:
                self._asked.append(key)
                yield ids
            else:
                self._rows[key] = row

    def answer(self, index: int, row: Floats) -> None:
        """Stores the row for the ids that iteration yielded as number ``index``."""
        key = self._asked[index]
        self._rows[key] = row
        if self._cache is not None:
            self._cache.put(key, row)

    def rows(self) -> list[Floats]:
        """Returns a row for each text, in order. Texts with equal ids share a row."""
        return [self._rows[key] for key in self._keys]
