"""Sights of a post: revisions only where something differs, observations as periods, changes with
their bracket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.archive.write.post.revisions import code_labels
from scraper.history.identity import REPLACED_SIGHTS
from scraper.history.timeline import CONFIRM_SIGHTS
from scraper.items import CodeMention, NonPostLink, Post
from tests.archive.shop import Shop
from tests.factories import TEXT, answered, at, make_code, make_post, page_readings, reading, url_of

A = make_post(article_id="11")
B = make_post(article_id="11", text=TEXT.replace("four minutes", "five minutes"))
URL = url_of("slow-tea")
HISTORY = (
    "revisions",
    "contents",
    "observations",
    "changes",
    "change_fields",
    "links",
    "post_urls",
)


def test_a_first_sight_makes_a_post(shop: Shop):
    shop.crawl(1, A)
    assert shop.rows(
        "SELECT label, title, author, authors, url, handle, article_id, state, revision_count, "
        "word_count, tags FROM posts"
    ) == [
        (
            "shop.example: news/slow-tea",
            "Slow Tea",
            "Mara Quill",
            '["Mara Quill"]',
            URL,
            "slow-tea",
            "11",
            "live",
            1,
            13,
            '["Rituals","Tea"]',
        )
    ]


def test_a_first_sight_makes_one_row_of_each_kind(shop: Shop):
    shop.crawl(1, A)
    assert (
        shop.counts(
            "posts", "revisions", "contents", "observations", "changes", "post_urls", "captures"
        )
        == (1,) * 7
    )


def test_a_first_sight_is_recorded_as_created(shop: Shop):
    shop.crawl(1, A)
    assert shop.rows("SELECT kind, severity, origin, not_before, not_after FROM changes") == [
        ("created", "minor", "observed", None, at(1, 1))
    ]


def test_a_post_created_later_is_not_older_than_the_last_good_crawl(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, A, failed_sources=1)
    shop.crawl(3, A, make_post("other"))
    assert shop.rows("SELECT not_before, not_after FROM changes ORDER BY id DESC LIMIT 1") == [
        (at(1), at(3, 2))
    ]


def test_the_same_again_adds_nothing_to_history(shop: Shop):
    shop.crawl(1, A)
    before = shop.counts(*HISTORY)
    shop.crawl(2, A)
    assert shop.counts(*HISTORY) == before


def test_the_same_again_moves_the_end_of_its_periods(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, A)
    assert shop.rows("SELECT first_seen_at, last_seen_at, count FROM observations") == [
        (at(1, 1), at(2, 1), 2)
    ]
    assert shop.rows("SELECT first_seen_at, last_seen_at FROM revisions") == [(at(1, 1), at(2, 1))]
    assert shop.rows("SELECT last_seen_at, last_changed_at FROM posts") == [(at(2, 1), at(1, 1))]


def test_every_answer_is_a_capture(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(
        2,
        A,
        answered(f"{URL}/nothing", at(2, 2), "not_found"),
        answered("https://shop.example/sitemap.xml", at(2), "ok", resource_type="sitemap"),
    )
    assert shop.rows("SELECT post_id, verdict, http_status FROM captures") == [
        (1, "ok", 200),
        (1, "ok", 200),
        (None, "not_found", 404),
        (None, "ok", 200),
    ]


def test_an_edit_is_a_revision_a_sighting_and_a_change(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, B)
    assert shop.rows("SELECT number, label FROM revisions") == [
        (1, "shop.example: news/slow-tea v1"),
        (2, "shop.example: news/slow-tea v2"),
    ]
    assert shop.rows(
        "SELECT revision_id, verdict, first_seen_at, last_seen_at FROM observations"
    ) == [
        (1, "ok", at(1, 1), at(1, 1)),
        (2, "ok", at(2, 1), at(2, 1)),
    ]
    assert shop.changes() == [("slow-tea", "edited")]


def test_an_edit_is_recorded_with_its_bracket_and_its_words(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, A)
    shop.crawl(4, B)
    columns = (
        "severity, origin, from_revision_id, to_revision_id, not_before, not_after, "
        "words_added, words_removed, is_revert"
    )
    assert shop.rows(f"SELECT {columns} FROM changes WHERE kind = 'edited'") == [
        ("minor", "observed", 1, 2, at(2, 1), at(4, 1), 1, 1, 0)
    ]
    assert shop.rows("SELECT field, old_value, new_value FROM change_fields") == [
        ("text", "four", "five")
    ]


def test_an_edit_is_what_stands_now(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(
        2, replace(B, title="Quick Tea", readings=page_readings(replace(B, title="Quick Tea")))
    )
    assert shop.rows("SELECT title, revision_id, revision_count, last_changed_at FROM posts") == [
        ("Quick Tea", 2, 2, at(2, 1))
    ]


def test_a_return_is_a_change_marked_as_one(shop: Shop):
    for day, post in enumerate((A, B, A), start=1):
        shop.crawl(day, post)
    assert shop.counts("revisions", "contents", "observations") == (2, 2, 3)
    assert shop.rows(
        "SELECT from_revision_id, to_revision_id, is_revert FROM changes WHERE kind = 'edited'"
    ) == [(1, 2, 0), (2, 1, 1)]
    assert shop.rows("SELECT revision_id, revision_count FROM posts") == [(1, 2)]


def test_a_value_goes_to_nothing_and_back(shop: Shop):
    silent = make_post(article_id="11", author="")
    for day, post in enumerate((A, silent, A), start=1):
        shop.crawl(day, post)
    assert shop.rows("SELECT old_value, new_value FROM change_fields") == [
        ("Mara Quill", ""),
        ("", "Mara Quill"),
    ]


@pytest.mark.parametrize(
    "verdict",
    ["server_error", "challenge", "truncated", "rate_limited", "password_page", "unreadable"],
)
def test_trouble_makes_no_change_and_shows_as_a_gap(shop: Shop, verdict):
    shop.crawl(1, A)
    shop.crawl(2, gone=[URL], verdict=verdict, listed=[URL])
    shop.crawl(3, A)
    assert shop.rows("SELECT revision_id, verdict FROM observations") == [
        (1, "ok"),
        (None, verdict),
        (1, "ok"),
    ]
    assert (shop.changes(), shop.counts("revisions"), shop.states()) == (
        [],
        (1,),
        {"slow-tea": "live"},
    )


def test_trouble_widens_the_bracket(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, gone=[URL], verdict="server_error", listed=[URL])
    shop.crawl(3, B)
    assert shop.rows("SELECT not_before, not_after FROM changes WHERE kind = 'edited'") == [
        (at(1, 1), at(3, 1))
    ]


def test_out_of_the_feed_and_back_is_no_change(shop: Shop):
    outside = replace(
        A,
        readings=(
            *page_readings(A)[:1],
            reading("author", "byline", "The Team"),
            reading("published_at", "time", "2026-02-01"),
        ),
    )
    inside = replace(
        A,
        readings=(
            reading("author", "feed", "Mara Quill"),
            reading("published_at", "feed", A.published_at),
            *outside.readings,
        ),
    )
    outside = replace(outside, author="The Team", published_at="2026-02-01")
    for day, post in enumerate((inside, outside, inside), start=1):
        shop.crawl(day, post)
    assert shop.changes() == []
    assert shop.rows("SELECT author, published_at FROM posts") == [("Mara Quill", A.published_at)]


def test_a_source_first_heard_on_a_later_sight_counts_from_then_on(shop: Shop):
    def fed(author: str):
        return replace(
            A, author=author, readings=(reading("author", "feed", author), *page_readings(A))
        )

    shop.crawl(1, A, failed_sources=1)
    shop.crawl(2, fed("Mara Quill"))
    shop.crawl(3, fed("Ines Vale"))
    assert shop.changes() == [("slow-tea", "author")]


def test_a_second_author_is_a_change_of_the_line_and_a_name_of_its_own(shop: Shop):
    for day, author in enumerate(("Mara Quill", "Mara Quill and Ole Berg"), start=1):
        readings = (reading("author", "feed", author), *page_readings(A))
        shop.crawl(day, replace(A, author=author, readings=readings))
    assert shop.changes() == [("slow-tea", "author")]
    named = shop.rows("SELECT author, authors FROM posts")
    assert named == [("Mara Quill and Ole Berg", '["Mara Quill","Ole Berg"]')]
    assert named == shop.rows("SELECT author, authors FROM revisions WHERE number = 2")


def test_two_posts_share_one_body(shop: Shop):
    shop.crawl(1, A, make_post("copy", article_id="12"))
    assert shop.counts("posts", "revisions", "contents") == (2, 2, 1)


def test_our_own_new_rules_make_a_technical_change(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, B, extractor="rules 2", lastmod="")
    assert shop.rows("SELECT kind, origin FROM changes WHERE kind != 'created'") == [
        ("edited", "technical")
    ]


def test_an_edit_seen_by_the_same_rules_twice_is_the_stores(shop: Shop):
    shop.crawl(1, A)
    shop.crawl(2, A, extractor="rules 2")
    shop.crawl(3, B, extractor="rules 2")
    assert shop.rows("SELECT kind, origin FROM changes WHERE kind != 'created'") == [
        ("edited", "observed")
    ]


def test_an_edit_after_a_return_across_rules_is_the_stores(shop: Shop):
    c = make_post(article_id="11", text="Another text.")
    for day, (post, rules) in enumerate(
        [(A, "rules 1"), (B, "rules 2"), (A, "rules 2"), (c, "rules 2")], start=1
    ):
        shop.crawl(day, post, extractor=rules)
    assert shop.rows(
        "SELECT origin FROM changes WHERE kind = 'edited' ORDER BY id DESC LIMIT 1"
    ) == ["observed"]


def test_codes_are_saved_with_their_revision(shop: Shop):
    shop.crawl(1, replace(A, codes=(make_code(),)))
    assert shop.rows("SELECT code, kind, value, label FROM discount_codes") == [
        ("CALM10", "percent", 10.0, "CALM10 (10 % off)")
    ]
    assert shop.rows(
        "SELECT code, revision_id, snippet FROM code_mentions "
        "JOIN discount_codes ON discount_codes.id = code_id"
    ) == [("CALM10", 1, "Take 10 percent off with CALM10.")]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        (make_code(value=12.5), "CALM10 (12.5 % off)"),
        (make_code(kind="amount", value=5.0, currency="GBP"), "CALM10 (5 GBP off)"),
        (make_code(kind="amount", value=1e6), "CALM10 (1e+06 off)"),
        (make_code(kind="free_shipping", value=0.0), "CALM10 (free shipping)"),
        (make_code(kind="unknown", value=0.0), "CALM10"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_label_of_a_code_is_the_same_in_the_table_and_in_a_snapshot(
    shop: Shop, code: CodeMention, label: str
):
    shop.crawl(1, replace(A, codes=(code,)))
    assert shop.rows("SELECT label FROM discount_codes") == [label]
    assert code_labels([code]) == (label,)


def test_a_code_that_two_posts_carry_is_one_code(shop: Shop):
    shop.crawl(1, replace(A, codes=(make_code(),)), make_post("other", codes=(make_code(),)))
    assert shop.counts("discount_codes", "code_mentions") == (1, 2)


def test_a_code_twice_in_a_post_is_mentioned_once(shop: Shop):
    shop.crawl(1, replace(A, codes=(make_code(), make_code(snippet="Again: CALM10."))))
    assert shop.counts("discount_codes", "code_mentions") == (1, 1)


def test_a_code_whose_value_moves_is_recorded(shop: Shop):
    text = TEXT + "\nTake {} percent off with CALM10."
    for day, value in enumerate((10.0, 15.0), start=1):
        shop.crawl(day, make_post(text=text.format(int(value)), codes=(make_code(value=value),)))
    assert shop.rows(
        "SELECT field, old_value, new_value FROM change_fields WHERE field = 'codes'"
    ) == [("codes", "CALM10 (10 % off)", "CALM10 (15 % off)")]
    assert shop.rows("SELECT code FROM current_codes") == ["CALM10"]


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param((make_code(value=15.0),), id="a round value"),
        pytest.param((make_code(kind="amount", value=12.99, currency="EUR"),), id="cents"),
        pytest.param((make_code("B"), make_code("A")), id="two codes"),
        pytest.param(
            (make_code(kind="amount", currency="USD"), make_code(kind="amount", currency="EUR")),
            id="one code in two currencies",
        ),
        pytest.param(
            (make_code(kind="amount", value=10),),
            id="a whole number",
        ),
    ],
)
def test_codes_that_stay_are_no_change(shop: Shop, codes):
    shop.crawl(1, replace(A, codes=codes))
    shop.crawl(2, replace(B, codes=codes))
    assert shop.rows("SELECT field FROM change_fields") == ["text"]


def test_a_date_that_only_the_feed_knew_outlives_an_edit_outside_the_feed(shop: Shop):
    undated, edited = (
        make_post(article_id="11", published_at=""),
        make_post(article_id="11", published_at="", text="Another text."),
    )
    date = "2026-02-01T09:00:00Z"
    shop.crawl(1, undated)
    shop.crawl(
        2,
        replace(
            undated,
            published_at=date,
            readings=(reading("published_at", "feed", date), *undated.readings),
        ),
    )
    learned = shop.rows("SELECT published_at FROM posts")
    shop.crawl(3, edited)
    assert (learned, shop.rows("SELECT published_at FROM posts")) == ([date], [date])


def _served(number: int, *, text: str = TEXT, target: str = "clay") -> Post:
    """A page as the shop's server writes it the `number`-th time."""
    link = f"https://www.friend.example/{target}?utm_source=s{number}"
    image = f"https://cdn.shopify.com/s/files/1/0077/0001/files/bowl_{number}00x.jpg?v={number}"
    anchor = "our\u200b friend" if number % 2 else "our friend"
    nonce = "\u200b" * number
    return make_post(
        article_id="11",
        text=text.replace("pot", f"pot{nonce}"),
        html=f'<p>{text}{nonce}</p><p><a href="{link}">{anchor}</a></p>'
        f'<p><img src="{image}" width="{number}00"></p>',
        image_url=image,
        readings=(*page_readings(A), reading("image_url", "opengraph", image)),
        non_post_links=(NonPostLink(url=link, kind="outside", anchor=anchor, position=0),),
    )


