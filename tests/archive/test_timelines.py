"""Whole timelines, as a careful person would tell them: every change, every period, every address
of a post."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scraper.items import Post, Reread
from tests.archive.shop import Shop
from tests.factories import (
    TEXT,
    answered,
    at,
    make_link,
    make_post,
    page_readings,
    reading,
    redirected,
    seen,
    url_of,
)

A = make_post("tea", article_id="1")
B = make_post("tea", article_id="1", text=TEXT.replace("four", "five"))
OTHER = make_post("other", article_id="2", text="Cake is a matter of patience, butter and eggs.")


def at_handle(post: Post, handle: str, *, blog: str = "news") -> Post:
    return replace(post, url=url_of(handle, blog=blog), handle=handle, blog_handle=blog)


def titled(post: Post, title: str) -> Post:
    post = replace(post, title=title)
    return replace(post, readings=page_readings(post))


def day(moment: str | None) -> str:
    """Day and minute of March: ``2.01`` is the first visit of the second crawl; ``-`` where there
    is none."""
    return f"{int(moment[8:10])}.{moment[14:16]}" if moment else "-"


def changes(shop: Shop, post_id: int = 1) -> list[str]:
    """Kind, severity, origin, bracket, revisions, fields before and after, and whether it is a
    return."""
    told = []
    for row in shop.rows(
        """
        SELECT changes.id, kind, severity, changes.origin, not_before, not_after, old.number,
            new.number, is_revert
        FROM changes
        LEFT JOIN revisions AS old ON old.id = from_revision_id
        LEFT JOIN revisions AS new ON new.id = to_revision_id
        WHERE changes.post_id = ? ORDER BY changes.id
        """,
        post_id,
    ):
        change_id, kind, severity, origin, not_before, not_after, old, new, is_revert = row
        fields = shop.rows(
            "SELECT field, old_value, new_value FROM change_fields WHERE change_id = ? ORDER BY id",
            change_id,
        )
        words = [
            f"{kind} {severity} {origin}",
            f"{day(not_before)}..{day(not_after)}",
            f"v{old or '-'}>v{new or '-'}",
        ]
        words += [
            f"{field}: {before} > {after}".replace("https://shop.example/blogs", "")
            for field, before, after in fields
        ]
        told.append(", ".join([*words, *(["return"] if is_revert else [])]))
    return told


def observations(shop: Shop, post_id: int = 1) -> list[str]:
    rows = shop.rows(
        """
        SELECT number, verdict, observations.first_seen_at, observations.last_seen_at, count
        FROM observations LEFT JOIN revisions ON revisions.id = revision_id
        WHERE observations.post_id = ?
        ORDER BY observations.first_seen_at, observations.id
        """,
        post_id,
    )
    return [
        f"{f'v{number}' if number else verdict} {day(first)}..{day(last)} x{times}"
        for number, verdict, first, last, times in rows
    ]


def addresses(shop: Shop, post_id: int = 1) -> list[str]:
    rows = shop.rows(
        "SELECT url, kind, first_seen_at, last_seen_at FROM post_urls WHERE post_id = ? "
        "ORDER BY id",
        post_id,
    )
    return [
        f"{url.removeprefix('https://shop.example/blogs')} {kind} {day(first)}..{day(last)}"
        for url, kind, first, last in rows
    ]


def timeline(shop: Shop, post_id: int = 1) -> dict[str, Any]:
    (state,) = shop.rows("SELECT state FROM posts WHERE id = ?", post_id)
    return {
        "changes": changes(shop, post_id),
        "observations": observations(shop, post_id),
        "addresses": addresses(shop, post_id),
        "state": state,
    }


CREATED = "created minor observed, -..1.01, v->v1"
CREATED_SECOND = "created minor observed, -..1.02, v->v1"
FOUR_TO_FIVE = "text: four > five"
TEA = ["/news/tea canonical 1.01..3.01"]
MOVED = ["/news/tea former 1.01..1.01", "/news/warm-tea canonical 2.01..2.01"]
RENAMED = "renamed minor observed, 1.01..2.01, v1>v1, url: /news/tea > /news/warm-tea"
REMOVED = "removed major observed, 1.01..2.30, v1>v-"


def _remove(shop: Shop) -> None:
    """The first post is there on the first day and gone on the second and the third."""
    shop.crawl(1, A, OTHER)
    for number in (2, 3):
        shop.crawl(number, OTHER, gone=[A.url])


def test_an_edit_and_its_taking_back(shop: Shop):
    for number, post in enumerate((A, B, A), start=1):
        shop.crawl(number, post, OTHER)
    assert timeline(shop) == {
        "changes": [
            CREATED,
            f"edited minor observed, 1.01..2.01, v1>v2, {FOUR_TO_FIVE}",
            "edited minor observed, 2.01..3.01, v2>v1, text: five > four, return",
        ],
        "observations": ["v1 1.01..1.01 x1", "v2 2.01..2.01 x1", "v1 3.01..3.01 x1"],
        "addresses": TEA,
        "state": "live",
    }


@pytest.mark.parametrize("verdict", ["server_error", "not_found", "challenge"])
def test_trouble_between_two_sights_of_the_same(shop: Shop, verdict):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, OTHER, gone=[A.url], verdict=verdict, listed=[A.url, OTHER.url])
    shop.crawl(3, A, OTHER)
    assert timeline(shop) == {
        "changes": [CREATED],
        "observations": ["v1 1.01..1.01 x1", f"{verdict} 2.30..2.30 x1", "v1 3.01..3.01 x1"],
        "addresses": TEA,
        "state": "live",
    }


def test_an_edit_behind_trouble_has_a_wide_bracket(shop: Shop):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, answered(A.url, at(2, 1), "server_error"), OTHER, listed=[A.url, OTHER.url])
    shop.crawl(3, B, OTHER)
    assert changes(shop) == [CREATED, f"edited minor observed, 1.01..3.01, v1>v2, {FOUR_TO_FIVE}"]
    assert observations(shop) == [
        "v1 1.01..1.01 x1",
        "server_error 2.01..2.01 x1",
        "v2 3.01..3.01 x1",
    ]


def test_a_rename(shop: Shop):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, at_handle(A, "warm-tea"), OTHER)
    assert timeline(shop) == {
        "changes": [CREATED, RENAMED],
        "observations": ["v1 1.01..2.01 x2"],
        "addresses": MOVED,
        "state": "live",
    }


def test_a_rename_that_a_redirect_alone_shows(shop: Shop):
    nameless = replace(A, article_id="")
    shop.crawl(1, nameless, OTHER)
    moved = at_handle(nameless, "warm-tea")
    shop.crawl(
        2,
        redirected(A.url, moved.url, at(2, 1)),
        seen(moved, at(2, 1), asked=A.url),
        OTHER,
        listed=[moved.url, OTHER.url],
    )
    assert timeline(shop) == {
        "changes": [CREATED, RENAMED],
        "observations": ["v1 1.01..2.01 x2"],
        "addresses": MOVED,
        "state": "live",
    }


def test_a_rename_and_an_edit_in_one_crawl(shop: Shop):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, at_handle(B, "warm-tea"), OTHER)
    assert timeline(shop) == {
        "changes": [CREATED, RENAMED, f"edited minor observed, 1.01..2.01, v1>v2, {FOUR_TO_FIVE}"],
        "observations": ["v1 1.01..1.01 x1", "v2 2.01..2.01 x1"],
        "addresses": MOVED,
        "state": "live",
    }


def test_a_rename_and_back(shop: Shop):
    for number, post in enumerate((A, at_handle(A, "warm-tea"), A), start=1):
        shop.crawl(number, post, OTHER)
    assert timeline(shop) == {
        "changes": [
            CREATED,
            RENAMED,
            "renamed minor observed, 2.01..3.01, v1>v1, url: /news/warm-tea > /news/tea",
        ],
        "observations": ["v1 1.01..3.01 x3"],
        "addresses": ["/news/tea canonical 1.01..3.01", "/news/warm-tea former 2.01..2.01"],
        "state": "live",
    }


def test_a_post_moved_to_another_blog(shop: Shop):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, at_handle(A, "tea", blog="journal"), OTHER)
    assert timeline(shop) == {
        "changes": [
            CREATED,
            "renamed minor observed, 1.01..2.01, v1>v1, url: /news/tea > /journal/tea",
        ],
        "observations": ["v1 1.01..2.01 x2"],
        "addresses": ["/news/tea former 1.01..1.01", "/journal/tea canonical 2.01..2.01"],
        "state": "live",
    }
    assert shop.rows(
        "SELECT blogs.handle FROM posts JOIN blogs ON blogs.id = blog_id WHERE posts.id = 1"
    ) == ["journal"]


def test_a_removal(shop: Shop):
    _remove(shop)
    assert timeline(shop) == {
        "changes": [CREATED, REMOVED],
        "observations": ["v1 1.01..1.01 x1", "not_found 2.30..3.30 x2"],
        "addresses": ["/news/tea canonical 1.01..1.01"],
        "state": "removed",
    }


@pytest.mark.parametrize(
    ("back", "told", "version", "where"),
    [
        pytest.param(
            A,
            ["restored major observed, 3.30..5.01, v1>v1"],
            1,
            ["/news/tea canonical 1.01..5.01"],
            id="as it was",
        ),
        pytest.param(
            B,
            [
                "restored major observed, 3.30..5.01, v1>v2",
                f"edited minor observed, 1.01..5.01, v1>v2, {FOUR_TO_FIVE}",
            ],
            2,
            ["/news/tea canonical 1.01..5.01"],
            id="with other words",
        ),
        pytest.param(
            at_handle(A, "warm-tea"),
            [
                "restored major observed, 3.30..5.01, v1>v1",
                "renamed minor observed, 1.01..5.01, v1>v1, url: /news/tea > /news/warm-tea",
            ],
            1,
            ["/news/tea former 1.01..1.01", "/news/warm-tea canonical 5.01..5.01"],
            id="under a new handle",
        ),
        pytest.param(
            at_handle(B, "warm-tea"),
            [
                "restored major observed, 3.30..5.01, v1>v2",
                "renamed minor observed, 1.01..5.01, v1>v1, url: /news/tea > /news/warm-tea",
                f"edited minor observed, 1.01..5.01, v1>v2, {FOUR_TO_FIVE}",
            ],
            2,
            ["/news/tea former 1.01..1.01", "/news/warm-tea canonical 5.01..5.01"],
            id="under a new handle with other words",
        ),
    ],
)
def test_a_return(shop: Shop, back, told, version, where):
    _remove(shop)
    shop.crawl(5, back, OTHER)
    assert timeline(shop) == {
        "changes": [CREATED, REMOVED, *told],
        "observations": [
            "v1 1.01..1.01 x1",
            "not_found 2.30..3.30 x2",
            f"v{version} 5.01..5.01 x1",
        ],
        "addresses": where,
        "state": "live",
    }


def test_a_new_post_at_the_handle_of_a_removed_one(shop: Shop):
    _remove(shop)
    shop.crawl(5, make_post("tea", article_id="9", text="Quite another thing."), OTHER)
    assert timeline(shop)["changes"] == [CREATED, REMOVED]
    assert timeline(shop)["state"] == "removed"
    assert timeline(shop, 3) == {
        "changes": ["created minor observed, 3.00..5.01, v->v1"],
        "observations": ["v1 5.01..5.01 x1"],
        "addresses": ["/news/tea canonical 5.01..5.01"],
        "state": "live",
    }


def test_two_posts_that_swap_their_handles(shop: Shop):
    shop.crawl(1, A, OTHER)
    for number in (2, 3):
        shop.crawl(number, at_handle(A, "other"), at_handle(OTHER, "tea"))
    assert timeline(shop) == {
        "changes": [
            CREATED,
            "renamed minor observed, 1.01..2.01, v1>v1, url: /news/tea > /news/other",
        ],
        "observations": ["v1 1.01..3.01 x3"],
        "addresses": ["/news/tea former 1.01..1.01", "/news/other canonical 2.01..3.01"],
        "state": "live",
    }
    assert timeline(shop, 2) == {
        "changes": [
            CREATED_SECOND,
            "renamed minor observed, 1.02..2.02, v1>v1, url: /news/other > /news/tea",
        ],
        "observations": ["v1 1.02..3.02 x3"],
        "addresses": ["/news/other former 1.02..1.02", "/news/tea canonical 2.02..3.02"],
        "state": "live",
    }


def test_two_posts_without_ids_that_swap_their_handles_are_identified_by_their_addresses(
    shop: Shop,
):
    # Where no page shows an id the address is the post: what stands there now is other words, and
    # nobody can know whose.
    one, two = replace(A, article_id=""), replace(OTHER, article_id="")
    shop.crawl(1, one, two)
    shop.crawl(2, at_handle(one, "other"), at_handle(two, "tea"))
    assert [change.split(", text")[0] for change in changes(shop)] == [
        CREATED,
        "edited major observed, 1.01..2.02, v1>v2, title: Tea > Other",
    ]
    assert addresses(shop) == ["/news/tea canonical 1.01..2.02"]
    assert [change.split(", text")[0] for change in changes(shop, 2)] == [
        CREATED_SECOND,
        "edited major observed, 1.02..2.01, v1>v2, title: Other > Tea",
    ]


def test_two_posts_that_swap_their_titles(shop: Shop):
    shop.crawl(1, A, OTHER)
    shop.crawl(2, titled(A, "Other"), titled(OTHER, "Tea"))
    assert changes(shop) == [
        CREATED,
        "retitled major observed, 1.01..2.01, v1>v2, title: Tea > Other",
    ]
    assert changes(shop, 2) == [
        CREATED_SECOND,
        "retitled major observed, 1.02..2.02, v1>v2, title: Other > Tea",
    ]


@pytest.mark.parametrize("by", ["theme", "rules"])
def test_what_another_reading_changed_and_the_edit_after_it(shop: Shop, by):
    post, edited = (
        replace(page, template="b" if by == "theme" else "")
        for page in (B, make_post("tea", article_id="1", text=f"{TEXT} Sip."))
    )
    extractor = "rules 2" if by == "rules" else "rules 1"
    shop.crawl(1, A, OTHER)
    for number, page in enumerate((post, post, edited), start=2):
        lastmod = at(4) if page is edited else at(1)
        shop.crawl(number, page, OTHER, extractor=extractor, lastmod=lastmod)
    assert timeline(shop) == {
        "changes": [
            CREATED,
            f"edited minor technical, 1.01..2.01, v1>v2, {FOUR_TO_FIVE}",
            "edited minor observed, 3.01..4.01, v2>v3, text: five > four … Sip.",
        ],
        "observations": ["v1 1.01..1.01 x1", "v2 2.01..3.01 x2", "v3 4.01..4.01 x1"],
        "addresses": ["/news/tea canonical 1.01..4.01"],
        "state": "live",
    }
    assert shop.rows("SELECT cause FROM changes WHERE post_id = 1 ORDER BY id") == [
        "store",
        by,
        "store",
    ]


def test_an_old_post_published_as_new(shop: Shop):
    again = replace(A, published_at="2026-03-02T09:00:00Z")
    shop.crawl(1, A, OTHER)
    shop.crawl(2, replace(again, readings=page_readings(again)), OTHER)
    dates = "2026-02-01T09:00:00Z > 2026-03-02T09:00:00Z"
    assert changes(shop) == [
        CREATED,
        f"redated major observed, 1.01..2.01, v1>v2, published_at: {dates}, republished: {dates}",
    ]


def test_a_price_that_rose(shop: Shop):
    cheap, dear = (
        make_post("tea", article_id="1", text=f"{TEXT}\nThe pot is {price}.")
        for price in ("£64.00", "£69.00")
    )
    shop.crawl(1, cheap, OTHER)
    shop.crawl(2, dear, OTHER)
    assert changes(shop) == [
        CREATED,
        (
            "prices major observed, 1.01..2.01, v1>v2, text: £64.00. > £69.00., prices: £64.00 > "
            "£69.00"
        ),
    ]


def test_an_edit_behind_another_theme_is_reported_apart_from_it(shop: Shop):
    noisy = make_post("tea", article_id="1", text=f"{TEXT}\n12 people look at this.", template="a")
    edited = make_post("tea", article_id="1", text=f"{TEXT} Sip.", template="b")
    shop.crawl(1, noisy, OTHER)
    reread = Reread(post=replace(A, template="b"), capture_id=1)
    shop.crawl(2, replace(seen(edited, at(2, 1)), before=reread), OTHER)
    assert timeline(shop) == {
        "changes": [
            CREATED,
            "edited minor technical, 1.01..2.01, v1>v2, text: 12 people look at this. ¶ > ",
            "edited minor observed, 1.01..2.01, v2>v3, text:  > Sip.",
        ],
        "observations": ["v1 1.01..1.01 x1", "v3 2.01..2.01 x1"],
        "addresses": ["/news/tea canonical 1.01..2.01"],
        "state": "live",
    }


def test_a_difference_waits_on_at_what_other_rules_read_before_it(shop: Shop):
    noisy = make_post("tea", article_id="1", text=f"{TEXT}\n12 people look at this.", template="b")
    edited = make_post("tea", article_id="1", text=f"{TEXT} Sip.", template="b")
    shop.crawl(1, noisy, OTHER, lastmod=at(1))
    shop.crawl(2, edited, OTHER, lastmod=at(1))
    reread = Reread(post=replace(A, template="b"), capture_id=1)
    again = replace(seen(edited, at(3, 1)), before=reread, lastmod=at(1))
    shop.crawl(3, again, OTHER, lastmod=at(1))
    assert shop.rows(
        "SELECT old.number, new.number, sights, standing FROM pending_changes "
        "JOIN revisions AS old ON old.id = from_revision_id "
        "JOIN revisions AS new ON new.id = to_revision_id"
    ) == [(3, 2, 2, "pending")]


@pytest.mark.parametrize(("quiet", "severity"), [(1, "major"), (2, "minor")])
def test_a_figure_that_never_stood_still_makes_an_edit_no_graver(
    shop: Shop, quiet: int, severity: str
):
    """Today's rules read a line more on the page before, and another figure."""
    for number in range(quiet + 1):
        counted = make_post("tea", article_id="1", text=f"{TEXT}\n{12 + number} cups so far.")
        shop.crawl(1 + number, counted, OTHER, lastmod=at(1))
    page, edited = (
        make_post("tea", article_id="1", text=f"{text}\nMugs.\n{number} cups so far.", template="b")
        for text, number in ((TEXT, 99), (f"{TEXT} Sip.", 40))
    )
    reread = Reread(post=page, capture_id=1)
    shop.crawl(2 + quiet, replace(seen(edited, at(2 + quiet, 1)), before=reread), OTHER)
    assert [change.split(",")[0] for change in changes(shop)[1:]] == [
        "edited minor technical",
        f"edited {severity} observed",
    ]


