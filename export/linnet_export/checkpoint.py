"""A local folder → a checkpoint that is known to be convertible, its model and its tokenizer."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from linnet.bundle import CLASSIFICATION, EMBEDDING, OFFSET_POSITIONS, SHORTEST, positions
from linnet.errors import BundleFormatError
from linnet.postprocessing import Head
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertweetTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from linnet_export.bertweet_tokenizer import fast_bertweet
from linnet_export.errors import CheckpointError, RecipeError
from linnet_export.quiet import quiet
from linnet_export.recipe import Recipe
from linnet_export.sentence_transformers import SentenceModules, read_modules
from linnet_export.source_files import VOCABULARY, WEIGHTS

MODEL_TYPES = ("bert", "camembert", "distilbert", "roberta", "xlm-roberta")
"""What ``model_type`` may be: encoders whose positions and padding Linnet knows."""

_TOKENIZER_FILES = (
    "the files of a tokenizer (tokenizer.json, vocab.json and merges.txt, vocab.txt, vocab.txt and bpe.codes, "
    "or sentencepiece.bpe.model)"
)
_HEAD = "ForSequenceClassification"
_ENCODERS = ("Model", "ForMaskedLM", "ForPreTraining")


@dataclass(frozen=True)
class Checkpoint:
    """An encoder in a local folder.

    ``path`` is the folder of its config, tokenizer and weights; ``task`` is what it is converted for;
    ``recipe`` and ``modules`` are what is known of it besides, if anything is.
    """

    path: Path
    config: PretrainedConfig
    task: str
    recipe: Recipe | None = None
    modules: SentenceModules | None = None

    @cached_property
    def head(self) -> Head:
        """The labels in the order of the logits, as the recipe calls them, and what the logits mean."""
        id2label = self.config.id2label or {}
        if sorted(id2label) != list(range(len(id2label))):
            raise CheckpointError(f"{self.path}: expected id2label to number the labels from 0, found {id2label}")
        labels = tuple(str(id2label[index]) for index in sorted(id2label))
        if len(set(labels)) < len(labels):
            raise CheckpointError(
                f"{self.path}: expected distinct labels, found {', '.join(labels)}; mend id2label in config.json"
            )
        try:
            return Head(self.recipe.renamed(labels) if self.recipe else labels, self.config.problem_type)
        except BundleFormatError as error:
            raise CheckpointError(f"{self.path}: {error}") from None

    @cached_property
    def original_tokenizer(self) -> PreTrainedTokenizerBase:
        """The checkpoint's own tokenizer, as `AutoTokenizer` gives it: fast wherever transformers can convert it.

        BERTweet's is slow; its normalization, which is preprocessing, is off here (`normalizes_tweets`).

        Raises:
            CheckpointError: the tokenizer's files are missing, or make no sense.
        """
        if not any((self.path / name).is_file() for name in VOCABULARY):
            raise CheckpointError(
                f"{self.path}: expected {_TOKENIZER_FILES}, found none of them; copy them beside config.json"
            )
        try:
            with quiet():
                tokenizer = _original_tokenizer(self.path)
        except ImportError as error:
            name = self.config.tokenizer_class or "its tokenizer"
            raise CheckpointError(
                f"{self.path}: {name} wants a package that is not here: {_first_line(error)}"
            ) from error
        except Exception as error:  # transformers and tokenizers each raise their own
            raise CheckpointError(
                f"{self.path}: expected {_TOKENIZER_FILES}: {_first_line(error)}; copy them beside config.json"
            ) from error
        if isinstance(tokenizer, BertweetTokenizer):
            tokenizer.normalization = False
        return tokenizer

    @property
    def normalizes_tweets(self) -> bool:
        """Whether the original tokenizer prepares texts itself, by BERTweet's ``normalizeTweet``."""
        tokenizer = self.original_tokenizer
        return isinstance(tokenizer, BertweetTokenizer) and bool(tokenizer.init_kwargs.get("normalization"))

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerFast:
        """The tokenizer that the bundle gets: the original one, or a fast one with its ids.

        Raises:
            CheckpointError: there is no fast one, or none that gives the same ids.
        """
        original = self.original_tokenizer
        if isinstance(original, PreTrainedTokenizerFast):
            self._check_case(original)
            return original
        if not isinstance(original, BertweetTokenizer):
            raise CheckpointError(
                f"{self.path}: expected a tokenizer that can be written as tokenizer.json, found "
                f"{type(original).__name__}, for which neither transformers nor Linnet has a fast one"
            )
        try:
            return fast_bertweet(original, self.config.vocab_size)
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: {error}") from None

    def _check_case(self, tokenizer: PreTrainedTokenizerFast) -> None:
        normalizer = tokenizer.backend_tokenizer.normalizer
        lowers = normalizer is not None and normalizer.normalize_str("A") == "a"
        if self.modules and self.modules.lowercase and not lowers:
            raise CheckpointError(
                f"{self.path}: do_lower_case has sentence-transformers lower-case texts for a tokenizer that tells case "
                "apart, which Linnet does not; set do_lower_case to false, and lower-case your texts yourself"
            )

    @cached_property
    def unk_token_id(self) -> int | None:
        """What the ids from ``vocab_size`` up stand for; None if the tokenizer gives none such."""
        if self.tokenizer is self.original_tokenizer or len(self.tokenizer) <= self.config.vocab_size:
            return None
        return int(self.original_tokenizer.unk_token_id)

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
        """The most tokens of a text: what is known of the checkpoint, else its tokenizer's, as far as the position table allows."""
        _ = self.pad_token_id  # by which some models tell positions
        known = self.recipe.max_length if self.recipe else self.modules.max_length if self.modules else None
        length = int(min(known or self.tokenizer.model_max_length, positions(self.config.to_dict())))
        if length < SHORTEST:
            raise CheckpointError(
                f"{self.path}: expected room for at least {SHORTEST} tokens, found {length}; "
                "mend model_max_length in tokenizer_config.json"
            )
        return length

    @property
    def preprocessing(self) -> str:
        """The preset that its authors apply, as far as that is known; else ``none``."""
        if self.recipe:
            return self.recipe.preprocessing
        return "bertweet" if self.normalizes_tweets else "none"

    @property
    def pooling(self) -> str:
        """How vectors of tokens become one of a text, as far as that is known; else ``mean``."""
        return (self.recipe and self.recipe.pooling) or (self.modules and self.modules.pooling) or "mean"

    @property
    def normalize(self) -> bool:
        """Whether the vector of a text is scaled to length 1."""
        if self.recipe and self.recipe.normalize is not None:
            return self.recipe.normalize
        return self.modules is not None and self.modules.normalize

    def model(self) -> PreTrainedModel:
        """The original in fp32, in evaluation mode; for embeddings its encoder alone.

        Weights are read from safetensors, or from a pickle by torch's restricted reader.

        Raises:
            CheckpointError: the weights cannot be read, or some are missing.
        """
        if not any((self.path / name).is_file() for name in WEIGHTS):
            raise CheckpointError(
                f"{self.path}: expected {WEIGHTS[0]} or {WEIGHTS[2]}, found neither; copy the weights beside config.json"
            )
        kind = AutoModelForSequenceClassification if self.task == CLASSIFICATION else AutoModel
        # What transformers' pooler makes of the first token is no output of ours, and not every checkpoint has it.
        pools = kind is AutoModel and self.config.model_type != "distilbert"
        options = {"add_pooling_layer": False} if pools else {}
        try:
            with quiet():
                model, report = kind.from_pretrained(
                    self.path, local_files_only=True, trust_remote_code=False, weights_only=True,
                    dtype="float32", ignore_mismatched_sizes=True, output_loading_info=True, **options,
                )  # fmt: skip
        except Exception as error:  # torch, safetensors and transformers each raise their own
            raise CheckpointError(
                f"{self.path}: the weights cannot be read: {_first_line(error)}; copy the checkpoint again "
                "(a pickle that holds more than tensors is never read)"
            ) from error
        if wrong := [*report["missing_keys"], *report["mismatched_keys"]]:
            raise CheckpointError(
                f"{self.path}: expected the weights of {type(model).__name__}, found none that fit "
                f"{', '.join(sorted(wrong)[:4])}; copy the checkpoint again, and fine-tune one without a trained head first"
            )
        self._check_weights(model)
        return model.eval()  # type: ignore[no-any-return]

    def _check_weights(self, model: PreTrainedModel) -> None:
        if broken := [name for name, tensor in model.named_parameters() if not tensor.isfinite().all()]:
            raise CheckpointError(f"{self.path}: expected numbers, found NaN or infinity in {', '.join(broken[:4])}")
        rows, greatest = self.config.vocab_size, max(self.original_tokenizer.get_vocab().values())
        if greatest >= rows:
            raise CheckpointError(
                f"{self.path}: the tokenizer gives ids up to {greatest}, and the embedding has {rows} rows; "
                "resize it first: model.resize_token_embeddings(len(tokenizer))"
            )


