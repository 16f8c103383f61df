"""Values that the themes render: a post, a card, a list of cards, the request's context."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from scraper.demo.plain_text import plain_text
from scraper.demo.posts import DemoBlog, DemoComment, DemoPost
from scraper.demo.store import DemoStore, Edition, local_time
from scraper.demo.themes import THEMES, slug

POSTS_A_PAGE = 12
COMMENTS_A_PAGE = 5
WIDGET_POSTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Context of a request: day, authority that the client sent, locale (empty for the main one),
    request token."""

    store: DemoStore
    day: int
    authority: str
    locale: str = ""
    token: str = ""

    @property
    def edition(self) -> Edition:
        """The store on this day."""
        return self.store.edition(self.day)

    @property
    def origin(self) -> str:
        """Scheme and authority of the request."""
        return f"http://{self.authority}"

    @property
    def root(self) -> str:
        """Path prefix of the locale."""
        return f"/{self.locale}" if self.locale else ""

    def blog(self, handle: str) -> DemoBlog:
        """The blog with this handle; it must exist."""
        return next(blog for blog in self.store.shop.blogs if blog.handle == handle)

    def url(self, path: str) -> str:
        """Absolute URL of `path` (without a locale) in this request's locale."""
        return f"{self.origin}{self.root}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateForms:
    """A time in the forms that themes print; `local_z` is local time marked as UTC, as in many
    themes."""

    utc: str
    day: str
    offset: str
    local_z: str
    local_naive: str
    words: str
    month: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A post as another page shows it; `summary` is HTML."""

    title: str
    url: str
    image: str
    summary: str
    dates: DateForms


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """A post on its own page; `tags` and `blog_tags` are pairs of label and URL, `comments` those
    of the requested page."""

    title: str
    author: str
    body: str
    url: str
    image: str
    og_image: str
    image_alt: str
    dates: DateForms
    tags: Sequence[tuple[str, str]]
    older: Card | None
    newer: Card | None
    widget: Sequence[Card]
    blog_title: str
    blog_url: str
    blog_tags: Sequence[tuple[str, str]]
    shop_name: str
    comments: Sequence[tuple[int, DemoComment]]
    comment_count: int
    comment_pages: int

    def jsonld(self, *, kind: str, dates: str, body: bool, headline: str = "") -> str:
        """The structured data of the post. `dates` names a form of `DateForms`; ``local_z`` is the
        common bug of local time marked as UTC."""
        stamp = getattr(self.dates, dates)
        data: dict[str, Any] = {
            "@context": "http://schema.org",
            "@type": kind,
            "headline": headline or self.title,
            "author": {"@type": "Person", "name": self.author},
            "datePublished": stamp,
            "mainEntityOfPage": {"@type": "WebPage", "@id": self.url},
            "publisher": {"@type": "Organization", "name": self.shop_name},
        }
        if body:
            # As Liquid's strip_html leaves it: tags gone, words of neighbouring blocks glued.
            data["articleBody"] = unescape(re.sub(r"<[^<>]*+>", "", self.body))
        text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
        return f'<script type="application/ld+json">{text}</script>'


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView:
    """A page of a blog's index: page `number` of `pages`; `tag` is empty on the complete index."""

    title: str
    tag: str
    number: int
    pages: int
    cards: Sequence[Card]

    @property
    def shown_pages(self) -> list[int]:
        """The pages in the pager: the first, the last and the nearest, like Shopify's."""
        near = range(max(2, self.number - 3), min(self.pages, self.number + 4))
        return list(dict.fromkeys((1, *near, self.pages)))


