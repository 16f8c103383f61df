"""What a crawl learns of a store beside its posts, and what the archive knows of it. Frozen values.

Times and URLs as in `scraper.items`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from scraper.items import Capture, FeedEntry, Template, Verdict, Visit

ListingSource = Literal["sitemap", "feed", "index", "pager", "archive", "seed", "import"]
"""Which source named the address of a post."""

DatesMoved = Literal["singly", "all", "untrusted"]
"""How the dates in a store's listings moved since its last crawl: post by post, or for nearly all
posts at once; ``untrusted`` where they do so by themselves, and witness no edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSettled:
    """A crawl has settled how a store's pages are read: by `template`, or, where that is None, each
    by itself."""

    template: Template | None


def digests_of(template: Template) -> tuple[str, str]:
    """The version and the fingerprint that bodies and blocks of a template make: each twelve hex
    digits that differ where anything in it does."""
    paths = [body.path for body in template.bodies]
    blocks = [f"{block.path} {block.text}" for block in template.blocks]
    return _digest(*paths, "", *blocks), _digest(*sorted(paths))


def _digest(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSeen:
    """What the store's pages say of the store. `utc_offset_s` is the store's own offset from UTC in
    seconds, or None if unsaid.

    Of a store at an address not known before, `led_from` are origins of known stores that redirect
    to it now, `deserted` those that show those stores no more.
    """

    origin: str
    name: str = ""
    platform: str = "unknown"
    myshopify_domain: str = ""
    shop_id: str = ""
    utc_offset_s: int | None = None
    led_from: tuple[str, ...] = ()
    deserted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogSeen:
    """A blog of the store."""

    handle: str
    title: str
    url: str
    feed_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPost:
    """The address of a post as a source names it. `url` is canonical; `page_url` is the address as
    named, where that is another one (a locale copy). `lastmod` is UTC, or empty; `lastmod_raw` as
    served."""

    url: str
    page_url: str = ""
    lastmod: str = ""
    lastmod_raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The addresses that one source named at one time."""

    source: ListingSource
    source_url: str
    posts: tuple[ListedPost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A post that the archive holds already, by its URL.

    `last_seen_at` is the last time it was read, `lastmod` the modification time that listings gave
    then, `last_verdict` the verdict of its last response. `etag` and `last_modified` are that
    response's validators, present only where no listing dates the post. `pending` says that a
    difference waits for confirmation, `feed_claims` is what the feed claimed of it last, by field
    (see `extract.feed_claims`), `done` that the crawl being resumed has dealt with it.
    """

    url: str
    article_id: str
    state: str
    last_seen_at: str = ""
    lastmod: str = ""
    last_verdict: Verdict = "ok"
    etag: str = ""
    last_modified: str = ""
    pending: bool = False
    feed_claims: Mapping[str, str] = field(default_factory=dict)
    done: bool = False


HUNG = "hung"
"""Begins the reason why a page was rejected that had hung a crawl."""

EXHAUSTED = f"{HUNG}: out of memory"
"""Begins it where memory ran out, perhaps for another program's sake: the same bytes are read once
more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStore:
    """What the archive holds of a store when a crawl of it begins.

    `pending` are URLs that only an older or newer link named and that were not requested yet;
    `blogs` the handles of its blogs; `full_discovery_at` is when its listings were last read with
    all index pages (UTC, or empty); `not_found` title and first heading of its own not-found page,
    empty until learned; `shop_id` Shopify's number of the store, empty where unknown; `platform` as
    in `stores`; `addresses` its origins over time, the present one last. `template` is the one its
    pages were read by last; `settled` says that the crawl being resumed has settled on it, or on
    none. `rejected` are the body hashes of pages that this version of the extraction has rejected,
    and why. `dates_moved` is what the last crawl found. `all_controls` counts control
    fetches, `all_fetched` the posts that crawls fetched, `controls` control fetches since its
    template was last learned; `varies`: a difference has waited for confirmation since then, or a
    figure moved between fetches.
    """

    posts: tuple[KnownPost, ...] = ()
    pending: tuple[str, ...] = ()
    blogs: tuple[str, ...] = ()
    full_discovery_at: str = ""
    not_found: tuple[str, str] = ("", "")
    shop_id: str = ""
    platform: str = ""
    addresses: tuple[str, ...] = ()
    template: Template | None = None
    settled: bool = False
    rejected: Mapping[str, str] = field(default_factory=dict)
    dates_moved: DatesMoved = "singly"
    all_controls: int = 0
    all_fetched: int = 0
    controls: int = 0
    varies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySummary:
    """The result of reading a store's listings.

    `whole` are the sources that were read to their end, so that what they no longer name is gone
    from them; `walked` says that index pages were included; `not_found` is title and heading of
    the store's own not-found page, if it was learned now; `failed` are the URLs of listings that
    could not be read; `unchanged` the number of known posts that need not be requested;
    `dates_moved` says how the dates in the listings moved since the last crawl. `left_out` are the
    handles of known blogs that were not to be crawled.
    """

    whole: frozenset[ListingSource]
    walked: bool
    unchanged: int
    not_found: tuple[str, str] = ("", "")
    dates_moved: DatesMoved = "singly"
    failed: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPage:
    """A page or a file that showed a post when it was captured, to be read again.

    `store_origin` is the store's present origin, `addresses` its origins by then. `url` is what was
    requested, `final_url` what answered; `imported` says that it is a file, ``dump`` in
    `resource_type` that the file is a text dump. `template` is the one by which it was read.
    """

    crawl_id: int
    store_origin: str
    addresses: tuple[str, ...]
    url: str
    final_url: str
    fetched_at: str
    resource_type: str
    imported: bool
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    template: Template | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedFeed:
    """A feed that a crawl had at hand."""

    url: str
    body: bytes = field(repr=False)


class UnmovedPost(NamedTuple):
    """A known post whose date in the listings stands still at `lastmod` (UTC): the address to ask
    for, and its entry of the feed."""

    url: str
    page_url: str
    lastmod: str
    entry: FeedEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSight:
    """A post's page as a crawl fetched it; `is_control`: once more, after the one before it.
    `post_url` is the post's address, `content_type` the header; `rules` are extractor and template
    by which it was read, `is_dated` says that the post's date has moved since, and `is_due` that or
    that one more sight would confirm a difference, where they are asked for."""

    capture_id: int
    post_url: str
    final_url: str
    fetched_at: str
    is_control: bool
    content_type: str
    body: bytes
    rules: tuple[str, str]
    is_dated: bool
    is_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedImage:
    """An image that a crawl is to ask for, with the validators of its last answer, or empty."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAnswer:
    """The answer to a request for the image at `url`; `capture` is None where it was not asked for.

    `media_type` is what its bytes are, `uploaded_at` when the store stored the file (UTC, or
    empty).
    """

    url: str
    capture: Capture | None
    media_type: str = ""
    uploaded_at: str = ""


CrawlEvidence = (
    StoreSeen | BlogSeen | Listing | DiscoverySummary | TemplateSettled | Visit | ImageAnswer
)
"""What a crawl learns and saves: about the store, its blogs and listings, and each response."""
