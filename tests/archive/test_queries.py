"""Queries of the web interface: the feed of changes, its facets, search, phrases, pages."""

from __future__ import annotations

import sqlite3

import pytest

from scraper.archive.queries import change_feed, front_page, post_page, search
from scraper.archive.queries.change_feed import ChangeFilter
from scraper.archive.queries.changes import read_group
from scraper.archive.queries.run_query import run_with_timeout
from scraper.archive.write.incidents import open_incident
from scraper.exceptions import NoAnswer, NoSuchPost, NoSuchRevision
from tests.archive.shop import Shop
from tests.factories import make_code, make_link, make_post

WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "juniper")


BARK = "bark cures colds.\nIt costs £5."


def post(name: str, text: str, **more: object):
    return make_post(name, article_id=str(100 + WORDS.index(name)), text=text, **more)


@pytest.fixture
def archived(shop: Shop) -> Shop:
    """Four days: an edit of its own, an identical change on all, a price, a removal, a return."""
    shop.crawl(1, *(post(name, f"{name} {BARK}") for name in WORDS))
    shop.crawl(
        2,
        post("alder", "alder bark may ease colds.\nIt costs £5."),
        *(post(name, f"{name} {BARK}") for name in WORDS[1:]),
    )
    shop.crawl(
        3,
        *(post(name, f"{name} {BARK}", tags=("new",)) for name in WORDS[:-1]),
        gone=[_url(WORDS[-1])],
    )
    shop.crawl(
        4,
        *(
            post(name, f"{name} bark cures colds.\nIt costs £6.", tags=("new",))
            for name in WORDS[:-1]
        ),
        gone=[_url(WORDS[-1])],
    )
    return shop


def _url(name: str) -> str:
    return make_post(name).url


def read_all(shop: Shop, criteria: ChangeFilter, limit: int) -> list[int]:
    """The ids of a feed, read page by page."""
    found, cursor = [], ""
    while True:
        page = change_feed.read_feed(shop.db.conn, criteria, before=cursor, limit=limit)
        found += [change.id for change in page.changes]
        if not page.older:
            return found
        cursor = page.older


@pytest.mark.parametrize(
    "criteria",
    [
        ChangeFilter(),
        ChangeFilter(first=True),
        ChangeFilter(origin="all"),
        ChangeFilter(severity="major"),
        ChangeFilter(after=1, until=3),
    ],
    ids=str,
)
def test_the_pages_of_a_feed_hold_every_change_once(archived: Shop, criteria: ChangeFilter):
    at_once = read_all(archived, criteria, 1000)
    assert len(at_once) > 1
    assert len(set(at_once)) == len(at_once)
    for limit in (1, 2, 3):
        assert read_all(archived, criteria, limit) == at_once


def test_a_group_is_one_entry_and_has_its_posts(archived: Shop):
    groups = [
        change
        for change in change_feed.read_feed(archived.db.conn, ChangeFilter(origin="all")).changes
        if change.group_id
    ]
    assert [change.n_posts for change in groups] == [6, 5], (
        "on the third day alder's text moved as well"
    )
    group = read_group(archived.db.conn, groups[0].group_id, limit=10)
    assert [title for _, title in group.posts] == sorted(name.title() for name in WORDS[:-1])
    assert read_group(archived.db.conn, groups[0].group_id, limit=2).n_posts == 6


@pytest.mark.parametrize(
    "criteria",
    [
        ChangeFilter(),
        ChangeFilter(first=True),
        ChangeFilter(kind="edited"),
        ChangeFilter(origin="all", severity="major"),
        ChangeFilter(after=2, until=4),
    ],
    ids=str,
)
def test_facets_count_what_the_database_counts(archived: Shop, criteria: ChangeFilter):
    counted = change_feed.count_facets(change_feed.read_facet_counts(archived.db.conn), criteria)
    kinds = dict(counted["kind"])
    sql = """
        SELECT changes.kind, count(*) FROM changes
        WHERE (:first OR NOT (changes.kind = 'created' AND not_before IS NULL))
            AND changes.crawl_id > :after
            AND (:until = 0 OR changes.crawl_id <= :until) AND :severity IN ('', changes.severity)
            AND :origin IN ('all', origin)
        GROUP BY 1
    """
    named = {
        "first": criteria.first,
        "after": criteria.after,
        "until": criteria.until,
        "severity": criteria.severity,
        "origin": criteria.origin,
    }
    assert kinds == dict(archived.db.conn.execute(sql, named).fetchall())


