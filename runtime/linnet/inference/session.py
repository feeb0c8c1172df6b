"""Batch → output arrays. The only module that imports `onnxruntime`; ``linnet/__init__.py`` switches its telemetry off."""

from collections.abc import Container, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from ..errors import BundleFormatError
from ..installation import PROGRAM
from ..system.forks import no_fork
from ..system.threads import startable
from .batching import Batch
from .cpu import thread_count
from .graph import Graph, Tensor, mapped
from .graph_checks import check_output, check_signature
from .renewing import Renewed

ORT_ERRORS: tuple[type[Exception], ...] = tuple(
    error for error in vars(ort_errors).values() if isinstance(error, type) and issubclass(error, Exception)
)
"""The errors that onnxruntime raises for a graph that it cannot load or run."""

VERSION: str = onnxruntime.__version__
_PLAIN: dict[str, Any] = {"providers": ["CPUExecutionProvider"], "enable_fallback": 0}
"""Without the second try of onnxruntime's Python code, which is the same again, and prints to standard output."""

_ERRORS_ONLY = 3


class Session:
    """A graph with one output, on the CPU. Several threads may run it at once. It survives a fork.

    ``threads`` is the number of threads. ``packed`` is the path of the same graph, optimized by onnxruntime for
    this machine; it is used while the file exists.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph, or it has other inputs and outputs.
        ValueError: ``threads`` is not a whole number from 1 to 512.
    """

    def __init__(self, graph: Graph, *, threads: int | None = None, packed: Path | None = None) -> None:
        self.threads = thread_count(threads)
        self._graph = graph.name
        self._wide = Inference(graph, self.threads, packed)
        self._narrow = self._wide if self.threads == 1 else Inference(graph, 1, packed)
        session = self._wide.session()  # loads the graph now, so that its errors show here
        check_signature(graph.name, session.get_inputs(), session.get_outputs())
        self._inputs = [declared.name for declared in session.get_inputs()]
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

    def _run(self, inference: "Inference", batch: Batch) -> npt.NDArray[np.float32]:
        (output,) = inference.run([self._output.name], batch.feeds(self._inputs))
        check_output(self._graph, output, len(batch.input_ids))
        return output


class _GraphSession(onnxruntime.InferenceSession):  # type: ignore[misc]  # it has no types
    """An onnxruntime session that reads tensors from memory, and keeps this memory."""

    def __init__(
        self,
        model: bytes | str,
        options: onnxruntime.SessionOptions,
        tensors: Iterable[tuple[Tensor, npt.NDArray[Any]]],
    ) -> None:
        of_numpy = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type
        self._kept = {tensor.name: of_numpy(values, tensor.onnx_type) for tensor, values in tensors}
        options.add_external_initializers(list(self._kept), list(self._kept.values()))
        for name, value in self._kept.items():  # without this, a copy of each
            options.add_initializer(name, value)
        super().__init__(model, options, **_PLAIN)


def inference_session(graph: Graph, threads: int) -> onnxruntime.InferenceSession:
    """Returns an onnxruntime session of a graph, with Linnet's options.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    return _load_from_folder(graph, _options(threads)) or _load(graph, graph.model, _options(threads))


def packed_session(packed: Path, graph: Graph, threads: int) -> onnxruntime.InferenceSession:
    """Returns an onnxruntime session of the graph that `write_packed` wrote and `linnet.packing` laid out.

    Tensors that are not packed come from ``graph``.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
    """
    options = _options(threads)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        weights = packed.with_suffix(".onnx_data")
        files = {**graph.files, weights.name: mapped(weights)}
        laid_out = Graph(packed, packed.read_bytes(), files)
    except (OSError, ValueError) as error:
        raise BundleFormatError(f"cannot load {packed}: {error}; make it again: {PROGRAM} prepare") from None
    return _load(laid_out, str(packed), options, of=graph.files)


def write_packed(graph: Graph, file: Path, weights: str) -> None:
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
    _load(graph, graph.model, options)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = 1 + startable(threads - 1)  # onnxruntime fails where the system starts fewer
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


def _load_from_folder(graph: Graph, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession | None:
    """Returns the session of a graph whose tensors onnxruntime reads itself; None if they must come from memory.

    From memory, onnxruntime copies the tensors for a moment: a RoBERTa-base takes 65 ms more.
    """
    folder = graph.folder()
    if folder is None:
        return None
    with no_fork(), suppress(UnicodeError, *ORT_ERRORS):  # a strange path; a link that leads out of the folder
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        session = onnxruntime.InferenceSession(graph.model, options, **_PLAIN)
        if graph.folder() == folder:  # nobody replaced the files meanwhile
            return session
    return None


def _load(
    graph: Graph, model: bytes | str, options: onnxruntime.SessionOptions, *, of: Container[str] | None = None
) -> onnxruntime.InferenceSession:
    """Returns the session of ``model``; the tensors in the files ``of``, by default all, come from memory."""
    tensors = [found for found in graph.tensors() if of is None or found[0].location in of]
    try:
        with no_fork():
            return _GraphSession(model, options, tensors)
    except ORT_ERRORS as error:
        raise BundleFormatError(
            f"onnxruntime {VERSION} cannot load {graph.name}: {error}; "
            "convert the checkpoint again, or try pip install --upgrade onnxruntime"
        ) from error
    finally:
        graph.give_back()


class Inference:
    """Runs a graph in an onnxruntime session that is made on first use, and again where a fork broke it."""

    def __init__(self, graph: Graph, threads: int, packed: Path | None) -> None:
        self._graph = graph.name
        self._sessions = Renewed(partial(_session, graph, threads, packed), threaded=threads > 1)
        self.session = self._sessions.get

    def run(self, outputs: list[str], feeds: dict[str, npt.NDArray[np.int64]]) -> list[npt.NDArray[Any]]:
        """Returns the graph's outputs for the inputs, in the order of their names.

        Raises:
            BundleFormatError: this version of onnxruntime cannot load or run the graph.
        """
        with self._sessions.running() as session:
            try:
                return session.run(outputs, feeds)  # type: ignore[no-any-return]
            except ORT_ERRORS as error:
                raise BundleFormatError(
                    f"onnxruntime {VERSION} cannot run {self._graph}: {error}; convert the checkpoint again"
                ) from error


def _session(graph: Graph, threads: int, packed: Path | None) -> onnxruntime.InferenceSession:
    if packed and packed.is_file():
        try:
            return packed_session(packed, graph, threads)
        except BundleFormatError:
            if packed.is_file():
                raise
    return inference_session(graph, threads)
