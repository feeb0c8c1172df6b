"""The page that ``linnet explain --html`` writes."""

from html.parser import HTMLParser
from pathlib import Path

import linnet
import pytest
from browsing import PHONE, needs_browser, opened
from linnet.analysis.explanations import explanation_page

TEXTS = [
    "not bad <b>at</b> all, this cheap kettle & more",
    "awful " * 3 + "x" * 300 + " مرحبا بالعالم",
    "The train to the coast was late, and nobody ever said sorry to any of us at all",
    "",
]


@pytest.fixture(scope="module", params=["leave-one-out", "shapley"])
def page(request: pytest.FixtureRequest, model: linnet.Classifier) -> str:
    found = [model.explain(text, method=request.param, permutations=4) for text in TEXTS]
    return explanation_page(found, "<my-bundle>")


class Marked(HTMLParser):
    """Collects the words that a page colours, and the text of its paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._style: str | None = None
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag not in ("script", "b")
        self._style = given.get("style") if tag == "span" else None
        if tag == "p":
            self._within = given.get("class") == "text"
            self.texts += [""] * self._within

    def handle_endtag(self, tag: str) -> None:
        self._style = None
        self._within = self._within and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._within:
            self.texts[-1] += data
        if self._style:
            self.words.append((data, self._style))


def test_every_word_is_coloured_in_the_users_text(model: linnet.Classifier) -> None:
    read = Marked()
    read.feed(explanation_page([model.explain(text) for text in TEXTS], "my-bundle"))
    assert read.texts == TEXTS
    assert [word for word, _ in read.words] == ["Green", "red", *(word for text in TEXTS for word in text.split())]


def test_colours_follow_the_contributions(model: linnet.Classifier) -> None:
    found = model.explain("a wonderful day with one awful hour", label="positive", method="shapley")
    read = Marked()
    read.feed(explanation_page([found], "my-bundle"))
    styles = dict(read.words)
    assert "var(--for) 60%" in styles["wonderful"]
    assert "var(--against)" in styles["awful"]


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_dark_setting(page: str, tmp_path: Path, dark: bool) -> None:
    found = opened(page, tmp_path, 1000, dark=dark)
    assert (sum(found["paper"]) < sum(found["ink"])) == dark
    assert found["loaded"] == 0


@needs_browser
def test_the_page_fits_a_phone(page: str, tmp_path: Path) -> None:
    assert opened(page, tmp_path, PHONE, dark=False)["width"] == PHONE
