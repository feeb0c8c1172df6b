"""The packages that some rooms need beside the three: one line an extra, as ``pyproject.toml`` declares them."""

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import MissingPackageError
from .installation import PACKAGE

EXTRAS = {
    "parquet": ("pyarrow>=14",),
    "verify": ("cryptography>=42",),
    "frames": ("narwhals>=1.30",),
    "serve": ("starlette>=0.40", "uvicorn>=0.30", "httptools>=0.6", "msgspec>=0.19", "prometheus-client>=0.20"),
    "arrow": ("pyarrow>=14",),
    "spark": ("pyspark>=3.5", "pyarrow>=14", "pandas>=2,<3"),
    "duckdb": ("duckdb>=1.1", "pyarrow>=14"),
    "polars": ("polars>=1", "pyarrow>=14"),
    "ray": ("ray[data]>=2.40",),
    "dask": ("dask[dataframe]>=2024.12", "pyarrow>=14"),
    "langchain": ("langchain-core>=0.3",),
    "llama-index": ("llama-index-core>=0.12",),
    "haystack": ("haystack-ai>=2.8",),
    "chroma": ("chromadb>=1",),
    "scikit-learn": ("scikit-learn>=1.4",),
    "spacy": ("spacy>=3.7",),
}
"""By extra, its packages."""


@contextmanager
def needed(extra: str) -> Iterator[None]:
    """Turns a failed import in the ``with`` block into an error that says what to install.

    Raises:
        MissingPackageError: a package of the extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if f"{error.name}.".startswith(f"{PACKAGE}."):  # a part that was left out of a vendored copy
            raise
        raise missing(extra, f"no {error.name}") from error


def missing(extra: str, found: str) -> MissingPackageError:
    """Returns the error that says which packages an extra needs, and what was found instead."""
    packages = " ".join(f"'{package}'" for package in EXTRAS[extra])
    return MissingPackageError(f"expected the packages of the extra {extra!r}, found {found}: pip install {packages}")
