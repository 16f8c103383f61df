"""The pages as a person meets them: on a phone, in the dark, by keyboard, with a screen reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.conftest import ThreeDays
from tests.web.conftest import Looker, post_id

CRAMPS = "journal/magnesium-and-muscle-cramps"
GRAVE = {"serious", "critical"}


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, room: str, request: pytest.FixtureRequest) -> Iterator[Looker]:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=request.param
    )
    looker = Looker(context.new_page(), room)
    yield looker
    context.close()
    assert looker.troubles == []


def pages(three_days: ThreeDays) -> dict[str, str]:
    post = post_id(three_days.db, CRAMPS)
    return {
        "front": "/",
        "post": f"/-/post/{post}",
        "past revision": f"/-/post/{post}/2",
        "comparison": f"/-/post/{post}/compare/1/2",
        "side by side": f"/-/post/{post}/compare/1/2?view=side&whole=1",
        "changes": "/-/changes?kind=edited",
        "search": "/-/search?q=magnesium&ever=1",
        "phrase": "/-/phrase?q=night+cramps",
    }


def test_a_screen_reader_and_a_phone_find_nothing_grave(phone: Looker, three_days: ThreeDays):
    axe, found = Axe(), {}
    for name, path in pages(three_days).items():
        page = phone.goto(path)
        told = [
            f"{one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in axe.run(page).response["violations"]
            if one["impact"] in GRAVE
        ]
        if page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ):
            told.append("wider than the phone")
        if told:
            found[name] = told
    assert found == {}


def test_a_comparison_is_walked_by_keys(look: Looker, three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    page = look.goto(f"/-/post/{post}/compare/1/2")
    for key, ending in (
        ("j", "compare/2/1"),
        ("k", "compare/1/2"),
        ("v", "view=side"),
        ("w", "whole=1"),
        ("m", "form=markdown"),
    ):
        _press(page, key)
        assert ending in page.url, key
    assert page.locator("table.sides ins").first.inner_text().strip()


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_keyboard_reaches_the_text_first_and_the_search_by_a_stroke(look: Looker):
    page = look.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_a_citation_is_copied(browser: Browser, room: str, three_days: ThreeDays):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    looker = Looker(context.new_page(), room)
    page = looker.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied.startswith(
        "Priya Ravel, “Does magnesium help with night cramps?”, hollow-fern.example"
    )
    assert looker.troubles == []


def test_exact_times_are_told_on_hover(look: Looker, three_days: ThreeDays):
    page = look.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}")
    time = page.locator(".byline time").first
    assert time.inner_text() == "6 August 2024"
    assert (time.get_attribute("title") or "").startswith("2024-08-06 ")


def test_pages_are_read_without_scripts(browser: Browser, room: str, three_days: ThreeDays):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{room}/-/post/{post_id(three_days.db, CRAMPS)}")
    assert page.get_by_role("link", name="compare 1 and 2").is_visible()
    context.close()
