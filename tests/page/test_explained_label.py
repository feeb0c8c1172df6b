"""The label whose words are coloured can be chosen."""

import linnet
from playwright.sync_api import Page, Route, expect
from served import Running
from served_pages import Opener

TEXT = "Worst service ever: two hours on hold, but great music"


def classified(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator("#text-words")).to_have_attribute("aria-busy", "false")


def choose(page: Page, label: str) -> None:
    page.get_by_label("Label to explain").select_option(label)
    expect(page.locator("#text-told")).to_have_text(f"The words are coloured by what they contribute to {label}.")


def shown(page: Page) -> list[tuple[str, str, str]]:
    """The words, whether they speak for the label, and their shares of the colour."""
    words = page.locator("#text-words .text .word")
    facts = "each => [each.textContent, each.classList[1], each.style.getPropertyValue('--share')]"
    return [(word, side, share) for word, side, share in (each.evaluate(facts) for each in words.all())]


def expected(model: linnet.Classifier, label: str | None) -> list[tuple[str, str, str]]:
    found = model.explain(TEXT, label=label)
    greatest = max(map(abs, found.contributions))
    return [
        (found.text[start:end], "against" if value < 0 else "for", f"{abs(value) / greatest:.3f}")
        for (start, end), value in zip(found.spans, found.contributions, strict=True)
    ]


def test_the_predicted_label_is_explained_until_another_is_chosen(page: Page, model: linnet.Classifier) -> None:
    classified(page, TEXT)
    best = model(TEXT).label
    menu = page.get_by_label("Label to explain")
    offered = [f"{label} (predicted)" if label == best else label for label in model.labels]
    expect(menu.locator("option")).to_have_text(offered)
    assert menu.input_value() == best and shown(page) == expected(model, None)
    page.click("#text-words summary")
    for label in model.labels[::-1]:
        choose(page, label)
        assert shown(page) == expected(model, label), label
        expect(page.locator("#text-words tbody")).to_be_visible()  # the numbers stay open
        expect(page.locator("#text-words details")).to_contain_text(f"score, of {label} loses")
    assert len({tuple(expected(model, label)) for label in model.labels}) == len(model.labels)
    classified(page, "Good news!")
    assert menu.input_value() == "positive"


def test_the_keyboard_chooses_the_label(page: Page, model: linnet.Classifier) -> None:
    classified(page, TEXT)
    menu = page.get_by_label("Label to explain")
    menu.focus()
    first, last = model.labels[0], model.labels[-1]
    page.keyboard.press("Home" if model(TEXT).label != first else "End")
    chosen = first if model(TEXT).label != first else last
    expect(page.locator("#text-told")).to_contain_text(f"contribute to {chosen}.")
    expect(menu).to_be_focused()
    assert shown(page) == expected(model, chosen)


def test_a_text_without_a_label_has_its_best_score_explained(page: Page, model: linnet.Classifier) -> None:
    expect(page.locator("#text-model option")).to_have_count(3)
    page.select_option("#text-model", "mood@strict")
    classified(page, "two hours on hold")
    best = model("two hours on hold").label
    assert page.locator("#words-label option:checked").inner_text() == f"{best} (best score)"


def test_an_explanation_that_fails_is_told_and_another_may_be_chosen(page: Page, model: linnet.Classifier) -> None:
    classified(page, TEXT)
    page.route("**/explain", lambda route: route.fulfill(status=200, body="{"))  # a console without complaints
    page.select_option("#words-label", "positive")
    expect(page.locator("#text-words [role=alert]")).to_contain_text("The server does not answer")
    page.unroute("**/explain")
    choose(page, "negative")
    assert shown(page) == expected(model, "negative")


def test_the_chosen_label_is_explained_once_the_server_has_time(
    opened: Opener, server: Running, model: linnet.Classifier
) -> None:
    """Labels that are chosen quickly leave explanations that still run, and the server refuses a further one."""
    page = opened(server, failing=True)
    classified(page, TEXT)
    answers = iter([429, 429])

    def busy(route: Route) -> None:
        if status := next(answers, 0):
            headers = {"retry-after": "1", "content-type": "application/json"}
            route.fulfill(status=status, headers=headers, body='{"error": "other explanations are under way"}')
        else:
            route.continue_()

    page.route("**/explain", busy)
    best = model(TEXT).label
    chosen = next(label for label in model.labels if label != best)
    page.get_by_label("Label to explain").select_option(chosen)
    expect(page.locator("#text-words")).to_contain_text("The server is busy: next try in 1 second")
    expect(page.locator("#text-told")).to_have_text(f"The words are coloured by what they contribute to {chosen}.")
    assert shown(page) == expected(model, chosen)
