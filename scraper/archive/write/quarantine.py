"""Pages that may not be the posts at whose addresses they stand: they wait until the end of the
crawl, when every page has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import post_urls, posts
from scraper.archive.write.post.page_identity import before_and_after
from scraper.history.identity import SAME_PAGES, is_unlike
from scraper.items import Visit

MAX_QUARANTINED = 2000
"""How many pages can wait; each takes some kilobytes."""


class Quarantine:
    """Holds pages without an article id, at addresses of posts without one, that share nothing with
    the post.

    One such page alone is a rewritten post. Two with the same title and text are no posts (a notice
    of maintenance answered with 200): they are unreadable, unless an operator accepts the store as
    it is.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Visit, int | None]] = []

    def add_if_unlike(self, crawl: CrawlContext, visit: Visit, body_id: int | None) -> bool:
        """Quarantine a visit if its page is unlike its post; returns whether it is quarantined.
        `body_id` is the id of the stored answer."""
        if (
            crawl.kind != "crawl"
            or visit.post is None
            or visit.post.article_id
            or len(self._waiting) >= MAX_QUARANTINED
        ):
            return False
        post_id = post_urls.find_by_url(crawl.connection, crawl.store_id, visit.post.url)
        stored = posts.load_post(crawl.connection, post_id) if post_id else None
        if (
            stored is None
            or stored.article_id
            or not is_unlike(*before_and_after(crawl, stored, visit.post))
        ):
            return False
        # The answer is on the disk already, and the removed blocks are no part of the archive.
        light = replace(
            visit, capture=replace(visit.capture, body=b""), post=replace(visit.post, blocks=())
        )
        self._waiting.append((light, body_id))
        return True

    def release(self, *, finished: bool, accepted: bool) -> Iterator[tuple[Visit, int | None]]:
        """Yield the quarantined visits: as they are, or as unreadable. If the crawl did not finish,
        all are unreadable."""
        copies = Counter(_content(visit) for visit, _ in self._waiting)
        for visit, body_id in self._waiting:
            is_notice = copies[_content(visit)] >= SAME_PAGES
            if accepted or (finished and not is_notice):
                yield visit, body_id
                continue
            detail = "it may be another page"
            if is_notice:
                detail = "one page stands at the addresses of several posts"
            capture = replace(visit.capture, verdict="unreadable", detail=detail)
            yield replace(visit, capture=capture, post=None), body_id
        self._waiting.clear()


def _content(visit: Visit) -> tuple[str, str]:
    return (visit.post.title, visit.post.text) if visit.post else ("", "")
