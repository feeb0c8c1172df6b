"""The texts of one request while they wait and run."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from ...arrays import Floats
from ...inference.session import Session

Finish = Callable[[Floats], Floats]
"""A function: the graph's output for one text → the row to keep."""


class Job:
    """The texts of one request, by their ids, for one version.

    Only the queue's lock holders change ``left`` and ``waiting``.

    Args:
        session: what runs the texts.
        ids: the ids of each text.
        finish: what is kept of the output for each text.
        done: called once by a worker's thread when all rows are there, or one batch failed.
    """

    def __init__(
        self, session: Session, ids: Sequence[Sequence[int]], finish: Finish, done: Callable[["Job"], None]
    ) -> None:
        self.session, self.ids, self.finish, self.done = session, ids, finish, done
        self.rows: list[Floats | None] = [None] * len(ids)
        self.left = len(ids)
        """The number of texts without a row."""
        self.tokens = sum(map(len, ids))
        self.waiting = self.tokens
        """The tokens that no worker has taken yet."""
        self.since = monotonic()
        self.begun: float | None = None
        """When a worker took its first text."""
        self.error: BaseException | None = None
        self.cancelled = False


class Item(NamedTuple):
    """A text of a job: the one with this number. The one that is due first goes first."""

    job: Job
    number: int
    due: float

    @property
    def ids(self) -> Sequence[int]:
        """The text's ids."""
        return self.job.ids[self.number]


class Turn(NamedTuple):
    """Texts of equal length that a worker runs at once."""

    items: list[Item]
    alone: bool
    """True if other workers may run batches meanwhile, so that this one uses one thread."""

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return len(self.items) * len(self.items[0].ids)
