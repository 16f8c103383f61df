"""The pages in a browser: on a phone, in dark mode, by keyboard, for screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ThreeDays, rows
from tests.web.conftest import RULES, TOO_WIDE, MonitoredPage, new_context, post_id, serious

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CRAMPS = "journal/magnesium-and-muscle-cramps"


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[MonitoredPage]:
    context = new_context(browser, viewport={"width": 360, "height": 740})
    monitored = MonitoredPage(context.new_page(), site)
    yield monitored
    context.close()
    assert monitored.problems == []


def pages(three_days: ThreeDays) -> dict[str, str]:
    post = post_id(three_days.db, CRAMPS)
    ((change,),) = rows(three_days.db, "SELECT max(id) FROM changes WHERE post_id = ?", post)
    return {
        "front": "/",
        "store": "/-/store/1",
        "evidence": f"/-/evidence/{change}",
        "post": f"/-/post/{post}",
        "past revision": f"/-/post/{post}/2",
        "comparison": f"/-/post/{post}/compare/1/2",
        "side by side": f"/-/post/{post}/compare/1/2?view=side&whole=1",
        "changes": "/-/changes?kind=edited",
        "advice": "/-/advice",
        "audit": "/-/audit",
        "search": "/-/search?q=magnesium&ever=1",
        "phrase": "/-/phrase?q=night+cramps",
        "absence": "/-/absent?q=may+ease+night+cramps",
    }


def test_pages_are_accessible_and_fit_a_phone(phone: MonitoredPage, three_days: ThreeDays):
    found = {}
    for name, path in pages(three_days).items():
        page = phone.goto(path)
        for scheme in RULES:
            page.emulate_media(color_scheme=scheme)
            violations = serious(page, scheme)
            if page.evaluate(TOO_WIDE):
                violations.append("wider than the phone")
            if violations:
                found[name, scheme] = violations
    assert found == {}


def test_keys_move_between_comparisons(monitored: MonitoredPage, three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    page = monitored.goto(f"/-/post/{post}/compare/1/2")
    for key, ending in (
        ("j", "compare/2/1"),
        ("k", "compare/1/2"),
        ("v", "view=side"),
        ("w", "whole=1"),
        ("m", "form=markdown"),
    ):
        _press(page, key)
        assert ending in page.url, key
    assert page.locator("table.side-by-side ins").first.inner_text().strip()


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_keys_skip_to_the_text_and_focus_the_search(monitored: MonitoredPage):
    page = monitored.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


def test_a_citation_is_copied(browser: Browser, site: str, three_days: ThreeDays):
    context = new_context(browser, permissions=["clipboard-read", "clipboard-write"])
    monitored = MonitoredPage(context.new_page(), site)
    page = monitored.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}")
    page.get_by_role("button", name="Copy text").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied.startswith(
        "Priya Ravel, “Does magnesium help with night cramps?”, hollow-fern.example"
    )
    assert monitored.problems == []


def test_history_and_citation_stand_beside_the_text(
    browser: Browser, site: str, three_days: ThreeDays
):
    context = new_context(browser, viewport={"width": 1280, "height": 900})
    monitored = MonitoredPage(context.new_page(), site)
    page = monitored.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}")
    text = page.locator(".body").bounding_box()
    for name in ("Timeline", "Cite this text"):
        found = page.get_by_role("heading", name=name).bounding_box()
        assert found is not None
        assert text is not None
        assert found["x"] > text["x"] + text["width"], name
        assert found["y"] < 900, name
    related = page.get_by_role("heading", name="Links to this post")
    assert not related.is_visible()
    page.get_by_text("Related posts", exact=False).last.click()
    assert related.is_visible()
    context.close()
    assert monitored.problems == []


def test_unchanged_paragraphs_open_on_a_click(monitored: MonitoredPage, three_days: ThreeDays):
    page = monitored.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}/compare/2/1")
    hidden = page.get_by_text("150–200 mg elemental, with supper.")
    assert not hidden.is_visible()
    page.get_by_text("8 paragraphs unchanged").click()
    assert hidden.is_visible()


def test_exact_times_are_shown_on_hover(monitored: MonitoredPage, three_days: ThreeDays):
    page = monitored.goto(f"/-/post/{post_id(three_days.db, CRAMPS)}")
    time = page.locator(".byline time").first
    assert time.inner_text() == "6 August 2024"
    assert (time.get_attribute("title") or "").startswith("2024-08-06 ")


def test_pages_work_without_scripts(browser: Browser, site: str, three_days: ThreeDays):
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/-/post/{post_id(three_days.db, CRAMPS)}")
    assert page.get_by_role("link", name="compare 1 and 2").is_visible()
    context.close()
