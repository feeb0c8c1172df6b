"""Texts whose embeddings are compared, and the embeddings as a download."""

import json
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from playwright.sync_api import Page, expect
from served import Running, running
from served_pages import Opener

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"
TEXTS = ["Good news! 🎉", "two hours on hold", "", "<b>so bad</b>", "good news!"]


@pytest.fixture(scope="module")
def embedder() -> linnet.Embedder:
    return linnet.load_embedder(TINY)


def compared(page: Page, texts: list[str]) -> None:
    page.click("#tab-similarity")
    page.fill("#similarity-texts", "\n".join(texts) + "\n")
    page.click("#similarity-form .first")
    expect(page.locator("#embeddings")).to_be_visible()


def cosines(embedder: linnet.Embedder, texts: list[str]) -> Any:
    found = embedder(texts).astype(np.float64)
    lengths = np.linalg.norm(found, axis=1)
    return found @ found.T / np.outer(lengths, lengths)


def told(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def embeddings(found: Any) -> Any:
    return np.array([each["embedding"] for each in found["embeddings"]], dtype=np.float32)


def downloaded(page: Page) -> Any:
    with page.expect_download() as download:
        page.click("#embeddings")
    assert download.value.suggested_filename == "search-embeddings.json"
    return json.loads(download.value.path().read_text(encoding="utf-8"))


def test_the_table_has_the_cosines_of_the_embeddings_that_the_library_gives(
    page: Page, embedder: linnet.Embedder
) -> None:
    compared(page, TEXTS)
    expected = cosines(embedder, TEXTS)
    rows = page.locator("#similarity-table tbody tr").all()
    assert [row.locator("td").all_inner_texts() for row in rows] == [[*map(told, row)] for row in expected]
    named = [f"{number} {text}".strip() for number, text in enumerate(TEXTS, 1)]
    assert [row.get_by_role("rowheader").inner_text().strip() for row in rows] == named
    assert page.get_by_role("columnheader").all_inner_texts() == ["text", "1", "2", "3", "4", "5"]
    np.fill_diagonal(expected, -2)
    one, other = divmod(int(expected.argmax()), len(TEXTS))
    best = f"Most alike: texts {one + 1} and {other + 1}, {told(expected.max())}."
    assert page.inner_text("#similarity-best") == best and best in page.inner_text("#similarity-told")
    bold = "all => all.map(row => [...row.cells].findIndex(cell => cell.querySelector('strong')) - 1)"
    assert page.eval_on_selector_all("#similarity-table tbody tr", bold) == expected.argmax(axis=1).tolist()
    assert page.get_by_role("table", name="The similarity of each text with each other").count() == 1


def test_the_download_has_the_bits_of_the_library(page: Page, embedder: linnet.Embedder) -> None:
    compared(page, TEXTS)
    found = downloaded(page)
    assert found["model"] == "search" and found["version"] == embedder.bundle.digest[:12]
    assert [each["text"] for each in found["embeddings"]] == TEXTS
    assert (embeddings(found) == embedder(TEXTS)).all()


def test_more_texts_than_the_table_shows_are_in_the_download(page: Page, embedder: linnet.Embedder) -> None:
    texts = [f"text number {number}" for number in range(600)]
    compared(page, texts)
    assert page.locator("#similarity-table tbody tr").count() == 20
    assert "The first 20 of 600 texts; the download has all." in page.inner_text("#similarity-note")
    found = downloaded(page)
    assert (embeddings(found) == embedder(texts)).all()


def test_one_text_is_embedded_and_no_text_is_refused(page: Page) -> None:
    compared(page, ["Good news!"])
    assert page.inner_text("#similarity-best") == "1 text embedded."
    expect(page.locator("#similarity-table")).to_be_hidden()
    assert len(downloaded(page)["embeddings"]) == 1
    page.fill("#similarity-texts", "")
    page.click("#similarity-form .first")
    expect(page.locator("#similarity-told")).to_have_text("Type or paste at least one text.")
    expect(page.locator("#similarity-found")).to_be_hidden()


def test_texts_that_are_cut_are_counted(page: Page, embedder: linnet.Embedder) -> None:
    texts = ["Good news!", "so bad " * 2000, "good news " * 2000]
    assert [each.truncated for each in embedder.encode(texts)] == [False, True, True]
    compared(page, texts)
    assert "2 texts cut: longer than the model reads." in page.inner_text("#similarity-note")
    assert page.locator("#similarity-table th[scope=row]").last.inner_text().endswith("…")


def test_all_embeddings_are_of_the_version_that_gave_the_first(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/models/")[2]))
    compared(page, [f"text number {number}" for number in range(300)])
    first, second = [each for each in asked if each.startswith("search")]
    assert first == "search" and second.startswith("search@")


def test_the_page_has_the_panels_that_the_models_are_for(opened: Opener) -> None:
    with running(f"search={TINY}", "--threads", "1") as embeds:
        page = opened(embeds)
        expect(page.get_by_role("tab")).to_have_text(["Similarity"])
        expect(page.get_by_role("tab", selected=True)).to_have_text("Similarity")
        compared(page, TEXTS[:2])
        assert page.locator("#similarity-table td").count() == 4
    with running("--threads", "1") as classifies:
        page = opened(classifies)
        expect(page.get_by_role("tab")).to_have_text(["A text", "Two versions", "A table"])
        page.focus("#tab-text")
        page.keyboard.press("End")
        expect(page.locator("#tab-table")).to_be_focused()


def test_a_failure_is_told_near_the_control(opened: Opener, server: Running) -> None:
    page = opened(server, failing=True)
    page.click("#tab-similarity")
    page.route("**/models/search", lambda route: route.fulfill(status=424, json={"error": "it cannot"}))
    page.fill("#similarity-texts", "a\nb")
    page.click("#similarity-form .first")
    expect(page.locator("#similarity-told.failed")).to_have_text("The server refused this (424): it cannot")
