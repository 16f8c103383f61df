"""Differences that nothing confirms yet: how they are shown, and what a re-extraction does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from scraper.web.server import make_datasette
from tests.archive.conftest import wrong_checks
from tests.conftest import ANEW, Command, rows
from tests.older_rules import write_by_older_rules
from tests.storefront import ROBOTS, post, serving, sitemap

PATH = "/blogs/news/one"
BEFORE = "Our tea may help you to sleep, some people in the village say so."
AFTER = "Our tea will help you to sleep, all people in the village say so."


@pytest.fixture
def waiting(crawl: Command, db_path: Path) -> Path:
    """An archive in which an edit waits that the store did not date."""
    pages = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(PATH), PATH: post(PATH, text=BEFORE)}
    with serving(pages) as store:
        crawl(store.url, db_path)
        store.pages[PATH] = post(PATH, text=AFTER)
        crawl(store.url, db_path, *ANEW)
    return db_path


def test_what_waits_is_counted_and_listed_on_request(blogkeep: Command, waiting: Path) -> None:
    told = blogkeep("changes", "--db", str(waiting)).stdout
    assert "no changes" in told
    assert "not confirmed, as no date of the store moved: 1 difference" in told
    listed = blogkeep("changes", "--pending", "--db", str(waiting)).stdout
    assert "seen 1 time since" in listed
    assert "[-may-] {+will+}" in listed
    (pending,) = json.loads(blogkeep("changes", "--json", "--db", str(waiting)).stdout)["pending"]
    assert (pending["old_revision"], pending["new_revision"], pending["sights"]) == (1, 2, 1)
    assert rows(waiting, "SELECT n_changed, n_pending FROM crawls WHERE id = 2") == [(0, 1)]


def test_better_rules_read_both_sides_of_what_waits(blogkeep: Command, waiting: Path) -> None:
    write_by_older_rules(waiting)
    assert blogkeep("reextract", "--db", str(waiting)).returncode == 0
    assert rows(
        waiting,
        """
        SELECT old_content.text, new_content.text, standing, sights FROM pending_changes
        JOIN revisions AS old ON old.id = from_revision_id
        JOIN contents AS old_content ON old_content.id = old.content_id
        JOIN revisions AS new ON new.id = to_revision_id
        JOIN contents AS new_content ON new_content.id = new.content_id
        """,
    ) == [(BEFORE, AFTER, "pending", 1)]
    assert rows(waiting, "SELECT DISTINCT origin FROM changes WHERE kind = 'edited'") == [
        ("technical",)
    ]
    assert wrong_checks(waiting) == {"seals cover the rows of their crawls"}  # by this test


def test_the_post_page_says_what_waits(waiting: Path) -> None:
    page = asyncio.run(make_datasette(waiting).client.get("/-/post/1")).text
    assert "Not confirmed: another text was seen once since" in page
    assert 'href="/-/post/1/compare/1/2"' in page
