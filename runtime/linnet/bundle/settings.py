"""``linnet.json`` → the settings that the runtime needs beyond ``config.json``."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import BundleFormatError
from ..fields import field, flag, line, malformed, optional_field, optional_line, parse_object, shown
from ..installation import UPDATE
from ..names import SETTINGS
from ..postprocessing.calibration import Calibration
from ..preprocessing import PREPROCESSORS
from ..tasks import TASKS
from .calibration import calibration_as_json, read_calibration

POOLINGS = ("mean", "cls", "max")
"""The names of the poolings in `linnet.postprocessing.pooling`, repeated here to avoid importing numpy."""

SHORTEST = 3
"""The smallest useful ``max_length``: one token between two special tokens."""


@dataclass(frozen=True)
class EmbeddingSettings:
    """How an embedding bundle makes a text's vector: token vectors are pooled, and normalized if ``normalize``."""

    pooling: str
    normalize: bool = False

    def __post_init__(self) -> None:
        _expect(SETTINGS, "pooling", self.pooling, POOLINGS)


@dataclass(frozen=True)
class Settings:
    """The content of ``linnet.json``: what the runtime needs beyond ``config.json``."""

    task: str
    """A name in `TASKS`."""
    preprocessing: str
    """The name of the preprocessing preset."""
    max_length: int
    """The most tokens that the model reads, special tokens included."""
    truncation_side: str
    """The side on which long texts are cut: ``left`` or ``right``."""
    quantization: str
    """The name of the quantization scheme."""
    equalization: str | None = None
    """The name of the equalization of activations before quantization; None if there was none."""
    embedding_bits: int = 8
    """The bits per value of the embedding table."""
    vocabulary: str | None = None
    """The name of the part of the checkpoint's vocabulary that was kept; None if all of it was."""
    unk_token_id: int | None = None
    """If given, replaces every id from the ``vocab_size`` of ``config.json`` on, which the model does not have."""
    embedding: EmbeddingSettings | None = None
    """How texts' vectors are made; None unless the task gives vectors."""
    calibration: Calibration | None = None
    """How the logits become calibrated scores; None if the scores are the original's."""

    def __post_init__(self) -> None:
        _expect(SETTINGS, "task", self.task, TASKS)
        _expect(SETTINGS, "preprocessing", self.preprocessing, PREPROCESSORS)
        _expect(SETTINGS, "truncation_side", self.truncation_side, ("left", "right"))
        if self.max_length < SHORTEST:
            raise malformed(f"{SETTINGS}: expected max_length of at least {SHORTEST} tokens, found {self.max_length}")
        if self.unk_token_id is not None and self.unk_token_id < 0:
            raise malformed(f"{SETTINGS}: expected unk_token_id of at least 0, found {self.unk_token_id}")
        if TASKS[self.task].vectors and self.embedding is None:
            raise malformed(f"{SETTINGS}: expected pooling to be one of {', '.join(POOLINGS)}, found none")
        if not TASKS[self.task].vectors and self.embedding is not None:
            raise _no_pooling(self.task)

    def as_json(self) -> dict[str, Any]:
        """Returns the content of ``linnet.json``, without fields that are None and the default ``embedding_bits``."""
        values = asdict(self)
        if self.embedding_bits == 8:
            del values["embedding_bits"]
        values |= values.pop("embedding") or {}
        values["calibration"] = self.calibration and calibration_as_json(self.calibration)
        return {name: value for name, value in values.items() if value is not None}


def read_settings(content: bytes) -> Settings:
    """Reads the content of ``linnet.json``.

    Raises:
        BundleFormatError: a setting is missing or invalid.
    """
    values = parse_object(SETTINGS, content)
    task = field(values, SETTINGS, "task", str)
    _expect(SETTINGS, "task", task, TASKS)
    return Settings(
        task=task,
        preprocessing=field(values, SETTINGS, "preprocessing", str),
        max_length=field(values, SETTINGS, "max_length", int),
        truncation_side=field(values, SETTINGS, "truncation_side", str),
        quantization=line(values, SETTINGS, "quantization"),
        equalization=optional_line(values, SETTINGS, "equalization"),
        embedding_bits=optional_field(values, SETTINGS, "embedding_bits", int) or 8,
        vocabulary=optional_line(values, SETTINGS, "vocabulary"),
        unk_token_id=optional_field(values, SETTINGS, "unk_token_id", int),
        embedding=_embedding(values),
        calibration=read_calibration(values),
    )


def _embedding(values: dict[str, Any]) -> EmbeddingSettings | None:
    pooling, normalize = optional_field(values, SETTINGS, "pooling", str), flag(values, SETTINGS, "normalize")
    if pooling is not None:
        return EmbeddingSettings(pooling, normalize)
    if normalize and not TASKS[values["task"]].vectors:
        raise _no_pooling(values["task"])
    return None


def _no_pooling(task: str) -> BundleFormatError:
    return malformed(f"{SETTINGS}: expected no pooling and no normalize for the task {task}, found one or both")


def _expect(name: str, key: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise BundleFormatError(
            f"{name}: expected {key} to be one of {', '.join(known)}, found {shown(value)}; "
            f"a newer linnet may support it: {UPDATE}"
        )