def article_view(site: Site, post: DemoPost, *, comment_page: int) -> ArticleView:
    """`post` with its neighbours, the widget if its theme has one, and the comments of
    `comment_page`, counted from 1."""
    older, newer = site.edition.neighbours(post)
    blog = site.blog(post.blog)
    first = (comment_page - 1) * COMMENTS_A_PAGE
    comments = [
        (stable_number(f"{post.article_id}:{turn}"), comment)
        for turn, comment in enumerate(post.comments)
    ]
    return ArticleView(
        title=post.title,
        author=post.author,
        body=post.body_html,
        url=site.url(post.path),
        image=post.image,
        og_image=f"{site.origin}{post.image}{'&' if '?' in post.image else '?'}width=1200",
        image_alt=post.image_alt,
        dates=date_forms(site, post.published),
        tags=_tag_links(site, post.blog, post.tags),
        older=card(site, older) if older else None,
        newer=card(site, newer) if newer else None,
        widget=_widget(site, post),
        blog_title=blog.title,
        blog_url=f"{site.root}/blogs/{blog.handle}",
        blog_tags=_tag_links(site, post.blog, _tags_of(site, post.blog)),
        shop_name=site.store.shop.name,
        comments=comments[first : first + COMMENTS_A_PAGE],
        comment_count=len(comments),
        comment_pages=-(-len(comments) // COMMENTS_A_PAGE),
    )


def listing_view(site: Site, blog: DemoBlog, *, tags: Sequence[str], number: int) -> ListingView:
    """Page `number` of the posts of `blog` with all of `tags` (handles), newest first; empty beyond
    the last page."""
    posts = tagged(site, blog, tags)
    shown = posts[(number - 1) * POSTS_A_PAGE : number * POSTS_A_PAGE]
    return ListingView(
        title=blog.title,
        tag=" + ".join(tags),
        number=number,
        pages=-(-len(posts) // POSTS_A_PAGE),
        cards=[card(site, post) for post in shown],
    )


def tagged(site: Site, blog: DemoBlog, tags: Sequence[str]) -> Sequence[DemoPost]:
    """The posts of `blog` with all of `tags` (handles), newest first; all posts without tags."""
    posts = site.edition.blogs[blog.handle]
    if not tags:
        return posts
    return [post for post in posts if {slug(tag) for tag in post.tags} >= set(tags)]


def card(site: Site, post: DemoPost, *, plain: bool = False) -> Card:
    """`post` as another page shows it; its summary is HTML, or plain text for a widget."""
    summary = description(post)
    return Card(
        title=post.title,
        url=f"{site.root}{post.path}",
        image=post.image,
        summary=summary if plain else post.excerpt or f"<p>{escape(summary, quote=False)}</p>",
        dates=date_forms(site, post.published),
    )


def description(post: DemoPost, words: int = 24) -> str:
    """The excerpt as plain text, or the first words of the body where there is none."""
    # Only the beginning: parsing the complete body for every card would dominate rendering.
    plain = plain_text(post.excerpt) or plain_text(
        post.body_html[:1200].rpartition("<")[0] or post.body_html
    )
    words_found = plain.split()
    return " ".join(words_found[:words]) + ("…" if len(words_found) > words else "")


def date_forms(site: Site, at: datetime) -> DateForms:
    """`at` in every form that a theme may print."""
    utc, local = at.astimezone(UTC), local_time(site.store.shop, at)
    return DateForms(
        utc=f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        day=f"{local:%Y-%m-%d}",
        offset=local.isoformat(timespec="seconds"),
        local_z=f"{local:%Y-%m-%dT%H:%M:%SZ}",
        local_naive=f"{local:%Y-%m-%dT%H:%M:%S}",
        words=f"{local:%B} {local.day}, {local.year}",
        month=f"{local:%B %Y}",
    )


def stable_number(key: str) -> int:
    """A number like Shopify's for comments and products, that depends only on the key."""
    return 8_000_000_000 + int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")


def _widget(site: Site, post: DemoPost) -> list[Card]:
    if not THEMES[site.store.theme_of(post)].has_widget:
        return []
    return [
        card(site, other, plain=True) for other in site.edition.related_posts(post, WIDGET_POSTS)
    ]


def _tag_links(site: Site, blog: str, tags: Sequence[str]) -> list[tuple[str, str]]:
    return [(tag, f"{site.root}/blogs/{blog}/tagged/{slug(tag)}") for tag in tags]


def _tags_of(site: Site, blog: str) -> list[str]:
    return sorted({tag for post in site.edition.blogs[blog][:60] for tag in post.tags})
