"""Whose post a page is: by article id, by address, by redirect, by title while no address is
known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.crawl_evidence import ListedPost, Listing
from scraper.history.crawl_health import CrawlEnd
from tests.archive.shop import Shop, listing
from tests.factories import (
    ORIGIN,
    answered,
    at,
    make_link,
    make_post,
    page_readings,
    redirected,
    seen,
    url_of,
)

OLD, NEW = url_of("old"), url_of("new")


def _at(post, handle: str):
    return replace(post, url=url_of(handle), handle=handle)


def _redirected(post, day: int):
    """The two visits of a post that was asked for at its old address and answered from a new
    one."""
    return redirected(OLD, post.url, at(day, 1)), seen(post, at(day, 1), asked=OLD)


@pytest.mark.parametrize("article_id", ["11", ""], ids=["by id", "by redirect"])
def test_a_rename_is_the_same_post(shop: Shop, article_id):
    post = make_post("old", article_id=article_id)
    shop.crawl(1, post)
    visits = [_at(post, "new")] if article_id else _redirected(_at(post, "new"), 2)
    shop.crawl(2, *visits, listed=[NEW])
    assert shop.rows("SELECT url, handle, state, revision_count FROM posts") == [
        (NEW, "new", "live", 1)
    ]
    assert shop.rows(
        "SELECT kind, severity, not_before, not_after FROM changes WHERE kind != 'created'"
    ) == [("renamed", "minor", at(1, 1), at(2, 1))]
    assert shop.rows("SELECT field, old_value, new_value FROM change_fields") == [("url", OLD, NEW)]


def test_a_rename_keeps_both_addresses_with_their_periods(shop: Shop):
    post = make_post("old", article_id="11")
    shop.crawl(1, post)
    shop.crawl(2, _at(post, "new"))
    assert shop.rows("SELECT url, kind, first_seen_at, last_seen_at FROM post_urls") == [
        (OLD, "former", at(1, 1), at(1, 1)),
        (NEW, "canonical", at(2, 1), at(2, 1)),
    ]


def test_a_rename_back_is_recorded_again(shop: Shop):
    post = make_post("old", article_id="11")
    for day, handle in enumerate(("old", "new", "old"), start=1):
        shop.crawl(day, _at(post, handle))
    assert shop.changes() == [("old", "renamed"), ("old", "renamed")]
    assert shop.rows("SELECT url, kind FROM post_urls") == [(OLD, "canonical"), (NEW, "former")]


def test_a_rename_whose_old_address_still_redirects_removes_nothing(shop: Shop):
    post = make_post("old", article_id="11")
    shop.crawl(1, post)
    for day in (2, 3, 4):
        shop.crawl(day, _at(post, "new"), redirected(OLD, NEW, at(day, 2)))
    assert (shop.states(), shop.changes()) == ({"new": "live"}, [("new", "renamed")])


def test_a_rename_with_an_edit_is_two_changes(shop: Shop):
    shop.crawl(1, make_post("old", article_id="11"))
    shop.crawl(2, make_post("new", article_id="11", text="Another text.", title="Old"))
    assert shop.changes() == [("new", "renamed"), ("new", "edited")]


def test_two_posts_of_other_ids_are_two_posts_whatever_they_share(shop: Shop):
    shop.crawl(
        1,
        make_post("one", article_id="1", title="Tea"),
        make_post("two", article_id="2", title="Tea"),
    )
    assert shop.counts("posts") == (2,)


def test_a_page_without_an_id_is_known_by_its_address(shop: Shop):
    shop.crawl(1, make_post("old", article_id="11"))
    shop.crawl(2, make_post("old", article_id=""))
    assert (shop.counts("posts"), shop.changes()) == ((1,), [])


def test_an_id_shown_later_is_learned(shop: Shop):
    shop.crawl(1, make_post("old"))
    shop.crawl(2, make_post("old", article_id="11"))
    shop.crawl(3, _at(make_post("old", article_id="11"), "new"))
    assert (shop.rows("SELECT article_id, url FROM posts"), shop.changes()) == (
        [("11", NEW)],
        [("new", "renamed")],
    )


def test_a_post_known_by_its_title_learns_its_address(shop: Shop):
    shop.imported(1, make_post(url="", handle="", blog_handle="", title="Slow Tea"))
    shop.crawl(2, make_post("slow-tea", article_id="11"))
    assert shop.rows("SELECT url, handle, article_id FROM posts") == [
        (url_of("slow-tea"), "slow-tea", "11")
    ]
    assert shop.changes() == []
    assert shop.rows("SELECT blogs.handle FROM posts JOIN blogs ON blogs.id = blog_id") == ["news"]


def test_a_title_that_two_posts_bear_names_neither(shop: Shop):
    shop.crawl(
        1,
        make_post("one", article_id="1", title="Tea"),
        make_post("two", article_id="2", title="Tea"),
    )
    shop.imported(2, make_post(url="", handle="", title="Tea"))
    assert shop.counts("posts") == (3,)


def test_a_page_at_another_address_is_no_post_of_the_same_title(shop: Shop):
    shop.crawl(1, make_post("one", title="Tea"))
    shop.crawl(2, make_post("one", title="Tea"), make_post("two", title="Tea"))
    assert shop.counts("posts") == (2,)


def test_two_posts_that_swap_their_handles_are_two_renames(shop: Shop):
    one, two = (
        make_post("old", article_id="1", title="One"),
        make_post("new", article_id="2", title="Two", text="The second."),
    )
    shop.crawl(1, one, two)
    for day in (2, 3, 4):
        shop.crawl(day, _at(one, "new"), _at(two, "old"))
    assert shop.rows("SELECT article_id, handle, state, revision_count FROM posts") == [
        ("1", "new", "live", 1),
        ("2", "old", "live", 1),
    ]
    assert shop.changes() == [("new", "renamed"), ("old", "renamed")]


def test_a_swap_leaves_each_address_to_the_post_that_bears_it(shop: Shop):
    one, two = (
        make_post("old", article_id="1", title="One"),
        make_post("new", article_id="2", title="Two"),
    )
    shop.crawl(1, one, two)
    shop.crawl(2, _at(one, "new"), _at(two, "old"))
    shop.crawl(3, gone=[NEW], verdict="server_error", listed=[NEW, OLD])
    assert shop.rows(
        "SELECT article_id FROM posts JOIN observations ON observations.post_id = posts.id "
        "WHERE verdict = 'server_error'"
    ) == ["1"]


def test_a_new_article_at_a_handle_used_before_is_a_new_post(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1", title="First"))
    shop.crawl(2, make_post("old", article_id="2", title="Second", text="Another text."))
    assert shop.rows("SELECT article_id, label, revision_count FROM posts") == [
        ("1", "shop.example: news/old", 1),
        ("2", "shop.example: news/old (2)", 1),
    ]


def test_a_post_whose_handle_a_new_article_took_is_removed_on_the_second_healthy_crawl(shop: Shop):
    first, second = (
        make_post("old", article_id="1", title="First"),
        make_post("old", article_id="2", title="Second", text="Another text."),
    )
    shop.crawl(1, first)
    states = []
    for day in (2, 3):
        shop.crawl(day, second)
        states.append(shop.rows("SELECT state FROM posts ORDER BY id"))
    assert states == [["missing", "live"], ["removed", "live"]]
    assert shop.rows(
        "SELECT kind, not_before, date(not_after) FROM changes "
        "WHERE post_id = 1 AND kind = 'removed'"
    ) == [("removed", at(1, 1), "2026-03-02")]


def test_a_new_article_of_the_same_title_at_the_same_handle_is_a_new_post(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1"))
    shop.crawl(2, make_post("old", article_id="2"))
    assert shop.rows("SELECT article_id FROM posts") == ["1", "2"]


def test_a_deleted_post_that_redirects_to_another_is_removed(shop: Shop):
    kept, gone = make_post("new", article_id="2"), make_post("old", article_id="1")
    shop.crawl(1, kept, gone)
    states = []
    for day in (2, 3):
        shop.crawl(day, kept, *_redirected(kept, day), listed=[NEW])
        states.append(shop.states())
    assert states == [{"new": "live", "old": "missing"}, {"new": "live", "old": "removed"}]
    assert shop.changes() == [("old", "removed")]


def test_a_redirect_to_a_post_not_seen_before_is_no_rename_if_the_ids_differ(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1"))
    shop.crawl(2, *_redirected(make_post("new", article_id="2"), 2), listed=[NEW])
    assert shop.rows("SELECT article_id, handle FROM posts") == [("1", "old"), ("2", "new")]


@pytest.mark.parametrize("article_id", ["11", ""], ids=["by id", "by redirect"])
def test_a_rename_shown_by_the_redirect_alone_is_learned_from_the_page_that_it_leads_to(
    shop: Shop, article_id
):
    post = make_post("old", article_id=article_id)
    shop.crawl(1, post)
    shop.crawl(2, redirected(OLD, NEW, at(2, 1)), _at(post, "new"), listed=[NEW])
    assert shop.rows("SELECT handle, state FROM posts") == [("new", "live")]


def test_a_link_does_not_lead_to_a_deleted_post_that_redirects_to_its_target(shop: Shop):
    shop.crawl(1, make_post("old", article_id="1"))
    pointing = make_post("source", article_id="3", links=(make_link("new"),))
    shop.crawl(2, redirected(OLD, NEW, at(2, 1)), pointing, make_post("new", article_id="2"))
    assert shop.rows("SELECT handle FROM links JOIN posts ON posts.id = to_post_id") == ["new"]


def test_a_locale_copy_is_an_address_of_the_same_post(shop: Shop):
    copy = "https://shop.example/en-gb/blogs/news/old"
    writer = shop.begin(1)
    writer.record(
        Listing(
            source="sitemap",
            source_url="s",
            posts=(ListedPost(url=OLD), ListedPost(url=OLD, page_url=copy)),
        ),
        at(1),
    )
    writer.record_visit(seen(make_post("old"), at(1, 1)))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(1, 59))
    assert shop.rows("SELECT post_id, url, kind FROM post_urls") == [
        (1, OLD, "canonical"),
        (1, copy, "locale"),
    ]


def test_locale_copies_do_not_count_as_posts_listed(shop: Shop):
    writer = shop.begin(1)
    copies = tuple(
        ListedPost(url=OLD, page_url=f"https://shop.example/{locale}/blogs/news/old")
        for locale in ("fr", "en-gb")
    )
    writer.record(
        Listing(source="sitemap", source_url="s", posts=(ListedPost(url=OLD), *copies)), at(1)
    )
    writer.record_visit(seen(make_post("old"), at(1, 1)))
    writer.finish_crawl(CrawlEnd(finished=True, failed_sources=0), at=at(1, 59))
    assert shop.rows("SELECT n_listed FROM crawls") == [1]


def test_posts_of_two_stores_with_one_id_are_two_posts(shop: Shop):
    other = "https://other.example"
    shop.crawl(1, make_post("old", article_id="1"))
    Shop(shop.db, other).crawl(
        1, replace(make_post("old", article_id="1"), url=f"{other}/blogs/news/old")
    )
    assert shop.rows("SELECT label FROM posts ORDER BY id") == [
        "shop.example: news/old",
        "other.example: news/old",
    ]


def test_one_host_under_two_schemes_can_be_archived(shop: Shop):
    shop.crawl(1, make_post("old"))
    Shop(shop.db, "http://shop.example").crawl(
        2, replace(make_post("old"), url="http://shop.example/blogs/news/old")
    )
    assert shop.counts("stores", "posts") == (2, 2)


def test_known_posts_are_those_with_an_address_that_are_not_removed(shop: Shop):
    shop.imported(1, make_post(url="", handle="", title="Unknown"))
    shop.crawl(2, make_post("old", article_id="1"), make_post("new", article_id="2"))
    shop.crawl(3, make_post("new", article_id="2"), gone=[OLD])
    shop.crawl(4, make_post("new", article_id="2"), gone=[OLD])
    known = shop.begin(5).known_store().posts
    assert [(post.url, post.article_id, post.state) for post in known] == [(NEW, "2", "live")]


def test_a_missing_post_is_still_asked_for(shop: Shop):
    shop.crawl(1, make_post("old"), make_post("new"))
    shop.crawl(2, make_post("new"), gone=[OLD])
    assert [(post.url, post.state) for post in shop.begin(3).known_store().posts] == [
        (OLD, "missing"),
        (NEW, "live"),
    ]


def _led(handle: str, target: str, day: int):
    return redirected(url_of(handle), url_of(target), at(day, 2))


def test_posts_whose_addresses_lead_in_a_ring_are_trouble_and_not_gone(shop: Shop):
    kept, others = make_post("kept"), [make_post(handle) for handle in "abc"]
    shop.crawl(1, kept, *others)
    for day in (2, 3, 4):
        judged = shop.crawl(
            day,
            kept,
            _led("a", "b", day),
            _led("b", "c", day),
            _led("c", "a", day),
            listed=[kept.url],
        )
        assert (judged.outcome, judged.health, judged.reason) == (
            "incomplete",
            "degraded",
            "3 pages could not be fetched or read",
        )
    assert shop.rows("SELECT DISTINCT n_error FROM crawls WHERE id > 1") == [3]
    assert (set(shop.states().values()), shop.changes()) == ({"live"}, [])
    shop.crawl(5, kept, *others)
    assert shop.rows(
        "SELECT DISTINCT group_concat(verdict || count, ' ') FROM observations WHERE post_id != 1 "
        "GROUP BY post_id"
    ) == ["ok1 unreadable3 ok1"]
    assert shop.rows("SELECT kind, closed_at FROM incidents") == [("degraded", at(5, 59))]


def test_a_chain_that_ends_at_a_post_is_no_ring(shop: Shop):
    kept = make_post("kept", article_id="9")
    shop.crawl(1, kept, make_post("a", article_id="1"), make_post("b", article_id="2"))
    for day in (2, 3):
        shop.crawl(day, kept, _led("a", "b", day), _led("b", "kept", day), listed=[kept.url])
    assert (shop.states(), shop.changes()) == (
        {"kept": "live", "a": "removed", "b": "removed"},
        [("a", "removed"), ("b", "removed")],
    )


@pytest.mark.parametrize("ids", [True, False], ids=["with ids", "without ids"])
def test_a_new_page_to_which_many_posts_lead_is_none_of_them(shop: Shop, ids: bool):
    texts = {
        "a": "How a kettle is cleaned with vinegar.",
        "b": "Green leaves that grow in the fog.",
        "c": "Which cup holds a strong brew?",
    }
    posts = [
        make_post(handle, text=text, article_id=f"{number}" if ids else "")
        for number, (handle, text) in enumerate(texts.items(), 1)
    ]
    shop.crawl(1, *posts)
    magazine = make_post(
        "magazine", text="All of our stories are gathered here now.", article_id="9" if ids else ""
    )
    for day in (2, 3, 4):
        shop.crawl(
            day,
            *(_led(handle, "magazine", day) for handle in texts),
            seen(magazine, at(day, 3), asked=url_of("a") if day == 2 else magazine.url),
            listed=[magazine.url],
        )
    assert shop.states() == {"a": "removed", "b": "removed", "c": "removed", "magazine": "live"}
    assert shop.changes() == [("a", "removed"), ("b", "removed"), ("c", "removed")]
    assert shop.rows("SELECT max(revision_count) FROM posts") == [1]


def test_the_one_of_many_posts_whose_words_are_there_is_renamed(shop: Shop):
    posts = [
        make_post("a", text="How a kettle is cleaned with vinegar."),
        make_post("b", text="Green leaves that grow in the fog."),
    ]
    shop.crawl(1, *posts)
    moved = replace(_at(posts[0], "guide"), title="The guide")
    for day in (2, 3, 4):
        shop.crawl(
            day,
            _led("b", "guide", day),
            _led("a", "guide", day),
            seen(moved, at(day, 3), asked=url_of("a")),
            listed=[moved.url],
        )
    assert shop.states() == {"guide": "live", "b": "removed"}
    assert shop.changes()[0] == ("guide", "renamed")


def test_a_control_fetch_of_a_posts_address_does_not_show_that_it_left(shop: Shop):
    """Its page stands at another post's address as well; the one at its own is no visit."""
    tea, leaves = (
        make_post(handle, text=text, article_id=handle)
        for handle, text in (("tea", "Cleaned with vinegar."), ("leaves", "They grow in the fog."))
    )
    shop.crawl(1, tea, leaves)
    again = answered(tea.url, at(2, 1), "ok", resource_type="control")
    shop.crawl(2, again, seen(_at(tea, "leaves"), at(2, 2)), listed=[tea.url, leaves.url])
    assert shop.changes() == []
    assert shop.states() == {"tea": "live", "leaves": "live"}


