"""Reads a checkpoint from a local folder and checks that Linnet can convert it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.bundle.config import OFFSET_POSITIONS, positions
from linnet.bundle.settings import SHORTEST
from linnet.errors import BundleFormatError
from linnet.postprocessing.scores import Head
from linnet.tasks import CLASSIFICATION, EMBEDDING
from transformers import (
    AutoConfig,
    BertweetTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from linnet_export.architectures import ARCHITECTURES
from linnet_export.checkpoint.tokenizer import fast_tokenizer, read_tokenizer
from linnet_export.checkpoint.weights import read_model
from linnet_export.errors import CheckpointError, RecipeError, first_line
from linnet_export.source.recipe import Recipe
from linnet_export.source.sentence_transformers import SentenceModules, read_modules

_HEAD = "ForSequenceClassification"
_ENCODERS = ("Model", "ForMaskedLM", "ForPreTraining")


@dataclass(frozen=True)
class Checkpoint:
    """An encoder in a local folder."""

    path: Path
    """The folder of the config, the tokenizer and the weights."""
    config: PretrainedConfig
    """The content of ``config.json``."""
    task: str
    """The task of the bundle, one of `TASKS`."""
    recipe: Recipe | None = None
    """The recipe; None if there is none."""
    modules: SentenceModules | None = None
    """The settings of sentence-transformers; None if it has none or the task does not use them."""

    def check(self) -> None:
        """Checks the labels of a classifier and the tokenizer's padding, before the weights are read.

        Raises:
            CheckpointError: one of them is not valid.
        """
        if self.task == CLASSIFICATION:
            self._read_head()
        self._check_padding()

    @cached_property
    def head(self) -> Head:
        """The labels in the order of the logits, renamed by the recipe, and the problem type of the logits."""
        return self._read_head()

    def _read_head(self) -> Head:
        id2label = self.config.id2label or {}
        if sorted(id2label) != list(range(len(id2label))):
            raise CheckpointError(f"{self.path}: expected id2label to number the labels from 0, found {id2label}")
        labels = tuple(str(id2label[index]) for index in sorted(id2label))
        if len(set(labels)) < len(labels):
            raise CheckpointError(
                f"{self.path}: expected distinct labels, found {', '.join(labels)}; fix id2label in config.json"
            )
        try:
            return Head(self.recipe.renamed(labels) if self.recipe else labels, self.config.problem_type)
        except BundleFormatError as error:
            raise CheckpointError(f"{self.path}: {error}") from None

    @cached_property
    def original_tokenizer(self) -> PreTrainedTokenizerBase:
        """The checkpoint's own tokenizer from `AutoTokenizer`: a fast one if transformers can convert it.

        BERTweet's is slow; its tweet normalization is off here, because it is preprocessing (`normalizes_tweets`).

        Raises:
            CheckpointError: the tokenizer's files are missing or not valid.
        """
        return read_tokenizer(self.path, self.config.tokenizer_class)

    @property
    def normalizes_tweets(self) -> bool:
        """True if the original tokenizer preprocesses texts itself, with BERTweet's ``normalizeTweet``."""
        tokenizer = self.original_tokenizer
        return isinstance(tokenizer, BertweetTokenizer) and bool(tokenizer.init_kwargs.get("normalization"))

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerFast:
        """The bundle's tokenizer: the original one if it is fast, else a fast one with the same ids.

        Raises:
            CheckpointError: no fast tokenizer exists, or none with the same ids.
        """
        lowercase = self.modules is not None and self.modules.lowercase
        return fast_tokenizer(self.path, self.original_tokenizer, self.config.vocab_size, lowercase=lowercase)

    @cached_property
    def unk_token_id(self) -> int | None:
        """The unknown token's id, which replaces ids from ``vocab_size`` up; None if there are no such ids."""
        if self.tokenizer is self.original_tokenizer or len(self.tokenizer) <= self.config.vocab_size:
            return None
        return int(self.original_tokenizer.unk_token_id)

    @cached_property
    def pad_token_id(self) -> int:
        """The padding token's id; RoBERTa and XLM-R also compute positions from it.

        Raises:
            CheckpointError: the tokenizer has no such id, or not the one that the model computes positions from.
        """
        self._check_padding()
        return int(self.tokenizer.pad_token_id)

    def _check_padding(self) -> None:
        found, expected = self.tokenizer.pad_token_id, self.config.pad_token_id
        if found is None or (self.config.model_type in OFFSET_POSITIONS and found != expected):
            raise CheckpointError(
                f"{self.path}: expected the tokenizer to pad with the pad_token_id {expected} of config.json, "
                f"found {found}; fix the wrong one"
            )

    @cached_property
    def max_length(self) -> int:
        """The most tokens of a text, set by the recipe, the modules or the tokenizer and by the position table."""
        self._check_padding()  # some models compute positions from its id
        known = self.recipe.max_length if self.recipe else self.modules.max_length if self.modules else None
        length = int(min(known or self.tokenizer.model_max_length, positions(self.config.to_dict())))
        if length < SHORTEST:
            raise CheckpointError(
                f"{self.path}: expected room for at least {SHORTEST} tokens, found {length}; "
                "fix model_max_length in tokenizer_config.json"
            )
        return length

    @property
    def preprocessing(self) -> str:
        """The preprocessing preset that the checkpoint's authors use, if it is known; else ``none``."""
        if self.recipe:
            return self.recipe.preprocessing
        return "bertweet" if self.normalizes_tweets else "none"

    @property
    def pooling(self) -> str:
        """The pooling of token vectors into a text vector, if it is known; else ``mean``."""
        return (self.recipe and self.recipe.pooling) or (self.modules and self.modules.pooling) or "mean"

    @property
    def normalize(self) -> bool:
        """True if the vector of a text is scaled to length 1."""
        if self.recipe and self.recipe.normalize is not None:
            return self.recipe.normalize
        return self.modules is not None and self.modules.normalize

    def model(self) -> PreTrainedModel:
        """Returns the original model in fp32 and evaluation mode; for embeddings, only its encoder.

        Raises:
            CheckpointError: the weights cannot be read, or some are missing.
        """
        return read_model(self.path, self.config, self.task, vocabulary=self.original_tokenizer.get_vocab().values())


