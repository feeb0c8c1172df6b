"""spaCy: a classifier as the component ``linnet`` of a pipeline."""

from collections.abc import Iterable, Iterator
from itertools import tee
from typing import Any

from ..extras import needed
from .models import ClassifierLike, classifier_of

with needed("spacy"):
    from spacy.language import Language
    from spacy.tokens import Doc


class LinnetCategories:
    """Sets ``doc.cats`` to the scores of each label.

    Args:
        bundle: a `Classifier`, the folder of its bundle, or None for the embedded default.
        threads: the number of threads.
    """

    def __init__(self, bundle: ClassifierLike = None, threads: int | None = None) -> None:
        self.model = classifier_of(bundle, threads)

    def __call__(self, doc: Doc) -> Doc:
        """Returns the document with its scores."""
        doc.cats.update(self.model(doc.text).scores)
        return doc

    def pipe(self, stream: Iterable[Doc], batch_size: int = 0) -> Iterator[Doc]:
        """Yields documents with their scores, lazily, in order; the model chooses its batches."""
        docs, texts = tee(stream)
        for doc, found in zip(docs, self.model.stream(doc.text for doc in texts), strict=True):
            doc.cats.update(found.scores)
            yield doc


@Language.factory("linnet", assigns=["doc.cats"], default_config={"bundle": None, "threads": None})
def make(nlp: Language, name: str, bundle: Any, threads: int | None) -> LinnetCategories:
    """Returns the component for ``nlp.add_pipe("linnet", config={"bundle": "my-bundle"})``."""
    return LinnetCategories(bundle, threads)
