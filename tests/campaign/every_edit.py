"""A hundred edits of one word, digit, link target or table cell in every theme of the demo store:
all are reported by the next crawl where the store dates them, by the third where it never does."""

from __future__ import annotations

from pathlib import Path

from scraper.demo import THEMES
from tests.campaign.runs import Bench, crawl, verified
from tests.conftest import await_the_next_second
from tests.edited_store import crawl_edited, reported_edits

POSTS = 100
EXPECTED = [("edited", "observed", 1, 1, 75), ("relinked", "observed", 0, 0, 25)]


def run(bench: Bench) -> None:
    """Crawl a store in each theme, its edits dated and not."""
    for theme in THEMES:
        for is_dated in (True, False):
            name = f"{theme}, {'dated' if is_dated else 'never dated'}"
            db = bench.archive(name.replace(", ", "_").replace(" ", "_"))
            crawls = crawl_edited(_crawl, db, POSTS, theme=theme, is_dated=is_dated)
            found = reported_edits(db)
            bench.log.check(found == EXPECTED, f"{name}: after {crawls} crawls {found}")
            clean, said = verified(db)
            bench.log.check(clean, f"{name}: verify says {said[-300:]}")


def _crawl(url: str, db: Path, *more: str) -> None:
    await_the_next_second()
    code, said = crawl(url, db, *more)
    if code:
        raise RuntimeError(said)