def read_checkpoint(folder: Path, *, recipe: Recipe | None = None, task: str | None = None) -> Checkpoint:
    """Reads a checkpoint's folder without loading its weights.

    Args:
        folder: the folder that ``save_pretrained`` of transformers or sentence-transformers wrote.
        recipe: the checkpoint's recipe, if it has one.
        task: the bundle's task; by default the recipe's, else the task of the checkpoint's architecture.

    Raises:
        CheckpointError: the folder is not a checkpoint, or Linnet cannot convert it; the message gives the reason.
        RecipeError: the recipe is for another checkpoint.
    """
    modules = read_modules(folder)
    path = modules.transformer if modules else folder
    config = _read_config(path)
    _check_architecture(path, config, recipe)
    found = task or (recipe and recipe.task) or _task(path, config, modules)
    if found == CLASSIFICATION and config.architectures and not _architecture(config).endswith(_HEAD):
        raise CheckpointError(
            f"{path}: expected a sequence classifier (…{_HEAD}), found {_architecture(config)}; "
            f"fine-tune it for classification first, or convert it for embeddings: --task {EMBEDDING}"
        )
    return Checkpoint(path, config, found, recipe, modules if found == EMBEDDING else None)


def _check_architecture(path: Path, config: PretrainedConfig, recipe: Recipe | None) -> None:
    is_decoder = getattr(config, "is_decoder", False)
    if config.model_type not in ARCHITECTURES or is_decoder:
        raise CheckpointError(
            f"{path}: expected an encoder ({', '.join(ARCHITECTURES)}), found {_architecture(config)} "
            f"(model_type {config.model_type!r}{', a decoder' if is_decoder else ''})"
        )
    if recipe and recipe.model_type != config.model_type:
        raise RecipeError(
            f"{path}: expected model_type {recipe.model_type!r}, as in the recipe {recipe.name}, "
            f"found {config.model_type!r}; leave the recipe out for this checkpoint"
        )


def _task(path: Path, config: PretrainedConfig, modules: SentenceModules | None) -> str:
    """Returns the task of the checkpoint's architecture."""
    architecture = _architecture(config)
    if modules or architecture.endswith(_ENCODERS):
        return EMBEDDING
    if architecture.endswith(_HEAD):
        return CLASSIFICATION
    raise CheckpointError(
        f"{path}: expected a sequence classifier (…{_HEAD}) or an encoder, found {architecture}; "
        f"give --task {CLASSIFICATION}, or --task {EMBEDDING}, which needs only the encoder"
    )


def _architecture(config: PretrainedConfig) -> str:
    return ", ".join(map(str, config.architectures or ["no architecture"]))


def _read_config(path: Path) -> PretrainedConfig:
    if not path.is_dir():
        raise CheckpointError(
            f"expected a checkpoint folder at {path}, found {'a file' if path.exists() else 'nothing'}"
        )
    file = path / "config.json"
    if not file.is_file():
        raise CheckpointError(
            f"{path} is not a checkpoint: it has no config.json; give the folder that save_pretrained wrote"
        )
    try:
        return AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)  # type: ignore[no-any-return]
    except Exception as error:  # transformers raises many types for an invalid config
        raise CheckpointError(
            f"{file}: {first_line(error)}; expected the config.json of a Hugging Face checkpoint"
        ) from None