OLD_TEXTS = {
    "a": "How a kettle is cleaned with vinegar.",
    "b": "Green leaves that grow in the fog.",
    "c": "Which cup is best?",
}
WRITTEN = [make_post(handle, text=text) for handle, text in OLD_TEXTS.items()]
NOTICES = [
    make_post(handle, title="Back soon", text="We are closed for maintenance today.")
    for handle in OLD_TEXTS
]


def test_a_notice_at_the_addresses_of_several_posts_is_none_of_them(shop: Shop):
    shop.crawl(1, *WRITTEN)
    judged = shop.crawl(2, *NOTICES[:2], WRITTEN[2])
    assert (judged.outcome, judged.health) == ("incomplete", "degraded")
    shop.crawl(3, *WRITTEN[:2], replace(WRITTEN[2], tags=("Cups",)))
    assert (shop.counts("revisions"), shop.changes()) == ((4,), [("c", "tags")])
    assert shop.rows(
        "SELECT verdict, n_error FROM observations, crawls WHERE post_id = 1 AND crawls.id = 2 "
        "ORDER BY observations.id"
    ) == [
        ("ok", 2),
        ("unreadable", 2),
        ("ok", 2),
    ]
    assert shop.rows("SELECT DISTINCT detail FROM captures WHERE verdict = 'unreadable'") == [
        "one page stands at the addresses of several posts"
    ]


