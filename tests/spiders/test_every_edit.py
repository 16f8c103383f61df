"""Nothing is missed: edits of one word, digit, link target or table cell in every theme, each of
which the store dates, or never does; and without a feed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scraper.demo import THEMES
from tests.conftest import ANEW, Command, rows
from tests.edited_store import crawl_edited, reported_edits
from tests.storefront import ROBOTS, Storefront, post, serving, sitemap

PATHS = [f"/blogs/news/number-{number}" for number in range(24)]
"""More than the 20 by which a crawl learns a template (LEARN_PAGES), and more than the 20 control
fetches that it makes for one reason (MAX_PER_REASON)."""

BODY = (
    "Of pots and leaves, the {word} lesson. Steep it for {digit} minutes.</p>"
    '<p>See <a href="/blogs/news/{target}">the other one</a>.</p>'
    "<table><tr><td>Leaves</td><td>{cell}</td></tr></table><p>Rest."
)
BEFORE = {"word": "first", "digit": "4", "target": "number-1", "cell": "two spoons"}
EDITS = (
    ({"word": "second"}, "edited"),
    ({"digit": "5"}, "edited"),
    ({"target": "number-2"}, "relinked"),
    ({"cell": "three spoons"}, "edited"),
)


@pytest.fixture
def edited(crawl: Command, db_path: Path) -> Callable[..., list[tuple[object, ...]]]:
    """Crawl a store, edit each of its posts in one of four ways, and crawl it so many times more;
    what was found."""

    def run(crawls: int, *, day: int) -> list[tuple[object, ...]]:
        pages = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*PATHS)}
        with serving(pages) as store:
            _serve(store, edited=False)
            crawl(store.url, db_path)
            _serve(store, edited=True)
            store.pages["/sitemap.xml"] = sitemap(*PATHS, day=day)
            for number in range(crawls):
                crawl(store.url, db_path, *(ANEW if number == 0 else ()))
        return rows(
            db_path,
            """
            SELECT kind, changes.origin, witness, count(*) FROM changes
            JOIN revisions AS old ON old.id = from_revision_id
            JOIN revisions AS new ON new.id = to_revision_id
            WHERE not_before = old.last_seen_at AND not_after = new.first_seen_at
            GROUP BY 1, 2, 3 ORDER BY 1
            """,
        )

    return run


def _serve(store: Storefront, *, edited: bool) -> None:
    for number, path in enumerate(PATHS):
        words = BEFORE | (EDITS[number % 4][0] if edited else {})
        text = BODY.format(**words)
        store.pages[path] = post(path, f"Number {number}", text, rid=5550001 + number)


@pytest.mark.parametrize("is_dated", [True, False], ids=["dated", "never dated"])
def test_every_edit_in_every_theme_is_reported_with_its_words_alone(crawl, db_path, is_dated):
    posts = 4 * len(THEMES)
    crawl_edited(crawl, db_path, posts, theme="mixed", is_dated=is_dated)
    assert reported_edits(db_path) == [
        ("edited", "observed", 1, 1, posts * 3 // 4),
        ("relinked", "observed", 0, 0, posts // 4),
    ]


def test_edits_that_the_store_never_dates_are_all_found_within_three_looks(edited) -> None:
    assert edited(3, day=1) == [
        ("edited", "observed", "sights", 18),
        ("relinked", "observed", "sights", 6),
    ]
