"""Reads a checkpoint from a local folder and checks that Linnet can convert it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.bundle.config import OFFSET_POSITIONS, positions
from linnet.bundle.settings import SHORTEST
from linnet.errors import BundleFormatError
from linnet.fields import without_remedy
from linnet.postprocessing.scores import Head
from linnet.tasks import CLASSIFICATION, EMBEDDING
from transformers import (
    BertweetTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from linnet_export.checkpoint.config import check_problem_type, named_architecture, read_config
from linnet_export.checkpoint.task import check_classifier, task_of
from linnet_export.checkpoint.tokenizer import check_merges, check_special_tokens, fast_tokenizer, read_tokenizer
from linnet_export.checkpoint.weights import read_model, weight_names
from linnet_export.errors import CheckpointError
from linnet_export.source.files import CONFIG
from linnet_export.source.intact import read_object
from linnet_export.source.recipe import Recipe
from linnet_export.source.sentence_transformers import SentenceModules, module_folder, read_modules

_SPARE_ROWS = 256
"""Embeddings often have a few rows more than there are pieces, to make their number a round one."""


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
    task_chosen: bool = False
    """True if the user or the recipe chose the task."""

    def check(self) -> None:
        """Checks the labels of a classifier, the tokenizer and the length, before the weights are read.

        Raises:
            CheckpointError: one of them is not valid.
        """
        if self.task == CLASSIFICATION:
            self._read_head()
        self._check_padding()
        check_special_tokens(self.path, self.original_tokenizer)
        check_merges(self.path, self.original_tokenizer)
        _ = self.max_length

    @property
    def remarks(self) -> list[str]:
        """Notes for the user: what the name of its class told, and rows of the embedding without a piece."""
        remarks = []
        declared = read_object(self.path / CONFIG).get("problem_type")
        if self.task == CLASSIFICATION and declared is None and self.config.problem_type is not None:
            remarks.append(
                f"{named_architecture(self.config)} scores each label by itself, so the bundle does too; "
                f"if that is wrong, set problem_type to single_label_classification in {CONFIG}"
            )
        pieces, rows = len(self.original_tokenizer), self.config.vocab_size
        if rows - pieces > _SPARE_ROWS:
            remarks.append(
                f"the tokenizer has {pieces:,} pieces, and the embedding {rows:,} rows: see that the tokenizer is the "
                "checkpoint's own, and its files are whole"
            )
        return remarks

    @cached_property
    def head(self) -> Head:
        """The labels in the order of the logits, renamed by the recipe, and the problem type of the logits."""
        return self._read_head()

    def _read_head(self) -> Head:
        id2label = self.config.id2label or {}
        if sorted(id2label) != list(range(len(id2label))):
            raise CheckpointError(f"{self.path}: expected id2label to number the labels from 0, found {id2label}")
        if unnamed := [label for label in id2label.values() if not isinstance(label, (str, int, float))]:
            raise CheckpointError(f"{self.path}: expected id2label to name the labels, found {unnamed[0]!r}; fix it")
        labels = tuple(str(id2label[index]) for index in sorted(id2label))
        if len(set(labels)) < len(labels):
            raise CheckpointError(
                f"{self.path}: expected distinct labels, found {', '.join(labels)}; fix id2label in config.json"
            )
        check_problem_type(self.path, self.config)
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
        return read_tokenizer(self.path, self.config)

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
        known = known or self.tokenizer.model_max_length
        if not isinstance(known, (int, float)) or isinstance(known, bool) or known != known:
            raise CheckpointError(
                f"{self.path}: expected model_max_length to be a number of tokens, found {known!r}; "
                "fix it in tokenizer_config.json"
            )
        length = int(min(known, self._positions()))
        if length < SHORTEST:
            raise CheckpointError(
                f"{self.path}: expected room for at least {SHORTEST} tokens, found {length}; "
                "fix model_max_length in tokenizer_config.json"
            )
        return length

    def _positions(self) -> int:
        try:
            return positions(self.config.to_dict())
        except BundleFormatError as error:
            raise CheckpointError(f"{self.path}: {without_remedy(error)}; fix it") from error

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
        _ = self.original_tokenizer  # checked first, as it is read sooner
        # sentence-transformers drops a head by itself; else, it is lost only if somebody wants that.
        drops_head = self.task_chosen or self.modules is not None
        return read_model(self.path, self.config, self.task, drops_head=drops_head)


def read_checkpoint(
    folder: Path, *, recipe: Recipe | None = None, task: str | None = None, pooling: str | None = None
) -> Checkpoint:
    """Reads a checkpoint's folder without loading its weights.

    Args:
        folder: the folder that ``save_pretrained`` of transformers or sentence-transformers wrote.
        recipe: the checkpoint's recipe, if it has one.
        task: the bundle's task; by default the recipe's, else the task of the checkpoint's architecture.
        pooling: the bundle's pooling, which overrules the checkpoint's own; by default the recipe's.

    Raises:
        CheckpointError: the folder is not a checkpoint, or Linnet cannot convert it; the message gives the reason.
        RecipeError: the recipe is for another checkpoint.
    """
    chosen = task or (recipe and recipe.task)
    path = module_folder(folder)
    config = read_config(path, recipe)
    pooling = pooling or (recipe.pooling if recipe else None)
    modules = None if chosen == CLASSIFICATION else read_modules(folder, pooling=pooling)
    found = chosen or task_of(path, config, sentences=modules is not None)
    if found == CLASSIFICATION:
        check_classifier(path, config, weight_names)
    return Checkpoint(path, config, found, recipe, modules if found == EMBEDDING else None, chosen is not None)