def test_a_post_that_is_written_anew_is_edited(shop: Shop):
    shop.crawl(1, *WRITTEN)
    assert shop.crawl(2, NOTICES[0], *WRITTEN[1:]).health == "healthy"
    assert shop.changes() == [("a", "edited")]
    assert shop.rows("SELECT not_before, not_after FROM changes WHERE kind = 'edited'") == [
        (at(1, 1), at(2, 1))
    ]


def test_several_posts_that_are_written_anew_each_otherwise_are_edited(shop: Shop):
    shop.crawl(1, *WRITTEN)
    shop.crawl(
        2,
        *(
            make_post(handle, title=f"No {handle}", text=f"Something else, about {handle} alone.")
            for handle in OLD_TEXTS
        ),
    )
    assert shop.changes() == [(handle, "edited") for handle in OLD_TEXTS]


def test_what_an_operator_accepts_is_written(shop: Shop):
    shop.crawl(1, *WRITTEN)
    writer = shop.begin(2)
    writer.record(listing(*(post.url for post in NOTICES)), at(2))
    for notice in NOTICES:
        writer.record_visit(seen(notice, at(2, 1)))
    assert (
        writer.finish_crawl(CrawlEnd(finished=True, accepted=True), at=at(2, 59)).health
        == "healthy"
    )
    assert shop.changes() == [(handle, "edited") for handle in OLD_TEXTS]


