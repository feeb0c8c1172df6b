"""Polars: expressions get the namespace ``linnet`` as soon as this module is imported."""

from typing import Any

from ..extras import needed
from .worker import Place, Worker, classifying, embedding

with needed("polars"):
    import polars
    import pyarrow


@polars.api.register_expr_namespace("linnet")
class Answers:
    """What ``polars.col("text").linnet`` offers: expressions with a struct for each text; null gives null."""

    def __init__(self, texts: polars.Expr) -> None:
        self._texts = texts

    def classify(self, bundle: Place = None, **options: Any) -> polars.Expr:
        """Returns the predictions; options are those of `Worker`."""
        return self._answered(classifying(bundle, **options))

    def embed(self, bundle: Place, **options: Any) -> polars.Expr:
        """Returns the vectors; options are those of `Worker`, such as ``per``."""
        return self._answered(embedding(bundle, **options))

    def _answered(self, worker: Worker) -> polars.Expr:
        def answer(texts: polars.Series) -> polars.Series:
            return polars.Series(texts.name, polars.from_arrow(worker(texts.to_arrow())))

        answers = polars.Series(polars.from_arrow(pyarrow.array([], worker.arrow_type)))
        return self._texts.map_batches(answer, return_dtype=answers.dtype, is_elementwise=True)
