from __future__ import annotations

import json
import re

import pytest
from lxml import etree
from protego import Protego

from scraper.demo import DemoServer
from tests.bulk_store import BulkStore
from tests.demo.conftest import Serve, ask

NS = {"a": "http://www.w3.org/2005/Atom", "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def xml(server: DemoServer, target: str) -> etree._Element:
    reply = ask(server, target)
    assert reply.status == 200
    return etree.fromstring(reply.body)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        pytest.param("/blogs/journal", True, id="index"),
        pytest.param("/blogs/journal/cool-room", True, id="post"),
        pytest.param("/blogs/journal.atom", True, id="feed"),
        pytest.param("/blogs/journal/tagged/sleep", True, id="one tag"),
        pytest.param("/blogs/journal/tagged/sleep+tea", False, id="two tags"),
        pytest.param("/fr/blogs/journal/tagged/sleep%2Btea", False, id="two tags, encoded, locale"),
        pytest.param("/search", False, id="search"),
        pytest.param("/account", False, id="account"),
        pytest.param("/blogs/journal/cool-room?preview_theme_id=1", False, id="preview"),
    ],
)
def test_robots_rules(server: DemoServer, path: str, allowed: bool):
    rules = Protego.parse(ask(server, "/robots.txt").text)

    assert rules.can_fetch(f"{server.url}{path}", "Blogkeep") is allowed


def test_robots_names_the_sitemap_and_asks_only_named_robots_to_wait(server: DemoServer):
    rules = Protego.parse(ask(server, "/robots.txt").text)

    assert list(rules.sitemaps) == [f"{server.url}/sitemap.xml"] * 2
    assert rules.crawl_delay("Blogkeep") is None
    assert rules.crawl_delay("AhrefsBot") == 10


def test_every_address_of_the_sitemap_index_answers(server: DemoServer):
    locations = xml(server, "/sitemap.xml").xpath("//s:loc/text()", namespaces=NS)

    assert len(locations) == 8
    assert f"{server.url}/fr/sitemap_blogs_1.xml" in locations
    assert {xml(server, location.removeprefix(server.url)).tag for location in locations} == {
        f"{{{NS['s']}}}urlset"
    }


def test_the_product_sitemap_needs_its_range(server: DemoServer):
    assert ask(server, "/sitemap_products_1.xml").status == 400


def test_the_blog_sitemap_gives_blogs_first_and_then_every_post(server: DemoServer):
    locations = xml(server, "/sitemap_blogs_1.xml").xpath("//s:url/s:loc/text()", namespaces=NS)

    assert locations[:2] == [f"{server.url}/blogs/journal", f"{server.url}/blogs/recipes"]
    assert set(locations[2:]) == {f"{server.url}{post.path}" for post in server.store.posts(1)}


def test_lastmod_equals_the_feeds_updated_in_the_stores_own_time(server: DemoServer):
    path = "/blogs/journal/cool-room"
    row = xml(server, "/sitemap_blogs_1.xml").xpath(
        f"//s:url[s:loc='{server.url}{path}']", namespaces=NS
    )[0]
    entry = xml(server, "/blogs/journal.atom").xpath(
        f"//a:entry[a:id='{server.url}{path}']", namespaces=NS
    )[0]

    assert (
        row.findtext("s:lastmod", namespaces=NS)
        == entry.findtext("a:updated", namespaces=NS)
        == "2026-02-21T00:30:01+01:00"
    )


def test_a_feed_holds_the_thirty_newest_posts(server: DemoServer):
    ids = xml(server, "/blogs/journal.atom").xpath("//a:entry/a:id/text()", namespaces=NS)

    assert ids == [
        f"{server.url}{post.path}" for post in server.store.edition(1).blogs["journal"][:30]
    ]


