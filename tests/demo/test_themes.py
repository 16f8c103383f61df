from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from scraper.demo import THEMES, DemoPost, DemoStore
from scraper.demo.pages import COLLECTIONS, article_page, blog_page, not_found_page
from scraper.demo.plain_text import plain_text
from scraper.demo.posts import DemoBlog, DemoComment
from scraper.demo.store import Catalogue
from scraper.demo.views import Site
from tests.demo.authored import authored_text
from tests.demo.theme_strings import boilerplate_of, found_in
from tests.each_row import each_row

DATUM = re.compile(r"§[^§]*§")
DATE = re.compile(r"(?:[A-Z][a-z]+ (?:\d{1,2}, )?\d{4})|^\d+$|(?<=^Comments page )\d")


class Reader(HTMLParser):
    """Gathers every text node outside head, scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._mute = 0

    def handle_starttag(self, tag, attrs):
        self._mute += tag in {"head", "script", "style"}

    def handle_endtag(self, tag):
        self._mute -= tag in {"head", "script", "style"}

    def handle_data(self, data):
        if not self._mute and data.strip():
            self.texts.append(" ".join(data.split()))


def texts_of(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.texts


def site_of(catalogue: Catalogue, theme: str) -> Site:
    return Site(store=DemoStore(catalogue, theme=theme), day=1, authority="shop.example")


def marked(catalogue: Catalogue) -> Catalogue:
    """The catalogue with every datum between § signs, so that what is left of a page is the theme's
    own."""
    posts = [
        replace(
            post,
            title=f"§{post.title}§",
            author=f"§{post.author}§",
            tags=tuple(f"§{tag}§" for tag in post.tags),
            excerpt="",
            body_html="<p>§body§</p>",
            comments=tuple(DemoComment(f"§{turn}§", "§text§") for turn in range(7)),
        )
        for post in catalogue.posts
        if post.from_day == 1
    ]
    blogs = tuple(
        DemoBlog(handle=blog.handle, title=f"§{blog.title}§") for blog in catalogue.shop.blogs
    )
    return Catalogue(
        shop=replace(catalogue.shop, blogs=blogs), posts=tuple(posts), days=catalogue.days[:1]
    )


def own_strings(html: str) -> set[str]:
    """The theme's own words in a page: text nodes without data, dates, numbers and lone signs."""
    bare = (DATE.sub("", part).strip() for text in texts_of(html) for part in DATUM.split(text))
    return {text for text in bare if re.search(r"\w", text)} - {title for _, title in COLLECTIONS}


def middle_post(site: Site) -> DemoPost:
    return site.edition.blogs["journal"][5]


@each_row("theme", THEMES)
def test_every_string_that_a_theme_adds_is_declared_and_none_is_declared_in_vain(
    catalogue: Catalogue, theme: str
):
    site = site_of(marked(catalogue), theme)

    found = own_strings(article_page(site, middle_post(site)))

    assert found == set(boilerplate_of(theme))


@each_row("theme", THEMES)
def test_a_body_stands_in_its_page_once_and_word_for_word(catalogue: Catalogue, theme: str):
    site = site_of(catalogue, theme)
    post = site.edition.by_path["/blogs/journal/cool-room"]

    html = article_page(site, post)

    assert html.count(post.body_html) == 1
    assert " ".join(texts_of(html)).count("cures every bad night") == 1


@each_row("theme", THEMES)
def test_no_boilerplate_is_found_in_an_authors_own_text(catalogue: Catalogue, theme: str):
    site = site_of(catalogue, theme)

    assert [found_in(theme, authored_text(post)) for post in site.edition.posts] == [()] * len(
        site.edition.posts
    )


def test_boilerplate_is_found_where_it_is():
    assert found_in("dawn", "A text.\n\nShare\n\nMore.") == ("Share",)
    assert found_in("dawn", "So: Send the comment. Yes.") == ()
    assert found_in("dawn", "Mind: Comments are read by us before they are published. Yes.") != ()
    assert found_in("dawn", "Share what you have.") == ()


@each_row("theme", THEMES)
def test_title_and_author_are_on_the_page(catalogue: Catalogue, theme: str):
    site = site_of(catalogue, theme)
    post = site.edition.by_path["/blogs/journal/cool-room"]

    words = " ".join(texts_of(article_page(site, replace(post, body_html="<p>x</p>"))))

    assert post.title in words
    assert post.author in words


