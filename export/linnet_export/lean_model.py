"""Exported graph → the lean graph in its place, in fp32 and in INT8, if there is one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from linnet_export.arithmetic import Arithmetic, Exact, PerToken
from linnet_export.calibration import Calibration, calibrate
from linnet_export.encoder import Encoder, Floats
from linnet_export.equalization import Maxima, equalize, equalize_values
from linnet_export.folding import fold_biases
from linnet_export.graph_builder import GraphBuilder
from linnet_export.lean import write_lean
from linnet_export.lift import Lifted, NotRecognisedError, lift
from linnet_export.running import RUN_ERRORS, Ids, Running

Integers = npt.NDArray[np.int64]

_EQUAL = 1e-5
"""How far the lean graph's outputs may be from the exported graph's, over the greatest of these, or 1."""

_LONGEST = 128  # tokens of a text that takes part in calibration
_PAYS = 0.9
"""A remedy that costs time is taken if its error is at most this share of that without it."""


EQUALIZATIONS: dict[str, Callable[[Encoder, Maxima], Encoder] | None] = {
    "none": None,
    "values": equalize_values,
    "hidden": equalize,
}
"""By the name that ``linnet.json`` gives, the dearest last; None leaves the encoder as it is."""


@dataclass(frozen=True, eq=False)
class LeanModel:
    """A lifted encoder, and the texts that INT8 is fitted on.

    ``folder`` is for graphs that are needed only while the bundle is made.
    """

    lifted: Lifted
    ids: Ids
    folder: Path

    @cached_property
    def calibration(self) -> Calibration:
        """What fp32 gives for the texts."""
        return calibrate(self.lifted, self.ids, self.folder)

    def write(
        self,
        equalization: str,
        arithmetic: Callable[[GraphBuilder], Arithmetic],
        file: Path,
        weights: str,
        kept: Integers | None = None,
    ) -> None:
        """Writes the graph, with one of `EQUALIZATIONS`; of the vocabulary, int64 ``kept`` alone unless that is None."""
        encoder = self._equalized(equalization)
        if kept is not None:
            embeddings = encoder.embeddings
            encoder = replace(encoder, embeddings=replace(embeddings, words=embeddings.words[kept]))
        write_lean(replace(self.lifted, encoder=encoder), file, weights, arithmetic)

    def _equalized(self, equalization: str) -> Encoder:
        equalize_with = EQUALIZATIONS[equalization]
        encoder = self.lifted.encoder
        return equalize_with(encoder, self.calibration.maxima) if equalize_with else encoder

    def best_equalization(self) -> str:
        """The one of which INT8 is nearest to fp32 over the texts; what costs time has to pay."""
        error = {name: self.error(name) for name in EQUALIZATIONS}
        free = min(("none", "values"), key=error.__getitem__)
        return "hidden" if error["hidden"] <= _PAYS * error[free] else free

    def error(self, equalization: str) -> float:
        """The mean difference of INT8 outputs from those in fp32."""
        file = self.folder / "candidate.onnx"
        self.write(equalization, PerToken, file, "candidate.onnx_data")
        found = (outputs[0] for outputs in Running(file).texts(self.ids))
        differences = [np.abs(a - b).ravel() for a, b in zip(found, self.calibration.outputs, strict=True)]
        return float(np.concatenate(differences).mean())


def lean_model(exported: Path, folder: Path, ids: Ids, *, heads: int, padding_id: int | None) -> LeanModel:
    """The encoder in an exported graph, made sure of: what is written of it gives what the exported graph gives.

    Args:
        exported: the graph.
        folder: for graphs that are needed only while the bundle is made.
        ids: of texts to fit INT8 on.
        heads: how many each layer's attention has.
        padding_id: the checkpoint's ``pad_token_id``.

    Raises:
        NotRecognisedError: there is no such encoder in it.
    """
    lifted = lift(exported, heads=heads, padding_id=padding_id)
    lifted = replace(lifted, encoder=fold_biases(lifted.encoder))
    write_lean(lifted, folder / "lean.onnx", "lean.onnx_data", Exact)
    drift = _drift(exported, folder / "lean.onnx", lifted.encoder, padding_id)
    if not drift <= _EQUAL:
        raise NotRecognisedError(f"expected what was found to be equal to within {_EQUAL:.0e}, found {drift:.1e}")
    return LeanModel(lifted, [text for text in ids if len(text) <= _LONGEST], folder)


def _drift(exported: Path, lean: Path, encoder: Encoder, padding_id: int | None) -> float:
    """The greatest difference of two graphs' outputs, over the greatest output, or 1."""
    embeddings = encoder.embeddings
    first = 0 if embeddings.padding_id is None else embeddings.padding_id + 1
    probes = list(_probes(len(embeddings.words), len(embeddings.positions) - first, padding_id or 0))
    expected = _outputs(exported, probes)
    try:
        found = _outputs(lean, probes)
    except RUN_ERRORS as error:
        raise NotRecognisedError(f"expected what was found to run: {error}") from None
    return float(np.abs(expected - found).max() / max(1, np.abs(expected).max()))


def _outputs(graph: Path, probes: list[tuple[Integers, Integers]]) -> Floats:
    """What a graph gives for all that is no padding, in a row."""
    running = Running(graph)
    outputs = ((running.batch(ids, mask)[0], mask > 0) for ids, mask in probes)
    return np.concatenate([(found[kept] if found.ndim == 3 else found).ravel() for found, kept in outputs])


def _probes(vocabulary: int, positions: int, padding_id: int) -> Iterator[tuple[Integers, Integers]]:
    """Ids and masks, int64 (batch, seq): any ids at all, the padding's among them, with padding and without."""
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
