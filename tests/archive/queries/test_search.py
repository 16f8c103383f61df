"""Full-text search, and the history of a phrase."""

from __future__ import annotations

import pytest

from scraper.archive.queries import search
from scraper.exceptions import QueryTooLong
from tests.archive.shop import Shop
from tests.each_row import each_row


def test_search_finds_current_or_all_revisions(four_days: Shop):
    current = search.search(four_days.db.conn, '"may ease"', all_revisions=False)
    past = search.search(four_days.db.conn, '"may ease"', all_revisions=True)
    assert (current.n_posts, past.n_posts) == (0, 1)
    assert (past.hits[0].number, past.hits[0].is_current) == (2, False)
    start, end = search.MARKS
    assert f"{start}may{end}" in past.hits[0].snippet.replace(
        f"{start}may ease{end}", f"{start}may{end}"
    )


def test_search_lists_each_post_once_on_one_page(four_days: Shop):
    found = search.search(four_days.db.conn, "bark", all_revisions=True, limit=100)
    assert len({hit.post_id for hit in found.hits}) == len(found.hits) == found.n_posts == 7
    pages = [
        search.search(four_days.db.conn, "bark", all_revisions=True, offset=at, limit=3).hits
        for at in (0, 3, 6)
    ]
    assert [hit.post_id for page in pages for hit in page] == [hit.post_id for hit in found.hits]


@each_row(
    ("typed", "expression"),
    [
        ("night cramps", '"night" AND "cramps"'),
        ("tea Tea tea", '"tea"'),
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


@pytest.mark.parametrize("words", [" ".join(f"word{n}" for n in range(51)), "x" * 501])
def test_a_long_query_is_refused(shop: Shop, words: str):
    for query in (words, f'"{words}"'):
        with pytest.raises(QueryTooLong):
            search.search(shop.db.conn, query, all_revisions=True)
        with pytest.raises(QueryTooLong):
            search.find_phrase(shop.db.conn, query)


def test_a_phrase_is_compared_with_a_bounded_amount_of_text(
    four_days: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "MAX_COMPARED_CHARS", 100)
    found = search.find_phrase(four_days.db.conn, "costs £5.")
    assert found.is_cut
    assert found.n_posts < 7


def test_a_phrase_includes_its_punctuation(four_days: Shop):
    five, six = (search.find_phrase(four_days.db.conn, f"costs £{price}.") for price in (5, 6))
    assert (five.n_posts, six.n_posts) == (7, 6)
    assert search.find_phrase(four_days.db.conn, "costs $5.").n_posts == 0
    assert search.find_phrase(four_days.db.conn, "COSTS   £5.").n_posts == 7


def test_a_phrase_has_periods_that_end_with_its_post(four_days: Shop):
    (alder,) = search.find_phrase(four_days.db.conn, "alder bark cures colds").posts
    assert [(period.numbers, bool(period.removed_not_after)) for period in alder.periods] == [
        ((1,), True),
        ((3, 4), False),
    ]
    (juniper,) = search.find_phrase(four_days.db.conn, "juniper bark cures colds").posts
    assert juniper.periods[-1].ended_by == 0
    assert juniper.state == "removed"
