"""Bundles loaded as the class that a test expects, for the type checker as much as for the test."""

from pathlib import Path

import linnet


def classifier(path: str | Path, *, threads: int | None = None) -> linnet.Classifier:
    loaded = linnet.load(path, threads=threads)
    assert isinstance(loaded, linnet.Classifier)
    return loaded
