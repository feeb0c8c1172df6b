"""Two versions side by side."""

import linnet
import pytest
from playwright.sync_api import Page, expect
from served import running
from served_pages import Opener

TEXTS = ["Good news!", "two hours on hold", "", "<b>so bad</b>", "The 9:40 to Porto leaves from platform 3."]


def compared(page: Page, texts: list[str]) -> list[list[str]]:
    page.click("#tab-compare")
    page.fill("#compare-texts", "\n".join(texts))
    page.click("#compare-form .first")
    expect(page.locator("#compare-found")).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in page.locator("#compare-table tbody tr").all()]


@pytest.fixture(scope="module")
def labels(model: linnet.Classifier) -> list[tuple[str | None, str | None]]:
    return [(found.label, found.label if found.score >= 0.85 else None) for found in model(TEXTS)]


def test_the_second_version_is_another_of_the_same_model(page: Page) -> None:
    page.click("#tab-compare")
    assert (page.input_value("#compare-first"), page.input_value("#compare-second")) == ("mood", "mood@strict")


def test_rows_have_both_answers_and_differing_ones_are_marked(
    page: Page, model: linnet.Classifier, labels: list[tuple[str | None, str | None]]
) -> None:
    rows = compared(page, TEXTS)
    answers = [
        [f"{each or 'no label'} {found.score:.3f}" for each in pair]
        for pair, found in zip(labels, model(TEXTS), strict=True)
    ]
    assert [row[1:3] for row in rows] == answers and [row[3] for row in rows] == TEXTS
    differing = [one != other for one, other in labels]
    assert 0 < sum(differing) < len(TEXTS)
    assert [row[0] for row in rows] == ["differ" if each else "same" for each in differing]
    marked = page.eval_on_selector_all("#compare-table tbody tr", "all => all.map(row => row.className === 'marked')")
    assert marked == differing
    assert page.inner_text("#compare-count") == f"Different labels: {sum(differing)} of {len(TEXTS)} texts"
    heads = page.locator("#compare-table th").all_inner_texts()
    assert heads == ["labels", "mood@1.0_b-2", "mood@strict", "text"]
    page.check("#compare-only")
    assert page.locator("#compare-table tbody tr").count() == sum(differing)


def test_the_same_version_twice_is_refused(page: Page) -> None:
    page.click("#tab-compare")
    page.select_option("#compare-second", "mood")
    page.fill("#compare-texts", "a")
    page.click("#compare-form .first")
    expect(page.locator("#compare-told")).to_have_text("Choose two different versions.")
    page.fill("#compare-texts", "")
    page.click("#compare-form .first")
    expect(page.locator("#compare-told")).to_have_text("Type or paste at least one text.")


def test_more_texts_than_a_request_may_have(page: Page) -> None:
    rows = compared(page, [f"text number {number}" for number in range(600)])
    assert len(rows) == 200 and page.inner_text("#compare-note") == "The first 200 of 600 texts."


def test_a_server_with_one_version_says_how_to_serve_two(opened: Opener) -> None:
    with running("--threads", "1") as alone:
        page = opened(alone)
        expect(page.locator("#text-model option")).to_have_count(1)
        page.click("#tab-compare")
        expect(page.locator("#compare-alone")).to_contain_text("linnet serve mood@1=DIR mood@2=OTHER")
        expect(page.locator("#compare-form")).to_be_hidden()
