import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Running, running

if sys.platform == "win32":
    collect_ignore_glob = ["*"]

for name in ("httptools", "msgspec", "prometheus_client", "starlette", "uvicorn"):
    pytest.importorskip(name)


@pytest.fixture(scope="session")
def server(default: Path, tiny: Path) -> Iterator[Running]:
    """A server with a classifier and an embedder."""
    with running(f"mood={default}", f"search={tiny}", "--threads", "2") as found:
        yield found
