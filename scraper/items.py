"""What crosses the layers: frozen values, standard library only.

Times are UTC, ISO 8601, to the second, ending in ``Z`` (``2026-03-04T05:06:07Z``) unless a field's
name ends in ``_raw``: raw values stand as the store wrote them. URLs are absolute. An empty string
means "the page does not say".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Verdict = Literal[
    "ok",
    "not_modified",
    "not_found",
    "gone",
    "soft_404",
    "redirected_home",
    "renamed",
    "redirected_off",
    "password_page",
    "challenge",
    "rate_limited",
    "security_rejected",
    "server_error",
    "network_error",
    "empty",
    "truncated",
    "not_html",
    "too_large",
    "forbidden",
    "unreadable",
    "rejected",
    "noarchive",
]
"""What an answer of the server means; only ``ok`` may touch a post."""

TOO_SLOW: Final = "too_slow"
"""How a capture's detail begins where reading the page took too much CPU."""

DatedBy = Literal["server", "web_archive", "operator", "page", "unknown"]
"""Who says when a page was captured: we ourselves (``server``), the record of a web archive, an
operator, the page's own saved-from comment, or nobody."""

LinkKind = Literal[
    "inline",
    "related_list",
    "related_widget",
    "older",
    "newer",
    "previous",
    "next",
    "similar",
    "copy",
]
"""How one post points at another. ``previous`` and ``next`` are what a theme printed; dates turn
them into older or newer. Nobody set ``similar`` and ``copy``: the two texts are alike, or one and
the same."""

NonPostLinkKind = Literal[
    "product", "collection", "page", "blog", "home", "file", "elsewhere", "outside", "mail", "phone"
]
"""What a link of an author leads to that is no post of the store."""

PAGERS: frozenset[LinkKind] = frozenset({"older", "newer", "previous", "next"})
"""Links that the theme sets from post to post: a source of addresses too, for the theme still
counts those posts among its own."""

AUTHORED: frozenset[LinkKind] = frozenset({"inline", "related_list"})
"""Links that the author set; the theme or an app set the others, or nobody."""


Origin = Literal["observed", "technical", "imported"]
"""Who made a change: the store, we ourselves, or a file that somebody handed us."""

CodeKind = Literal["percent", "amount", "free_shipping", "unknown"]

FeedCheck = Literal["", "equal", "differs", "contradicts"]

