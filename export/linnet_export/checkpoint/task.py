"""Decides the task of a checkpoint's bundle."""

from collections.abc import Callable, Collection
from pathlib import Path

import transformers
from linnet.tasks import CLASSIFICATION, EMBEDDING
from transformers import PretrainedConfig

from linnet_export.checkpoint.config import named_architecture
from linnet_export.errors import CheckpointError

_HEAD = "ForSequenceClassification"
_HEAD_WEIGHTS = "classifier."
"""The beginning of the names of a head's weights, in all supported architectures."""
_ENCODERS = ("Model", "ForMaskedLM", "ForPreTraining")


def task_of(path: Path, config: PretrainedConfig, *, sentences: bool) -> str:
    """Returns the task of the checkpoint's architecture; ``sentences`` is True for sentence-transformers.

    Raises:
        CheckpointError: the architecture does not tell.
    """
    architecture = named_architecture(config)
    if sentences or architecture.endswith(_ENCODERS):
        return EMBEDDING
    if architecture.endswith(_HEAD):
        return CLASSIFICATION
    raise CheckpointError(
        f"{path}: expected a sequence classifier (…{_HEAD}) or an encoder, found {architecture}; "
        f"give --task {CLASSIFICATION}, or --task {EMBEDDING}, which needs only the encoder"
    )


def check_classifier(path: Path, config: PretrainedConfig, names: Callable[[Path], Collection[str] | None]) -> None:
    """Checks that a checkpoint may be a classifier, although its class has another name.

    Classes of authors often have the weights of the standard class. The names of the weights decide; without them,
    only transformers' own classes without such a head are refused.

    Args:
        path: the checkpoint's folder.
        config: the content of its ``config.json``.
        names: returns the names of a checkpoint's weights, or None if they are not there yet.

    Raises:
        CheckpointError: the checkpoint has no head.
    """
    architecture = named_architecture(config)
    if not config.architectures or architecture.endswith(_HEAD):
        return
    if (weights := names(path)) is None:
        possible = not hasattr(transformers, architecture)
    else:
        possible = any(name.startswith(_HEAD_WEIGHTS) for name in weights)
    if not possible:
        raise CheckpointError(
            f"{path}: expected a sequence classifier (…{_HEAD}, whose head is named classifier), found {architecture}; "
            f"fine-tune it for classification first, or convert it for embeddings: --task {EMBEDDING}"
        )
