"""Whether Linnet gives a text the same bits however it is called: ``python -m benchmark.bits BUNDLE TEXTS.json``.

Prints JSON: for each way of calling, how many of the texts get other logits than in one call for all.
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import linnet
import numpy as np

from benchmark.batches import Floats


def main(bundle: str, file: str) -> None:
    """Calls in every way."""
    texts = json.loads(Path(file).read_bytes())
    model = _load(bundle)
    together = model.logits(texts)
    order = random.Random(0).sample(range(len(texts)), len(texts))
    shuffled = np.empty_like(together)
    shuffled[order] = model.logits([texts[row] for row in order])
    with ThreadPoolExecutor(4) as pool:
        at_once = np.concatenate(list(pool.map(lambda text: model.logits([text]), texts)))
    streamed = [list(prediction.scores.values()) for prediction in model.stream(iter(texts))]
    ways = {
        "alone": np.concatenate([model.logits([text]) for text in texts]),
        "in tens": np.concatenate([model.logits(texts[at : at + 10]) for at in range(0, len(texts), 10)]),
        "in another order": shuffled,
        "from four Python threads": at_once,
        "on one thread": _load(bundle, 1).logits(texts),
        "on two threads": _load(bundle, 2).logits(texts),
    }
    found = {way: _differing(together, logits) for way, logits in ways.items()}
    found["in a stream"] = _differing(model.head.scores(together), np.array(streamed, dtype=np.float32))
    print(json.dumps({"texts": len(texts), "differing": found}))


def _load(bundle: str, threads: int | None = None) -> linnet.Classifier:
    model = linnet.load(bundle, threads=threads)
    assert isinstance(model, linnet.Classifier)
    return model


def _differing(expected: Floats, found: Floats) -> int:
    return int((expected.view(np.uint32) != np.ascontiguousarray(found).view(np.uint32)).any(axis=-1).sum())


if __name__ == "__main__":
    main(*sys.argv[1:])