@each_row(
    ("theme", "older", "newer"),
    [
        pytest.param("palo_alto", "← Older Post", "Newer Post →", id="palo_alto"),
        pytest.param("halo", "Older Post", "Newer Post", id="halo"),
        pytest.param("turbo", "Next", "Previous", id="turbo: previous is newer"),
        pytest.param("showtime", "Previous Post", "Next Post", id="showtime: previous is older"),
    ],
)
def test_pagers_point_where_their_theme_says(
    catalogue: Catalogue, theme: str, older: str, newer: str
):
    site = site_of(catalogue, theme)
    post = middle_post(site)
    older_post, newer_post = site.edition.neighbours(post)

    links = {
        plain_text(text): href
        for href, text in re.findall(
            r'<a[^>]*href="([^"]+)"[^>]*>(.*?)</a>', article_page(site, post)
        )
    }

    assert (links[older], links[newer]) == (older_post.path, newer_post.path)


@each_row("theme", [theme.name for theme in THEMES.values() if theme.has_widget])
def test_a_filled_widget_links_to_three_other_posts(catalogue: Catalogue, theme: str):
    site = site_of(catalogue, theme)
    post = middle_post(site)
    rest = re.search(
        r'<div (?:class="related-posts"|id="relatedblogs").*', article_page(site, post), re.DOTALL
    )[0]
    widget = rest.partition('id="comments"')[0]

    links = set(re.findall(r'href="([^"]+)"', widget))

    assert len(links) == 3
    assert post.path not in links


def test_palo_alto_has_the_seeds_text_in_the_seeds_order(catalogue: Catalogue):
    site = site_of(catalogue, "palo_alto")
    post = replace(middle_post(site), tags=(), comments=())
    frame = {"Skip past the menu"}

    texts = [text for text in texts_of(article_page(site, post)) if text not in frame]
    menu, about = texts.index("Hollow Fern front page"), texts.index("Open your basket")
    end = texts.index("Related Posts") + 1

    assert texts[:menu] + texts[about + 1 : end] == [
        "Product Title",
        "Go to product",
        "Select variant",
        "Select size",
        "This is the place where the product description will appear if a product has one.",
        (
            "This site has limited support for your browser. We recommend switching to Edge, "
            "Chrome, Safari, or Firefox."
        ),
        post.title,
        f"Posted by {post.author} on",
        post.title,
        plain_text(post.body_html),
        "← Older Post",
        "Newer Post →",
        "Related Posts",
    ]


def test_palo_alto_has_its_date_only_in_markup(catalogue: Catalogue):
    site = site_of(catalogue, "palo_alto")
    html = article_page(site, site.edition.by_path["/blogs/journal/cool-room"])

    assert '<time datetime="2026-02-21"></time>' in html
    assert "2026" not in " ".join(texts_of(html)).replace("2026-", "")


def test_structured_data_has_the_dates_as_real_themes_have_them(catalogue: Catalogue):
    dates = {}
    for theme in THEMES:
        site = site_of(catalogue, theme)
        html = article_page(site, site.edition.by_path["/blogs/journal/cool-room"])
        stamp = re.search(r'"datePublished": "([^"]+)"', html)
        dates[theme] = stamp[1] if stamp else ""

    assert dates == {
        "palo_alto": "2026-02-21T00:30:00Z",
        "dawn": "2026-02-21T00:30:00+01:00",
        "debut": "2026-02-21T00:30:00Z",
        "turbo": "2026-02-21T00:30:00",
        "showtime": "2026-02-21T00:30:00Z",
        "utility": "",
        "halo": "February 21, 2026",
    }


def test_markup_in_data_is_escaped_in_text_and_structured_data(catalogue: Catalogue):
    site = site_of(catalogue, "dawn")
    post = replace(middle_post(site), title="</script><b>x</b>", author='"A" & B')

    html = article_page(site, post)

    assert "<b>x</b>" not in html
    assert "</script><b>" not in html


@each_row("theme", THEMES)
def test_an_index_page_links_to_its_posts_and_pages(catalogue: Catalogue, theme: str):
    site = site_of(catalogue, theme)
    html = blog_page(site, site.store.shop.blogs[0], number=2)

    linked = set(re.findall(r'href="(/blogs/journal/[^"?#/]+)"', html))

    assert {post.path for post in site.edition.blogs["journal"][12:24]} <= linked
    assert 'href="/blogs/journal?page=3"' in html


@each_row("theme", THEMES)
def test_the_404_page_is_no_article(catalogue: Catalogue, theme: str):
    html = not_found_page(site_of(catalogue, theme), "/nothing")

    assert "not found" in html
    assert '"rtyp"' not in html


def test_the_first_and_the_last_post_have_one_neighbour(catalogue: Catalogue):
    site = site_of(catalogue, "palo_alto")
    newest, oldest = site.edition.blogs["journal"][0], site.edition.blogs["journal"][-1]

    assert "Newer Post" not in article_page(site, newest)
    assert "Older Post" not in article_page(site, oldest)
    assert newest.published - oldest.published > timedelta(days=1)