def test_what_a_crawl_that_was_interrupted_held_back_is_asked_for_again(shop: Shop):
    shop.crawl(1, *WRITTEN)
    shop.crawl(2, NOTICES[0], finished=False)
    assert shop.changes() == []
    assert [post.last_verdict for post in shop.begin(3).known_store().posts] == [
        "unreadable",
        "ok",
        "ok",
    ]


def test_a_retitle_keeps_the_post(shop: Shop):
    renamed = replace(make_post("old"), title="Quick Tea")
    shop.crawl(1, make_post("old"))
    shop.crawl(2, replace(renamed, readings=page_readings(renamed)))
    assert (shop.changes(), shop.rows("SELECT title FROM posts")) == (
        [("old", "retitled")],
        ["Quick Tea"],
    )


ENGLISH = make_post("tea", article_id="11", language="en")
FRENCH = replace(
    ENGLISH, locale="fr", language="fr-CA", title="Le thé", text="Chauffez la théière."
)
FRENCH_URL = f"{ORIGIN}/fr/blogs/news/tea"


@pytest.mark.parametrize(
    "first", [ENGLISH, FRENCH], ids=["own language first", "translation first"]
)
def test_a_translation_is_a_post_of_its_own(shop: Shop, first):
    second = FRENCH if first is ENGLISH else ENGLISH
    for day in (1, 2):
        shop.crawl(day, first, second)
    assert sorted(shop.rows("SELECT url, locale, language, revision_count FROM posts")) == [
        (url_of("tea"), "", "en", 1),
        (FRENCH_URL, "fr", "fr-CA", 1),
    ]
    assert sorted(shop.rows("SELECT url, post_id FROM post_urls")) == sorted(
        shop.rows("SELECT url, id FROM posts")
    )
    assert shop.changes() == []


def test_a_markets_copy_in_the_same_language_is_the_same_post(shop: Shop):
    shop.crawl(1, ENGLISH, replace(ENGLISH, locale="en-gb", language="en-GB"))
    assert shop.rows("SELECT url, locale, revision_count FROM posts") == [(url_of("tea"), "", 1)]


def test_a_store_that_changes_its_language_keeps_its_posts(shop: Shop):
    shop.crawl(1, ENGLISH)
    shop.crawl(2, replace(ENGLISH, language="de"))
    assert shop.counts("posts") == (1,)
