"""Polars: an expression of texts → an expression of answers; also as the namespace ``linnet`` of expressions."""

from typing import Any

from ..extras import needed
from .worker import Place, Worker, classifying, embedding

with needed("polars"):
    import polars
    import pyarrow


def classify(texts: polars.Expr, bundle: Place = None, **options: Any) -> polars.Expr:
    """Returns an expression with a struct for each text, its prediction; null gives null.

    ``polars.col("text").linnet.classify()`` is the same. Options are those of `Worker`.
    """
    return _answered(texts, classifying(bundle, **options))


def embed(texts: polars.Expr, bundle: Place, **options: Any) -> polars.Expr:
    """Returns an expression with a struct for each text, its vectors; null gives null.

    ``polars.col("text").linnet.embed(bundle)`` is the same. Options are those of `Worker`, such as ``per``.
    """
    return _answered(texts, embedding(bundle, **options))


@polars.api.register_expr_namespace("linnet")
class Answers:
    """What ``polars.col("text").linnet`` offers, once this module is imported."""

    def __init__(self, texts: polars.Expr) -> None:
        self._texts = texts

    def classify(self, bundle: Place = None, **options: Any) -> polars.Expr:
        """Returns the predictions, as the function of this name does."""
        return classify(self._texts, bundle, **options)

    def embed(self, bundle: Place, **options: Any) -> polars.Expr:
        """Returns the vectors, as the function of this name does."""
        return embed(self._texts, bundle, **options)


def _answered(texts: polars.Expr, worker: Worker) -> polars.Expr:
    def answer(series: polars.Series) -> polars.Series:
        return polars.Series(series.name, polars.from_arrow(worker(series.to_arrow())))

    none_yet = polars.Series(polars.from_arrow(pyarrow.array([], worker.arrow_type)))
    return texts.map_batches(answer, return_dtype=none_yet.dtype, is_elementwise=True)