def read_checkpoint(folder: Path, *, recipe: Recipe | None = None, task: str | None = None) -> Checkpoint:
    """Looks at a checkpoint's folder without loading its weights.

    Args:
        folder: what ``save_pretrained`` wrote, of transformers or of sentence-transformers.
        recipe: what is known of the checkpoint.
        task: what it is to be converted for; by default the recipe's, else what it was made for.

    Raises:
        CheckpointError: it is no checkpoint, or none that Linnet converts; the message says why.
        RecipeError: the recipe is for another one.
    """
    modules = read_modules(folder)
    path = modules.transformer if modules else folder
    config = _read_config(path)
    _check_architecture(path, config, recipe)
    found = task or (recipe and recipe.task) or _task(path, config, modules)
    if found == CLASSIFICATION and config.architectures and not _architecture(config).endswith(_HEAD):
        raise CheckpointError(
            f"{path}: expected a sequence classifier (…{_HEAD}), found {_architecture(config)}; "
            f"fine-tune it for classification first, or convert it for its embeddings: --task {EMBEDDING}"
        )
    checkpoint = Checkpoint(path, config, found, recipe, modules if found == EMBEDDING else None)
    if found == CLASSIFICATION:
        _ = checkpoint.head  # what is wrong with the labels is said before the weights are read
    return checkpoint


