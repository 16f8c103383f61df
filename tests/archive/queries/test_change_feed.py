"""The feed of changes: pages, groups and facets."""

from __future__ import annotations

from scraper.archive.queries import change_feed
from scraper.archive.queries.change_feed import ChangeFilter
from scraper.archive.queries.changes import (
    read_group,
)
from tests.archive.queries.sample import TREES
from tests.archive.shop import Shop
from tests.each_row import each_row


def read_all(shop: Shop, criteria: ChangeFilter, limit: int) -> list[int]:
    """The ids of a feed, read page by page."""
    found, cursor = [], ""
    while True:
        page = change_feed.read_feed(shop.db.conn, criteria, before=cursor, limit=limit)
        found += [change.id for change in page.changes]
        if not page.older:
            return found
        cursor = page.older


@each_row(
    "criteria",
    [
        ChangeFilter(),
        ChangeFilter(first=True),
        ChangeFilter(origin="all"),
        ChangeFilter(severity="major"),
        ChangeFilter(after=1, until=3),
        ChangeFilter(since="2026-03-03"),
    ],
    ids=str,
)
def test_the_pages_of_a_feed_hold_every_change_once(four_days: Shop, criteria: ChangeFilter):
    at_once = read_all(four_days, criteria, 1000)
    assert len(at_once) > 1
    assert len(set(at_once)) == len(at_once)
    for limit in (1, 2, 3):
        assert read_all(four_days, criteria, limit) == at_once


def test_a_group_is_one_entry_and_has_its_posts(four_days: Shop):
    groups = [
        change
        for change in change_feed.read_feed(four_days.db.conn, ChangeFilter(origin="all")).changes
        if change.group_id
    ]
    assert groups[1].subject == "tags: Rituals, Tea → new on 5 posts"
    assert [change.n_posts for change in groups] == [6, 5], (
        "on the third day alder's text moved as well"
    )
    group = read_group(four_days.db.conn, groups[0].group_id, limit=10)
    assert [post.title for post in group.posts] == sorted(name.title() for name in TREES[:-1])
    assert read_group(four_days.db.conn, groups[0].group_id, limit=2).n_posts == 6


@each_row(
    "criteria",
    [
        ChangeFilter(),
        ChangeFilter(first=True),
        ChangeFilter(kind="edited"),
        ChangeFilter(origin="all", severity="major"),
        ChangeFilter(after=2, until=4),
        ChangeFilter(since="2026-03-02", to="2026-03-03"),
        ChangeFilter(to="2026-03-01", first=True),
    ],
    ids=str,
)
def test_facets_count_what_the_database_counts(four_days: Shop, criteria: ChangeFilter):
    counted = change_feed.count_facets(change_feed.read_facet_counts(four_days.db.conn), criteria)
    kinds = dict(counted["kind"])
    sql = """
        SELECT changes.kind, count(*) FROM changes
        WHERE (:first OR NOT (changes.kind = 'created' AND not_before IS NULL))
            AND changes.crawl_id > :after
            AND (:until = 0 OR changes.crawl_id <= :until) AND :severity IN ('', changes.severity)
            AND :origin IN ('all', origin)
            AND not_after >= :since AND (:to = '' OR not_after < :to || 'T99')
        GROUP BY 1
    """
    named = {
        "first": criteria.first,
        "after": criteria.after,
        "until": criteria.until,
        "severity": criteria.severity,
        "origin": criteria.origin,
        "since": criteria.since,
        "to": criteria.to,
    }
    assert kinds == dict(four_days.db.conn.execute(sql, named).fetchall())
