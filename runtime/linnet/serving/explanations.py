"""A text → what its words contribute, where its variants share the queue with all other texts."""

import asyncio
import threading
from collections.abc import Iterator
from itertools import islice

import numpy as np

from ..arrays import Floats
from ..explaining.explaining import explain
from ..explaining.explanation import Explanation
from .failures import RequestError
from .service import Service
from .versions.version import Version

_CHUNK = 64
"""The greatest number of variants that wait at a time, so that an explanation takes little of the queue."""
_SHARE = 4
"""The tokens of the variants that wait are at most one part of the queue in so many."""


async def explanation(
    service: Service, version: Version, text: str, *, label: str | None, method: str, permutations: int
) -> Explanation:
    """Returns the explanation that the library gives. A client that goes away ends it.

    Raises:
        RequestError: too many explanations are under way, or the queue is full.
        InputError: there is no such label or method, or the number of permutations cannot be used.
    """
    if service.explaining >= service.limits.explanations:
        raise RequestError("overloaded", "other explanations are under way; try again later", retry_after=1)
    loop, gone = asyncio.get_running_loop(), threading.Event()

    def work() -> Explanation:
        [encoding] = version.encoder.encode(text, preprocess=True, trimmed=True)
        size = max(1, min(_CHUNK, service.queue.most // (_SHARE * max(1, len(encoding.ids)))))

        def logits(texts: Iterator[str], count: int) -> Iterator[Floats]:
            while chunk := list(islice(texts, size)):
                if gone.is_set():
                    raise RequestError("unhealthy", "the client is gone")
                yield np.stack(service.blocking(version, chunk, loop))

        head = version.classifier.head
        return explain(text, encoding, logits, head, label=label, method=method, permutations=permutations)

    service.explaining += 1
    future = loop.run_in_executor(service.explainers, work)
    future.add_done_callback(lambda done: _end(service, done))
    try:
        return await asyncio.shield(future)
    finally:
        gone.set()


def _end(service: Service, done: "asyncio.Future[Explanation]") -> None:
    service.explaining -= 1
    if not done.cancelled():
        done.exception()  # its client may be gone, so that nobody else looks at it
