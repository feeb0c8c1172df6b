"""Reads a checkpoint's model in fp32 and checks that no weight is missing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from linnet.tasks import CLASSIFICATION, EMBEDDING
from transformers import AutoModel, AutoModelForSequenceClassification, PretrainedConfig, PreTrainedModel

from linnet_export.architectures import ARCHITECTURES
from linnet_export.errors import CheckpointError, first_line
from linnet_export.quiet import quiet
from linnet_export.source.files import WEIGHTS

MODELS: dict[str, Any] = {CLASSIFICATION: AutoModelForSequenceClassification, EMBEDDING: AutoModel}
"""The class of transformers that loads the checkpoint of each task."""


def read_model(path: Path, config: PretrainedConfig, task: str, *, vocabulary: Iterable[int]) -> PreTrainedModel:
    """Returns the original model in fp32 and evaluation mode; for embeddings, only its encoder.

    Weights come from safetensors, or from a pickle with torch's restricted reader.

    Args:
        path: the checkpoint's folder.
        config: the content of its ``config.json``.
        task: the bundle's task.
        vocabulary: the ids that its tokenizer gives.

    Raises:
        CheckpointError: the weights cannot be read, or some are missing.
    """
    if not any((path / name).is_file() for name in WEIGHTS):
        raise CheckpointError(
            f"{path}: expected {WEIGHTS[0]} or {WEIGHTS[2]}, found neither; copy the weights beside config.json"
        )
    kind = MODELS[task]
    # Linnet does not use the output of transformers' pooler, and not every checkpoint has its weights.
    pools = kind is AutoModel and ARCHITECTURES[config.model_type].pools
    options = {"add_pooling_layer": False} if pools else {}
    try:
        with quiet():
            model, report = kind.from_pretrained(
                path, local_files_only=True, trust_remote_code=False, weights_only=True,
                dtype="float32", ignore_mismatched_sizes=True, output_loading_info=True, **options,
            )  # fmt: skip
    except Exception as error:  # torch, safetensors and transformers raise many types
        raise CheckpointError(
            f"{path}: the weights cannot be read: {first_line(error)}; copy the checkpoint again "
            "(Linnet does not read a pickle that holds more than tensors)"
        ) from error
    if wrong := [*report["missing_keys"], *report["mismatched_keys"]]:
        raise CheckpointError(
            f"{path}: expected the weights of {type(model).__name__}, found no matching weights for "
            f"{', '.join(sorted(wrong)[:4])}; copy the checkpoint again, or fine-tune it first if its head is untrained"
        )
    _check_weights(path, config, model, max(vocabulary))
    return model.eval()  # type: ignore[no-any-return]


def _check_weights(path: Path, config: PretrainedConfig, model: PreTrainedModel, greatest: int) -> None:
    if broken := [name for name, tensor in model.named_parameters() if not tensor.isfinite().all()]:
        raise CheckpointError(f"{path}: expected numbers, found NaN or infinity in {', '.join(broken[:4])}")
    rows = config.vocab_size
    if greatest >= rows:
        raise CheckpointError(
            f"{path}: the tokenizer gives ids up to {greatest}, and the embedding has {rows} rows; "
            "resize it first: model.resize_token_embeddings(len(tokenizer))"
        )
