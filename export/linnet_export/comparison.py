"""What both kinds of parity measure, and how: the original, the fp32 graph and the bundle, a chunk of texts at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from linnet.batching import batches
from linnet.postprocessing import Floats
from linnet.session import Session

from linnet_export.criteria import Criterion
from linnet_export.reference import OriginalEncoding, Reference

_CHUNK = 256
"""Texts that are compared at a time: hidden states of all at once would not fit into memory."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A bundle against its original, text by text.

    ``same_ids`` says of each text whether its ids are the original's; ``fp32_drift`` is the greatest
    difference of the fp32 graph from the original; ``drift``, float32 (n,), is how far the bundle is
    off on each text, and ``mean_drift`` in the mean; ``original`` and ``bundle`` say in a word what
    each of the two makes of a text; ``criteria`` are those of the task.
    """

    same_ids: list[bool]
    fp32_drift_name: str
    fp32_drift: float
    drift_name: str
    drift: Floats
    mean_drift: float
    original: list[str]
    bundle: list[str]
    criteria: list[Criterion]


def chunks(texts: Sequence[str], size: int = _CHUNK) -> Iterator[Sequence[str]]:
    """The texts, ``size`` at a time."""
    return (texts[start : start + size] for start in range(0, len(texts), size))


def graph_outputs(session: Session, encodings: Sequence[OriginalEncoding], reference: Reference) -> list[Floats]:
    """What a graph makes of the original's own ids, as `Reference.outputs`.

    Where the graph maps ids that have no embedding to the unknown token, it is given one of these instead.
    """
    settings, beyond = reference.settings, reference.checkpoint.config.vocab_size
    ids = [
        [beyond if index == settings.unk_token_id else index for index in found]
        for found in reference.bundle_ids(encodings)
    ]
    outputs: list[Floats] = [np.empty(0, dtype=np.float32)] * len(ids)
    for batch in batches(ids):
        for row, output in zip(batch.rows.tolist(), session.run(batch), strict=True):
            outputs[row] = output
    return outputs
