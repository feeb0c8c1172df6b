"""Servers that need a key, or that are gone."""

from collections.abc import Iterator

import linnet
import pytest
from linnet.serving.access import sha256
from playwright.sync_api import Page, expect
from served import Running, running
from served_pages import Opener


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    keys = tmp_path_factory.mktemp("keys") / "keys.txt"
    keys.write_text(f"somebody:{sha256('open-sesame')}\n")
    with running(f"mood={linnet.load().bundle.path}", "--keys", keys, "--threads", "1") as found:
        yield found


def give(page: Page, key: str) -> None:
    page.fill("#key", key)
    page.press("#key", "Enter")


def test_a_key_is_asked_for_and_opens_the_server(opened: Opener, locked: Running) -> None:
    page = opened(locked, failing=True)
    expect(page.locator("#key-told")).to_have_text("This server needs a key. Type it here.")
    expect(page.locator("#key")).to_be_focused()
    expect(page.locator("#work")).to_be_hidden()
    give(page, "wrong")
    expect(page.locator("#key-told")).to_contain_text("does not know this key")
    give(page, "schlüssel")
    expect(page.locator("#key-told")).to_contain_text("letters, digits and signs")
    give(page, " open-sesame ")
    expect(page.locator("#key-form")).to_be_hidden()
    page.fill("#text", "Good news!")
    page.press("#text", "Enter")
    expect(page.locator("#text-words .text .word")).to_have_count(2)
    assert page.inner_text("#text-label").startswith("positive")


def test_the_key_is_kept_in_memory_only(opened: Opener, locked: Running) -> None:
    page = opened(locked, failing=True)
    give(page, "open-sesame")
    expect(page.locator("#text-model option")).to_have_count(1)
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, location.href]")
    assert kept == [0, 0, "", f"{locked.url}/"] and page.input_value("#key") == ""
    page.reload()
    expect(page.locator("#key-told")).to_contain_text("needs a key")


def test_a_key_that_is_no_longer_known_is_asked_for_again(opened: Opener, locked: Running) -> None:
    page = opened(locked, failing=True)
    give(page, "open-sesame")
    expect(page.locator("#text-model option")).to_have_count(1)
    page.route("**/classify", lambda route: route.fulfill(status=401, json={"error": "the key is not known here"}))
    page.fill("#text", "Good news!")
    page.press("#text", "Enter")
    expect(page.locator("#text-told")).to_contain_text("needs a key that it knows")
    expect(page.locator("#key")).to_be_focused()


def test_a_server_that_is_gone_is_named_near_the_control(opened: Opener) -> None:
    with running("--threads", "1") as brief:
        page = opened(brief, failing=True)
        expect(page.locator("#text-model option")).to_have_count(1)
        page.route("**/classify", lambda route: route.abort())
        page.fill("#text", "Good news!")
        page.press("#text", "Enter")
        expect(page.locator("#text-told")).to_have_text(
            "The server does not answer. Check that it runs, and try again."
        )