Evidence = Literal["feed", "jsonld", "pages", "sights"]
"""What taught us a part of a template: the author's words in the feed, in the page's structured
data, what the store's pages share, or what varies by itself between two sights of one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldClaim:
    """What one source claims about one field of a post.

    `field` is the name of a Post field, `source` where it was read (``feed``, ``time``, ``jsonld``,
    ``jsonld_local``, ``microdata``, ``opengraph``, ``meta``, ``heading``, ``byline``, ``title``,
    ``dump``), `raw` as served, `value` as parsed.
    """

    field: str
    source: str
    raw: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a page, kept or removed, and the rule that decided.

    `path` is a CSS path from the body element; `text` the first 200 characters of its own text,
    without that of blocks within it, or what it shows instead (``[image: a kettle]``). `place`
    counts the elements below the body element in document order from 1 (the body element is 0), or
    the lines of a text dump from 0; -1 where not every block was asked for.
    """

    path: str
    kept: bool
    rule: str
    text: str
    place: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge from one post to another address of a blog.

    `url` is canonical and absolute, or empty where only a title is known (a text dump); `position`
    counts from 0 within a kind.
    """

    url: str
    kind: LinkKind
    anchor: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NonPostLink:
    """A link in the text to what is no post of the store. Within the store `url` is without query,
    fragment and locale; `position` counts from 0 within a kind."""

    url: str
    kind: NonPostLinkKind
    anchor: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMention:
    """A discount code as a post carries it.

    `value` is percent for kind ``percent``, currency units for ``amount``, 0 otherwise; `currency`
    an ISO 4217 code or empty; `snippet` the sentence around it.
    """

    code: str
    kind: CodeKind
    value: float
    currency: str
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as one page, or one file, shows it at one moment.

    `html` is the author's whole body, sanitised; `markdown` and `text` are the post as one reads
    it, without a typed list of related posts. `readings` hold every source's word on title, author,
    published_at, modified_at, excerpt and image_url, most trusted first; the fields of the same
    names hold the value of the first. `method` says how the body was found, `confidence` (0 to 1)
    how sure that is. `published_at` may be a bare date (``2026-03-04``) where the page shows no
    time. `template` is the version of the template that was at hand, or empty; `learned_from` what
    taught it where the body is, empty where the page itself showed it; `feed_check` says whether
    the body's letters are those of the post's feed entry (``contradicts``: hardly any is), or empty
    where there is none. `canonical_url` is the post that the page names as its own, where that is
    not the one at `url`.
    """

    url: str
    locale: str
    blog_handle: str
    handle: str
    article_id: str
    title: str
    author: str
    published_at: str
    modified_at: str
    excerpt: str
    image_url: str
    language: str
    tags: tuple[str, ...]
    html: str
    markdown: str
    text: str
    word_count: int
    comment_count: int
    links: tuple[Link, ...]
    self_links: tuple[Link, ...]
    codes: tuple[CodeMention, ...]
    readings: tuple[FieldClaim, ...]
    blocks: tuple[Block, ...]
    method: str
    confidence: float
    template: str = ""
    learned_from: Evidence | Literal[""] = ""
    feed_check: FeedCheck = ""
    canonical_url: str = ""
    non_post_links: tuple[NonPostLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateBody:
    """An element that holds the body: its path of steps from the page's body element, and on how
    many of the pages learned from it did.

    `framed` says that the theme's frame may be inside: only its share of the page's prose marks the
    element.
    """

    path: str
    framed: bool
    learned_from: Evidence
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateBlock:
    """A block of the theme inside the body's element: its path of steps from there, and its letters
    where the path alone is not enough.

    Of a place that varies by itself (``sights``), `path` begins with its first named step, `text`
    is the shape of its words (`shape_of`), `pages` the posts on which it varied, `sights` how often
    they were seen.
    """

    path: str
    text: str
    learned_from: Evidence
    pages: int
    sights: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the article pages of a store have in common, best proven first. `pages` is how many were
    learned from.

    A store may have several kinds of pages, and so several bodies. `fingerprint` changes when the
    theme moves them, `version` with anything that was learned: posts read by two versions were read
    by different rules.
    """

    version: str
    fingerprint: str
    bodies: tuple[TemplateBody, ...]
    blocks: tuple[TemplateBlock, ...]
    pages: int

    @property
    def learned_from(self) -> Evidence:
        """The best evidence for any of the bodies."""
        found = {body.learned_from for body in self.bodies}
        return next(evidence for evidence in get_args(Evidence) if evidence in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry of a blog's feed. `content_html` is the author's whole body; times are UTC, the raw
    ones as served. `guid` is the entry's own name in the feed of another system than Shopify, empty
    where several entries share it."""

    url: str
    title: str
    author: str
    published_at: str
    published_raw: str
    updated_at: str
    updated_raw: str
    summary_html: str
    content_html: str
    guid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What the server answered once. `final_url` is what answered, or where a redirect leads;
    `http_status` is 0 where no answer came; `body_hash` is the SHA-256 of the body, in hex.

    `body` is what was answered, its content coding undone, `headers` those of the answer and never
    of the request, in the order in which they came, repeated ones too; `answer_url` is the address
    that gave them where that is not `url` (one hop of a redirect). Of a file of unknown date
    (`dated_by`), `fetched_at` is the time of its import.
    """

    url: str
    final_url: str
    http_status: int
    verdict: Verdict
    detail: str
    fetched_at: str
    etag: str
    last_modified: str
    body_hash: str
    body_bytes: int
    answer_url: str = ""
    dated_by: DatedBy = "server"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


TRANSFER_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers that describe a body in transfer; of a capture only the content is stored."""


def hash_body(body: bytes) -> str:
    """The `body_hash` of a capture; empty without a body."""
    return hashlib.sha256(body).hexdigest() if body else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """The page of an earlier capture, read again by today's rules."""

    post: Post
    capture_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An answer and what was made of it: `post` is there only if the verdict is ``ok`` and the
    address is a post's.

    `resource_type` says what was asked for: ``post``, ``robots``, ``sitemap``, ``home``, ``feed``,
    ``index``, ``control``, a post once more in the same crawl, or ``not_found``, the store's own
    page for what is not there; ``dump`` is an imported text. `lastmod` is when the store's listings
    said, before the post was asked for, that it was last modified (UTC, or empty). `before` is the
    post's last page as the rules of today read it, where those of then were others. `controls` are
    further fetches of the page in the same crawl, and `moving` the words around the figures that
    each of them shows otherwise; `feed_entry` is the post's entry of the feed.
    """

    capture: Capture
    resource_type: str
    post: Post | None = None
    lastmod: str = ""
    before: Reread | None = None
    controls: tuple[Capture, ...] = ()
    moving: frozenset[tuple[str, ...]] = frozenset()
    feed_entry: FeedEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """An article page as the store served it: the item that the spider yields.

    `body` is the page with its content coding undone, `charset` what the header said of it;
    `final_url` is the address that answered; `feed_entry` the post's entry of its blog's feed;
    `lastmod` as in `Visit`; `number` the number of its request, from 0 in the order of asking.
    """

    capture: Capture
    final_url: str
    body: bytes = field(repr=False)
    charset: str
    feed_entry: FeedEntry | None
    lastmod: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanPost:
    """A post without the theme around it: the item that leaves the pipelines, in plain values.

    Times are UTC, or a bare date where the page shows no time. Each of `links` has `url`, `kind`
    and `anchor`; each of `codes` has `code`, `kind`, `value`, `currency` and `snippet`.
    """

    url: str
    blog: str
    handle: str
    article_id: str
    title: str
    author: str
    authors: list[str]
    published_at: str
    modified_at: str
    excerpt: str
    image_url: str
    language: str
    tags: list[str]
    word_count: int
    text: str
    markdown: str
    html: str
    links: list[dict[str, str]]
    codes: list[dict[str, str | float]]
