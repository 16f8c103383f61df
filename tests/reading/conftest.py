"""The reading room as people have it: the demo store after three days, served by the real command, in the system's own Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT, ThreeDays

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextmanager
def serving(db: Path) -> Iterator[str]:
    """The address under which `scrapy serve` shows an archive."""
    command = [sys.executable, "-m", "scrapy", "serve", "--db", str(db), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        try:
            words = (word for line in server.stdout for word in line.split())
            yield next(word for word in words if word.startswith("http://127.0.0.1:")).rstrip("/")
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="session")
def room(three_days: ThreeDays) -> Iterator[str]:
    """The address of the demo store's archive."""
    with serving(three_days.db) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Of a module, not of the session: while Playwright runs, no other test of the process could run an event loop of its own.
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, room: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the room, or of another address: ``open_page(path, dark=…, width=…, address=…)``.

    At the end nothing may have gone wrong in it: no error in its console, no breach of the content policy, nothing asked for elsewhere.
    """
    trouble: list[str] = []
    pages: list[Page] = []

    def opened(path: str, *, dark: bool = False, width: int = 1200, address: str = room, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", java_script_enabled=scripts
        )
        page = context.new_page()
        page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(address) else trouble.append(request.url))
        pages.append(page)
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.ok
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert trouble == []


def drawn(page: Page, selector: str = "canvas") -> list[int]:
    """How many colours each canvas shows."""
    script = """canvases => canvases.map(canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
    })"""
    found: list[int] = page.eval_on_selector_all(selector, script)
    return found


def serious(page: Page) -> list[str]:
    """What axe-core finds that is serious or worse."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html']}" for item in found if item["impact"] in ("serious", "critical")]
