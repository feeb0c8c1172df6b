"""What eyes, keyboards and screen readers get: colours, widths, names, the order of the keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from served import Running
from served_pages import Opener

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
TABLE = (
    "id,text,a_very_long_name_of_a_column\n" + "1,Good news! 🎉 https://page.example/" + "x" * 200 + ",y\n2,so bad,z\n"
)
PANELS = ["text", "compare", "table", "similarity"]


def filled(page: Page, panel: str) -> None:
    """Shows all that a panel can show."""
    expect(page.locator("#text-model option")).to_have_count(3)
    page.click(f"#tab-{panel}")
    if panel == "text":
        page.fill("#text", "Worst service ever: two hours on hold, but great music. " + "w" * 300)
        page.press("#text", "Enter")
        expect(page.locator("#text-words")).to_have_attribute("aria-busy", "false")
        page.click("#text-words summary")
    elif panel == "compare":
        page.fill("#compare-texts", "Good news!\ntwo hours on hold\n" + "y" * 300)
        page.click("#compare-form .first")
        expect(page.locator("#compare-table .marked").first).to_be_visible()
    elif panel == "similarity":
        page.fill("#similarity-texts", "Good news!\ntwo hours on hold\n\n" + "y" * 300 + "\n" * 14)
        page.click("#similarity-form .first")
        expect(page.locator("#embeddings")).to_be_visible()
    else:
        page.fill("#paste", TABLE)
        expect(page.locator("#table-buttons")).to_be_visible()
        page.click("#table-buttons .first")
        expect(page.locator("#download")).to_be_visible()


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_in_light_and_dark(opened: Opener, server: Running, panel: str, dark: bool) -> None:
    page = opened(server, dark=dark)
    filled(page, panel)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(paper) < 60 if dark else min(paper) > 240
    found = page.evaluate(CONTRAST)
    assert len(found["texts"]) > 15 and len(found["borders"]) > 1
    assert [each for each in found["texts"] if each[0] < 4.5] == []
    assert [each for each in found["borders"] if each[0] < 3] == []


def test_the_form_for_the_key_and_failures_stand_out(opened: Opener, server: Running) -> None:
    for dark in (False, True):
        page = opened(server, dark=dark, failing=True)
        expect(page.locator("#text-model option")).to_have_count(3)
        page.route("**/classify", lambda route: route.fulfill(status=401, json={}))
        page.fill("#text", "a")
        page.press("#text", "Enter")
        expect(page.locator("#text-told.failed")).to_be_visible()
        assert [each for each in page.evaluate(CONTRAST)["texts"] if each[0] < 4.5] == []


@pytest.mark.parametrize("panel", PANELS)
def test_a_phone_needs_no_scrolling_to_the_side(opened: Opener, server: Running, panel: str) -> None:
    page = opened(server, width=360)
    filled(page, panel)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cut = "all => all.filter(each => each.checkVisibility() && each.getBoundingClientRect().right > 361)"
    assert page.eval_on_selector_all("main :not(.wide *, .heard)", f"{cut}.map(each => each.id || each.tagName)") == []
    small = "all => all.filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 36)"
    assert page.eval_on_selector_all("button, .button, select, textarea", f"{small}.map(each => each.id)") == []


def test_every_control_has_a_name_and_every_panel_a_heading(page: Page) -> None:
    expect(page.locator("#text-model option")).to_have_count(3)
    for panel in PANELS:
        page.click(f"#tab-{panel}")
        controls = page.locator("input:visible, select:visible, textarea:visible, button:visible, a:visible").all()
        assert len(controls) > 4
        for control in controls:
            snapshot = control.aria_snapshot()
            assert '"' in snapshot, snapshot  # - button "Classify"
        assert page.locator(f"#panel-{panel} h2").count() == 1
    assert page.locator("h1").inner_text().strip() == "Linnet" and page.get_attribute("html", "lang") == "en"
    roles = [page.get_by_role("tab", name=name) for name in ("A text", "Two versions", "A table", "Similarity")]
    assert [each.count() for each in roles] == [1, 1, 1, 1]
    assert page.get_by_role("tabpanel", name="Similarity").is_visible()


def test_nothing_moves(page: Page) -> None:
    filled(page, "text")
    moving = (
        "all => all.filter(each => each.getAnimations().length || getComputedStyle(each).transitionDuration !== '0s')"
    )
    assert page.eval_on_selector_all("*", f"{moving}.map(each => each.tagName)") == []


def tab_to(page: Page, wanted: str) -> None:
    """Presses Tab until an element has the focus; each that has it on the way shows that it has."""
    for _ in range(30):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        outline, found = focus.evaluate(
            "(each, wanted) => [getComputedStyle(each).outlineStyle, each.matches(wanted)]", wanted
        )
        assert outline != "none"
        if found:
            return
    raise AssertionError(f"{wanted} is not reached")


def test_the_keyboard_alone_reaches_everything(page: Page) -> None:
    expect(page.locator("#text-model option")).to_have_count(3)
    press, insert = page.keyboard.press, page.keyboard.insert_text
    tab_to(page, "#text")
    insert("Good news! 🎉")
    press("Enter")
    expect(page.locator("#text-words")).to_have_attribute("aria-busy", "false")
    tab_to(page, "summary")
    press("Enter")
    expect(page.locator("#text-words tbody")).to_be_visible()

    page.reload()
    expect(page.locator("#text-model option")).to_have_count(3)
    tab_to(page, "[role=tab]")
    press("ArrowRight")
    expect(page.locator("#tab-compare")).to_be_focused()
    tab_to(page, "#compare-texts")
    insert("Good news!\ntwo hours on hold")
    tab_to(page, "#compare-form .first")
    press("Space")
    expect(page.locator("#compare-table .marked").first).to_be_visible()

    page.reload()
    expect(page.locator("#text-model option")).to_have_count(3)
    tab_to(page, "[role=tab]")
    press("End")
    expect(page.locator("#tab-similarity")).to_be_focused()
    tab_to(page, "#similarity-texts")
    insert("Good news!\ntwo hours on hold\nso bad")
    tab_to(page, "#similarity-form .first")
    press("Enter")
    expect(page.locator("#similarity-table")).to_be_visible()
    tab_to(page, "#similarity-table")
    tab_to(page, "#embeddings")
    with page.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename == "search-embeddings.json"

    page.reload()
    expect(page.locator("#text-model option")).to_have_count(3)
    tab_to(page, "[role=tab]")
    press("End")
    press("ArrowRight")
    press("ArrowLeft")
    press("ArrowLeft")
    expect(page.locator("#tab-table")).to_have_attribute("aria-selected", "true")
    tab_to(page, "#paste")
    insert("text\nGood news!\n")
    expect(page.locator("#table-buttons")).to_be_visible()
    tab_to(page, "#table-buttons .first")
    press("Enter")
    expect(page.locator("#download")).to_be_visible()
    tab_to(page, "#download")
    with page.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename == "table-answers.csv"
