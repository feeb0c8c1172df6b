"""Checkpoint → its fp32 graph, and the INT8 graph of the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from linnet.bundle import Settings
from linnet.errors import BundleFormatError
from linnet.layout import GRAPH, SETTINGS

from linnet_export.arithmetic import Arithmetic, Exact, PerToken
from linnet_export.checkpoint import Checkpoint
from linnet_export.errors import CheckpointError
from linnet_export.graph import export_graph
from linnet_export.graph_builder import GraphBuilder
from linnet_export.graph_passes import map_unknown_ids
from linnet_export.lean_model import EQUALIZATIONS, LeanModel, lean_model
from linnet_export.lift import NotRecognisedError
from linnet_export.quantization import quantize, quantize_lean
from linnet_export.reference import Reference
from linnet_export.schemes import PER_TOKEN
from linnet_export.tables import held_twice
from linnet_export.vocabulary import Selection


@dataclass(frozen=True, eq=False)
class Graphs:
    """What was exported from a checkpoint, into ``folder``.

    ``lean`` is what stands in place of the ``exported`` graph, if its encoder was recognised;
    ``remark`` says why not; ``selection`` is what stays of the vocabulary. Every graph that is given takes
    all ids that the bundle's tokenizer gives.
    """

    checkpoint: Checkpoint
    folder: Path
    exported: Path
    lean: LeanModel | None
    remark: str | None
    selection: Selection | None = None

    def equalization(self) -> str | None:
        """What ``linnet.json`` is to say of the INT8 graph; None for one that keeps the exported form."""
        return self.lean.best_equalization() if self.lean else None

    def fp32(self, equalization: str | None) -> Path:
        """The fp32 graph that the INT8 graph holds the weights of.

        Raises:
            BundleFormatError: this version knows no such equalization.
            CheckpointError: it has a form that this checkpoint's cannot be given.
        """
        if self.selection and (equalization is None or self.lean is None):
            raise CheckpointError(
                f"{self.checkpoint.path}: a smaller vocabulary wants an encoder that Linnet writes anew: {self.remark}"
            )
        if equalization is None:
            return self._mapped(self.exported)
        if self.lean is None:
            raise CheckpointError(f"{self.checkpoint.path}: {self.remark}; convert the checkpoint again")
        if equalization not in EQUALIZATIONS:
            raise BundleFormatError(
                f"{SETTINGS}: expected equalization to be one of {', '.join(EQUALIZATIONS)}, found {equalization!r}; "
                "a newer linnet-export may know it: pip install --upgrade linnet-export"
            )
        file = self.folder / "fp32.onnx"
        self.lean.write(equalization, Exact, file, "fp32.onnx_data", self._kept)
        return self._mapped(file)

    def quantize(self, settings: Settings, bundle: Path) -> Path:
        """Writes the INT8 graph into a bundle; gives the fp32 graph."""
        fp32 = self.fp32(settings.equalization)
        if self.lean is None or settings.equalization is None:
            quantize(fp32, bundle, settings.quantization, embedding_bits=settings.embedding_bits)
        else:
            quantize_lean(
                self.lean, settings.equalization, bundle, self._arithmetic(settings.embedding_bits), self._kept
            )
            self._mapped(bundle / GRAPH)
        return fp32

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
    """Exports a checkpoint, with the vocabulary of ``reference``'s selection. INT8 is fitted on ``texts``."""
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
            remark = f"the encoder keeps the form in which it was exported, which is slower ({error})"
    return Graphs(checkpoint, folder, exported, lean, remark, reference.selection)
