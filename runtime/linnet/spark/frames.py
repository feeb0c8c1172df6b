"""Data frames → the same frames with a column of answers."""

from typing import Any

from pyspark.sql import DataFrame

from ..engines.worker import Place, classifying, embedding
from .columns import of_worker


def classify(
    frame: DataFrame, column: str, bundle: Place = None, *, output: str = "prediction", **options: Any
) -> DataFrame:
    """Returns the frame with a prediction for each text: a struct ``label, score, scores, truncated, error``.

    A null text has a null prediction. Each text gets the same bits as in one process, however the frame is partitioned.

    Args:
        frame: a data frame.
        column: the name of the column with the texts.
        bundle: a folder that the driver and all executors have, what `ship` returned, or None for the embedded
            default, which must be installed on the executors.
        output: the name of the new column.
        options: those of `linnet.engines.Worker`: ``threads`` (default 1), ``preprocess``, ``strict``, ``key``,
            ``digest``, ``verify``.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        InputError: the bundle is for embeddings.
    """
    return frame.withColumn(output, of_worker(classifying(bundle, **options))(frame[column]))


def embed(
    frame: DataFrame, column: str, bundle: Place, per: str = "text", *, output: str = "embedding", **options: Any
) -> DataFrame:
    """Returns the frame with the vectors of each text: a struct ``vector, error``, or ``tokens, error``.

    Args:
        frame: a data frame.
        column: the name of the column with the texts.
        bundle: as in `classify`.
        per: one vector for each ``text``, or for each ``token`` or ``word``; ``tokens`` then is an array of
            ``token, start, end, vector``.
        output: the name of the new column.
        options: those of `linnet.engines.Worker`; ``pieces="first"`` gives a word the vector of its first piece.

    Raises:
        BundleNotFoundError: the folder holds no bundle.
        InputError: the bundle is for classification, or there is no such ``per`` or ``pieces``.
    """
    return frame.withColumn(output, of_worker(embedding(bundle, per=per, **options))(frame[column]))
