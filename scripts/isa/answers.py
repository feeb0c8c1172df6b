"""Runs on the emulated machine: computes a bundle's answers to texts, alone and in batches.

    python answers.py BUNDLE TEXTS OUTPUT

``TEXTS`` is a JSON list. Writes an ``.npz`` with float32 (n, labels or dimension) ``alone`` (one text per call),
``reversed`` and ``batched`` (one call with all texts in reverse order, then all in order). Prints the versions as JSON.
"""

import json
import platform
import sys
from pathlib import Path

import linnet
import numpy as np
import onnxruntime


def main(bundle: str, texts_file: str, output: str) -> None:
    """Writes the answers, and prints the versions."""
    texts = json.loads(Path(texts_file).read_text(encoding="utf-8"))
    model = linnet.load(bundle, threads=1)
    answer = model.logits if isinstance(model, linnet.Classifier) else model
    alone = np.concatenate([np.atleast_2d(answer([text])) for text in texts])
    together = answer([*reversed(texts), *texts])
    np.savez(output, alone=alone, reversed=together[: len(texts)][::-1], batched=together[len(texts) :])
    versions = {"python": platform.python_version(), "numpy": np.__version__, "onnxruntime": onnxruntime.__version__}
    print(json.dumps(versions))


if __name__ == "__main__":
    main(*sys.argv[1:])
