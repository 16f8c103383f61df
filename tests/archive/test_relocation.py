"""A store that answers at another address: one row, the posts it had, every address kept; and
whoever only says so is another store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from scraper.archive.locks import lock_store
from scraper.archive.queries.posts import find_post
from scraper.archive.queries.status import read_status
from scraper.archive.queries.stores import find_store, read_move, read_template, store_addresses
from scraper.archive.store_history import read_store_history, store_at
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import DiscoverySummary, ListedPost, Listing, StoreSeen
from scraper.exceptions import AlreadyCrawling
from scraper.history.crawl_health import CrawlEnd
from scraper.items import Post
from tests.archive.shop import RULES, Shop
from tests.archive.test_session import _session
from tests.factories import ORIGIN, answered, at, make_link, make_post, reading, seen, url_of

NEW = "https://new.example"
STORE = StoreSeen(
    origin=ORIGIN, shop_id="77777777", myshopify_domain="shop.myshopify.com", platform="shopify"
)
MOVED = replace(STORE, origin=NEW, led_from=(ORIGIN,))
HANDLES = ("tea", "pots", "cups")


def page(
    handle: str,
    origin: str = ORIGIN,
    *,
    words: str = "Warm the pot first.",
    target: str = "",
    **more,
) -> Post:
    """A post whose body, image and links bear the address at which it was served; `target` is a
    link as it was typed."""
    link = target or f"{origin}/blogs/news/pots"
    image = f"{origin}/cdn/{handle}.jpg"
    title = handle.title()
    html = f'<p>{words} <a href="{link}">pots</a> <img src="{image}"></p>'
    return make_post(
        handle,
        url=f"{origin}/blogs/news/{handle}",
        article_id=f"1000{len(handle)}{ord(handle[0])}",
        html=html,
        markdown=f"{words} [pots]({link}) ![]({image})",
        text=f"{words} pots",
        title=title,
        image_url=image,
        readings=(reading("title", "heading", title), reading("image_url", "opengraph", image)),
        author="",
        published_at="",
        links=(make_link(link, anchor="pots"),) if handle != "pots" else (),
        **more,
    )


def names(
    origin: str, handles: Iterable[str] = HANDLES, lastmod: str = "2026-02-01T00:00:00Z"
) -> Listing:
    posts = tuple(
        ListedPost(url=f"{origin}/blogs/news/{handle}", lastmod=lastmod) for handle in handles
    )
    return Listing(source="sitemap", source_url=f"{origin}/sitemap", posts=posts)


def crawl(
    shop: Shop,
    day: int,
    store: StoreSeen,
    *found: Post,
    handles: Iterable[str] = HANDLES,
    lastmod: str = "2026-02-01T00:00:00Z",
) -> Writer:
    """A whole crawl of a store as its session has it written."""
    listed = names(store.origin, handles)
    writer = Writer(
        shop.db,
        store,
        kind="crawl",
        origin="observed",
        extractor=RULES,
        at=at(day),
        listed={post.url for post in listed.posts},
    )
    writer.record(store, at(day))
    writer.record_visit(
        answered(f"{store.origin}/robots.txt", at(day), "ok", resource_type="robots")
    )
    writer.record(listed, at(day))
    for minute, post in enumerate(found, start=1):
        writer.record_visit(seen(post, at(day, minute), lastmod=lastmod))
    writer.record(
        DiscoverySummary(
            whole=frozenset({"sitemap"}), walked=False, unchanged=len(listed.posts) - len(found)
        ),
        at(day, 58),
    )
    writer.finish_crawl(CrawlEnd(finished=True), at=at(day, 59))
    return writer


@pytest.fixture
def known(shop: Shop) -> Shop:
    """A shop of three posts, crawled once under its first address."""
    crawl(shop, 1, STORE, *map(page, HANDLES))
    return shop


def test_a_moved_store_is_one_row_with_both_its_addresses(known: Shop):
    crawl(known, 2, MOVED)
    assert known.rows("SELECT name, origin FROM stores ORDER BY id") == [("shop.example", NEW)]
    assert known.rows(
        "SELECT origin, crawl_id, first_seen_at, gone_at FROM store_urls ORDER BY id"
    ) == [
        (ORIGIN, None, at(1), at(2)),
        (NEW, 2, at(2), None),
    ]
    assert known.rows("SELECT url, feed_url FROM blogs") == [("", "")]


def test_its_posts_stand_at_the_new_address_and_keep_the_old_one_with_its_period(known: Shop):
    crawl(known, 2, MOVED)
    assert known.rows("SELECT url, state FROM posts ORDER BY id") == [
        (f"{NEW}/blogs/news/{handle}", "live") for handle in HANDLES
    ]
    assert known.rows(
        "SELECT url, kind, first_seen_at, last_seen_at FROM post_urls WHERE post_id = 1 ORDER BY id"
    ) == [
        (url_of("tea"), "former", at(1, 1), at(1, 1)),
        (f"{NEW}/blogs/news/tea", "canonical", at(2), at(2)),
    ]


def test_a_move_is_no_change_of_any_post_fetched_or_not(known: Shop):
    crawl(known, 2, MOVED, page("tea", NEW))
    crawl(known, 3, replace(MOVED, led_from=()), *(page(handle, NEW) for handle in HANDLES))
    assert (known.changes(), known.counts("posts", "revisions", "contents")) == ([], (3, 3, 3))
    assert known.rows("SELECT count FROM observations") == [3, 2, 2]
    assert (
        known.rows("SELECT n_new, n_changed, n_missing, health FROM crawls WHERE id > 1")
        == [(0, 0, 0, "healthy")] * 2
    )


def test_what_is_known_of_a_post_is_known_at_its_new_address(known: Shop):
    crawl(known, 2, MOVED)
    writer = Writer(
        known.db,
        replace(MOVED, led_from=()),
        kind="crawl",
        origin="observed",
        extractor=RULES,
        at=at(3),
    )
    store = writer.known_store()
    assert [(post.url, post.lastmod) for post in store.posts] == [
        (f"{NEW}/blogs/news/{handle}", "2026-02-01T00:00:00Z") for handle in HANDLES
    ]
    assert store.addresses == (ORIGIN, NEW)


def test_an_edit_after_the_move_is_recorded_as_the_edit_alone(known: Shop):
    crawl(known, 2, MOVED)
    crawl(known, 3, MOVED, page("tea", NEW, words="Warm the pot slowly."), lastmod=at(3))
    assert known.rows("SELECT kind, fields FROM timeline WHERE kind != 'created'") == [
        ("edited", '["text"]')
    ]
    edited = page("tea", NEW, words="Warm the pot slowly.")
    html = (
        "SELECT contents.html FROM revisions JOIN contents ON contents.id = content_id "
        "WHERE number = 2"
    )
    assert known.rows(html) == [edited.html]
    assert known.rows("SELECT image_url FROM revisions WHERE number = 2") == [f"{NEW}/cdn/tea.jpg"]


def test_an_edit_taken_back_after_the_move_is_the_first_revision_again(known: Shop):
    crawl(known, 2, MOVED, page("tea", NEW, words="Warm the pot slowly."), lastmod=at(2))
    crawl(known, 3, MOVED, page("tea", NEW), lastmod=at(3))
    assert known.rows(
        "SELECT kind, is_revert, to_revision_id FROM changes WHERE kind != 'created'"
    ) == [("edited", 0, 4), ("edited", 1, 1)]


def test_a_link_that_is_moved_to_the_new_address_before_the_move_was_relinked_and_stays_so(
    known: Shop,
):
    crawl(known, 2, STORE, page("tea", target=f"{NEW}/blogs/news/pots"), lastmod=at(2))
    crawl(known, 3, MOVED, page("tea", NEW))
    assert known.changes() == [("tea", "relinked")]


def test_a_page_that_reads_as_an_older_revision_did_but_for_the_address_is_the_current_one(
    known: Shop,
):
    def linking(origin: str) -> Post:
        return make_post(
            "tea",
            url=f"{known.rows('SELECT origin FROM stores')[0]}/blogs/news/tea",
            html=f'<a href="{origin}/x">Tea</a>',
        )

    crawl(known, 2, STORE, linking(NEW))
    crawl(known, 3, STORE, linking(ORIGIN))
    told = known.changes()
    crawl(known, 4, MOVED)
    crawl(known, 5, MOVED, linking(NEW))
    assert (known.changes(), known.counts("revisions")) == (told, (5,))


def test_edges_last_through_a_move_and_links_to_the_old_address_still_lead_to_the_post(known: Shop):
    crawl(known, 2, MOVED, page("tea", NEW), page("cups", NEW, target=url_of("pots")))
    assert known.rows(
        "SELECT from_post_id, to_post_id, first_seen_at, gone_at FROM links ORDER BY id"
    ) == [
        (1, 2, at(1, 1), None),
        (3, 2, at(1, 3), None),
    ]
    crawl(
        known,
        3,
        MOVED,
        page("tea", NEW, target=url_of("saucers")),
        page("saucers", NEW),
        handles=(*HANDLES, "saucers"),
    )
    assert known.rows(
        "SELECT handle FROM links JOIN posts ON posts.id = to_post_id "
        "WHERE from_post_id = 1 AND gone_at IS NULL"
    ) == ["saucers"]


def test_listings_go_on_under_the_new_address(known: Shop):
    crawl(known, 2, MOVED, handles=HANDLES[:2])
    assert known.rows(
        "SELECT url, first_seen_at, gone_at FROM listings WHERE source = 'sitemap' "
        "ORDER BY first_seen_at, url"
    ) == [
        (url_of("cups"), at(1), at(2)),
        (url_of("pots"), at(1), at(2)),
        (url_of("tea"), at(1), at(2)),
        (f"{NEW}/blogs/news/cups", at(2), at(2, 59)),
        (f"{NEW}/blogs/news/pots", at(2), None),
        (f"{NEW}/blogs/news/tea", at(2), None),
    ]


def test_a_store_that_comes_back_stands_at_its_first_address_again(known: Shop):
    crawl(known, 2, MOVED)
    crawl(known, 3, replace(STORE, led_from=(NEW,)), *map(page, HANDLES))
    assert known.rows("SELECT origin, gone_at FROM store_urls ORDER BY id") == [
        (ORIGIN, at(2)),
        (NEW, at(3)),
        (ORIGIN, None),
    ]
    assert known.rows("SELECT url, kind FROM post_urls WHERE post_id = 1 ORDER BY id") == [
        (url_of("tea"), "canonical"),
        (f"{NEW}/blogs/news/tea", "former"),
    ]
    assert (known.changes(), known.counts("stores", "revisions")) == ([], (1, 3))


@pytest.mark.parametrize(
    "store",
    [
        pytest.param(replace(MOVED, led_from=()), id="the old address stands"),
        pytest.param(replace(MOVED, shop_id="88888888"), id="another number"),
        pytest.param(
            replace(MOVED, myshopify_domain="other.myshopify.com"), id="another permanent domain"
        ),
        pytest.param(StoreSeen(origin=NEW), id="nothing is said"),
    ],
)
def test_whoever_only_says_so_is_another_store(known: Shop, store: StoreSeen):
    crawl(known, 2, store, page("tea", NEW))
    assert known.rows("SELECT name, origin FROM stores ORDER BY id") == [
        ("shop.example", ORIGIN),
        ("new.example", NEW),
    ]
    assert known.rows("SELECT url, store_id FROM posts WHERE handle = 'tea'") == [
        (url_of("tea"), 1),
        (f"{NEW}/blogs/news/tea", 2),
    ]


def test_where_two_stores_fit_neither_is_taken(known: Shop):
    other = "https://other.example"
    crawl(known, 2, replace(STORE, origin=other), *(page(handle, other) for handle in HANDLES))
    crawl(known, 3, replace(MOVED, led_from=(ORIGIN, other)))
    assert known.rows("SELECT origin FROM stores ORDER BY id") == [ORIGIN, other, NEW]


def test_a_deserted_address_and_all_other_signs_are_enough(known: Shop):
    crawl(known, 2, replace(MOVED, led_from=(), deserted=(ORIGIN,)))
    assert known.rows("SELECT origin FROM stores") == [NEW]


@pytest.mark.parametrize("origin", ["http://shop.example", "https://www.shop.example"])
def test_another_form_of_the_same_host_is_the_same_store_by_its_posts(known: Shop, origin: str):
    crawl(known, 2, StoreSeen(origin=origin), page("tea", origin))
    assert (known.rows("SELECT origin FROM stores"), known.changes()) == ([origin], [])


def test_a_removed_post_that_returns_at_the_new_address_is_restored(known: Shop):
    for day in (2, 3):
        known.crawl(
            day,
            page("tea"),
            page("pots"),
            gone=[url_of("cups")],
            listed=[url_of("tea"), url_of("pots")],
        )
    crawl(known, 4, MOVED, page("cups", NEW))
    assert known.changes() == [("cups", "removed"), ("cups", "restored")]


def test_a_crawl_that_was_killed_at_the_old_address_is_not_gone_on_with_at_the_new_one(known: Shop):
    known.begin(2)
    writer = Writer(
        known.db,
        MOVED,
        kind="crawl",
        origin="observed",
        extractor=RULES,
        at=at(2, 5),
        listed=(),
        resume_within_s=3600,
    )
    assert (writer.resumed, writer.crawl.crawl_id) == (False, 3)
    assert known.rows("SELECT outcome FROM crawls ORDER BY id") == ["complete", "killed", "running"]
    again = Writer(
        known.db,
        replace(MOVED, led_from=()),
        kind="crawl",
        origin="observed",
        extractor=RULES,
        at=at(2, 9),
        resume_within_s=3600,
    )
    assert (again.resumed, again.crawl.crawl_id, known.counts("store_urls")) == (True, 3, (2,))


@pytest.mark.parametrize("origin", [ORIGIN, NEW], ids=["saved before the move", "saved after it"])
def test_a_file_of_any_address_is_of_the_post(known: Shop, origin: str):
    crawl(known, 2, MOVED)
    Shop(known.db, origin).imported(3, page("tea", origin), page("saucers", origin))
    assert known.rows(
        "SELECT url, revision_count FROM posts WHERE handle IN ('tea', 'saucers') ORDER BY id"
    ) == [
        (f"{NEW}/blogs/news/tea", 1),
        (f"{NEW}/blogs/news/saucers", 1),
    ]
    assert (known.counts("stores"), known.changes()) == ((1,), [])


def test_posts_and_stores_are_found_by_any_address(known: Shop):
    crawl(known, 2, MOVED, page("saucers", NEW), handles=(*HANDLES, "saucers"))
    for origin in (ORIGIN, NEW):
        assert find_post(known.db, f"{origin}/blogs/news/tea").id == 1
        assert find_post(known.db, f"{origin}/blogs/news/saucers/").id == 4
        assert find_store(known.db, f"{origin}/") == "shop.example"
        assert store_addresses(known.db, origin) == (ORIGIN, NEW)
        assert read_template(known.db, origin) is None
    assert (read_move(known.db, 1), read_move(known.db, 2)) == (None, (ORIGIN, NEW))


def test_a_new_owner_of_the_old_address_is_a_store_of_its_own(known: Shop):
    crawl(known, 2, MOVED)
    crawl(
        known, 3, StoreSeen(origin=ORIGIN, shop_id="99999999"), make_post("wine"), handles=["wine"]
    )
    assert known.rows("SELECT name, origin FROM stores ORDER BY id") == [
        ("shop.example", NEW),
        (ORIGIN, ORIGIN),
    ]
    assert find_store(known.db, ORIGIN) == ORIGIN
    Shop(known.db).imported(4, make_post("beer"))
    assert known.rows("SELECT store_id FROM posts WHERE handle = 'beer'") == [2]


def test_a_crawl_holds_every_address_of_its_store(tmp_path: Path):
    path = tmp_path / "archive.db"
    first = _session(
        path, STORE, names(ORIGIN), *(seen(page(handle), at(1, 9)) for handle in HANDLES)
    )
    first.save(STORE, at(1, 10))
    first.finish(CrawlEnd(finished=True), at=at(1, 59))
    with lock_store(path, ORIGIN), pytest.raises(AlreadyCrawling, match=NEW):
        _session(path, MOVED, names(NEW), day=2)
    second = _session(path, MOVED, names(NEW), seen(page("tea", NEW), at(2, 3)), day=2)
    with pytest.raises(AlreadyCrawling, match=ORIGIN):
        lock_store(path, ORIGIN)
    assert second.finish(CrawlEnd(finished=True), at=at(2, 59)).health == "healthy"
    lock_store(path, ORIGIN, [NEW]).close()
    assert _session(path, day=3).present_address(ORIGIN) == NEW


def test_what_the_address_leads_to_is_the_crawls_reason(known: Shop):
    writer = known.begin(2)
    judgement = writer.finish_crawl(CrawlEnd(finished=True, moved_to=NEW), at=at(2, 59))
    assert (judgement.outcome, judgement.health) == ("incomplete", "degraded")
    assert NEW in judgement.reason
    assert known.rows("SELECT kind, detail FROM incidents") == [("degraded", judgement.reason)]
    crawl(known, 3, MOVED)
    assert known.rows("SELECT closed_at FROM incidents") == [at(3, 59)]


def test_the_schedule_knows_a_moved_store_at_both_its_addresses(known: Shop):
    """Else a store that the file of stores names by its old address would count as never crawled,
    and be crawled again and again."""
    crawl(known, 2, MOVED, *(page(handle, NEW) for handle in HANDLES))
    old, new = (ORIGIN.removeprefix("https://"), NEW.removeprefix("https://"))
    assert store_at(known.db, old) == store_at(known.db, new) == 1
    assert read_store_history(known.db, old, at(9)) == read_store_history(known.db, new, at(9))
    assert read_store_history(known.db, old, at(9)).good_at == at(2)
    assert read_status(known.db, old, "shop", at(9)).posts == len(HANDLES)
