from pathlib import Path

import pytest
from tweets import every_tweet


@pytest.fixture(scope="session")
def tweets(data: Path) -> list[str]:
    """Every tweet, and its HTML entities resolved where it has any."""
    return every_tweet(data)