def test_search_finds_current_or_all_revisions(archived: Shop):
    current = search.search(archived.db.conn, '"may ease"', all_revisions=False)
    past = search.search(archived.db.conn, '"may ease"', all_revisions=True)
    assert (current.n_posts, past.n_posts) == (0, 1)
    assert (past.hits[0].number, past.hits[0].is_current) == (2, False)
    start, end = search.MARKS
    assert f"{start}may{end}" in past.hits[0].snippet.replace(
        f"{start}may ease{end}", f"{start}may{end}"
    )


def test_search_lists_each_post_once_on_one_page(archived: Shop):
    found = search.search(archived.db.conn, "bark", all_revisions=True, limit=100)
    assert len({hit.post_id for hit in found.hits}) == len(found.hits) == found.n_posts == 7
    pages = [
        search.search(archived.db.conn, "bark", all_revisions=True, offset=at, limit=3).hits
        for at in (0, 3, 6)
    ]
    assert [hit.post_id for page in pages for hit in page] == [hit.post_id for hit in found.hits]


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("night cramps", '"night" AND "cramps"'),
        ('"night cramps" tea', '"night cramps" AND "tea"'),
        ("AND OR NOT NEAR(", '"AND" AND "OR" AND "NOT" AND "NEAR("'),
        ('tea"', '"tea"'),
        ("*", ""),
        ("\0", ""),
        ("", ""),
    ],
)
def test_a_query_is_words_and_never_fts_syntax(shop: Shop, typed: str, expression: str):
    assert search.match_expression(typed) == expression
    assert search.search(shop.db.conn, typed, all_revisions=True).hits == ()


def test_a_phrase_includes_its_punctuation(archived: Shop):
    five, six = (search.find_phrase(archived.db.conn, f"costs £{price}.") for price in (5, 6))
    assert (five.n_posts, six.n_posts) == (7, 6)
    assert search.find_phrase(archived.db.conn, "costs $5.").n_posts == 0
    assert search.find_phrase(archived.db.conn, "COSTS   £5.").n_posts == 7


def test_a_phrase_has_periods_that_end_with_its_post(archived: Shop):
    (alder,) = search.find_phrase(archived.db.conn, "alder bark cures colds").posts
    assert [(period.numbers, bool(period.gone_not_after)) for period in alder.periods] == [
        ((1,), True),
        ((3, 4), False),
    ]
    (juniper,) = search.find_phrase(archived.db.conn, "juniper bark cures colds").posts
    assert juniper.periods[-1].ended_by == 0
    assert juniper.state == "removed"


def test_a_post_page_holds_its_history_and_what_leads_to_it(shop: Shop):
    links = (make_link("birch", anchor="birches"),)
    shop.crawl(
        1, post("alder", "Alder.", links=links, codes=(make_code(),)), post("birch", "Birch.")
    )
    shop.crawl(2, post("alder", "Alder!", links=links), post("birch", "Birch."))
    alder, birch = (post_page.read_post_page(shop.db.conn, number, limit=50) for number in (1, 2))
    assert [change.kind for change in alder.changes][-1] == "created"
    assert [observation.number for observation in alder.observations] == [2, 1]
    assert [(link.direction, link.title) for link in birch.links] == [("in", "Alder")]
    assert alder.link_targets == {_url("birch"): 2}
    assert [code.code for code in post_page.read_post_page(shop.db.conn, 1, 1, limit=50).codes] == [
        "CALM10"
    ]


def test_unknown_posts_and_revisions_raise(archived: Shop):
    with pytest.raises(NoSuchPost):
        post_page.read_post_page(archived.db.conn, 99, limit=5)
    with pytest.raises(NoSuchRevision):
        post_page.read_revision_pair(archived.db.conn, 1, 1, 99, limit=5)


def test_the_front_page_has_health_and_incidents(shop: Shop):
    shop.crawl(1, *(post(name, "Bark.") for name in WORDS))
    shop.crawl(2, listed=[], finished=False)
    open_incident(shop.db.conn, None, "disk_space", "80 MB are free", "2026-03-03T00:00:00Z")
    page = front_page.read_front_page(shop.db.conn, limit=5)
    assert (page.stores[0].n_live, page.stores[0].last_outcome) == (7, "outage")
    assert page.stores[0].last_good_at.startswith("2026-03-01")
    assert [(row.store, row.kind) for row in page.incidents] == [
        ("shop.example", "outage"),
        ("the archive", "disk_space"),
    ]


def test_a_slow_query_is_stopped(shop: Shop):
    def endless(connection: sqlite3.Connection) -> object:
        return connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        ).fetchone()

    with pytest.raises(NoAnswer):
        run_with_timeout(shop.db.conn, 50, endless)
    assert (
        run_with_timeout(
            shop.db.conn, 50, lambda connection: connection.execute("SELECT 1").fetchone()[0]
        )
        == 1
    )
