"""Linnet, by its public interface."""

from pathlib import Path
from typing import Any

from benchmark.batches import Floats


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Converts the checkpoint as its users would: ``settings["convert"]`` are arguments of ``linnet_export``'s."""
    from linnet_export.convert import convert

    convert(checkpoint, folder, overwrite=True, accept_licence=True, silent=True, **settings["convert"])


class Peer:
    """``linnet.load``; how it uses its threads is its own choice."""

    def __init__(self, folder: str, threads: int) -> None:
        import linnet

        model = linnet.load(folder, threads=threads)
        assert isinstance(model, linnet.Classifier)
        self._model = model

    def one(self, text: str, mode: str) -> Floats:
        """The scores of one text."""
        return list(self._model(text).scores.values())  # type: ignore[return-value]

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The scores of many."""
        return [list(prediction.scores.values()) for prediction in self._model(texts)]  # type: ignore[return-value]
