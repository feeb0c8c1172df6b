"""A loaded bundle, as the server answers with it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...arrays import Floats
from ...models.classifier import Classifier
from ...models.embedder import Embedder
from ...postprocessing.calibration import MinScore
from ...postprocessing.pooling import normalized
from ...postprocessing.scores import Prediction
from ...tasks import CLASSIFICATION
from ...tokenization.encoding import Encoding, TokenIds
from ..queueing.jobs import Finish


class Version:
    """A version of a model.

    Args:
        name: the model's name.
        label: the version's name.
        path: the folder of the bundle, without links.
        model: the loaded bundle.
    """

    def __init__(self, name: str, label: str, path: Path, model: Classifier | Embedder) -> None:
        self.name, self.label, self.path, self.model = name, label, path, model
        self.encoder = model.encoder
        self.settings = model.bundle.settings

    @property
    def id(self) -> str:
        """The model and its version, as requests name them and answers announce them."""
        return f"{self.name}@{self.label}"

    @property
    def task(self) -> str:
        """The task of the bundle."""
        return self.settings.task

    @property
    def classifies(self) -> bool:
        """True for a classifier."""
        return self.task == CLASSIFICATION

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of a classifier, in the order of its logits; none for embeddings."""
        return self.model.bundle.labels

    @property
    def dimension(self) -> int:
        """The number of values of a vector."""
        return self.model.bundle.hidden_size

    @property
    def classifier(self) -> Classifier:
        """The model, of a version that classifies."""
        assert isinstance(self.model, Classifier)
        return self.model

    def read(self, texts: list[str]) -> list[TokenIds]:
        """Returns the ids of texts, preprocessed and truncated as the library does."""
        return self.encoder.read(texts, preprocess=True)

    def encode(self, texts: list[str]) -> list[Encoding]:
        """Returns the whole encodings of texts, nothing truncated."""
        return self.encoder.encode(texts, preprocess=True, whole=True)

    @property
    def finish(self) -> Finish:
        """Keeps a text's logits, or its pooled vector before it is normalised."""
        return self.model.pooling if isinstance(self.model, Embedder) else np.copy

    def predictions(
        self, rows: Sequence[Floats], read: Sequence[TokenIds], min_score: MinScore | None = None
    ) -> list[Prediction]:
        """Returns the predictions that the library gives for a classifier's rows; see `Head.predictions`."""
        truncated = [found.truncated for found in read]
        return self.classifier.head.predictions(np.stack(rows), truncated, min_score=min_score)

    def outcome(self, row: Floats) -> object:
        """Returns what two versions may differ in: the label of a row, or nothing for vectors."""
        if not self.classifies:
            return None
        return self.predictions([row], [TokenIds([], truncated=False)])[0].label

    def vector(self, pooled: Floats, *, normalize: bool | None = None, dimension: int | None = None) -> Floats:
        """Returns a text's vector from the pooled one.

        Args:
            pooled: float32 (dimension,).
            normalize: True for length 1; by default as the bundle says.
            dimension: keeps only so many values of it, from the first on.
        """
        assert isinstance(self.model, Embedder)
        kept = pooled if dimension is None else pooled[:dimension]
        wanted = self.model.normalizes if normalize is None else normalize
        return normalized(kept) if wanted else kept
