"""Plots: their numbers, and that browsers draw them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from scraper.archive.database import open_for_writing, prepare
from scraper.archive.queries import plots as queries
from scraper.archive.queries.plots import CodePeriod, MonthlyPosts, MonthlyWords
from scraper.archive.queries.stores import find_store_id
from scraper.exceptions import NoSuchStore
from scraper.web.drawings.plot_data import MAX_BARS, MAX_MONTHS, plot_codes, plot_posts, plot_words
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.each_row import each_row
from tests.factories import at, make_code, make_post, url_of
from tests.web.conftest import drawn, serious

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHORT, LONG = "One two three.", "One two three four five."


@pytest.fixture
def shop() -> Shop:
    db = Database(memory=True)
    prepare(db)
    return Shop(db)


def _words(shop: Shop) -> dict[str, int]:
    return {entry.month: entry.words for entry in queries.read_words_by_month(shop.db.conn, 0)}


def test_words_grow_with_posts_and_edits_and_shrink_with_removals(shop: Shop):
    old, short = (
        make_post("old", text=LONG, published_at="2019-05-04"),
        make_post("b", text=SHORT, published_at=""),
    )
    shop.crawl(1, old, short, make_post("c"))
    assert _words(shop) == {"2019-05": 5, "2026-02": 13, "2026-03": 3}
    shop.crawl(2, make_post("old", text=SHORT, published_at="2019-05-04"), short, make_post("c"))
    assert _words(shop)["2026-03"] == 3 - 2
    for day in (3, 4):
        shop.crawl(
            day, make_post("b", text=SHORT, published_at=""), make_post("c"), gone=[url_of("old")]
        )
    assert _words(shop)["2026-03"] == 3 - 2 - 3
    shop.crawl(5, make_post("old", text=LONG, published_at="2019-05-04"), short, make_post("c"))
    assert (
        sum(_words(shop).values())
        == 5 + 3 + 13
        == shop.rows("SELECT sum(word_count) FROM posts")[0]
    )


def test_a_code_has_the_period_in_which_posts_contained_it(shop: Shop):
    held, other = (
        make_post("a", text="STAYS and GOES.", codes=(make_code("STAYS"), make_code("GOES"))),
        make_post("b"),
    )
    shop.crawl(1, held, other)
    shop.crawl(2, held, other)
    shop.crawl(
        3,
        make_post("a", text="STAYS.", codes=(make_code("STAYS"),)),
        make_post("b", text="NEW.", codes=(make_code("NEW"),)),
    )
    found = [
        (period.code, period.first_seen_at, period.last_seen_at, period.n_live_posts)
        for period in queries.read_code_periods(shop.db.conn, 0, limit=9)
    ]
    assert found == [
        ("NEW", at(3, 2), at(3, 2), 1),
        ("GOES", at(1, 1), at(2, 1), 0),
        ("STAYS", at(1, 1), at(3, 1), 1),
    ]


def test_changes_are_counted_by_crawl_without_those_of_the_first(shop: Shop):
    shop.crawl(1, make_post("a"), make_post("b"))
    shop.crawl(2, make_post("a", title="Another"), make_post("b"), make_post("c"))
    crawls = queries.read_last_crawls(shop.db.conn, 0, limit=5)
    counted = [
        (count.crawl_id, count.kind, count.n_changes)
        for count in queries.count_changes_by_crawl(shop.db.conn, 0, since=crawls[0].id)
    ]
    assert [crawl.started_at for crawl in crawls] == [at(1), at(2)]
    assert counted == [(crawls[1].id, "created", 1), (crawls[1].id, "retitled", 1)]


def test_an_unknown_store_raises(shop: Shop):
    with pytest.raises(NoSuchStore):
        find_store_id(shop.db.conn, "nowhere.example")


@each_row(
    ("months", "rows"),
    [
        ([], 0),
        (["2026-03"], 1),
        (["2011-04", "2026-03"], 180),
        (["1969-12", "2026-03"], 1),
        (["2026-03", "2099-01"], 1),
        ([""], 0),
    ],
    ids=["none", "one", "fifteen years", "long ago", "to come", "undated"],
)
def test_every_month_has_a_row_and_the_others_a_note(months: list[str], rows: int):
    plot = plot_posts(
        [MonthlyPosts(month=month, live=2, gone=0) for month in months], "2026-03-09T06:00:00Z"
    )
    shown = sum(sum(row.values) for row in plot.rows)
    assert len(plot.rows) == rows <= MAX_MONTHS
    assert len(plot.notes) == (2 * len(months) - shown) / 2


def test_words_of_earlier_months_count():
    plot = plot_words(
        [MonthlyWords(month="1970-01", words=7), MonthlyWords(month="2026-01", words=5)],
        "2026-03-09T06:00:00Z",
    )
    assert [row.values for row in plot.rows] == [(12,), (12,), (12,)]


def test_many_codes_are_cut_with_a_note():
    period = CodePeriod(
        id=1,
        code="A",
        kind="percent",
        value=5.0,
        currency="",
        store="",
        first_seen_at=at(1),
        last_seen_at=at(2),
        n_posts=1,
        n_live_posts=1,
    )
    plot = plot_codes([period] * 300, n_codes=300, until=at(3))
    assert (plot.bars, len(plot.periods)) == (MAX_BARS, 300)
    assert plot.notes == (f"The plot shows {MAX_BARS} of 300 codes, the last added or removed.",)


def test_an_empty_archive_has_a_page(db_path: Path):
    open_for_writing(db_path).close()
    answer = asyncio.run(make_datasette(db_path).client.get("/-/plots"))
    assert answer.status_code == 200
    assert "<canvas" not in answer.text
    assert answer.text.count("nothing to plot") == 3


def test_cached_results_expire_when_the_archive_changes(db_path: Path):
    db = open_for_writing(db_path)
    Shop(db).crawl(1, make_post("a"))
    datasette = make_datasette(db_path)

    async def count() -> int:
        plots = (await datasette.client.get("/-/plots.json")).json()["plots"]
        return sum(sum(row["values"]) for row in plots[0]["rows"])

    assert asyncio.run(count()) == 1
    Shop(db).crawl(2, make_post("a"), make_post("b"))
    assert asyncio.run(count()) == 2


AXES = "[...charts.values()].map(chart => chart.scales.x.ticks.map(tick => tick.label).join())"


def test_every_plot_is_drawn_again_in_dark_mode(open_page: Callable[..., Page]):
    from playwright.sync_api import expect  # noqa: PLC0415

    page = open_page("/-/plots")
    colours = drawn(page)
    assert len(colours) == 4
    assert min(colours) > 10
    for labels in page.evaluate(AXES):
        assert re.search(r"\b\d{1,2} [A-Z][a-z]{2}\b|\b\d{4}\b", labels)
    light = page.eval_on_selector("canvas", "canvas => canvas.toDataURL()")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-drawn", "#191816")
    assert page.eval_on_selector("canvas", "canvas => canvas.toDataURL()") != light
    assert serious(page) == []


def test_plots_fit_a_phone_and_show_their_numbers(open_page: Callable[..., Page]):
    page = open_page("/-/plots?by=kind", dark=True, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("summary").first.click()
    assert page.locator("#posts-numbers tbody tr").first.is_visible()
