"""scikit-learn: an embedder as a transformer, and a bundle that learns labels as a classifier."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..analysis.adaptation.adapting import adapt, changes_of
from ..api import load_classifier
from ..arrays import Floats
from ..bundle.deriving import derive, target_of
from ..bundle.opening import open_bundle
from ..extras import needed
from .models import EmbedderLike, embedder_of

with needed("scikit-learn"):
    from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted


class LinnetVectorizer(TransformerMixin, BaseEstimator):
    """Turns texts into vectors, float32 (n, dimension). There is nothing to fit.

    Args:
        bundle: an `Embedder`, or the folder of its bundle.
        threads: the number of threads.
    """

    def __init__(self, bundle: EmbedderLike, threads: int | None = None) -> None:
        self.bundle, self.threads = bundle, threads

    def fit(self, X: Any = None, y: Any = None) -> "LinnetVectorizer":  # noqa: N803  # as in scikit-learn
        """Loads the bundle."""
        self.embedder_ = embedder_of(self.bundle, self.threads)
        return self

    def transform(self, X: Iterable[str]) -> Floats:  # noqa: N803
        """Returns the vectors of texts."""
        if not hasattr(self, "embedder_"):
            self.fit()
        return self.embedder_(X)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class LinnetClassifier(ClassifierMixin, BaseEstimator):
    """Learns labels from texts: ``fit`` does what ``linnet adapt`` does, and writes a bundle.

    Args:
        bundle: the folder of a bundle for classification or embeddings, or None for the embedded default.
        output: the folder for the new bundle, which ``fit`` replaces; by default one that is removed with the estimator.
            An estimator that is pickled for later needs a folder that stays.
        threads: the number of threads.
    """

    def __init__(self, bundle: Any = None, output: Any = None, threads: int | None = None) -> None:
        self.bundle, self.output, self.threads = bundle, output, threads

    def fit(self, X: Iterable[str], y: Iterable[Any]) -> "LinnetClassifier":  # noqa: N803  # as in scikit-learn
        """Fits a head for the labels ``y`` of the texts ``X``: at least 8 different texts of each label.

        Raises:
            InputError: there are too few texts of a label, or fewer than two labels.
        """
        opened = open_bundle(None if self.bundle is None else Path(self.bundle))
        labels = np.asarray(list(y))
        found = adapt(opened, list(X), [str(label) for label in labels.tolist()], threads=self.threads)
        target = Path(self.output) if self.output is not None else self._own_folder()
        target_of(opened, target, overwrite=True)
        derive(opened, target, changes_of(opened, found), overwrite=True)
        self.model_ = load_classifier(target, threads=self.threads)
        self.figures_, self.classes_ = found.figures, np.unique(labels)
        return self

    def predict(self, X: Iterable[str]) -> Any:  # noqa: N803
        """Returns the label of each text."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X: Iterable[str]) -> Floats:  # noqa: N803
        """Returns the scores of each text, float32 (n, classes), in the order of ``classes_``."""
        check_is_fitted(self, "model_")
        order = [self.model_.labels.index(str(label)) for label in self.classes_.tolist()]
        scores: Floats = self.model_.head.scores(self.model_.logits(X))[:, order]
        return scores

    def _own_folder(self) -> Path:
        self._folder = tempfile.TemporaryDirectory(prefix="linnet-fit-")
        return Path(self._folder.name) / "bundle"

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_folder"}
