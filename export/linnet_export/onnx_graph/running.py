"""Runs graphs that are needed only during conversion."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from linnet.errors import BundleFormatError
from linnet.inference.batching import batches
from linnet.inference.cpu import available_cpus
from linnet.inference.graph import read_graph
from linnet.inference.session import ORT_ERRORS, inference_session

RUN_ERRORS: tuple[type[Exception], ...] = (BundleFormatError, *ORT_ERRORS)
"""The exceptions raised for a graph that cannot be loaded or run."""

Ids = Sequence[Sequence[int]]
"""The ids of texts."""


class Running:
    """A session with any number of outputs."""

    def __init__(self, graph: Path) -> None:
        self._session = inference_session(read_graph(graph), available_cpus())
        self._inputs = [declared.name for declared in self._session.get_inputs()]

    def batch(
        self, input_ids: npt.NDArray[np.int64], attention_mask: npt.NDArray[np.int64] | None = None
    ) -> list[npt.NDArray[Any]]:
        """Returns all outputs for one batch, int64 (batch, seq)."""
        feeds = {
            "input_ids": input_ids,
            "attention_mask": np.ones_like(input_ids) if attention_mask is None else attention_mask,
            "token_type_ids": np.zeros_like(input_ids),
        }
        return self._session.run(None, {name: feeds[name] for name in self._inputs})  # type: ignore[no-any-return]

    def texts(self, ids: Ids) -> Iterator[list[npt.NDArray[Any]]]:
        """Yields all outputs for the texts, one batch of equal lengths at a time, always in the same order."""
        return (self.batch(batch.input_ids) for batch in batches(ids))