def dated(post: Post, number: int, handle: str) -> Post:
    """The post with a link, and a page that says that it was modified on a day."""
    modified = reading("modified_at", "jsonld", at(number, 30))
    return replace(post, links=(make_link(handle),), readings=(*post.readings, modified))


def text_of(number: str) -> Post:
    return make_post("tea", article_id="1", text=TEXT.replace("four", number))


FOUR, FIVE = dated(text_of("four"), 1, "pots"), dated(text_of("five"), 4, "bowls")
CREATED_LATER = "created minor observed, -..2.01, v->v1"
EDITED = f"edited minor observed, 3.01..5.01, v1>v2, {FOUR_TO_FIVE}"
EARLIER: dict[str, tuple[Post, int, list[str], list[str]]] = {
    "before all, another version": (
        dated(text_of("six"), 1, "honey"),
        1,
        [],
        ["v3 1.01..1.01 x1", "v1 2.01..3.01 x2", "v2 5.01..7.01 x2"],
    ),
    "before all, the same": (FOUR, 1, [], ["v1 1.01..3.01 x3", "v2 5.01..7.01 x2"]),
    "between, as before": (FOUR, 4, [], ["v1 2.01..4.01 x3", "v2 5.01..7.01 x2"]),
    "between, as after": (FIVE, 4, [], ["v1 2.01..3.01 x2", "v2 4.01..7.01 x3"]),
    "between, another version": (
        dated(text_of("six"), 3, "honey"),
        4,
        [
            "edited minor imported, 3.01..4.01, v1>v3, text: four > six",
            "edited minor imported, 4.01..5.01, v3>v2, text: six > five",
        ],
        ["v1 2.01..3.01 x2", "v3 4.01..4.01 x1", "v2 5.01..7.01 x2"],
    ),
    "between, noise": (
        dated(text_of("six"), 4, "honey"),
        6,
        [],
        ["v1 2.01..3.01 x2", "v2 5.01..5.01 x1", "v3 6.01..6.01 x1", "v2 7.01..7.01 x1"],
    ),
    "edited and restored between two crawls": (
        dated(text_of("six"), 5, "honey"),
        6,
        [
            "edited minor imported, 5.01..6.01, v2>v3, text: five > six",
            "edited minor imported, 6.01..7.01, v3>v2, text: six > five, return",
        ],
        ["v1 2.01..3.01 x2", "v2 5.01..5.01 x1", "v3 6.01..6.01 x1", "v2 7.01..7.01 x1"],
    ),
}


