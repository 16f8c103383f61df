"""The demo store's three days behind `blogkeep serve`, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ThreeDays
from tests.warm import Warm
from tests.web.serving import served

# Half a second of every process that collects tests, so only the tests that open a page import it.
if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

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

TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
"""Whether a page is wider than its window."""


@pytest.fixture(scope="session")
def site(three_days: ThreeDays, warm: Warm) -> Iterator[str]:
    """The address of the web interface over three days of the demo store."""
    with served(three_days.db, warm=warm) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Playwright keeps an event loop in its thread while it runs, so that no
    other can: it ends with each module."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        assert "BLOGKEEP_NEEDS_CHROMIUM" not in os.environ, (
            "no Chromium is installed, and here it must be"
        )
        pytest.skip("no Chromium is installed: pages are not tested (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A window of its own, which has two minutes for whatever is asked of it: a busy machine takes
    its time."""
    context = browser.new_context(**options)
    context.set_default_timeout(120_000)
    return context


@dataclass
class MonitoredPage:
    """A page of the browser that records what must not happen: requests to other hosts, errors,
    dialogs, violations of the content policy."""

    page: Page
    home: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on(
            "request",
            lambda request: (
                self._record("asked", request.url) if not self._is_ours(request.url) else None
            ),
        )
        self.page.on(
            "console",
            lambda message: (
                self._record(message.type, message.text) if message.type == "error" else None
            ),
        )
        self.page.on("pageerror", lambda error: self._record("script", str(error)))
        self.page.on("dialog", self._dismiss)

    def goto(self, path: str) -> Page:
        """Go to a path of the web interface."""
        self.page.goto(self.home + path, wait_until="load")
        return self.page

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.home + "/", "data:,"))

    def _record(self, what: str, text: str) -> None:
        self.problems.append(f"{what}: {text}")

    def _dismiss(self, dialog: object) -> None:
        self._record("dialog", str(dialog))
        dialog.dismiss()  # type: ignore[attr-defined]


@pytest.fixture
def monitored(browser: Browser, site: str) -> Iterator[MonitoredPage]:
    """A desktop's page on the demo store's archive; its test fails if anything happened that must
    not."""
    context = new_context(browser, viewport={"width": 1200, "height": 900})
    monitored = MonitoredPage(context.new_page(), site)
    yield monitored
    context.close()
    assert monitored.problems == []


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the web interface, or of another address: ``open_page(path, dark=…, width=…,
    address=…)``.

    At the end nothing may have gone wrong in it: no error in its console, no breach of the content
    policy, nothing asked for elsewhere.
    """
    problems: list[str] = []
    pages: list[Page] = []

    def opened(
        path: str,
        *,
        dark: bool = False,
        width: int = 1200,
        address: str = site,
        scripts: bool = True,
    ) -> Page:
        context = new_context(
            browser,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        page = context.new_page()
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(address) else problems.append(request.url)
            ),
        )
        pages.append(page)
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.ok
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert problems == []


def drawn(page: Page, selector: str = "canvas") -> list[int]:
    """How many colours each canvas shows."""
    script = """canvases => canvases.map(canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
    })"""
    found: list[int] = page.eval_on_selector_all(selector, script)
    return found


RULES = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]},
}
"""What axe-core looks at. A dark page is a light one in other colours (`blogkeep.css`), and these
are its rules for colours."""


def serious(page: Page, scheme: str = "light") -> list[str]:
    """What axe-core finds that is serious or worse, in a light page or in the same when dark."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page, options=RULES[scheme]).response["violations"]
    return [
        f"{item['id']}: {item['nodes'][0]['html']}"
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def post_id(db: Path, label: str) -> int:
    """The number of a demo post."""
    from tests.conftest import rows  # noqa: PLC0415

    ((number,),) = rows(db, "SELECT id FROM posts WHERE label LIKE ?", f"%: {label}")
    assert isinstance(number, int)
    return number
