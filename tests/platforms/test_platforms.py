"""Blog systems by their marks, ids and addresses; one table row a system."""

from __future__ import annotations

import pytest

from scraper.platforms import PLATFORMS, identify_platform
from scraper.platforms.posts import read_page_address

HEADS = {
    "shopify": '<script>Shopify.shop = "tea.myshopify.com";</script>',
    "wordpress": '<meta name="generator" content="WordPress 6.5"><body class="single postid-77">',
    "woocommerce": '<link href="/wp-content/plugins/woocommerce/a.css"><body class="postid-78">',
    "ghost": '<meta name="generator" content="Ghost 5.82"><body class="post-template tag-tea">',
    "squarespace": "<!-- This is Squarespace. --><article data-item-id='5f3c1a2b4d5e6f7a8b9c0d1e'>",
    "wix": '<meta name="generator" content="Wix.com Website Builder"/>',
    "webflow": '<html data-wf-domain="a" data-wf-site="64f" data-wf-item-slug="tea">',
    "hubspot": '<meta name="generator" content="HubSpot"><script>["setContentId", "91234567"]',
    "bigcommerce": '<link href="https://cdn11.bigcommerce.com/s-1/a.css">',
    "hugo": "<meta name=generator content=Hugo 0.125.4>".replace("Hugo 0", '"Hugo 0') + '"',
    "substack": '<link href="https://substackcdn.com/a.css"><script>{\\"post_id\\":1234567,',
}
IDS = {
    "wordpress": "77",
    "woocommerce": "78",
    "squarespace": "5f3c1a2b4d5e6f7a8b9c0d1e",
    "webflow": "tea",
    "hubspot": "91234567",
    "substack": "1234567",
}


def test_every_system_is_known_by_a_mark_of_its_own():
    found = {name: identify_platform(head.encode()) for name, head in HEADS.items()}
    assert {name: platform and platform.name for name, platform in found.items()} == {
        name: name for name in HEADS
    }
    assert set(HEADS) == {platform.name for platform in PLATFORMS}
    assert identify_platform(b"<!doctype html><title>Tea</title>") is None


def test_ids_of_posts_are_read():
    for name, expected in IDS.items():
        platform = identify_platform(HEADS[name].encode())
        assert platform is not None
        assert platform.read_post_id(HEADS[name].encode()) == expected, name


def test_a_header_is_a_mark_too():
    platform = identify_platform(b"", (("Link", '<https://a.example/>; rel="https://api.w.org/"'),))
    assert platform is not None
    assert platform.name == "wordpress"


NO_POSTS = (
    "/",
    "/tag/tea/",
    "/category/news/page/2/",
    "/author/ida/",
    "/page/3/",
    "/feed/",
    "/sitemap.xml",
    "/products/cup",
    "/picture.jpg",
)


@pytest.mark.parametrize("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])
def test_lists_pages_and_files_are_no_posts(platform):
    assert [path for path in NO_POSTS if platform.may_be_post(f"https://a.example{path}")] == []


ADDRESSES = {
    "https://a.example/tea/?utm_source=x#top": ("https://a.example/tea/", "blog", "tea"),
    "https://a.example/2024/05/tea": ("https://a.example/2024/05/tea", "blog", "tea"),
    "https://A.example/journal/tea.html": ("https://a.example/journal/tea.html", "journal", "tea"),
    "https://a.example/p/tea": ("https://a.example/p/tea", "blog", "tea"),
    "https://a.example/?p=77": ("https://a.example/?p=77", "blog", "p-77"),
}


def test_an_address_of_any_shape_has_a_blog_and_a_handle():
    found = {url: read_page_address(url) for url in ADDRESSES}
    assert {
        url: address and (address.url, address.blog_handle, address.handle)
        for url, address in found.items()
    } == ADDRESSES
    assert read_page_address("https://a.example/") is None
    assert read_page_address("mailto:a@b.example") is None
