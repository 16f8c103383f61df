"""Datasette's own pages in the look of ours: tables, rows and questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from scraper.web.page_context import CANNED_QUERIES
from tests.conftest import ThreeDays, rows
from tests.each_row import each_row
from tests.web.conftest import RULES, TOO_WIDE, MonitoredPage, new_context, post_id, serious
from tests.web.test_pages import CRAMPS, visible_text
from tests.web.test_security import ask

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TABLES = ("/archive", "/archive/posts", "/archive/contents", "/archive/changes/88")
QUESTIONS = ("/archive/silent-edits", "/archive/dead-links", "/archive/latest-changes")


@each_row("path", [*TABLES, *QUESTIONS, "/-/versions"])
def test_the_page_has_our_frame_and_a_way_back(three_days: ThreeDays, path: str):
    page = ask(three_days.db, path).text
    assert '<header class="top">' in page
    assert 'href="/-/changes"' in page
    assert "tables.css" in page
    assert "app.css" not in page


@each_row("name", CANNED_QUERIES)
def test_sql_of_questions_is_folded(three_days: ThreeDays, name: str):
    page = ask(three_days.db, f"/archive/{name}").text
    assert "Run SQL" in page
    assert 'id="sql-query"' not in page
    assert "_hide_sql=1" not in page


def test_titles_lead_to_posts_evidence_and_stores(three_days: ThreeDays):
    post = post_id(three_days.db, CRAMPS)
    ((change,),) = rows(three_days.db, "SELECT max(id) FROM changes WHERE post_id = ?", post)
    edits = ask(three_days.db, "/archive/silent-edits").text
    link = f'<a href="/-/post/{post}"><bdi>Does magnesium help with night cramps?</bdi></a>'
    assert link in edits
    assert f'<a href="/-/evidence/{change}"><bdi>evidence</bdi></a>' in edits
    health = ask(three_days.db, "/archive/store-health").text
    assert '<a href="/-/store/1"><bdi>hollow-fern.example</bdi></a>' in health
    table = ask(three_days.db, f"/archive/posts?id={post}").text
    assert link in table
    sql = f"select+'20240501'+as+title,+{post}+as+post_id,+'2024-05-01'+as+day"
    shown = ask(three_days.db, f"/archive?sql={sql}", follow_redirects=True).text
    assert f'<a href="/-/post/{post}"><bdi>20240501</bdi></a>' in shown
    assert "<time>2024-05-01</time>" in shown


def test_questions_show_the_sentence(three_days: ThreeDays):
    for name in ("silent-edits", "reverted-posts"):
        found = ask(three_days.db, f"/archive/{name}.json?_shape=array").json()
        assert any(
            "Magnesium [may ease → stops] night cramps for [some people. → good.]"
            in (row["sentence"] or "")
            for row in found
        ), name
    sql = "select+change_excerpt(1,+'x')+as+a,+change_excerpt('tea',+'pot')+as+b"
    answer = ask(three_days.db, f"/archive.json?sql={sql}&_shape=array", follow_redirects=True)
    assert answer.json() == [{"a": None, "b": "[tea → pot]"}]


def test_dead_links_are_counted_by_one_definition(three_days: ThreeDays):
    ((count,),) = rows(three_days.db, "SELECT count(*) FROM dead_links")
    question = ask(three_days.db, "/archive/dead-links.json?_shape=array").json()
    assert len(question) == count
    page = visible_text(ask(three_days.db, "/-/related").text)
    assert "dead links" not in page.replace("query Dead links", "")
    assert re.search(r"\d+ links? to no live post", page)


def test_tables_fit_the_window_and_are_accessible(browser: Browser, site: str):
    context = new_context(browser, viewport={"width": 390, "height": 800})
    monitored = MonitoredPage(context.new_page(), site)
    wide, found, backgrounds = [], {}, {}
    for path in (*TABLES, *QUESTIONS):
        page = monitored.goto(path)
        for scheme in RULES:
            page.emulate_media(color_scheme=scheme)
            if page.evaluate(TOO_WIDE):
                wide.append((path, scheme))
            if problems := serious(page, scheme):
                found[path, scheme] = problems
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            backgrounds.setdefault(scheme, set()).add(background)
    context.close()
    assert (wide, found) == ([], {})
    assert backgrounds == {"light": {"rgb(253, 252, 250)"}, "dark": {"rgb(25, 24, 22)"}}
    assert monitored.problems == []


def test_a_table_on_a_phone_is_no_taller_than_its_rows(open_page: Callable[..., Page]):
    """75 rows of 27 columns as blocks were 59,000 pixels tall."""
    page = open_page("/archive/posts", width=360)
    n_rows = page.locator(".rows-and-columns tbody tr").count()
    table = page.locator(".rows-and-columns").bounding_box()
    assert table is not None
    assert table["height"] < 60 * (n_rows + 1)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
