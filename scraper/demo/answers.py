"""Routes of the demo store: a request in, an answer out, without sockets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qs, quote, unquote

from scraper.demo import documents, pages
from scraper.demo.pictures import draw_png, draw_svg
from scraper.demo.posts import DemoBlog
from scraper.demo.store import DemoStore
from scraper.demo.views import Site

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

_PAGE_NUMBER_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResponse:
    """The server's answer: status, content type, body as bytes, further headers, and the page type
    for the server-timing header."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    page_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """What a client requests: `target` is path and query, `authority` the host (and port) that the
    client sent."""

    target: str
    authority: str
    accept: str = "*/*"


def answer(store: DemoStore, day: int, request: PageRequest, *, token: str = "") -> DemoResponse:
    """The store's answer on `day`, for any target. `token` goes into the request token of every
    page."""
    locale, path = _split_locale(request.target)
    site = Site(store=store, day=day, authority=request.authority, locale=locale, token=token)
    if _wants_agent_page(request.accept) and not re.search(r"\.(?:txt|xml|atom|\w{3,4})$", path):
        return _agent_page(site, path)
    query = parse_qs(request.target.partition("?")[2])
    for pattern, respond in _ROUTES:
        match = pattern.fullmatch(path)
        if match:
            found = respond(site, match, query)
            return found or _missing(site, path)
    return _missing(site, path)


def _split_locale(target: str) -> tuple[str, str]:
    """The locale of a target (empty for the main one) and its path without locale, query and a
    slash at the end."""
    path = unquote(target.partition("?")[0])
    path = path.removesuffix("/") or "/"
    first, slash, rest = path.lstrip("/").partition("/")
    if first in pages.LOCALES:
        return first, slash + rest or "/"
    return "", path


def _wants_agent_page(accept: str) -> bool:
    return "text/markdown" in accept and "text/html" not in accept


def _agent_page(site: Site, path: str) -> DemoResponse:
    text = (
        f"# {site.store.shop.name}\n\nThis shop speaks to agents here. You asked for `{path}`; "
        "its pages are served as text/html.\n"
    )
    return DemoResponse(status=200, body=text.encode(), content_type="text/markdown; charset=utf-8")


def _missing(site: Site, path: str) -> DemoResponse:
    moved = site.edition.redirects.get(path)
    if moved:
        return redirect(site.url(quote(moved)), 301)
    return DemoResponse(status=404, body=pages.not_found_page(site, path).encode(), page_type="404")


def redirect(location: str, status: int) -> DemoResponse:
    """A redirect with the small body that Shopify gives it."""
    body = f'<html><body>You are being <a href="{location}">redirected</a>.</body></html>'
    return DemoResponse(status=status, body=body.encode(), headers=(("Location", location),))


Query = Mapping[str, list[str]]
Respond = Callable[[Site, "re.Match[str]", Query], DemoResponse | None]


def _html(text: str, page_type: str) -> DemoResponse:
    return DemoResponse(status=200, body=text.encode(), page_type=page_type)


def _document(text: str, content_type: str) -> DemoResponse:
    return DemoResponse(status=200, body=text.encode(), content_type=content_type)


def _sitemap(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    kind = match["kind"]
    if kind == "blogs":
        return _document(documents.blog_sitemap(site), XML)
    if kind == "products" and not {"from", "to"} <= query.keys():
        return DemoResponse(status=400, body=b"Bad Request", content_type=TEXT)
    return _document(documents.plain_sitemap(site, kind), XML)


def _feed(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    blog = _blog(site, match["blog"])
    return _document(documents.blog_feed(site, blog, _tags(match)), ATOM) if blog else None


def _blog_index(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    blog = _blog(site, match["blog"])
    if blog is None:
        return None
    page = pages.blog_page(site, blog, tags=_tags(match), number=_page_number(query))
    return _html(page, "blog")


def _article(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    post = site.edition.by_path.get(match[0])
    if post is None:
        return None
    return _html(pages.article_page(site, post, comment_page=_page_number(query)), "article")


def _stub(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    kind = {"products": "product", "collections": "collection", "pages": "page"}[match["plural"]]
    if (match["plural"], match["handle"]) not in _stubs(site.store, site.day):
        return None
    return _html(pages.stub_page(site, kind, match["handle"]), kind)


def _asset(site: Site, match: re.Match[str], query: Query) -> DemoResponse | None:
    """A picture, by its path and version: sizes of one file are one picture."""
    seed = f"{match[0]} {query.get('v', [''])[0]}"
    if match[0].endswith(".svg"):
        return DemoResponse(status=200, body=draw_svg(seed), content_type="image/svg+xml")
    return DemoResponse(status=200, body=draw_png(seed), content_type="image/png")


def _blog(site: Site, handle: str) -> DemoBlog | None:
    return next((blog for blog in site.store.shop.blogs if blog.handle == handle), None)


def _tags(match: re.Match[str]) -> tuple[str, ...]:
    tags: str = match["tags"] or ""
    return tuple(tag for tag in tags.split("+") if tag)


def _page_number(query: Query) -> int:
    word = query.get("page", ["1"])[0]
    if not word.isdecimal() or len(word) > 8:
        return 1
    return max(1, min(int(word), _PAGE_NUMBER_MAX))


@lru_cache(maxsize=16)
def _stubs(store: DemoStore, day: int) -> frozenset[tuple[str, str]]:
    """The pages that sitemaps name or posts link to; any other URL of these kinds is a 404."""
    listed = {("products", handle) for _, handle in documents.PRODUCTS}
    listed |= {("collections", handle) for handle, _ in pages.COLLECTIONS} | {
        ("collections", "all")
    }
    listed |= {("pages", handle) for handle in documents.SHOP_PAGES}
    linked = re.compile(r'href="\s*/(products|collections|pages)/([^"?#/]+)')
    return frozenset(listed).union(
        *(linked.findall(post.body_html) for post in store.posts(day)[:_STUB_POSTS])
    )


_STUB_POSTS = 500
"""Number of posts searched for links to products: more than the demo store has, few for a bulk
store."""

_HANDLE = r"[^/]+"
_TAGGED = rf"(?:/tagged/(?P<tags>{_HANDLE}?))?"
_PATHS: tuple[tuple[str, Respond], ...] = (
    (r"/blogs/(?!.*\.atom$)[^/]+/(?!tagged$)[^/]+", _article),
    (
        r"/robots\.txt",
        lambda site, *_: _document(documents.robots_txt(replace(site, locale="")), TEXT),
    ),
    (
        r"/sitemap\.xml",
        lambda site, *_: None if site.locale else _document(documents.sitemap_index(site), XML),
    ),
    (r"/sitemap_(?P<kind>products|pages|collections|blogs)_1\.xml", _sitemap),
    (rf"/blogs/(?P<blog>{_HANDLE}?){_TAGGED}\.atom", _feed),
    (rf"/blogs/(?P<blog>{_HANDLE}){_TAGGED}", _blog_index),
    (r"/", lambda site, *_: _html(pages.home_page(site), "index")),
    (r"/password", lambda site, *_: _html(pages.password_page(site), "password")),
    (r"/(?P<plural>products|collections|pages)/(?P<handle>[^/]+)", _stub),
    (
        r"/(?P<handle>search|cart|account)",
        lambda site, match, _: _html(pages.tool_page(site, match["handle"]), match["handle"]),
    ),
    (r"/cdn/.+", _asset),
)
_ROUTES = tuple((re.compile(pattern), respond) for pattern, respond in _PATHS)


def shopify_headers(
    store: DemoStore, day: int, request: PageRequest, answered: DemoResponse
) -> tuple[tuple[str, str], ...]:
    """The headers of storefronts (docs/explanation/shopify.md, 3.5); there is no validator among
    them."""
    request_id = hashlib.sha256(f"{day}:{request.authority}:{request.target}".encode()).hexdigest()[
        :32
    ]
    timing = "processing;dur=12"
    if page_type := answered.page_type:
        timing = (
            f'processing;dur=41, db;dur=9, theme;desc="120000000000", pageType;desc="{page_type}"'
        )
    locale, _ = _split_locale(request.target)
    return (
        ("Content-Type", answered.content_type),
        ("Server", "cloudflare"),
        ("X-ShopId", str(store.shop.shop_id)),
        ("X-ShardId", "51"),
        ("X-Sorting-Hat-ShopId", str(store.shop.shop_id)),
        ("X-Storefront-Renderer-Rendered", "1"),
        ("Powered-By", "Shopify"),
        ("Content-Language", locale or "en"),
        ("Vary", "Accept, Accept-Encoding"),
        ("Server-Timing", timing),
        ("X-Request-Id", request_id),
        ("CF-Cache-Status", "DYNAMIC"),
        ("Set-Cookie", "localization=GB; path=/; SameSite=Lax"),
        ("Set-Cookie", f"cart_currency={store.shop.currency}; path=/; SameSite=Lax"),
        *answered.headers,
    )