def test_what_a_page_writes_anew_at_each_fetch_is_no_history(shop: Shop):
    shop.crawl(1, _served(1))
    before = shop.counts(*HISTORY, "non_post_links")
    for day in (2, 3, 4):
        shop.crawl(day, _served(day))
    assert shop.counts(*HISTORY, "non_post_links") == before
    assert shop.rows("SELECT url, gone_at FROM non_post_links") == [
        ("https://www.friend.example/clay?utm_source=s1", None)
    ]


def test_an_edit_among_what_varies_is_reported_alone(shop: Shop):
    shop.crawl(1, _served(1))
    shop.crawl(2, _served(2, text=TEXT.replace("four minutes", "five minutes")))
    shop.crawl(3, _served(3, text=TEXT.replace("four minutes", "five minutes"), target="glaze"))
    assert shop.rows(
        "SELECT kind, field, old_value, new_value FROM changes "
        "JOIN change_fields ON change_id = changes.id ORDER BY changes.id"
    ) == [
        ("edited", "text", "four", "five"),
        (
            "relinked",
            "links",
            "https://www.friend.example/clay?utm_source=s2",
            "https://www.friend.example/glaze?utm_source=s3",
        ),
    ]


def test_another_text_in_the_place_of_a_post_waits_longer_than_an_edit(shop: Shop):
    """Without a date nobody can say whether it is a notice or what the author put there."""
    notice = make_post(article_id="11", text="We will be right back. Please come again soon.")
    sights = REPLACED_SIGHTS * CONFIRM_SIGHTS
    shop.crawl(1, A)
    for day in range(2, 2 + sights):
        assert shop.rows("SELECT kind FROM changes") == ["created"]
        shop.crawl(day, notice, lastmod="")
    bracket = "SELECT kind, not_before, not_after FROM changes WHERE kind != 'created'"
    assert shop.rows(bracket) == [("edited", at(1, 1), at(2, 1))]
