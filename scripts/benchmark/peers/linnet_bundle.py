"""Linnet, by its public interface."""

from importlib import import_module
from pathlib import Path
from typing import Any

from benchmark.batches import Floats

ALONE, SHARED = "alone", "shared"
"""Thread layouts: every thread has a batch of its own, or all threads share each batch."""

_NEVER = 1 << 60


def prepare(checkpoint: Path, folder: Path, settings: dict[str, Any]) -> None:
    """Converts the checkpoint as its users would: ``settings["convert"]`` are arguments of ``linnet_export``'s."""
    from linnet_export.convert import convert

    convert(checkpoint, folder, overwrite=True, accept_licence=True, silent=True, **settings["convert"])


class Peer:
    """``linnet.load``; how it uses its threads is its own choice, unless a mode such as ``alone:512`` says otherwise."""

    def __init__(self, folder: str, threads: int) -> None:
        import linnet

        self._model: Any = linnet.load(folder, threads=threads)
        self._classifies = isinstance(self._model, linnet.Classifier)

    def one(self, text: str, mode: str) -> Floats:
        """The answer to one text."""
        if self._classifies:
            return list(self._model(text).scores.values())  # type: ignore[return-value]
        return self._model(text)[0]  # type: ignore[no-any-return]

    def bulk(self, texts: list[str], mode: str) -> Floats:
        """The answers to many."""
        lay_out(mode)
        found = self._model(texts)
        if self._classifies:
            return [list(prediction.scores.values()) for prediction in found]  # type: ignore[return-value]
        return found  # type: ignore[no-any-return]


_own: list[Any] = []


def lay_out(mode: str) -> None:
    """Sets the token budget and the thread layout of this process; an empty mode leaves, or restores, Linnet's own.

    Linnet has no setting for either. So this changes its constants: the default of ``batches``, and ``BULK``, the
    number of texts from which every thread has a batch of its own.

    Raises:
        RuntimeError: Linnet has no such constants any more.
    """
    if not mode and not _own:
        return
    module: Any = import_module("linnet.pipeline")
    try:
        defaults = module.batches.__kwdefaults__
        if not _own:
            _own.extend((defaults["token_budget"], module.BULK))
    except (AttributeError, KeyError, TypeError) as error:
        raise RuntimeError(
            f"expected linnet.pipeline to have batches(token_budget=…) and BULK, found none: {error}"
        ) from error
    layout, _, budget = mode.partition(":")
    defaults["token_budget"] = int(budget) if mode else _own[0]
    module.BULK = {ALONE: 1, SHARED: _NEVER}[layout] if mode else _own[1]
