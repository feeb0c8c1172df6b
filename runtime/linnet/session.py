"""Batch → arrays. The only module that imports `onnxruntime`."""

import os
from pathlib import Path

# From 1.29 on, importing onnxruntime looks up a telemetry host and writes to the home folder;
# only this, and only before the import, stops both.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from linnet.batching import Batch
from linnet.cpu import saturates, thread_count
from linnet.errors import BundleFormatError

_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
_ERRORS_ONLY = 3


class Session:
    """An onnxruntime ``InferenceSession`` with one output, on the CPU.

    Raises:
        BundleFormatError: this version of onnxruntime cannot load the graph.
        ValueError: ``threads`` is no whole number, or less than 1.
    """

    def __init__(self, graph: Path, *, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count(threads)
        options.log_severity_level = _ERRORS_ONLY
        if saturates():
            options.add_session_config_entry("session.x64quantprecision", "1")
        try:
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except _LOAD_ERRORS as error:
            raise BundleFormatError(
                f"onnxruntime {onnxruntime.__version__} cannot load {graph}: {error}; "
                "convert the checkpoint again, or try pip install --upgrade onnxruntime"
            ) from error
        self._inputs = [declared.name for declared in self._session.get_inputs()]
        unknown = set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise BundleFormatError(
                f"{graph}: expected the inputs input_ids, attention_mask and token_type_ids at most, "
                f"found also {', '.join(sorted(unknown))}"
            )
        self._output = self._session.get_outputs()[0]

    @property
    def dimension(self) -> int | str | None:
        """The last dimension of the output as the graph declares it; a name or None if it does not say."""
        shape = self._output.shape
        return shape[-1] if shape else None

    @property
    def rank(self) -> int | None:
        """How many dimensions the output has as the graph declares it; None if it does not say."""
        return len(self._output.shape) or None

    def run(self, batch: Batch) -> npt.NDArray[np.float32]:
        """The output for a batch: float32 (batch, …)."""
        feeds = {
            "input_ids": batch.input_ids,
            "attention_mask": np.ones_like(batch.input_ids),
            "token_type_ids": np.zeros_like(batch.input_ids),
        }
        (output,) = self._session.run([self._output.name], {name: feeds[name] for name in self._inputs})
        return output  # type: ignore[no-any-return]
