import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of tweets and vocabularies that LINNET_DATA names."""
    folder = os.environ.get("LINNET_DATA")
    if not folder:
        pytest.skip("LINNET_DATA names no folder of tweets and vocabularies")
    return Path(folder)
