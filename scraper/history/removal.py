"""When a post counts as removed: unlisted *and* answered as gone, in two crawls some time
apart. After the first it is missing. A large removal takes more crawls over a longer time.

Only crawls that saw enough of the store count, healthy or not. The post's own answers decide, and
the listings that used to name it: single other posts or listings that fail do not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from scraper.items import Verdict
from scraper.timestamps import parse_timestamp

State = Literal["live", "missing", "removed"]

ABSENT: frozenset[Verdict] = frozenset({"not_found", "gone", "soft_404", "redirected_home"})
"""Answers that mean: there is no such post here. Every other failure, of the store or of ours, is
no evidence."""

assert set(get_args(Verdict)) >= ABSENT

RING: Final = "a ring of redirects"
"""Detail of an answer whose redirects never end at a page."""

RemovalEvidence = Literal["counts", "large", "none"]
"""What a crawl's own health says of removals. ``counts``: nothing speaks against them. ``large``:
the store lists so few posts that each counts as part of a large removal. ``none``: the crawl saw
too little, or too strange a store, and proves no absence."""

CRAWLS_NEEDED: Final = 2
"""So many crawls that do not find a post remove it."""

LARGE_CRAWLS_NEEDED: Final = 4
"""As `CRAWLS_NEEDED`, for a post that is gone together with many others."""

LARGE_TIMES: Final = 12
"""A large removal takes so many times as long as any other: three days by the default setting."""

VANISHED_SHARE: Final = 0.2
"""A removal of more than this share of a blog is large …"""

VANISHED_MIN: Final = 5
"""… if it is of more posts than this: in a small blog, few posts are a large share. Whatever leaves
the store without any post is large too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingMention:
    """A listing that once named a post: the kind of its source, and the document."""

    source: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A post that a crawl did not find at its address.

    `listed`: a source of the store names it all the same. `verdict`: what its address answered.
    `n_crawls` counts the crawls that did not find it before, the first of them at `since`.
    `named_by` are the listings that ever named it.
    """

    post_id: int
    state: State
    url: str
    listed: bool
    verdict: Verdict
    n_crawls: int = 0
    since: str = ""
    last_seen_at: str = ""
    named_by: frozenset[ListingMention] = frozenset()

    @property
    def blog(self) -> str:
        """The address of the blog: that of the post without its handle."""
        return self.url.rpartition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingsRead:
    """What a crawl read of the store's listings: the sources that were read to their end, the
    documents that could be read (each with its source), and the addresses of those that could
    not."""

    whole: frozenset[str] = frozenset()
    documents: frozenset[ListingMention] = frozenset()
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlFindings:
    """What a crawl that ended at `at` (UTC) found, as far as it bears on absent posts.

    `min_hours` lie at least between the first and the last crawl of an ordinary removal. `posts`
    are the posts of each blog that are not removed, new ones and absent ones included.
    `new_unread` has for each blog when the last address was first listed that may be a post's new
    one and could not be read yet. `accepted`: an operator has checked the store, so no removal is
    large.
    """

    at: str
    removal_evidence: RemovalEvidence
    min_hours: float
    listings: ListingsRead = ListingsRead()
    posts: Mapping[str, int] = field(default_factory=dict)
    new_unread: Mapping[str, str] = field(default_factory=dict)
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceStep:
    """What a crawl makes of an absent post: its new state, and the crawls so far. `is_large` says
    that it is gone with many others."""

    post_id: int
    state: State
    n_crawls: int
    since: str
    is_large: bool = False


def judge_absences(absences: Sequence[Absence], findings: CrawlFindings) -> tuple[AbsenceStep, ...]:
    """What a crawl makes of the posts that it did not find; those of which it proves nothing are
    left out."""
    if findings.removal_evidence == "none":
        return ()
    gone = [absence for absence in absences if _is_gone(absence, findings)]
    large = _large_blogs(gone, findings)
    return tuple(_step(absence, findings, is_large=absence.blog in large) for absence in gone)


def _is_gone(absence: Absence, findings: CrawlFindings) -> bool:
    """Whether a crawl proves that a post is nowhere: by its own answer, and by the silence of the
    listings that used to name it."""
    if absence.listed or absence.verdict not in ABSENT or absence.state == "removed":
        return False
    if findings.new_unread.get(absence.blog, "") > absence.last_seen_at:
        return False  # the post may have moved to an address that could not be read yet
    return is_silence_proved(absence.named_by, absence.blog, findings.listings)


def is_silence_proved(named_by: Collection[ListingMention], blog: str, read: ListingsRead) -> bool:
    """Whether one of the listings that used to name a post was read, so that its silence counts.

    A feed drops old posts by itself: it counts only where nothing else ever named the post.
    """
    lasting = [mention for mention in named_by if mention.source != "feed"]
    relevant = lasting or list(named_by)
    return not relevant or any(_was_read(mention, blog, read) for mention in relevant)


def _was_read(mention: ListingMention, blog: str, read: ListingsRead) -> bool:
    if mention.source in read.whole:
        return True
    if mention.source != "index":
        return mention in read.documents
    # Index pages are one listing: a post that leaves the first page may stand on the second.
    begun = ListingMention(source="index", document=blog) in read.documents
    return begun and not any(url.partition("?")[0] == blog for url in read.failed)


def lasts(since: str, findings: CrawlFindings) -> bool:
    """Whether a post that answers as gone did so, since an earlier crawl found it at `since`, for
    as long as an ordinary removal takes; empty: none did."""
    return since != "" and hours_between(since, findings.at) >= findings.min_hours


def _large_blogs(gone: Iterable[Absence], findings: CrawlFindings) -> frozenset[str]:
    """The blogs from which so many posts are gone at once that we ask first."""
    counts = Counter(absence.blog for absence in gone)
    if findings.removal_evidence == "large" or sum(counts.values()) >= sum(findings.posts.values()):
        return frozenset(counts)
    if is_large(sum(counts.values()), sum(findings.posts.values())):
        return frozenset(counts)
    return frozenset(
        blog for blog, count in counts.items() if is_large(count, findings.posts.get(blog, 0))
    )


def is_large(gone: int, of: int) -> bool:
    """Whether so many of a number of posts are gone that the store may have failed."""
    return gone > VANISHED_MIN and gone > of * VANISHED_SHARE


def _step(absence: Absence, findings: CrawlFindings, *, is_large: bool) -> AbsenceStep:
    since, n_crawls = absence.since or findings.at, absence.n_crawls + 1
    asks = is_large and not findings.accepted
    needed, hours = CRAWLS_NEEDED, findings.min_hours
    if asks:
        needed, hours = LARGE_CRAWLS_NEEDED, findings.min_hours * LARGE_TIMES
    state = absence.state if asks else "missing"
    if n_crawls >= needed and hours_between(since, findings.at) >= hours:
        state = "removed"
    return AbsenceStep(
        post_id=absence.post_id, state=state, n_crawls=n_crawls, since=since, is_large=is_large
    )


def hours_between(earlier: str, later: str) -> float:
    """The hours from one time (UTC) to another."""
    return (parse_timestamp(later) - parse_timestamp(earlier)).total_seconds() / 3600


def find_redirect_loops(redirects: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The URLs whose redirects never end at a page.

    `redirects` maps each URL that only redirected to its targets; a target that is no key of it is
    an end.
    """
    inside = set(redirects)
    while out := {url for url in inside if any(target not in inside for target in redirects[url])}:
        inside -= out
    return frozenset(inside)
