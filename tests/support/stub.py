"""A stand-in for the classifier, whose answers depend on the text alone and cost nothing: for tests of files."""

import time
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from linnet.bundle.opening import Bundle
from linnet.postprocessing.scores import Head, Prediction
from linnet.tokenization.encoding import Tally, TokenIds

LABELS = ("no", "yes")


def answer(text: str) -> Prediction:
    score = zlib.crc32(text.encode()) / 2**32
    scores = {"no": 1 - score, "yes": score}
    return Prediction("yes" if score > 0.5 else "no", max(scores.values()), scores, len(text) % 7 == 0)


class Stub:
    """Answers a chunk of texts at a time, after a pause."""

    labels, head = LABELS, Head(LABELS)
    chunk, pause = 2048, 0.0

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle

    def stream(
        self, texts: Iterable[str], *, preprocess: bool, tally: Tally, **options: object
    ) -> Iterator[Prediction]:
        remaining = iter(texts)
        while chunk := list(islice(remaining, self.chunk)):
            time.sleep(self.pause)
            tally.add(TokenIds([], len(text) % 7 == 0) for text in chunk)
            yield from map(answer, chunk)


def stubbed(*argv: str | Path, every: float = 0.01, pause: float = 0.0, chunk: int = 50) -> int:
    """Runs ``linnet classify`` in this process with the stand-in, and saves a checkpoint every so many seconds."""
    from linnet.cli.commands import classify
    from linnet.cli.main import main
    from linnet.cli.outputs import saving

    with (
        patch.object(classify, "Classifier", Stub),
        patch.object(saving, "EVERY", every),
        patch.multiple(Stub, chunk=chunk, pause=pause),
    ):
        return main(["classify", *map(str, argv)])
