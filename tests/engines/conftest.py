from pathlib import Path

import linnet
import pytest

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The folder of an embedding bundle."""
    return TINY


@pytest.fixture(scope="session")
def embedder() -> linnet.Embedder:
    return linnet.load_embedder(TINY)


@pytest.fixture(scope="session")
def model() -> linnet.Classifier:
    return linnet.load()
