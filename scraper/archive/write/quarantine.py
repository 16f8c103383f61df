"""Pages that may not be the posts at whose addresses they stand: they wait until the end of the
crawl, when every page has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from scraper.archive.write import page_doubts
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.page_doubts import Doubt
from scraper.archive.write.post import article_ids, known_posts, page_identity
from scraper.history.identity import RENUMBERED_MIN, SAME_PAGES, alike_groups
from scraper.items import Post, Visit

MAX_QUARANTINED = 2000
"""How many pages can wait; each takes some kilobytes. More are unreadable: the next crawl asks for
them again."""


class _Waiting(NamedTuple):
    visit: Visit
    post: Post
    body_id: int | None
    doubt: Doubt


class Quarantine:
    """Holds pages of which only the crawl as a whole shows whether they are their posts.

    ``replaced``: hardly a word of the post is left. One such page is a rewritten post; two with one
    text, or one template of it, are no posts (a notice answered with 200). ``misplaced``: the page
    is another post's, which may have been renamed, or a cache mixes pages up. ``foreign_id``: only
    the article id is another post's; unless that was renamed, the page is a new post.
    ``renumbered``: the known text under an article id that nobody has seen. ``contradicts``: a new
    page that does not hold what the feed says of it; where most are so, the feed is of other words.
    ``elsewhere``: a new page names another listed address as its own, where this crawl may find it.
    What is no post is unreadable, unless an operator accepts the store as it is.
    """

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._ids = article_ids.SeenIds()
        self._agreeing = 0

    def admit(self, crawl: CrawlContext, visit: Visit, body_id: int | None) -> Visit | None:
        """Return a visit as it is to be written now, or None: it waits. `body_id` is the id of the
        stored answer. The caller holds the transaction."""
        if not crawl.answered or visit.post is None:
            return visit
        post = page_identity.with_present_address(crawl, visit.post)
        known = known_posts.find_known(crawl, post)
        trusted = article_ids.with_trusted_id(crawl, post, known, self._ids)
        if trusted.article_id != post.article_id:
            known = replace(known, namesake=None)
        post, visit = trusted, replace(visit, post=trusted)
        doubt = page_doubts.doubt_of(crawl, post, known, visit.capture.url)
        self._agreeing += post.feed_check in {"equal", "differs"}
        if not doubt:
            return visit
        if len(self._waiting) >= MAX_QUARANTINED:
            return _unreadable(visit, "too many pages of this crawl may be other pages")
        # The answer is on the disk already, and the removed blocks are no part of the archive.
        post = replace(post, blocks=())
        light = replace(visit, capture=replace(visit.capture, body=b""), post=post)
        self._waiting.append(_Waiting(light, post, body_id, doubt))
        return None

    def release(
        self, crawl: CrawlContext, *, finished: bool, accepted: bool
    ) -> Iterator[tuple[Visit, int | None]]:
        """Yield the quarantined visits: as they are, or as unreadable. If the crawl did not finish,
        all are unreadable. An article id is dropped where it is foreign, or several renumbered
        pages share it. The caller holds the transaction."""
        refused = [""] * len(self._waiting)
        if not accepted:
            refused = self._refused(crawl) if finished else [_OTHER] * len(self._waiting)
        renumbered = [waits.post for waits in self._waiting if waits.doubt == "renumbered"]
        if finished:
            is_sure = len(renumbered) >= RENUMBERED_MIN
            article_ids.renumber(crawl, renumbered, None if is_sure else self._ids.distrusted)
        numbers = Counter(post.article_id for post in renumbered)
        for waits, reason in zip(self._waiting, refused, strict=True):
            visit = waits.visit
            is_foreign = waits.doubt == "foreign_id" and finished
            drops_id = is_foreign if reason else numbers[waits.post.article_id] > 1
            if drops_id:
                visit = replace(visit, post=replace(waits.post, article_id=""))
            elif reason:
                visit = _unreadable(visit, reason)
            yield visit, waits.body_id
        self._waiting.clear()

    def _refused(self, crawl: CrawlContext) -> list[str]:
        """Why each page that waits is no post; empty where it is one."""
        groups = alike_groups([(waits.post.title, waits.post.text) for waits in self._waiting])
        sizes = Counter(
            group
            for group, waits in zip(groups, self._waiting, strict=True)
            if waits.doubt in {"replaced", "contradicts"}
        )
        asked = {waits.post.url for waits in self._waiting}
        contradicting = sum(waits.doubt == "contradicts" for waits in self._waiting)
        feed_fits = self._agreeing >= contradicting
        reasons = []
        for group, waits in zip(groups, self._waiting, strict=True):
            reason = ""
            if waits.doubt in {"misplaced", "foreign_id"}:
                left = page_doubts.has_left_address(crawl, waits.post, asked)
                reason = "" if left else "another post's page stands at the post's address"
            elif sizes[group] >= SAME_PAGES and waits.doubt != "renumbered":
                reason = "one page stands at the addresses of several posts"
            elif waits.doubt == "contradicts" and feed_fits:
                reason = page_identity.CONTRADICTS
            reasons.append(reason)
        return reasons


_OTHER = "it may be another page"


def _unreadable(visit: Visit, detail: str) -> Visit:
    capture = replace(visit.capture, verdict="unreadable", detail=detail)
    return replace(visit, capture=capture, post=None)
