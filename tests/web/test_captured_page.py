"""The page as it was: a hostile capture runs nothing, loads nothing and leads nowhere."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_writing
from scraper.exceptions import CaptureLost
from scraper.extraction_worker import too_slow
from scraper.history.crawl_health import CrawlEnd
from scraper.web import page_context
from scraper.web.captured_page import MAX_BYTES, STYLE, render_captured_page
from tests.archive.shop import Shop
from tests.conftest import ThreeDays, rows
from tests.each_row import each_row
from tests.factories import at, make_post, seen
from tests.test_extraction_worker import REPEATED
from tests.warm import Warm
from tests.web.conftest import MonitoredPage, new_context, post_id
from tests.web.serving import get, served
from tests.web.test_pages import CRAMPS
from tests.web.test_security import ask
from tests.web.vectors import BODIES, RUN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEADS = (
    '<meta http-equiv="refresh" content="0;url=https://evil.example/refresh">',
    '<base href="https://evil.example/" target="_top">',
    '<link rel="prefetch" href="https://evil.example/p"><link rel="preload" as="image" '
    'href="https://evil.example/i"><link rel="dns-prefetch" href="//evil.example">'
    '<link rel="preconnect" href="https://evil.example"><link rel="icon" href="//evil.example/f">',
    "<style>@import url(https://evil.example/s.css); body { background: url(//evil.example/b) }"
    "@font-face { font-family: x; src: url(https://evil.example/f.woff) } p { font-family: x }"
    "</style>",
    f"<script>{RUN}; top.location = 'https://evil.example/'</script>",
    '<meta http-equiv="Content-Security-Policy" content="default-src *">',
)
"""What only a whole page can hold."""


def fill(archive: Path, pages: Sequence[bytes]) -> None:
    """One post for each page, captured as it is."""
    shop = Shop(open_for_writing(archive))
    with capture_writer(archive.with_name("captures.db"), shop.db.conn) as keeper:
        writer = shop.begin(1, captures=keeper)
        for number, page in enumerate(pages):
            visit = seen(make_post(f"post-{number}", article_id=str(number + 1)), at(1, number + 1))
            capture = replace(
                visit.capture,
                body=page,
                body_bytes=len(page),
                body_hash=hashlib.sha256(page).hexdigest(),
                headers=(("Content-Type", "text/html; charset=utf-8"),),
            )
            writer.record_visit(replace(visit, capture=capture))
        writer.finish_crawl(CrawlEnd(finished=True), at=at(1, 59))
    shop.db.close()


def hostile_pages() -> list[bytes]:
    """Whole pages, each with a few vectors and all of `HEADS`."""
    chunks = [BODIES[i : i + 20] for i in range(0, len(BODIES), 20)]
    return [
        f"<html><head>{''.join(HEADS)}<title>x</title></head>"
        f"<body onload={RUN}><p>words {n}</p>{'<hr>'.join(chunk)}</body></html>".encode()
        for n, chunk in enumerate(chunks)
    ]


@each_row(
    ("page", "expected"),
    [
        ('<html><img src="https://x.example/k.jpg" alt="A <kettle>">', "image: A &lt;kettle&gt;"),
        ("<html><video src=x></video><p>tea", '<span class="box" title="x">video</span>'),
        (
            "<html><head><p></head><title>x</title><noscript><img src=y></noscript><p>tea",
            "<p></p><p>tea",
        ),
        ('<html><a href="https://x.example/">tea</a>', '<a title="https://x.example/">tea</a>'),
        ("<html><svg><script>x</script></svg><p>tea</p>", "<p>tea</p>"),
        ("<html><h1>Tea</h1><nav><p>pot</p></nav>", "<h1>Tea</h1><nav><p>pot</p></nav>"),
        ("<html><p class=x style='color:red' onclick=x>tea", "<p>tea</p>"),
        ('{"a": "<b>"}', "<pre>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</pre>"),
        ("<html><p>caf\xe9 \u202egnp.exe", "café \ufffdgnp.exe"),
    ],
)
def test_a_captured_page_is_rendered_safely(page: str, expected: str):
    content_type = "application/json" if page.startswith("{") else "text/html; charset=utf-8"
    html = render_captured_page(page.encode(), content_type)
    assert expected in html
    assert html.count("<style>") == 1
    assert STYLE in html


def test_a_page_too_large_to_show_says_so():
    with pytest.raises(CaptureLost, match="download it"):
        render_captured_page(b"<html>" + b"x" * MAX_BYTES, "text/html")


@pytest.mark.usefixtures("integration")
def test_a_page_over_a_limit_of_reading_is_not_parsed_again(tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, [b"<html><body>words 0</body></html>"])
    frame = "/-/capture/1/frame"
    assert "words 0" in ask(archive, frame).text
    with sqlite3.connect(archive) as connection:
        connection.execute("UPDATE captures SET verdict = 'rejected'")
    connection.close()
    refused = ask(archive, frame)
    assert (refused.status_code, "words 0" in refused.text) == (404, False)
    page = ask(archive, "/-/capture/1").text
    for text in (page, refused.text):
        assert "over a limit of reading" in text
        assert "download it" in text
    assert "<iframe" not in page
    assert "words 0" in ask(archive, "/-/capture/1/body").text


@pytest.mark.usefixtures("integration")
def test_a_page_that_lists_and_was_too_slow_is_not_parsed_again(tmp_path: Path):
    archive = tmp_path / "archive.db"
    fill(archive, [b"<html><body>words 0</body></html>"])
    for detail, is_shown in (("a page of another store", True), (too_slow(1.0, "parsing"), False)):
        with closing(sqlite3.connect(archive)) as connection, connection:
            connection.execute("UPDATE captures SET verdict = 'unreadable', detail = ?", [detail])
        assert ("words 0" in ask(archive, "/-/capture/1/frame").text) == is_shown


@pytest.mark.usefixtures("integration")
def test_a_page_that_takes_minutes_to_parse_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = tmp_path / "archive.db"
    attributes = " ".join(map("a%d".__mod__, range(350_000)))
    fill(archive, [f"<html><svg><script><p {attributes}".encode(), b"<html>words 1"])
    with monkeypatch.context() as patch:
        patch.setattr(page_context, "QUERY_TIMEOUT_MS", 250)
        refused = ask(archive, "/-/capture/1/frame")
    assert (refused.status_code, "download it" in refused.text) == (404, True)
    assert "words 1" in ask(archive, "/-/capture/2/frame").text


@pytest.mark.usefixtures("integration")
def test_a_page_that_takes_gigabytes_to_parse_is_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = tmp_path / "archive.db"
    fill(archive, [f"<html>{REPEATED}".encode()])
    monkeypatch.setattr(page_context, "QUERY_TIMEOUT_MS", 60_000)
    assert "too much memory to show, so download it" in ask(archive, "/-/capture/1/frame").text


def test_a_revision_leads_to_its_page_as_it_was(three_days: ThreeDays):
    post = ask(three_days.db, f"/-/post/{post_id(three_days.db, CRAMPS)}/2").text
    ((capture, body_hash),) = rows(
        three_days.db,
        "SELECT captures.id, body_hash FROM revisions JOIN captures "
        "ON captures.id = capture_id WHERE revisions.post_id = ? AND number = 2",
        post_id(three_days.db, CRAMPS),
    )
    assert f'href="/-/capture/{capture}">the page as it was' in post
    answer: httpx.Response = ask(three_days.db, f"/-/capture/{capture}")
    assert str(body_hash) in answer.text
    assert "frame-src 'self'" in answer.headers["content-security-policy"]
    frame = ask(three_days.db, f"/-/capture/{capture}/frame")
    assert "Magnesium may ease night cramps for some people." in frame.text
    policy = frame.headers["content-security-policy"]
    assert "sandbox;" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert ask(three_days.db, "/-/capture/9999").status_code == 404
    assert ask(three_days.db, "/-/capture/9999/frame").status_code == 404


def test_a_hostile_capture_does_nothing(browser: Browser, warm: Warm, tmp_path: Path):
    archive, pages = tmp_path / "archive.db", hostile_pages()
    fill(archive, pages)
    with served(archive, warm=warm) as home:
        context = new_context(browser)
        monitored = MonitoredPage(context.new_page(), home)
        for number in range(1, len(pages) + 1):
            page = monitored.goto(f"/-/capture/{number}")
            frame = page.frames[1]
            frame.wait_for_load_state("load")
            assert page.evaluate("window.pwned === undefined")
            assert page.url == f"{home}/-/capture/{number}"
            assert frame.url == f"{home}/-/capture/{number}/frame"
            # Read beside the browser: the sandbox refuses scripts of the test too.
            html = get(frame.url).text
            assert f"words {number - 1}" in html
            assert not re.search(r"<[^>]+\s(?:href|src|srcset|style|on\w+|action)\s*=", html)
            # Opened by itself, without the frame around it, the document is no less bound.
            monitored.goto(f"/-/capture/{number}/frame")
        # The frame's policy and sandbox hold without the sanitiser: a raw page under them.
        policy = get(f"{home}/-/capture/1/frame").headers["content-security-policy"]
        raw = context.new_page()
        asked: set[str] = set()
        raw.on("request", lambda request: asked.add(request.url))
        raw.on(
            "requestfailed",
            lambda request: asked.discard(request.url) if request.failure == "csp" else None,
        )
        raw.route(
            "https://raw.example/**",
            lambda route: route.fulfill(
                body=pages[0].decode().replace(HEADS[0], ""),
                headers={"content-type": "text/html", "content-security-policy": policy},
            ),
        )
        raw.goto("https://raw.example/")
        for _ in range(500):
            if asked <= {"https://raw.example/"}:
                break
            raw.wait_for_timeout(20)
        assert asked <= {"https://raw.example/"}, "asked for, and not blocked by the policy"
        context.close()
    assert monitored.problems == []


@pytest.mark.usefixtures("integration")
@each_row("tag", ["dialog", "fieldset", "form", "hgroup", "legend", "menu", "search"])
def test_blocks_side_by_side_on_a_captured_page_join_no_words(browser: Browser, tag: str):
    blocks = f"<{tag} id='x'>Tea</{tag}><{tag}>Jam</{tag}>"
    html = render_captured_page(f"<html><p>pot</p>{blocks}".encode(), "text/html")
    with new_context(browser) as context:
        page = context.new_page()
        page.set_content(html)
        assert page.inner_text("body").split() == ["pot", "Tea", "Jam"]
