"""Checkpoint → its fp32 graph, and an INT8 graph with the same weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from linnet.bundle.settings import Settings
from linnet.errors import BundleFormatError
from linnet.names import GRAPH, SETTINGS

from linnet_export.checkpoint.reading import Checkpoint
from linnet_export.errors import CheckpointError
from linnet_export.int8.arithmetic import PerToken
from linnet_export.int8.lean_model import EQUALIZATIONS, LeanModel, lean_model
from linnet_export.int8.quantization import quantize, quantize_internals, quantize_lean
from linnet_export.int8.tables import held_twice
from linnet_export.lean.arithmetic import Arithmetic, Exact
from linnet_export.lean.lift import NotRecognisedError
from linnet_export.onnx_graph.builder import GraphBuilder
from linnet_export.onnx_graph.exporting import export_graph
from linnet_export.onnx_graph.passes import map_unknown_ids
from linnet_export.parity.reference import Reference
from linnet_export.schemes import PER_TOKEN
from linnet_export.tokenizer.vocabulary import Selection

_FP32 = "fp32.onnx"


@dataclass(frozen=True, eq=False)
class Graphs:
    """The graphs of a checkpoint, in a folder. Each takes every id that the bundle's tokenizer gives."""

    checkpoint: Checkpoint
    """The checkpoint that was exported."""
    folder: Path
    """Where graphs are written that are needed only while the bundle is made."""
    exported: Path
    """The fp32 graph as optimum exports it."""
    lean: LeanModel | None
    """The encoder that Linnet found in the exported graph and writes anew; None if it recognised none."""
    remark: str | None
    """Why there is no lean model, for the user."""
    selection: Selection | None = None
    """The part of the vocabulary that stays; None for all of it."""

    @property
    def remarks(self) -> list[str]:
        """Notes for the user."""
        return [self.remark] if self.remark else []

    def best_equalization(self) -> str | None:
        """Returns the equalization that brings INT8 nearest to fp32; None if the graph keeps its exported form."""
        return self.lean.best_equalization() if self.lean else None

    def write_fp32(self, equalization: str | None) -> Path:
        """Writes the fp32 graph with the weights that the INT8 graph holds; returns its path.

        Raises:
            BundleFormatError: this version knows no such equalization.
            CheckpointError: this checkpoint's graph cannot have that form.
        """
        if self.selection and (equalization is None or self.lean is None):
            raise CheckpointError(
                f"{self.checkpoint.path}: a smaller vocabulary needs an encoder that Linnet recognises: {self.remark}"
            )
        if equalization is None:
            return self._mapped(self.exported)
        if self.lean is None:
            raise CheckpointError(
                f"{self.checkpoint.path}: equalization {equalization!r} needs an encoder that Linnet recognises: "
                f"{self.remark}; convert the checkpoint again"
            )
        if equalization not in EQUALIZATIONS:
            raise BundleFormatError(
                f"{SETTINGS}: expected equalization to be one of {', '.join(EQUALIZATIONS)}, found {equalization!r}; "
                "a newer linnet-export may know it: update your clone of Linnet, and run pip install ./runtime ./export in it"
            )
        file = self.folder / _FP32
        self.lean.write(equalization, Exact, file, "fp32.onnx_data", self._kept)
        return self._mapped(file)

    def quantize(self, settings: Settings, bundle: Path) -> Path:
        """Writes the INT8 graph into a bundle; returns the path of the fp32 graph with the same weights."""
        fp32 = self.write_fp32(settings.equalization)
        if self.lean is None or settings.equalization is None:
            quantize(fp32, bundle, settings.quantization, embedding_bits=settings.embedding_bits)
        else:
            arithmetic = self._arithmetic(settings.embedding_bits)
            quantize_lean(self.lean, settings.equalization, bundle, arithmetic, self._kept)
            self._mapped(bundle / GRAPH)
        return fp32

    def check_internals(self) -> None:
        """Checks that `write_internals` can write a graph.

        Raises:
            CheckpointError: Linnet did not recognise the encoder.
        """
        if self.lean is None:
            raise CheckpointError(
                f"{self.checkpoint.path}: --internals needs an encoder that Linnet recognises: {self.remark}; "
                "convert it without --internals"
            )

    def write_internals(self, settings: Settings, bundle: Path) -> Path:
        """Writes the INT8 graph of hidden states and attentions into a bundle, over the weights of its graph.

        Returns the path of the fp32 graph with the same outputs. Both refer to the weights that `quantize` wrote.
        """
        assert self.lean and settings.equalization  # `check_internals`
        arithmetic = self._arithmetic(settings.embedding_bits)
        self._mapped(quantize_internals(self.lean, settings.equalization, bundle, arithmetic, self._kept))
        return self.write_fp32_internals(settings.equalization)

    def write_fp32_internals(self, equalization: str | None) -> Path:
        """Writes the fp32 graph of hidden states and attentions, over the weights that `write_fp32` wrote."""
        self.check_internals()
        assert self.lean and equalization  # a bundle that has such a graph has an equalization
        file = self.folder / "fp32_internals.onnx"
        self.lean.write_internals(equalization, Exact, file, self.folder / _FP32, self._kept)
        return self._mapped(file)

    @property
    def _kept(self) -> npt.NDArray[np.int64] | None:
        return self.selection.kept if self.selection else None

    def _arithmetic(self, embedding_bits: int) -> Callable[[GraphBuilder], Arithmetic]:
        frequent = self.selection.among_first(held_twice(self.selection.size)) if self.selection else None
        return partial(PerToken, embedding_bits=embedding_bits, frequent=frequent)

    def _mapped(self, file: Path) -> Path:
        if self.checkpoint.unk_token_id is not None:
            vocabulary = self.checkpoint.config.vocab_size
            map_unknown_ids(file, vocab_size=vocabulary, unk_token_id=self.checkpoint.unk_token_id)
        return file


def export_graphs(reference: Reference, folder: Path, texts: Sequence[str]) -> Graphs:
    """Exports a checkpoint's fp32 graph; returns it with the encoder found in it, from which INT8 is made.

    The vocabulary is the part that ``reference`` selects. INT8 is calibrated on ``texts``.
    """
    checkpoint = reference.checkpoint
    exported = export_graph(reference.model, checkpoint.task, folder)
    lean, remark = None, None
    if reference.settings.quantization == PER_TOKEN:
        try:
            lean = lean_model(
                exported,
                folder,
                [encoding.ids for encoding in reference.encode(texts)],
                heads=checkpoint.config.num_attention_heads,
                padding_id=checkpoint.config.pad_token_id,
            )
        except NotRecognisedError as error:
            remark = f"the encoder keeps its exported form, which is slower ({error})"
    return Graphs(checkpoint, folder, exported, lean, remark, reference.selection)