def _check_architecture(path: Path, config: PretrainedConfig, recipe: Recipe | None) -> None:
    is_decoder = getattr(config, "is_decoder", False)
    if config.model_type not in MODEL_TYPES or is_decoder:
        raise CheckpointError(
            f"{path}: expected an encoder ({', '.join(MODEL_TYPES)}), found {_architecture(config)} "
            f"(model_type {config.model_type!r}{', a decoder' if is_decoder else ''})"
        )
    if recipe and recipe.model_type != config.model_type:
        raise RecipeError(
            f"{path}: expected model_type {recipe.model_type!r}, of which the recipe {recipe.name} is, "
            f"found {config.model_type!r}; leave the recipe out for this checkpoint"
        )


def _task(path: Path, config: PretrainedConfig, modules: SentenceModules | None) -> str:
    """What the checkpoint was made for."""
    architecture = _architecture(config)
    if modules or architecture.endswith(_ENCODERS):
        return EMBEDDING
    if architecture.endswith(_HEAD):
        return CLASSIFICATION
    raise CheckpointError(
        f"{path}: expected a sequence classifier (…{_HEAD}) or an encoder, found {architecture}; "
        f"say what it is for: --task {CLASSIFICATION}, or --task {EMBEDDING}, for which its encoder is enough"
    )


def _architecture(config: PretrainedConfig) -> str:
    return ", ".join(map(str, config.architectures or ["no architecture"]))


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


def _original_tokenizer(path: Path) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)  # type: ignore[no-any-return]
    except Exception:
        if not (path / "bpe.codes").is_file():
            raise
        return BertweetTokenizer.from_pretrained(path, local_files_only=True)  # type: ignore[no-any-return]  # no file names it


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().split("\n")[0].rstrip(".;")
