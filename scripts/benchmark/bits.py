"""Whether Linnet gives a text the same bits however it is called: ``python -m benchmark.bits BUNDLE TEXTS.json``.

Prints JSON: for each way of calling, the number of texts with other logits, or vectors, than in one call for all.
"""

import json
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import linnet
import numpy as np

from benchmark.batches import Floats

Rows = Callable[[list[str]], Floats]
"""Texts → their logits or vectors: float32 (texts, labels) or (texts, dimension)."""


def main(bundle: str, file: str) -> None:
    """Calls in every way."""
    texts = json.loads(Path(file).read_bytes())
    model = linnet.load(bundle)
    rows = rows_of(model)
    together = rows(texts)
    order = random.Random(0).sample(range(len(texts)), len(texts))
    shuffled = np.empty_like(together)
    shuffled[order] = rows([texts[row] for row in order])
    with ThreadPoolExecutor(4) as pool:
        at_once = np.concatenate(list(pool.map(lambda text: rows([text]), texts)))
    ways = {
        "alone": np.concatenate([rows([text]) for text in texts]),
        "in tens": np.concatenate([rows(texts[at : at + 10]) for at in range(0, len(texts), 10)]),
        "in another order": shuffled,
        "from four Python threads": at_once,
        "on one thread": rows_of(linnet.load(bundle, threads=1))(texts),
        "on two threads": rows_of(linnet.load(bundle, threads=2))(texts),
    }
    found = {way: _differing(together, answers) for way, answers in ways.items()}
    found["in a stream"] = _differing(*_streamed(model, texts, together))
    print(json.dumps({"texts": len(texts), "differing": found}))


def rows_of(model: linnet.Classifier | linnet.Embedder) -> Rows:
    """What a model's bits are compared by: logits of a classifier, vectors of an embedder."""
    return model.logits if isinstance(model, linnet.Classifier) else model


def _streamed(model: linnet.Classifier | linnet.Embedder, texts: list[str], together: Floats) -> tuple[Floats, Floats]:
    """The answers in one call, and those of a stream, which has a classifier's scores instead of its logits."""
    if isinstance(model, linnet.Classifier):
        scores = [list(prediction.scores.values()) for prediction in model.stream(iter(texts))]
        return model.head.scores(together), np.array(scores, dtype=np.float32)
    return together, np.stack(list(model.stream(iter(texts))))


def _differing(expected: Floats, found: Floats) -> int:
    ours, theirs = (np.ascontiguousarray(each).view(np.uint32) for each in (expected, found))
    return int((ours != theirs).any(axis=-1).sum())


if __name__ == "__main__":
    main(*sys.argv[1:])
