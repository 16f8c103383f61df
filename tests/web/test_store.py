"""The page of a store, and what the front page says of stores, incidents and new changes."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from scraper.archive.database import open_for_writing
from scraper.archive.write.incidents import set_incident
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.conftest import ThreeDays
from tests.each_row import each_row
from tests.factories import at, make_post
from tests.web.conftest import TOO_WIDE, MonitoredPage, new_context
from tests.web.test_pages import visible_text
from tests.web.test_security import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_store_has_its_health_blogs_and_posts(three_days: ThreeDays):
    answer = ask(three_days.db, "/-/store/1")
    page = visible_text(answer.text)
    assert "73 live posts, 1 missing, 1 removed" in page
    assert re.search(r"Last good crawl (just now|\d+ \w+ ago), \d+ \w+ 20\d\d, [\d:]+ UTC", page)
    assert "The Hollow Fern Journal 53 live posts" in page
    assert "Magnesium may ease stops night cramps" in page
    assert "75 posts, the last changed first" in page
    assert "not scheduled here" in page
    assert len(answer.content) < 100_000


@each_row(
    ("query", "expected", "n_rows"),
    [
        ("?state=removed", "1 post, the last", 1),
        ("?state=nonsense", "75 posts, the last", 50),
        ("?from=50", "75 posts, the last", 25),
        ("?from=5000", "No posts match", 0),
        ("?blog=2&state=live", "20 posts, the last", 20),
        ("?blog=99", "0 posts, the last", 0),
    ],
)
def test_posts_of_a_store_are_filtered(
    three_days: ThreeDays, query: str, expected: str, n_rows: int
):
    page = ask(three_days.db, f"/-/store/1{query}").text
    assert expected in visible_text(page)
    posts = page.partition('id="posts"')[2].partition('id="crawls"')[0]
    assert len(re.findall(r'<th scope="row"><a href="/-/post/\d+">', posts)) == n_rows


def test_crawls_to_choose_from_stand_under_their_stores(db_path: Path):
    db = open_for_writing(db_path)
    for origin in ("https://tea.example", "https://sporelifesciences.example"):
        Shop(db, origin=origin).crawl(1)
        Shop(db, origin=origin).crawl(2)
    db.close()
    page = ask(db_path, "/-/changes").text
    assert re.findall(r'<optgroup label="(.*)">', page) == [
        *("sporelifesciences.example", "tea.example") * 2
    ]
    names = re.findall(r'<option value="(\d)"(?: selected)?>(.*?)</option>', page)
    assert [name for _, name in names][:2] == ["2 Mar 2026, 06:00", "1 Mar 2026, 06:00"]
    assert len(re.findall("<option[^>]* selected", page)) == 2
    assert "No changes since the posts were first seen." in page
    assert "Last change none yet" in visible_text(ask(db_path, "/-/store/1").text)
    assert "No changes match these filters." in ask(db_path, "/-/changes?kind=edited").text


def test_an_unknown_store_is_a_404(three_days: ThreeDays):
    assert ask(three_days.db, "/-/store/9").status_code == 404


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('schedule = "0 5 * * *"', r"Next run (due now|\d+ \w+ \d+, [\d:]+ UTC)"),
        ('schedule = "0 5 * * *"\npaused = true', "Next run paused"),
        ('schedule = "nonsense"', "Next run not scheduled here"),
    ],
)
def test_the_next_run_is_that_of_the_stores_file(
    three_days: ThreeDays, tmp_path: Path, lines: str, expected: str
):
    stores = tmp_path / "stores.toml"
    stores.write_text(f'[stores.demo]\nurl = "demo"\n{lines}\n')

    async def answer() -> httpx.Response:
        datasette = make_datasette(three_days.db, stores_file=stores)
        return await datasette.client.get("/-/store/1")

    assert re.search(expected, visible_text(asyncio.run(answer()).text))


def test_an_incident_has_its_age_the_next_try_and_a_link(db_path: Path):
    shop = Shop(open_for_writing(db_path))
    shop.crawl(1, make_post())
    shop.db.execute("UPDATE crawls SET retry_at = '2026-03-02T06:00:00Z'")
    set_incident(shop.db.conn, 1, "blocked", "429 on 9 of 9 requests", at(1))
    shop.db.close()
    for path in ("/", "/-/store/1"):
        page = ask(db_path, path).text
        assert '<a href="/-/store/1">shop.example</a>: The store blocks the crawler' in page
        assert "not before 2 March 2026, 06:00:00 UTC" in page
        assert re.search(r"\(\d+ days ago\)", page)


def test_every_name_leads_somewhere_here(three_days: ThreeDays):
    front = ask(three_days.db, "/").text
    main = front.partition("<main")[2].partition("</main")[0]
    assert set(re.findall(r'href="(/-/store/1[^"]*)"', main)) == {
        "/-/store/1",
        "/-/store/1?state=live",
        "/-/store/1?state=missing",
        "/-/store/1?state=removed",
    }
    assert not re.findall(r'href="http', main)


def test_changes_since_the_last_visit_are_marked(browser: Browser, site: str):
    context = new_context(browser, viewport={"width": 390, "height": 800})
    monitored = MonitoredPage(context.new_page(), site)
    page = monitored.goto("/")
    assert page.locator(".new-mark").count() == 0
    newest = int(page.locator("[data-newest]").get_attribute("data-newest") or 0)
    page.evaluate(
        "([seen]) => { localStorage.setItem('blogkeep-newest', seen); sessionStorage.clear(); }",
        [newest - 2],
    )
    page = monitored.goto("/")
    page.get_by_text("2 changes since your last visit.").wait_for()
    # The list shows the latest by time, of which a removal may be an earlier one.
    shown = page.locator("li[data-change]").evaluate_all(
        "found => found.map(one => one.dataset.change)"
    )
    new = sum(int(change) > newest - 2 for change in shown)
    assert page.locator(".new-mark").count() == new > 0
    page = monitored.goto("/")
    page.get_by_text("2 changes since your last visit.").wait_for()
    assert page.evaluate("localStorage.getItem('blogkeep-newest')") == str(newest)
    assert not page.evaluate(TOO_WIDE)
    context.close()
    assert monitored.problems == []
