"""Whose a saved page is, by every mark on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from scraper.exceptions import ExtractionError
from scraper.extract import ParsedPage, parse_page
from scraper.hosts import StoreAddress, host_of, hosts_of
from scraper.imports.saved_from import SavedFrom, read_saved_from, without_wayback
from scraper.platforms import Platform, identify_platform
from scraper.platforms.posts import GENERIC
from scraper.shopify.page_markers import Markers, read_markers
from scraper.shopify.urls import canonical_post_url

_LISTINGS = frozenset({"blog", "index", "page", "product", "collection", "search", "404", "cart"})


@dataclass(frozen=True, slots=True)
class KnownMarks:
    """What is known of the store of an import: its addresses, the present one first; Shopify's
    number and permanent domain of it, empty where unknown."""

    stores: tuple[StoreAddress, ...]
    shop_id: str = ""
    myshopify_domain: str = ""

    @property
    def hosts(self) -> frozenset[str]:
        """All hosts of the store."""
        found = {host for store in self.stores for host in hosts_of(store)}
        return frozenset({*found, self.myshopify_domain} - {""})


@dataclass(frozen=True, slots=True)
class PageMarks:
    """The marks of a page: its canonical link and its other addresses as written, Shopify's own
    code, the comment of the program that saved it, the blog system, whether the page calls itself
    an article; `hints` are addresses that decide only where no mark names the store."""

    canonical: str
    addresses: tuple[str, ...]
    markers: Markers
    saved_from: SavedFrom
    platform: Platform = GENERIC
    is_article: bool = False
    hints: tuple[str, ...] = ()

    def contradiction(self, known: KnownMarks) -> str:
        """Why the page is another store's; empty where no mark says so."""
        hosts = known.hosts | {self.markers.myshopify_domain}
        pairs = (
            (self.markers.shop_id, known.shop_id),
            (self.markers.myshopify_domain, known.myshopify_domain),
        )
        is_ours = self.names(known) or any(found and found == ours for found, ours in pairs)
        for url in self.addresses if is_ours else (*self.addresses, *self.hints):
            if (host := host_of(url)) and host not in hosts:
                return f"it is a post of another store, {url[:200]}"
        for found, ours in pairs:
            if found and ours and found != ours:
                return f"it is a post of another store, by its mark {found}"
        return ""

    def names(self, known: KnownMarks) -> bool:
        """Whether an absolute address of the page is one of the store."""
        hosts = known.hosts
        return any(host_of(url) in hosts for url in self.addresses)

    @property
    def is_foreign_article(self) -> bool:
        """Whether the page is a post of another system than Shopify."""
        url = self.own_url
        return self.is_article and url != "" and self.platform.may_be_post(url)

    @property
    def own_url(self) -> str:
        """The first absolute address of the page that names no post of Shopify's; empty where one
        does."""
        if self.platform.name == "shopify" or any(map(canonical_post_url, self.addresses)):
            return ""
        return self.addresses[0] if self.addresses else ""

    def is_other_page(self, store: StoreAddress) -> bool:
        """Whether the page says that it is no post: an index page, a product, the home page."""
        if self.markers.page_type:
            return self.markers.page_type in _LISTINGS
        if self.is_foreign_article:
            return False
        urls = [urljoin(f"{store.origin}/", self.canonical)] if self.canonical else []
        urls += self.addresses
        return bool(urls) and not any(map(canonical_post_url, urls))


def read_page_marks(body: bytes) -> PageMarks:
    """Read the marks of a page; of one that cannot be parsed, those that need no parsing."""
    markers, saved_from = read_markers(body), read_saved_from(body)
    canonical, addresses, is_article = "", [saved_from.url], False
    hints: tuple[str, ...] = ()
    platform = identify_platform(body) or GENERIC
    try:
        page = parse_page(body, url="")
    except ExtractionError:
        pass
    else:
        canonical = page.canonical
        says_so = page.metas.get("og:type") == "article" or any(page.articles)
        is_article = says_so or platform.is_article(body)
        addresses = [canonical, page.metas.get("og:url", ""), page.analytics_url, saved_from.url]
        hints = _absolute(_hints(page))
    own = _absolute(addresses)
    return PageMarks(canonical, own, markers, saved_from, platform, is_article, hints)


def learn_marks(pages: Iterable[PageMarks], known: KnownMarks) -> KnownMarks:
    """What pages that name the store by an absolute address say of it."""
    shop_id, domain = known.shop_id, known.myshopify_domain
    for page in pages:
        if page.names(known) and not page.contradiction(KnownMarks(known.stores, shop_id, domain)):
            shop_id = shop_id or page.markers.shop_id
            domain = domain or page.markers.myshopify_domain
    return KnownMarks(known.stores, shop_id, domain)


def _hints(page: ParsedPage) -> Iterator[str]:
    """The base of a page's links, and what its structured data says of its address and publisher:
    themes copy both from elsewhere."""
    base = page.tree.css_first("base[href]")
    yield (base.attributes.get("href") or "") if base is not None else ""
    for article in page.articles[:1]:
        for value in map(article.get, ("url", "mainEntityOfPage", "publisher")):
            named = (value.get("url") or value.get("@id")) if isinstance(value, dict) else value
            yield named if isinstance(named, str) else ""


def _absolute(urls: Iterable[str]) -> tuple[str, ...]:
    whole = (f"https:{url}" if url.startswith("//") else url for url in urls)
    found = (without_wayback(url) for url in whole if url.startswith(("http://", "https://")))
    return tuple(dict.fromkeys(found))
