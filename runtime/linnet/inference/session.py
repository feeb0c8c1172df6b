"""Batch → output arrays. The only module that imports `onnxruntime`; ``linnet/__init__.py`` switches its telemetry off."""

import ctypes
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from ..errors import BundleFormatError
from ..forks import mend_in_child
from .batching import Batch
from .cpu import thread_count

ORT_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
"""The errors that onnxruntime raises for a graph that it cannot load or run."""

VERSION: str = onnxruntime.__version__

_ERRORS_ONLY = 3


class Session:
    """A graph with one output, on the CPU. Several threads may run it at once. It survives a fork.

    ``threads`` is the number of threads. ``prepared`` is the same graph, optimized by onnxruntime for this
    machine; it is used while the file exists.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or the graph has unknown inputs.
        ValueError: ``threads`` is not a whole number from 1 to 512.
    """

    def __init__(self, graph: Path, *, threads: int | None = None, prepared: Path | None = None) -> None:
        self.threads = thread_count(threads)
        self._wide = _Inference(graph, self.threads, prepared)
        self._narrow = self._wide if self.threads == 1 else _Inference(graph, 1, prepared)
        session = self._wide.session()  # loads the graph now, so that its errors show here
        self._inputs = [declared.name for declared in session.get_inputs()]
        unknown = set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise BundleFormatError(
                f"{graph}: expected only the inputs input_ids, attention_mask and token_type_ids, "
                f"found also {', '.join(sorted(unknown))}"
            )
        self._output = session.get_outputs()[0]

    @property
    def dimension(self) -> int | str | None:
        """The last dimension of the output as the graph declares it; a name or None if it is not fixed."""
        shape = self._output.shape
        return shape[-1] if shape else None

    @property
    def rank(self) -> int | None:
        """The number of dimensions of the output as the graph declares it; None if it declares none."""
        return len(self._output.shape) or None

    def run(self, batch: Batch) -> npt.NDArray[np.float32]:
        """Returns the output for a batch, float32 (batch, …). Uses all threads: the fastest way for one batch."""
        return self._run(self._wide, batch)

    def run_alone(self, batch: Batch) -> npt.NDArray[np.float32]:
        """Returns the output for a batch like `run`, but uses only the caller's thread.

        This is the fastest way if every thread has its own batch. The first such run loads the graph a second
        time; its packed weights then take twice the memory.
        """
        return self._run(self._narrow, batch)

    def _run(self, inference: "_Inference", batch: Batch) -> npt.NDArray[np.float32]:
        feeds = {
            "input_ids": batch.input_ids,
            "attention_mask": np.ones_like(batch.input_ids),
            "token_type_ids": np.zeros_like(batch.input_ids),
        }
        (output,) = inference.session().run([self._output.name], {name: feeds[name] for name in self._inputs})
        return output  # type: ignore[no-any-return]


def inference_session(graph: Path, threads: int, *, optimized: bool = False) -> onnxruntime.InferenceSession:
    """Returns an onnxruntime session of a graph, with Linnet's options.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    options = _options(threads)
    if optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return _load(graph, options)


def write_optimized(graph: Path, file: Path, weights: str) -> None:
    """Writes a graph optimized for this machine, with its plain and packed weights in one file beside it.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    options = _options(1)
    options.optimized_model_filepath = str(file)
    add = options.add_session_config_entry
    add("session.save_external_prepacked_constant_initializers", "1")
    add("session.optimized_model_external_initializers_file_name", weights)
    add("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    _load(graph, options)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False  # onnxruntime would keep one for every shape it has seen
    # Threads spin while they wait for each other within an operator, which is short, but not for the next run.
    # RoBERTa-base, one text of 32 tokens, 2 threads: 9.6 ms and no spinning after the run. The default takes 9.9 ms
    # and spins for 40 ms after each run; without any spinning it takes 13.0 ms.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "200")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # On ARM with SME, KleidiAI's kernels multiply one row differently from several, so a text's bits could depend
    # on its batch. Versions before 1.25 do not have the option: 1.23 has no such kernels, 1.24 is excluded.
    options.add_session_config_entry("mlas.disable_kleidiai", "1")
    return options


def _load(graph: Path, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except ORT_ERRORS as error:
        raise BundleFormatError(
            f"onnxruntime {VERSION} cannot load {graph}: {error}; "
            "convert the checkpoint again, or try pip install --upgrade onnxruntime"
        ) from error


class _Inference:
    """An onnxruntime ``InferenceSession`` that is made on first use.

    A session with its own threads is made again in a forked process, which has none of the parent's threads.
    """

    def __init__(self, graph: Path, threads: int, prepared: Path | None) -> None:
        self._graph, self._threads, self._prepared = graph, threads, prepared
        self._making = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        mend_in_child(self)

    def session(self) -> onnxruntime.InferenceSession:
        """Returns the session; makes it on the first call.

        Raises:
            BundleFormatError: this version of onnxruntime cannot load the graph.
        """
        if self._session is None:
            with self._making:
                if self._session is None:
                    self._session = self._made()
        return self._session

    def _made(self) -> onnxruntime.InferenceSession:
        if self._prepared and self._prepared.is_file():
            try:
                return inference_session(self._prepared, self._threads, optimized=True)
            except BundleFormatError:
                if self._prepared.is_file():
                    raise
        return inference_session(self._graph, self._threads)

    def forked(self) -> None:
        """Drops a session with threads; called in a child process.

        The parent's session is never freed, because freeing it would wait for its threads.
        """
        self._making = threading.Lock()
        if self._session is not None and self._threads > 1:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
            self._session = None