def test_a_feed_entry_holds_the_authors_body_word_for_word(server: DemoServer):
    post = server.store.edition(1).by_path["/blogs/journal/cool-room"]
    entry = xml(server, "/blogs/journal.atom").xpath("//a:entry", namespaces=NS)[0]

    assert entry.findtext("a:content", namespaces=NS).strip() == post.body_html
    assert entry.findtext("a:title", namespaces=NS) == post.title
    assert entry.findtext("a:author/a:name", namespaces=NS) == "Maren Oakley"
    assert entry.findtext("a:summary", namespaces=NS).strip() == (
        '<p>In <em>short</em>: open it.</p><p><a class="read-more" '
        f'href="{server.url}{post.path}">More</a></p>'
    )
    assert entry.findtext("a:published", namespaces=NS) == "2026-02-21T00:30:00+01:00"


def test_a_feed_says_nothing_of_tags(server: DemoServer):
    assert "Bed Room" not in ask(server, "/blogs/journal.atom").text


def test_a_tag_feed_lists_the_posts_of_the_tag(server: DemoServer):
    ids = xml(server, "/blogs/journal/tagged/bed-room.atom").xpath(
        "//a:entry/a:id/text()", namespaces=NS
    )

    assert ids == [f"{server.url}/blogs/journal/cool-room"]


def test_index_pages_list_every_post_twelve_a_page(server: DemoServer):
    pages = [ask(server, f"/blogs/journal?page={number}").text for number in (1, 2, 3, 4)]
    cards = [re.findall(r'<h2 class="card__heading"><a href="([^"]+)"', page) for page in pages]

    assert [len(row) for row in cards] == [12, 12, 9, 0]
    assert {path for row in cards for path in row} == {
        post.path for post in server.store.edition(1).blogs["journal"]
    }


def test_an_index_page_names_itself_and_the_next(server: DemoServer):
    text = ask(server, "/blogs/journal?page=2").text

    assert f'<link rel="canonical" href="{server.url}/blogs/journal?page=2">' in text
    assert f'<link rel="next" href="{server.url}/blogs/journal?page=3">' in text
    assert '"rtyp":"blog"' in text


def test_a_tag_page_lists_the_posts_of_the_tag(server: DemoServer):
    assert re.findall(
        r'card__heading"><a href="([^"]+)"', ask(server, "/blogs/journal/tagged/bed-room").text
    ) == ["/blogs/journal/cool-room"]


def test_a_post_page_says_what_every_storefront_says(server: DemoServer):
    post = server.store.edition(1).by_path["/blogs/journal/cool-room"]
    text = ask(server, f"{post.path}?utm_source=x").text
    state = json.loads(re.search(r"var __st=(\{.*?\});", text)[1])

    assert (state["rid"], state["rtyp"], state["a"], state["offset"]) == (
        post.article_id,
        "article",
        51200000001,
        3600,
    )
    assert f'"resourceType":"article","resourceId":{post.article_id}' in text
    assert f'<link rel="canonical" href="{server.url}{post.path}">' in text
    assert (
        '<link rel="alternate" type="application/atom+xml" title="Feed" '
        'href="/blogs/journal.atom" />' in text
    )
    assert 'Shopify.shop = "small-fern.myshopify.com"' in text


def test_the_pager_of_a_long_index_names_the_nearest_pages(serve: Serve):
    page = ask(serve(BulkStore(300)), "/blogs/journal?page=10").text
    assert [int(number) for number in re.findall(r'href="/blogs/journal\?page=(\d+)"', page)] == [
        1,
        7,
        8,
        9,
        11,
        12,
        13,
        25,
    ]


def test_comment_pages_differ_in_their_comments_only(server: DemoServer):
    first, second = (
        ask(server, f"/blogs/journal/cool-room?page={number}").text for number in (1, 2)
    )

    assert "Jo replied" in first
    assert "seven &lt; eight" in second
    assert "Jo replied" not in second
    assert body_of(server) in first
    assert body_of(server) in second


def body_of(server: DemoServer) -> str:
    return server.store.edition(server.day).by_path["/blogs/journal/cool-room"].body_html


