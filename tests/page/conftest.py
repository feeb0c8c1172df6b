"""The page of `linnet serve` in Debian's Chromium. `scripts/test` makes the environment."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import linnet
import pytest
from browsing import CHROMIUM
from served import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from served_pages import Opener

_NEEDED = ("httptools", "msgspec", "playwright", "prometheus_client", "starlette", "uvicorn")
if not all(map(find_spec, _NEEDED)):
    collect_ignore_glob = ["*"]

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"


@pytest.fixture(scope="session")
def model() -> linnet.Classifier:
    return linnet.load()


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that gives no label where its score is below 0.85."""
    folder = tmp_path_factory.mktemp("versions") / "strict"
    command = [sys.executable, "-m", "linnet", "calibrate", "--min-score", "0.85", "--output", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def server(strict: Path) -> Iterator[Running]:
    """A server with three names, of which one has two versions and one is for embeddings."""
    default = linnet.load().bundle.path
    models = f"mood@strict={strict}", f"mood@1.0_b-2={default}", f"acme/other.name-1={default}", f"search={TINY}"
    with running(*models, "--threads", "1", "--no-request-logs") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import expect, sync_playwright

    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=30_000)  # milliseconds: an explanation of a long text takes some seconds
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: "Browser") -> "Iterator[Opener]":
    """Opens pages; at the end, none may have asked another origin, or have complained on the console."""
    from served_pages import Opener

    opener = Opener(browser)
    yield opener
    opener.close()
    assert opener.complaints == []
    assert opener.asked and opener.foreign == []


@pytest.fixture
def page(opened: "Opener", server: Running) -> "Page":
    """The page of the server with three names."""
    return opened(server)
