"""Ray Data: a dataset with a column of texts → the same dataset with a column of answers."""

from functools import partial
from typing import Any

from ..extras import needed
from .worker import Place, Worker, classifying, embedding

with needed("ray"):
    import pyarrow
    from ray.data import Dataset


def classify(
    dataset: Dataset, column: str, bundle: Place = None, *, output: str = "prediction", **options: Any
) -> Dataset:
    """Returns the dataset with a prediction for each text, a struct; options are those of `Worker`.

    Every node needs the bundle at the same path, or the embedded default.
    """
    return _answered(dataset, column, classifying(bundle, **options), output)


def embed(dataset: Dataset, column: str, bundle: Place, *, output: str = "embedding", **options: Any) -> Dataset:
    """Returns the dataset with the vectors of each text, a struct; the rest is as in `classify`."""
    return _answered(dataset, column, embedding(bundle, **options), output)


def _answered(dataset: Dataset, column: str, worker: Worker, output: str) -> Dataset:
    return dataset.map_batches(
        partial(_with_answers, worker, column, output), batch_format="pyarrow", zero_copy_batch=True
    )


def _with_answers(worker: Worker, column: str, output: str, batch: pyarrow.Table) -> pyarrow.Table:
    return batch.append_column(output, worker(batch[column]))
