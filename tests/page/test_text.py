"""One text: its label, its scores, its words."""

import re

import linnet
import pytest
from playwright.sync_api import Page, expect

TEXTS = ["Worst service ever: two hours on hold, but 🎉 great music", "", "Zażółć gęślą jaźń, straße 😡 𝒷ad", "a\nb"]
HOSTILE = (
    "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script> & good &amp; \"news\""
)


def classified(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.click("#text-form button")
    expect(page.locator("#text-words")).to_have_attribute("aria-busy", "false")


def scores(page: Page) -> dict[str, str]:
    rows = page.locator("#text-scores li")
    return {row.locator(".name").inner_text(): row.locator(".number").inner_text() for row in rows.all()}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_label_and_the_scores_that_the_library_gives(
    page: Page, model: linnet.Classifier, text: str
) -> None:
    classified(page, text)
    found = model(text)
    assert page.inner_text("#text-label") == f"{found.label} {found.score:.3f}"
    assert scores(page) == {label: f"{score:.3f}" for label, score in found.scores.items()}
    widths = page.eval_on_selector_all("#text-scores .fill", "all => all.map(each => parseFloat(each.style.width))")
    assert widths == pytest.approx([100 * score for score in found.scores.values()], abs=0.01)
    assert page.inner_text("#text-told") == f"{found.label}, score {found.score:.3f}."


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_coloured_as_the_library_explains(page: Page, model: linnet.Classifier, text: str) -> None:
    classified(page, text)
    found = model.explain(text)
    if not text:
        assert found.words == () and page.inner_text("#text-words p") == "The text has no words."
        return
    words = page.locator("#text-words .text .word")
    greatest = max(map(abs, found.contributions), default=1.0)
    expected = [
        (found.text[start:end], "against" if value < 0 else "for", f"{abs(value) / greatest:.3f}")
        for (start, end), value in zip(found.spans, found.contributions, strict=True)
    ]
    shown = "each => [each.textContent, each.classList[1], each.style.getPropertyValue('--share')]"
    assert [tuple(each.evaluate(shown)) for each in words.all()] == expected
    assert page.eval_on_selector("#text-words .text", "each => each.textContent") == text
    page.click("#text-words summary")
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#text-words tbody tr").all()]
    values = zip(found.words, found.contributions, found.score_contributions, strict=True)
    assert rows == [[word, signed(logit), signed(score)] for word, logit, score in values]
    assert [each.get_attribute("title") for each in words.all()] == [row[1] for row in rows]


def signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def test_the_page_says_how_long_an_answer_took_and_who_gave_it(page: Page) -> None:
    classified(page, "Good news!")
    told = page.inner_text("#text-time")
    assert re.fullmatch(r"mood, version 1\.0_b-2\. Server (under 1|\d+) ms, round trip \d+ ms\.", told)


def test_a_text_that_is_cut_says_so(page: Page, model: linnet.Classifier) -> None:
    text = "so bad " + "?!" * 300  # few words, many tokens
    classified(page, text)
    assert model(text).truncated
    assert "The text was cut" in page.inner_text("#text-time") and "cut" in page.inner_text("#text-told")
    assert "Only the words that the model read" in page.inner_text("#text-words")


def test_markup_in_a_text_stays_text(page: Page) -> None:
    classified(page, HOSTILE)
    assert page.eval_on_selector("#text-words .text", "each => each.textContent") == HOSTILE
    assert page.locator("#text-found img, #text-found script").count() == 0
    assert page.title() == "Linnet"


def test_enter_classifies_and_shift_enter_does_not(page: Page) -> None:
    page.fill("#text", "Good news!")
    page.press("#text", "Shift+Enter")
    assert page.input_value("#text") == "Good news!\n" and page.locator("#text-found").is_hidden()
    page.press("#text", "Enter")
    expect(page.locator("#text-label")).to_contain_text("positive")
    assert page.input_value("#text") == "Good news!\n"


def test_every_classifier_can_be_chosen_by_its_name(page: Page) -> None:
    expect(page.locator("#text-model option")).to_have_text(
        [
            "mood, version 1.0_b-2",
            "mood, version strict (previous)",
            re.compile("acme/other.name-1, version [0-9a-f]{12}"),
        ]
    )
    for name, expected in (("acme/other.name-1", "neutral"), ("mood@strict", "no label"), ("mood", "neutral")):
        page.select_option("#text-model", name)
        classified(page, "two hours on hold")
        assert page.inner_text("#text-label").startswith(expected)


def test_a_version_may_give_no_label(page: Page) -> None:
    page.select_option("#text-model", "mood@strict")
    classified(page, "two hours on hold")
    assert page.inner_text("#text-label").startswith("no label")
    assert "below its threshold" in page.inner_text("#text-time")