@pytest.mark.parametrize(("page", "captured", "told", "seen_as"), EARLIER.values(), ids=EARLIER)
def test_a_page_of_an_earlier_time_enters_the_history_there(
    shop: Shop, page: Post, captured: int, told: list[str], seen_as: list[str]
):
    for number, post in ((2, FOUR), (3, FOUR), (5, FIVE), (7, FIVE)):
        shop.crawl(number, post, OTHER)
    for imported in (8, 9):  # the second time it is known
        shop.imported(imported, page, captured=captured)
        assert changes(shop) == [CREATED_LATER, EDITED, *told]
        assert observations(shop) == seen_as
    shop.crawl(10, FIVE, OTHER)
    assert changes(shop) == [CREATED_LATER, EDITED, *told]
    assert shop.rows(
        "SELECT number, posts.first_seen_at FROM posts "
        "JOIN revisions ON revisions.id = revision_id WHERE posts.id = 1"
    ) == [(2, at(min(captured, 2), 1))]


@pytest.mark.parametrize("captured", [3, 4])
def test_a_page_of_a_time_when_the_post_was_absent_is_a_copy(shop: Shop, captured: int):
    shop.crawl(1, FOUR, OTHER)
    for number in (2, 3):
        shop.crawl(number, OTHER, gone=[FOUR.url])
    shop.crawl(5, FOUR, OTHER)
    before = changes(shop), observations(shop)
    shop.imported(6, dated(text_of("six"), 2, "honey"), captured=captured)
    assert (changes(shop), observations(shop)) == before
    assert shop.rows("SELECT number FROM revisions WHERE post_id = 1") == [1, 2]
