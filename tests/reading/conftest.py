"""The demo store's three days behind `scrapy serve`, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ThreeDays
from tests.reading.serving import served

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def room(three_days: ThreeDays) -> Iterator[str]:
    """The address of the reading room over three days of the demo store."""
    with served(three_days.db) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Playwright keeps an event loop in its thread while it runs, so that no other can: it ends with each module."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        assert "BLOGKEEP_NEEDS_CHROMIUM" not in os.environ, "no Chromium is installed, and here it must be"
        pytest.skip("no Chromium is installed: pages are not looked at (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Looker:
    """A page of the browser that notes all that must not happen: requests to elsewhere, errors, dialogs, what the policy refused."""

    page: Page
    home: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._note("asked", request.url) if not self._is_ours(request.url) else None)
        self.page.on("console", lambda message: self._note(message.type, message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note("script", str(error)))
        self.page.on("dialog", self._dismiss)

    def goto(self, path: str) -> Page:
        """Go to a path of the reading room."""
        self.page.goto(self.home + path, wait_until="load")
        return self.page

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.home + "/", "data:,"))

    def _note(self, what: str, text: str) -> None:
        self.troubles.append(f"{what}: {text}")

    def _dismiss(self, dialog: object) -> None:
        self._note("dialog", str(dialog))
        dialog.dismiss()  # type: ignore[attr-defined]


@pytest.fixture
def look(browser: Browser, room: str) -> Iterator[Looker]:
    """A desktop's page on the demo store's archive; its test fails if anything happened that must not."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    looker = Looker(context.new_page(), room)
    yield looker
    context.close()
    assert looker.troubles == []


def post_id(db: Path, label: str) -> int:
    """The number of a demo post."""
    from tests.conftest import rows  # noqa: PLC0415

    ((number,),) = rows(db, "SELECT id FROM posts WHERE label LIKE ?", f"%: {label}")
    assert isinstance(number, int)
    return number
