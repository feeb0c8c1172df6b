"""Graphs that are only looked at while a bundle is made: their outputs for ids."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import linnet.session  # noqa: F401  (keeps onnxruntime from phoning home; before it is imported)
import numpy as np
import numpy.typing as npt
import onnxruntime
from linnet.batching import batches

_ERRORS_ONLY = 3

Ids = Sequence[Sequence[int]]
"""The ids of texts."""


class Running:
    """A session with any number of outputs."""

    def __init__(self, graph: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._inputs = [declared.name for declared in self._session.get_inputs()]

    def batch(
        self, input_ids: npt.NDArray[np.int64], attention_mask: npt.NDArray[np.int64] | None = None
    ) -> list[npt.NDArray[Any]]:
        """All outputs for int64 (batch, seq)."""
        feeds = {
            "input_ids": input_ids,
            "attention_mask": np.ones_like(input_ids) if attention_mask is None else attention_mask,
            "token_type_ids": np.zeros_like(input_ids),
        }
        return self._session.run(None, {name: feeds[name] for name in self._inputs})  # type: ignore[no-any-return]

    def texts(self, ids: Ids) -> Iterator[list[npt.NDArray[Any]]]:
        """All outputs for the texts, a batch of one length at a time, always in the same order."""
        return (self.batch(batch.input_ids) for batch in batches(ids))
