"""What `verify` finds where a history does not follow from what was seen."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from sqlite_utils import Database

from scraper.archive.verify import verify
from scraper.items import Post
from tests.archive.full_archive import BLOG, LABEL, TIMELINE, problems_of
from tests.archive.shop import Shop
from tests.factories import TEXT, at, make_link, make_post, reading

REPLAYED = {
    "a change is deleted": ("DELETE FROM changes WHERE id = 6", "p1", "not stored: revised v1"),
    "a rename is deleted": (
        "DELETE FROM changes WHERE kind = 'renamed' AND post_id = 4",
        "p4",
        "not stored: renamed v2 to v2",
    ),
    "a rename is made up": (
        "UPDATE changes SET kind = 'renamed' WHERE kind = 'edited' AND post_id = 3",
        "p3",
        "its renamed v1 to v2",
    ),
    "a bracket begins elsewhere": (
        "UPDATE changes SET not_before = '2026-03-01T06:00:30Z' WHERE id = 6",
        "p1",
        "its revised v1 to v2 between 2026-03-01T06:00:30Z",
    ),
    "a bracket ends elsewhere": (
        "UPDATE changes SET not_after = '2026-03-01T06:30:00Z' WHERE id = 6",
        "p1",
        "and 2026-03-01T06:30:00Z, by lastmod does not follow from its sights",
    ),
    "another witness": (
        "UPDATE changes SET witness = 'feed' WHERE id = 6",
        "p1",
        "by feed does not follow",
    ),
    "a return that is none": (
        "UPDATE changes SET is_revert = 1 WHERE id = 6",
        "p1",
        "its revised v1 to v2",
    ),
    "another cause": (
        "UPDATE changes SET cause = 'theme', origin = 'technical' WHERE id = 6",
        "p1",
        "is stored as confirmed, technical, theme",
    ),
    "another standing": (
        "UPDATE changes SET standing = 'pending' WHERE id = 6",
        "p1",
        "is stored as pending, observed, store",
    ),
    "a change made up": (
        "UPDATE changes SET kind = 'edited' WHERE kind = 'restored'",
        "p2",
        "its revised v1 to v1 between",
    ),
    "a removal is later": (
        "UPDATE changes SET not_after = '2026-03-03T06:30:00Z' WHERE kind = 'removed'",
        "p2",
        "its removed v1 between",
    ),
    "a creation is earlier": (
        "UPDATE changes SET not_after = '2026-02-01T06:01:00Z' WHERE id = 3",
        "p3",
        "its created v1 between",
    ),
    "a waiting difference is deleted": (
        "DELETE FROM pending_changes WHERE standing = 'pending'",
        "p2",
        "its pending difference 1",
    ),
    "a confirmed difference was seen less often": (
        "UPDATE pending_changes SET sights = 1 WHERE standing = 'confirmed'",
        "p1",
        "its pending difference 1",
    ),
    "a period is cut": (
        "UPDATE observations SET last_seen_at = '2026-03-02T06:01:30Z' WHERE revision_id = 6",
        "p1",
        "its observation of v2",
    ),
    "a period is deleted": (
        "DELETE FROM observations WHERE revision_id = 6",
        "p1",
        "is in no observation",
    ),
    "a post is missing": (
        "UPDATE posts SET state = 'missing' WHERE id = 3",
        "p3",
        "its state is missing",
    ),
    "a post was seen later": (
        "UPDATE posts SET last_seen_at = '2027' WHERE id = 3",
        "p3",
        "it was last seen at 2026-03-08",
    ),
    "a date is another": (
        "UPDATE captures SET lastmod = '' WHERE revision_id = 6 AND crawl_id = 2",
        "p1",
        "v1 to v2",
    ),
    "a page shows another revision": (
        "UPDATE captures SET revision_id = 1 WHERE revision_id = 6 AND crawl_id = 2",
        "p1",
        "v1",
    ),
}


@pytest.mark.parametrize(("statement", "post", "what"), REPLAYED.values(), ids=REPLAYED)
def test_a_timeline_that_its_sights_do_not_give_is_found(
    spoilt: Database, statement: str, post: str, what: str
):
    assert spoilt.execute(statement).rowcount > 0
    found = {p.row: p.what for p in problems_of(spoilt) if p.check == TIMELINE}
    assert list(found) == [f"shop.example: news/{post}"]
    assert what in found[f"shop.example: news/{post}"]


THEME = {
    "cut": "UPDATE links SET last_seen_at = '2026-03-01T06:01:00Z' WHERE id = 2",
    "ended early": "UPDATE links SET gone_at = '2026-03-03T06:01:00Z' WHERE id = 2",
    "begun late": "UPDATE links SET first_seen_at = '2026-03-01T06:02:00Z' WHERE id = 3",
    "gone before its end": (
        "UPDATE links SET last_seen_at = '2026-03-01T06:01:00Z', "
        "gone_at = '2026-03-03T06:01:00Z' WHERE id = 1"
    ),
    "not ended": "UPDATE links SET gone_at = NULL WHERE id = 1",
}


@pytest.mark.parametrize("statement", THEME.values(), ids=THEME)
def test_the_period_of_a_link_of_the_theme_is_that_of_its_sights(db: Database, statement: str):
    shop = Shop(db)
    for day, shown in ((1, "ab"), (2, "abc"), (3, "bc"), (4, "bc")):
        links = tuple(make_link(name, kind="related_widget") for name in shown)
        shop.crawl(day, make_post("p1", article_id="1", links=links))
    copy = Database(sqlite3.connect(":memory:", isolation_level=None))
    copy.conn.deserialize(db.conn.serialize())
    assert copy.execute(statement).rowcount == 1
    (found,) = [problem.what for problem in problems_of(copy) if problem.check == TIMELINE]
    assert found.startswith("its link related_widget https://shop.example/blogs/news/")


PAST = {
    "its end": ("UPDATE changes SET not_after = '2026-03-04T06:00:00Z' WHERE id = 3", "v1 to v3"),
    "deleted": ("DELETE FROM changes WHERE id = 4", "not stored: revised v3 to v2"),
    "its witness": ("UPDATE changes SET witness = 'none' WHERE id = 4", "does not follow"),
}


@pytest.mark.parametrize(("statement", "what"), PAST.values(), ids=PAST)
def test_a_change_of_an_earlier_time_is_replayed_too(db: Database, statement: str, what: str):
    shop = Shop(db)

    def dated(word: str, day: int) -> Post:
        post = make_post("p1", article_id="1", text=TEXT.replace("four", word))
        modified = reading("modified_at", "jsonld", at(day, 30))
        return replace(post, readings=(*post.readings, modified))

    for day, post in ((1, dated("four", 1)), (5, dated("five", 4))):
        shop.crawl(day, post)
    shop.imported(8, dated("six", 2), captured=3)
    copy = Database(sqlite3.connect(":memory:", isolation_level=None))
    copy.conn.deserialize(db.conn.serialize())
    assert copy.execute(statement).rowcount == 1
    found = [problem.what for problem in problems_of(copy) if problem.check == TIMELINE]
    assert len(found) == 1
    assert what in found[0]


def test_the_numbers_of_two_revisions_are_swapped(spoilt: Database):
    for old, new in ((1, 99), (2, 1), (99, 2)):
        spoilt.execute(
            "UPDATE revisions SET number = ?, label = ? WHERE post_id = 1 AND number = ?",
            [new, f"{LABEL} v{new}", old],
        )
    found = {problem.check for problem in problems_of(spoilt)}
    assert {"revisions are numbered as they were found", TIMELINE} <= found


def test_what_other_rules_of_history_wrote_is_counted_and_not_replayed(spoilt: Database):
    spoilt.execute("UPDATE crawls SET timeline_version = 0 WHERE id = 1")
    spoilt.execute("DELETE FROM changes WHERE id = 6")
    (result,) = [result for result in verify(spoilt) if result.name == TIMELINE]
    assert (result.skipped, result.rows_checked, result.problems) == (len(BLOG), 0, ())
