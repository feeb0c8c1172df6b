"""Exported graph → its lean replacement in fp32 and in INT8, if its encoder is recognised."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from linnet.arrays import Floats

from linnet_export.int8.arithmetic import PerToken
from linnet_export.int8.calibration import Calibration, calibrate
from linnet_export.int8.equalization import Maxima, equalize, equalize_values
from linnet_export.lean.arithmetic import Arithmetic, Exact
from linnet_export.lean.encoder import Encoder
from linnet_export.lean.folding import fold_biases
from linnet_export.lean.graph import write_internals, write_lean
from linnet_export.lean.lift import Lifted, NotRecognisedError, lift
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.external import SharedWeights
from linnet_export.onnx_graph.running import RUN_ERRORS, Ids, Running

Integers = npt.NDArray[np.int64]

_EQUAL = 1e-5
"""The largest difference allowed between lean and exported outputs, over the greatest exported output, or 1."""

_LONGEST = 128  # tokens: longer texts are not used for calibration
_PAYS = 0.9
"""An equalization that costs run time is used if its error is at most this share of the error without it."""


EQUALIZATIONS: dict[str, Callable[[Encoder, Maxima], Encoder] | None] = {
    "none": None,
    "values": equalize_values,
    "hidden": equalize,
}
"""Equalizations by their names in ``linnet.json``, the slowest last; None leaves the encoder unchanged."""


@dataclass(frozen=True, eq=False)
class LeanModel:
    """A lifted encoder, and the texts that INT8 is fitted on."""

    lifted: Lifted
    """The encoder and its head."""
    ids: Ids
    """The ids of the texts."""
    folder: Path
    """The folder for temporary graphs."""

    @cached_property
    def calibration(self) -> Calibration:
        """The fp32 activations and outputs for the texts."""
        return calibrate(self.lifted, self.ids, self.folder)

    def write(
        self,
        equalization: str,
        arithmetic: Callable[[GraphBuilder], Arithmetic],
        file: Path,
        weights: str,
        kept: Integers | None = None,
    ) -> None:
        """Writes the graph with one of `EQUALIZATIONS`.

        ``kept``, int64, are the ids of the vocabulary to keep; None keeps all.
        """
        write_lean(self._lifted(equalization, kept), file, weights, arithmetic)

    def write_internals(
        self,
        equalization: str,
        arithmetic: Callable[[GraphBuilder], Arithmetic],
        file: Path,
        main: Path,
        kept: Integers | None = None,
    ) -> None:
        """Writes the graph of hidden states and attentions, over the weights of ``main``.

        ``main`` is a graph in the same folder that `write` wrote with the same arguments.
        """
        write_internals(self._lifted(equalization, kept), file, SharedWeights(main), arithmetic)

    def _lifted(self, equalization: str, kept: Integers | None) -> Lifted:
        encoder = self._equalized(equalization)
        if kept is not None:
            embeddings = encoder.embeddings
            encoder = replace(encoder, embeddings=replace(embeddings, words=embeddings.words[kept]))
        return replace(self.lifted, encoder=encoder)

    def _equalized(self, equalization: str) -> Encoder:
        equalize_with = EQUALIZATIONS[equalization]
        encoder = self.lifted.encoder
        return equalize_with(encoder, self.calibration.maxima) if equalize_with else encoder

    def best_equalization(self) -> str:
        """Returns the equalization whose INT8 outputs are closest to fp32; a slower one must be clearly better."""
        error = {name: self.error(name) for name in EQUALIZATIONS}
        free = min(("none", "values"), key=error.__getitem__)
        return "hidden" if error["hidden"] <= _PAYS * error[free] else free

    def error(self, equalization: str) -> float:
        """Returns the mean absolute difference between the INT8 outputs with an equalization and the fp32 outputs."""
        file = self.folder / "candidate.onnx"
        self.write(equalization, PerToken, file, "candidate.onnx_data")
        found = (outputs[0] for outputs in Running(file).texts(self.ids))
        differences = [np.abs(a - b).ravel() for a, b in zip(found, self.calibration.outputs, strict=True)]
        return float(np.concatenate(differences).mean())


def lean_model(exported: Path, folder: Path, ids: Ids, *, heads: int, padding_id: int | None) -> LeanModel:
    """Lifts the encoder of an exported graph, and checks that its lean graph gives the same outputs.

    Args:
        exported: the graph.
        folder: the folder for temporary graphs.
        ids: the ids of the texts to fit INT8 on.
        heads: the number of attention heads of each layer.
        padding_id: the checkpoint's ``pad_token_id``.

    Raises:
        NotRecognisedError: the graph has no encoder that `lift` knows, or the outputs differ.
    """
    lifted = lift(exported, heads=heads, padding_id=padding_id)
    lifted = replace(lifted, encoder=fold_biases(lifted.encoder))
    write_lean(lifted, folder / "lean.onnx", "lean.onnx_data", Exact)
    drift = _drift(exported, folder / "lean.onnx", lifted.encoder, padding_id)
    if not drift <= _EQUAL:
        raise NotRecognisedError(f"expected lean outputs to be equal to within {_EQUAL:.0e}, found {drift:.1e}")
    return LeanModel(lifted, [text for text in ids if len(text) <= _LONGEST], folder)


def _drift(exported: Path, lean: Path, encoder: Encoder, padding_id: int | None) -> float:
    """Returns the greatest difference between two graphs' outputs, over the greatest output, or 1."""
    embeddings = encoder.embeddings
    first = 0 if embeddings.padding_id is None else embeddings.padding_id + 1
    probes = list(_probes(len(embeddings.words), len(embeddings.positions) - first, padding_id or 0))
    expected = _outputs(exported, probes)
    try:
        found = _outputs(lean, probes)
    except RUN_ERRORS as error:
        raise NotRecognisedError(f"expected the lean graph to run: {error}") from None
    return float(np.abs(expected - found).max() / max(1, np.abs(expected).max()))


def _outputs(graph: Path, probes: list[tuple[Integers, Integers]]) -> Floats:
    """Returns a graph's outputs for all tokens except padding, flattened and concatenated."""
    running = Running(graph)
    outputs = ((running.batch(ids, mask)[0], mask > 0) for ids, mask in probes)
    return np.concatenate([(found[kept] if found.ndim == 3 else found).ravel() for found, kept in outputs])


def _probes(vocabulary: int, positions: int, padding_id: int) -> Iterator[tuple[Integers, Integers]]:
    """Yields random ids and masks, int64 (batch, seq), with and without padding; one unmasked id is the padding's."""
    chance = np.random.default_rng(0)
    for batch, longest in ((1, 3), (2, 17), (3, 60)):
        length = min(longest, positions)
        ids = chance.integers(0, vocabulary, (batch, length))
        ids[-1, 1] = padding_id
        mask = np.ones_like(ids)
        if batch > 1:
            mask[0, length // 2 :] = 0
            ids[0, length // 2 :] = padding_id
        yield ids, mask
