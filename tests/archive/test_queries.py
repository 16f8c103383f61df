"""What the reading room asks: streams that lose and double nothing, facets that add up, words that
are found, phrases that come back."""

from __future__ import annotations

import sqlite3

import pytest

from scraper.archive.queries import change_stream, front_page, post_page, search
from scraper.archive.queries.change_stream import Filter
from scraper.archive.queries.run_with_timeout import run_with_timeout
from scraper.archive.write.incidents import open_incident
from scraper.exceptions import NoAnswer, NoSuchPost, NoSuchRevision
from tests.archive.shop import Shop
from tests.factories import make_code, make_link, make_post

WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "juniper")


BARK = "bark cures colds.\nIt costs £5."


def post(name: str, text: str, **more: object):
    return make_post(name, article_id=str(100 + WORDS.index(name)), text=text, **more)


@pytest.fixture
def told(shop: Shop) -> Shop:
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


def whole(shop: Shop, wanted: Filter, limit: int) -> list[int]:
    """A stream page by page."""
    found, mark = [], ""
    while True:
        page = change_stream.read_stream(shop.db.conn, wanted, before=mark, limit=limit)
        found += [item.id for item in page.items]
        if not page.older:
            return found
        mark = page.older


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(first=True),
        Filter(origin="all"),
        Filter(severity="major"),
        Filter(after=1, until=3),
    ],
    ids=str,
)
def test_pages_of_a_stream_lose_and_double_nothing(told: Shop, wanted: Filter):
    at_once = whole(told, wanted, 1000)
    assert len(at_once) > 1
    assert len(set(at_once)) == len(at_once)
    for limit in (1, 2, 3):
        assert whole(told, wanted, limit) == at_once


def test_identical_changes_are_one_line_and_lead_to_their_posts(told: Shop):
    groups = [
        item
        for item in change_stream.read_stream(told.db.conn, Filter(origin="all")).items
        if item.group_id
    ]
    assert [item.n_posts for item in groups] == [6, 5], (
        "on the third day alder's text moved as well"
    )
    group = change_stream.read_group(told.db.conn, groups[0].group_id, limit=10)
    assert [title for _, title in group.posts] == sorted(name.title() for name in WORDS[:-1])
    assert change_stream.read_group(told.db.conn, groups[0].group_id, limit=2).n_posts == 6


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(first=True),
        Filter(kind="edited"),
        Filter(origin="all", severity="major"),
        Filter(after=2, until=4),
    ],
    ids=str,
)
def test_facets_count_what_the_database_counts(told: Shop, wanted: Filter):
    counted = change_stream.count_facets(change_stream.read_cells(told.db.conn), wanted)
    kinds = dict(counted["kind"])
    sql = """
        SELECT changes.kind, count(*) FROM changes
        LEFT JOIN change_groups ON change_groups.id = group_id
        WHERE (:first OR NOT (changes.kind = 'created' AND not_before IS NULL))
            AND changes.crawl_id > :after
            AND (:until = 0 OR changes.crawl_id <= :until) AND :severity IN ('', changes.severity)
            AND :origin IN ('all', coalesce(change_groups.origin, changes.origin))
        GROUP BY 1
    """
    named = {
        "first": wanted.first,
        "after": wanted.after,
        "until": wanted.until,
        "severity": wanted.severity,
        "origin": wanted.origin,
    }
    assert kinds == dict(told.db.conn.execute(sql, named).fetchall())


def test_search_knows_what_stands_from_what_stood(told: Shop):
    now = search.search(told.db.conn, '"may ease"', ever=False)
    ever = search.search(told.db.conn, '"may ease"', ever=True)
    assert (now.n_posts, ever.n_posts) == (0, 1)
    assert (ever.hits[0].number, ever.hits[0].is_current) == (2, False)
    start, end = search.MARKS
    assert f"{start}may{end}" in ever.hits[0].snippet.replace(
        f"{start}may ease{end}", f"{start}may{end}"
    )


def test_search_names_each_post_once_and_pages_lose_none(told: Shop):
    found = search.search(told.db.conn, "bark", ever=True, limit=100)
    assert len({hit.post_id for hit in found.hits}) == len(found.hits) == found.n_posts == 7
    pages = [
        search.search(told.db.conn, "bark", ever=True, offset=at, limit=3).hits for at in (0, 3, 6)
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
def test_what_people_type_is_words_and_never_syntax(shop: Shop, typed: str, expression: str):
    assert search.match_expression(typed) == expression
    assert search.search(shop.db.conn, typed, ever=True).hits == ()


def test_a_phrase_is_told_with_its_signs(told: Shop):
    five, six = (search.find_phrase(told.db.conn, f"costs £{price}.") for price in (5, 6))
    assert (five.n_posts, six.n_posts) == (7, 6)
    assert search.find_phrase(told.db.conn, "costs $5.").n_posts == 0
    assert search.find_phrase(told.db.conn, "COSTS   £5.").n_posts == 7


def test_a_phrase_that_came_back_has_two_periods_and_goes_with_its_post(told: Shop):
    (alder,) = search.find_phrase(told.db.conn, "alder bark cures colds").posts
    assert [(period.numbers, bool(period.gone_not_after)) for period in alder.periods] == [
        ((1,), True),
        ((3, 4), False),
    ]
    (juniper,) = search.find_phrase(told.db.conn, "juniper bark cures colds").posts
    assert juniper.periods[-1].ended_by == 0
    assert juniper.state == "removed"


def test_a_post_page_holds_its_history_and_what_leads_to_it(shop: Shop):
    links = (make_link("birch", anchor="birches"),)
    shop.crawl(
        1, post("alder", "Alder.", links=links, codes=(make_code(),)), post("birch", "Birch.")
    )
    shop.crawl(2, post("alder", "Alder!", links=links), post("birch", "Birch."))
    alder, birch = (post_page.read_page(shop.db.conn, number, limit=50) for number in (1, 2))
    assert [change.kind for change in alder.changes][-1] == "created"
    assert [sight.number for sight in alder.sights] == [2, 1]
    assert [(edge.direction, edge.title) for edge in birch.edges] == [("in", "Alder")]
    assert alder.kept == {_url("birch"): 2}
    assert [code.code for code in post_page.read_page(shop.db.conn, 1, 1, limit=50).codes] == [
        "CALM10"
    ]


def test_what_is_not_there_raises(told: Shop):
    with pytest.raises(NoSuchPost):
        post_page.read_page(told.db.conn, 99, limit=5)
    with pytest.raises(NoSuchRevision):
        post_page.read_sides(told.db.conn, 1, 1, 99, limit=5)


def test_the_front_page_tells_health_and_trouble(shop: Shop):
    shop.crawl(1, *(post(name, "Bark.") for name in WORDS))
    shop.crawl(2, listed=[], finished=False)
    open_incident(shop.db.conn, None, "disk_space", "80 MB are free", "2026-03-03T00:00:00Z")
    page = front_page.read_front(shop.db.conn, limit=5)
    assert (page.stores[0].n_live, page.stores[0].last_outcome) == (7, "outage")
    assert page.stores[0].last_good_at.startswith("2026-03-01")
    assert [(row.store, row.kind) for row in page.incidents] == [
        ("shop.example", "outage"),
        ("the archive", "disk_space"),
    ]


def test_a_question_that_takes_too_long_is_ended(shop: Shop):
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