def test_a_locale_copy_has_the_same_text_and_id_and_its_own_canonical(server: DemoServer):
    post = server.store.edition(1).by_path["/blogs/journal/cool-room"]
    text = ask(server, f"/fr{post.path}").text

    assert post.body_html in text
    assert f'"rid":{post.article_id}' in text
    assert f'<link rel="canonical" href="{server.url}/fr{post.path}">' in text
    assert f'<link rel="alternate" hreflang="x-default" href="{server.url}{post.path}">' in text
    assert '<html class="no-js" lang="fr">' in text


def test_an_old_handle_leads_to_the_new_one(server: DemoServer):
    server.day = 2
    reply = ask(server, "/blogs/journal/p-01")

    assert (reply.status, reply.headers["location"]) == (
        301,
        f"{server.url}/blogs/journal/p-01-renamed",
    )


def test_an_old_handle_in_a_locale_stays_in_the_locale(server: DemoServer):
    server.day = 2

    assert (
        ask(server, "/fr/blogs/journal/p-01").headers["location"]
        == f"{server.url}/fr/blogs/journal/p-01-renamed"
    )


@pytest.mark.parametrize(
    "target",
    [
        "/nothing",
        "/blogs/nothing",
        "/blogs/journal/nothing",
        "/blogs/nothing.atom",
        "/blogs/journal/tagged",
        "/products/nothing",
        "/blogs/journal/cool-room.json",
        "/blogs/journal/%00",
        "//x//y",
        "//[",
        "/fr/sitemap.xml",
    ],
)
def test_what_is_not_there_is_the_stores_own_404_page(server: DemoServer, target: str):
    reply = ask(server, target)

    assert reply.status == 404
    assert "We looked everywhere" in reply.text
    assert 'pageType;desc="404"' in reply.headers["server-timing"]


def test_a_slash_at_the_end_leads_nowhere_else(server: DemoServer):
    assert (
        ask(server, "/blogs/journal/cool-room/").text
        == ask(server, "/blogs/journal/cool-room").text
    )


def test_a_post_does_not_exist_before_its_day(server: DemoServer):
    assert ask(server, "/blogs/journal/p-33").status == 404
    server.day = 2
    assert ask(server, "/blogs/journal/p-33").status == 200


def test_a_removed_post_is_gone_from_page_sitemap_and_index(server: DemoServer):
    server.day = 2

    assert ask(server, "/blogs/journal/p-03").status == 404
    assert "/p-03<" not in ask(server, "/sitemap_blogs_1.xml").text


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/password",
        "/products/calm-evening-tea",
        "/collections/teas",
        "/pages/about",
        "/search",
        "/cart",
    ],
)
def test_further_pages_answer(server: DemoServer, target: str):
    reply = ask(server, target)

    assert reply.status == 200
    assert reply.text.count("<h1") == 1


def test_the_password_page_is_known_by_its_body_and_form(server: DemoServer):
    text = ask(server, "/password").text

    assert 'class="template-password"' in text
    assert 'action="/password"' in text


def test_images_answer(server: DemoServer):
    reply = ask(server, "/cdn/shop/articles/cool-room.jpg?v=1")

    assert (reply.status, reply.headers["content-type"], reply.body[:4]) == (
        200,
        "image/png",
        b"\x89PNG",
    )


def test_an_agent_that_wants_markdown_gets_the_agent_page(server: DemoServer):
    reply = ask(server, "/blogs/journal/cool-room", Accept="text/markdown, */*")

    assert reply.headers["content-type"].startswith("text/markdown")
    assert "cures every bad night" not in reply.text


def test_headers_are_those_of_a_storefront(server: DemoServer):
    headers = ask(server, "/blogs/journal/cool-room").headers

    assert headers["x-shopid"] == "51200000001"
    assert headers["powered-by"] == "Shopify"
    assert "Accept" in headers["vary"]
    assert 'pageType;desc="article"' in headers["server-timing"]
    assert "etag" not in headers
    assert "last-modified" not in headers
