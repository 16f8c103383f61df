"""Blog systems by their marks, ids and addresses; one table row a system."""

from __future__ import annotations

from dataclasses import replace
from re import _parser as parser  # type: ignore[attr-defined]

from scraper.extract import extract_post
from scraper.imports.kinds import kind_of
from scraper.platforms import PLATFORMS, identify_platform
from scraper.platforms.listings import parse_any_feed
from scraper.platforms.posts import as_post_at, read_page_address
from scraper.platforms.static_sites import HUGO
from scraper.platforms.wordpress import WORDPRESS
from tests.each_row import each_row
from tests.extract.pages import article

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
    "jekyll": '<meta name="generator" content="Jekyll v4.3.2" />',
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


def test_patterns_of_pages_begin_with_a_sign_that_stands_as_it_is():
    """Any other beginning is tried at every sign of a page: ten times as long."""
    patterns = [each for platform in PLATFORMS for each in (*platform.marks, *platform.post_id)]
    begun = {each.pattern: parser.parse(each.pattern, each.flags)[0][0] for each in patterns}
    assert [
        pattern for pattern, operation in begun.items() if operation is not parser.LITERAL
    ] == []


def test_ids_of_posts_are_read():
    for name, expected in IDS.items():
        platform = identify_platform(HEADS[name].encode())
        assert platform is not None
        assert platform.read_post_id(HEADS[name].encode()) == expected, name


GUIDS = (
    ("wordpress", "https://tea.example/?p=77", "77"),
    ("woocommerce", "http://tea.example/?post_type=post&p=78", "78"),
    ("wordpress", "https://other.example/?p=77", ""),
    ("wordpress", "https://tea.example/2024/05/mint/", ""),
    ("ghost", "5f3c1a2b4d5e6f7a8b9c0d1e", "5f3c1a2b4d5e6f7a8b9c0d1e"),
    ("squarespace", "5a:5b:5f3c1a2b4d5e6f7a8b9c0d1e", "5f3c1a2b4d5e6f7a8b9c0d1e"),
    ("hubspot", "https://tea.example/mint/", ""),
)


def test_a_feed_names_posts_by_the_ids_that_pages_may_lack():
    """So that a post whose address changes is renamed, in whatever theme."""
    url, post = (
        "https://tea.example/mint/",
        extract_post(article(), url="https://tea.example/mint/"),
    )
    entry = parse_any_feed(f"<rss><item><link>{url}</link></item></rss>".encode(), url)[0]
    platforms = {platform.name: platform for platform in PLATFORMS}

    def read(name: str, guid: str, at: str = url, body: bytes = b"") -> str:
        named = replace(entry, guid=guid)
        platform, hosts = platforms[name], {"tea.example"}
        found = as_post_at(post, at, platform=platform, body=body, entry=named, hosts=hosts)
        return found.article_id

    own = post.article_id
    assert [read(name, guid) for name, guid, _ in GUIDS] == [found or own for *_, found in GUIDS]
    assert read("wordpress", "?p=77", body=b'<body class="postid-9 ">') == "9"
    assert read("wordpress", "?p=77", at="https://tea.example/rooibos/") == own


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


@each_row("platform", PLATFORMS, ids=[platform.name for platform in PLATFORMS])
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


def test_a_page_calls_itself_a_post_by_its_systems_own_classes_first():
    """Plugins write `og:type` "article" into every page."""
    article = b'<meta property="og:type" content="article">'
    pages = (
        (WORDPRESS, article + b'<body class="single single-post postid-7">', True),
        (WORDPRESS, article + b'<body class="page page-id-2">', False),
        (WORDPRESS, article + b"<body>", True),
        (HUGO, article + b'<body class="dark">', True),
        (HUGO, b'<script>{"@type": "BlogPosting"}</script><body>', True),
        (HUGO, b'<script>{"@type": "WebPage"}</script><body>', False),
        (HUGO, b'<script>{"@type":["Thing","http://schema.org/Article"]}</script><body>', True),
        (HUGO, b"<meta property=og:type content=article><body>", True),
        (HUGO, b'<meta property="article:published_time" content="2024-05-07"><body>', True),
        (HUGO, b'<meta property="article:publisher" content="Tea"><body>', False),
    )
    assert [platform.calls_itself_post(page) for platform, page, _ in pages] == [
        says_so for *_, says_so in pages
    ]


KINDS = (
    ("/wp-sitemap-posts-post-1.xml", "application/xml", "sitemap"),
    ("/feed/", "application/rss+xml", "feed"),
    ("/category/tea/feed/", "application/rss+xml", "feed"),
    ("/comments/feed/", "application/rss+xml", None),
    ("/robots.txt", "text/plain", "robots"),
    ("/", "text/html", "home"),
    ("/2024/05/quiet-mornings/", "text/html; charset=utf-8", "post"),
    ("/?s=tea", "text/html", None),
    ("/category/tea/", "text/html", None),
    ("/wp-json/wp/v2/posts", "application/json", None),
    ("/2024/05/cup.jpg", "image/jpeg", "image"),
)


def test_what_an_archived_answer_of_another_system_is():
    found = [
        kind_of(f"https://tea.example{path}", sort, {"tea.example"}, WORDPRESS)
        for path, sort, _ in KINDS
    ]
    assert found == [kind for *_, kind in KINDS]
