"""What the dialects share about vectors."""

from collections.abc import Sequence

import numpy as np

from ...arrays import Floats
from ..failures import RequestError
from ..service import Answered
from ..versions.version import Version


def vectors(answered: Answered, *, normalize: bool | None = None, dimension: int | None = None) -> list[Floats]:
    """Returns the vectors of texts; see `Version.vector`."""
    return [answered.version.vector(row, normalize=normalize, dimension=dimension) for row in answered.rows]


def checked_dimension(version: Version, dimension: int | None) -> int | None:
    """Returns the number of values to keep; None keeps all.

    Raises:
        RequestError: the vectors have fewer.
    """
    if dimension is not None and not 1 <= dimension <= version.dimension:
        raise RequestError("invalid", f"expected dimensions from 1 to {version.dimension}, found {dimension}")
    return dimension


def cosines(found: Sequence[Floats]) -> list[float]:
    """Returns the cosine of the first vector with each of the others."""
    first, *others = found
    lengths = [float(np.linalg.norm(vector)) or 1.0 for vector in found]
    return [
        float(np.dot(first, other)) / (lengths[0] * length) for other, length in zip(others, lengths[1:], strict=True)
    ]
