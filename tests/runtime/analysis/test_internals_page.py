"""The page that ``linnet internals --html`` writes."""

import re
from html.parser import HTMLParser
from pathlib import Path

import linnet
import numpy as np
import pytest
from browsing import PHONE, needs_browser, opened
from linnet.analysis.heatmaps import LEVELS, small_map
from linnet.analysis.internals import internals_page

TEXTS = ["Good <b>news</b>! The bridge & more", "word " * 100, "مرحبا بالعالم " + "x" * 30, ""]


@pytest.fixture(scope="module")
def page(embedder: linnet.Embedder) -> str:
    return internals_page([embedder.internals(text) for text in TEXTS], "<my-bundle>")


class Read(HTMLParser):
    """Collects the paragraphs with a text, and the headings; refuses what a text could bring in."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.headings: list[str] = []
        self._into: list[str] | None = None
        self.maps = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "b", "img")
        self.maps += tag == "svg"
        into = {"h2": self.headings, "p": self.texts if dict(attrs).get("class") == "text" else None}.get(tag)
        if into is not None:
            into.append("")
            self._into = into

    def handle_endtag(self, tag: str) -> None:
        self._into = None if tag in ("p", "h2") else self._into

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data


def test_each_text_has_maps_of_all_layers_and_heads(page: str) -> None:
    read = Read()
    read.feed(page)
    assert read.texts == TEXTS
    assert read.headings == [*(text[:80] for text in TEXTS[:-1]), "(an empty text)"]
    assert read.maps == len(LEVELS) + len(TEXTS) * (2 * (1 + 4) + 1)
    assert "The text is longer than the model reads" in page


def test_long_texts_are_drawn_in_part(embedder: linnet.Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linnet.analysis.internals._MOST_TOKENS", 5)
    count = len(embedder.internals(TEXTS[0]).tokens)
    assert f"The heat maps show the first 5 of {count} tokens." in internals_page([embedder.internals(TEXTS[0])], "b")


def test_squares_have_the_shade_of_their_share() -> None:
    shares = np.array([[0.01, 0.02, 0.03], [0.9, 0.05, 0.05]], dtype=np.float32)
    drawn = re.findall(r'<path d="([^"]*)" fill="var\(--accent\)" fill-opacity="([\d.]+)"', small_map(shares))
    assert drawn == [("M1 0h2v1h-2z", "0.17"), ("M1 1h2v1h-2z", "0.33"), ("M0 1h1v1h-1z", "1.00")]


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_dark_setting(page: str, tmp_path: Path, dark: bool) -> None:
    found = opened(page, tmp_path, 1000, dark=dark)
    assert (sum(found["paper"]) < sum(found["ink"])) == dark
    assert found["loaded"] == 0 and found["cut"] == []


@needs_browser
def test_the_page_fits_a_phone(page: str, tmp_path: Path) -> None:
    assert opened(page, tmp_path, PHONE, dark=False)["width"] == PHONE
