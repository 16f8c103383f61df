"""Small pages in our own words, for the tests of the extractor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from selectolax.lexbor import LexborHTMLParser

from scraper.demo import DemoPost, DemoStore
from scraper.demo.pages import article_page
from scraper.demo.views import Site
from scraper.extract import extract_post
from scraper.items import FeedEntry, Post

URL = "https://shop.example/blogs/journal/quiet-mornings"
TITLE = "Quiet mornings"
BODY = (
    "<p>Put the kettle on before you look at any screen, and leave the curtains open the night "
    "before.</p>"
    "<h2>Three small habits</h2><ul><li>Stretch</li><li>Write a line</li></ul>"
    "<p>None of them takes longer than the tea needs to draw, which is four minutes by our "
    "clock.</p>"
)
TEXT = (
    "Put the kettle on before you look at any screen, and leave the curtains open the night "
    "before.\n\n"
    "Three small habits\n\n• Stretch\n• Write a line\n\n"
    "None of them takes longer than the tea needs to draw, which is four minutes by our clock."
)
ANALYTICS = (
    '<script id="__st">var '
    '__st={"a":77,"offset":-18000,"p":"article","rtyp":"article","rid":471100};</script>'
)


def words_of(markup: str) -> list[str]:
    """The words of some markup, or of a text, one by one."""
    return re.findall(r"\w+", LexborHTMLParser(markup).text(separator=" "))


def page(
    article: str, *, head: str = "", title: str = TITLE, before: str = "", after: str = ""
) -> str:
    """A page with a menu and a foot around `article`."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>'
        f"{title} – Fern Shop</title>"
        f'<meta property="og:site_name" content="Fern Shop">'
        f'<meta property="og:title" content="{title}"><link rel="canonical" href="{URL}">'
        f"{head}{ANALYTICS}</head>"
        f'<body>{before}<header class="site-header"><nav>'
        '<a href="/blogs/journal">Journal</a><a href="/blogs/journal/menu-post">Featured</a>'
        "</nav></header>"
        f'<main id="MainContent">{article}</main>{after}'
        '<footer class="site-footer"><p>Delivery desk and refunds, open from nine to five.</p>'
        "</footer></body></html>"
    )


def article(body: str = BODY, *, head: str = "", before: str = "", after: str = "") -> str:
    """A page whose body stands in a rich-text element under a heading."""
    return page(
        f'<article><header><h1>{TITLE}</h1></header>{before}<div class="rte">{body}</div>'
        f"{after}</article>",
        head=head,
    )


def entry_of(url: str, content_html: str) -> FeedEntry:
    """An entry of a feed that says the body alone."""
    return FeedEntry(
        url=url,
        title="",
        author="",
        published_at="",
        published_raw="",
        updated_at="",
        updated_raw="",
        summary_html="",
        content_html=content_html,
    )


@dataclass(frozen=True, eq=False)
class DemoPage:
    """A post of the demo store on one of its days, and its page, which is made when it is read."""

    site: Site
    post: DemoPost

    @property
    def url(self) -> str:
        return self.site.url(self.post.path)

    @cached_property
    def html(self) -> str:
        return article_page(self.site, self.post)


@cache
def demo_pages(theme: str) -> tuple[DemoPage, ...]:
    """The page of each post that the demo store has on day 1 in a theme."""
    store = DemoStore(theme=theme)
    return tuple(demo_page(store, 1, post) for post in store.posts(1))


def demo_page(store: DemoStore, day: int, post: DemoPost) -> DemoPage:
    return DemoPage(Site(store=store, day=day, authority="shop.example"), post)


@cache
def extracted(page: DemoPage) -> Post:
    """The post as extracted from a page, with all blocks of the page."""
    return extract_post(page.html, url=page.url, explain=True)
