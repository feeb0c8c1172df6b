"""A local folder → a checkpoint that is known to be convertible, its model and its tokenizer."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.bundle import OFFSET_POSITIONS, SHORTEST, positions
from linnet.errors import BundleFormatError
from linnet.postprocessing import Head
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from linnet_export.errors import CheckpointError
from linnet_export.quiet import quiet

MODEL_TYPES = ("bert", "camembert", "distilbert", "roberta", "xlm-roberta")
"""What ``model_type`` may be: encoders whose positions and padding Linnet knows."""

WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")

_HEAD = "ForSequenceClassification"


@dataclass(frozen=True)
class Checkpoint:
    """A sequence classifier in a local folder."""

    path: Path
    config: PretrainedConfig

    @property
    def name(self) -> str:
        """What the bundle calls its source."""
        return self.path.resolve().name

    @cached_property
    def head(self) -> Head:
        """The labels in the order of the logits, and what the logits mean."""
        id2label = self.config.id2label or {}
        if sorted(id2label) != list(range(len(id2label))):
            raise CheckpointError(f"{self.path}: expected id2label to number the labels from 0, found {id2label}")
        try:
            return Head(tuple(str(id2label[index]) for index in sorted(id2label)), self.config.problem_type)
        except BundleFormatError as error:
            raise CheckpointError(f"{self.path}: {error}") from None

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerFast:
        """The checkpoint's own tokenizer, the fast one.

        Raises:
            CheckpointError: the tokenizer's files are missing, or transformers has no fast class for it.
        """
        try:
            with quiet():
                tokenizer = AutoTokenizer.from_pretrained(self.path, local_files_only=True, trust_remote_code=False)
        except Exception as error:  # transformers and tokenizers each raise their own
            raise CheckpointError(
                f"{self.path}: expected the files of a tokenizer (tokenizer.json, vocab.json and merges.txt, vocab.txt, "
                f"or sentencepiece.bpe.model): {_first_line(error)}; copy them beside config.json"
            ) from error
        if not tokenizer.is_fast:
            raise CheckpointError(
                f"{self.path}: transformers has no fast tokenizer for {type(tokenizer).__name__}, "
                "and Linnet needs a tokenizer.json"
            )
        return tokenizer  # type: ignore[no-any-return]

    @cached_property
    def pad_token_id(self) -> int:
        """The id that pads a batch; RoBERTa and XLM-R also tell positions by it.

        Raises:
            CheckpointError: the tokenizer has none, or not the one by which the model tells positions.
        """
        found, expected = self.tokenizer.pad_token_id, self.config.pad_token_id
        if found is None or (self.config.model_type in OFFSET_POSITIONS and found != expected):
            raise CheckpointError(
                f"{self.path}: expected the tokenizer to pad with the pad_token_id {expected} of config.json, "
                f"found {found}; mend the one that is wrong"
            )
        return int(found)

    @cached_property
    def max_length(self) -> int:
        """The most tokens of a text: what the tokenizer says and what the position table allows."""
        length = int(min(self.tokenizer.model_max_length, positions(self.config.to_dict())))
        if length < SHORTEST:
            raise CheckpointError(
                f"{self.path}: expected room for at least {SHORTEST} tokens, found {length}; "
                "mend model_max_length in tokenizer_config.json"
            )
        return length

    def model(self) -> PreTrainedModel:
        """The original in fp32, in evaluation mode.

        Weights are read from safetensors, or from a pickle by torch's restricted reader.

        Raises:
            CheckpointError: the weights cannot be read, or some are missing.
        """
        try:
            with quiet():
                model, report = AutoModelForSequenceClassification.from_pretrained(
                    self.path, local_files_only=True, trust_remote_code=False, weights_only=True,
                    dtype="float32", ignore_mismatched_sizes=True, output_loading_info=True,
                )  # fmt: skip
        except Exception as error:  # torch, safetensors and transformers each raise their own
            raise CheckpointError(
                f"{self.path}: the weights cannot be read: {_first_line(error)}; copy the checkpoint again "
                "(a pickle that holds more than tensors is never read)"
            ) from error
        if wrong := [*report["missing_keys"], *report["mismatched_keys"]]:
            raise CheckpointError(
                f"{self.path}: expected the weights of {type(model).__name__}, found none that fit "
                f"{', '.join(sorted(wrong)[:4])}; a checkpoint without a trained classification head is fine-tuned first"
            )
        self._check_weights(model)
        return model.eval()  # type: ignore[no-any-return]

    def _check_weights(self, model: PreTrainedModel) -> None:
        if broken := [name for name, tensor in model.named_parameters() if not tensor.isfinite().all()]:
            raise CheckpointError(f"{self.path}: expected numbers, found NaN or infinity in {', '.join(broken[:4])}")
        rows, greatest = self.config.vocab_size, max(self.tokenizer.get_vocab().values())
        if greatest >= rows:
            raise CheckpointError(
                f"{self.path}: the tokenizer gives ids up to {greatest}, and the embedding has {rows} rows; "
                "resize it first: model.resize_token_embeddings(len(tokenizer))"
            )


def read_checkpoint(path: Path) -> Checkpoint:
    """Looks at a checkpoint's folder without loading its weights.

    Raises:
        CheckpointError: it is no checkpoint, or none that Linnet converts; the message says why.
    """
    config = _read_config(path)
    architecture = ", ".join(map(str, config.architectures or ["no architecture"]))
    if config.model_type not in MODEL_TYPES or getattr(config, "is_decoder", False):
        raise CheckpointError(
            f"{path}: expected an encoder ({', '.join(MODEL_TYPES)}), found {architecture} "
            f"(model_type {config.model_type!r}{', a decoder' if getattr(config, 'is_decoder', False) else ''})"
        )
    if not architecture.endswith(_HEAD):
        raise CheckpointError(
            f"{path}: expected a sequence classifier (…{_HEAD}), found {architecture}; fine-tune it for classification first"
        )
    if not any((path / name).is_file() for name in WEIGHTS):
        raise CheckpointError(
            f"{path}: expected {WEIGHTS[0]} or {WEIGHTS[2]}, found neither; copy the weights beside config.json"
        )
    checkpoint = Checkpoint(path, config)
    labels = checkpoint.head.labels
    if len(set(labels)) < len(labels):
        raise CheckpointError(
            f"{path}: expected distinct labels, found {', '.join(labels)}; mend id2label in config.json"
        )
    return checkpoint


def _read_config(path: Path) -> PretrainedConfig:
    if not path.is_dir():
        raise CheckpointError(
            f"expected a checkpoint's folder at {path}, found {'a file' if path.exists() else 'nothing'}"
        )
    file = path / "config.json"
    if not file.is_file():
        raise CheckpointError(
            f"{path} is no checkpoint: it has no config.json; name the folder that save_pretrained wrote"
        )
    try:
        return AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)  # type: ignore[no-any-return]
    except Exception as error:  # whatever transformers makes of a config that is none
        raise CheckpointError(
            f"{file}: {_first_line(error)}; expected the config.json of a Hugging Face checkpoint"
        ) from None


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().split("\n")[0]
