"""Batch → hidden states and attentions, by the second graph that some bundles have. It is opened on its first run."""

import threading
from collections.abc import Callable
from typing import NamedTuple

from ..arrays import Floats
from ..names import ATTENTIONS, HIDDEN_STATES
from ..system.forks import mend_in_child
from .batching import Batch
from .graph import Graph
from .graph_checks import check_internals, check_internals_signature
from .session import Inference


class InternalArrays(NamedTuple):
    """What the layers of a model compute for a batch."""

    hidden_states: Floats
    """float32 (batch, layers + 1, seq, dimension)."""
    attentions: Floats
    """float32 (batch, layers, heads, seq, seq)."""


class InternalsSession:
    """A graph of hidden states and attentions, on the CPU. Several threads may run it at once. It survives a fork.

    ``read`` returns the graph; the first run calls it. ``threads`` is the number of threads.
    """

    def __init__(self, read: Callable[[], Graph], *, threads: int) -> None:
        self._read, self._threads = read, threads
        self._lock = threading.Lock()
        self._opened: tuple[Graph, Inference, list[str]] | None = None
        mend_in_child(self)

    def run(self, batch: Batch) -> InternalArrays:
        """Returns the hidden states and attentions for a batch.

        Raises:
            BundleFormatError: this version of onnxruntime cannot load or run the graph, or the graph has other inputs
                or outputs.
        """
        graph, inference, inputs = self._open()
        hidden_states, attentions = inference.run([HIDDEN_STATES, ATTENTIONS], batch.feeds(inputs))
        check_internals(graph.name, hidden_states, attentions, batch.input_ids.shape)
        return InternalArrays(hidden_states, attentions)

    def forked(self) -> None:
        """Replaces a lock that another thread may have held; called in a child process."""
        self._lock = threading.Lock()

    def _open(self) -> tuple[Graph, Inference, list[str]]:
        if self._opened is None:
            with self._lock:
                if self._opened is None:
                    graph = self._read()
                    inference = Inference(graph, self._threads, None)
                    session = inference.session()
                    check_internals_signature(graph.name, session.get_inputs(), session.get_outputs())
                    self._opened = graph, inference, [declared.name for declared in session.get_inputs()]
        return self._opened
