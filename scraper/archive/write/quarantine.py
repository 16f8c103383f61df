"""Pages that may not be the posts at whose addresses they stand: kept back until the crawl's end,
when all that came is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import post_urls, posts
from scraper.archive.write.record_visit import before_and_after
from scraper.history.identity import SAME_PAGES, is_unlike
from scraper.items import Visit

MAX_QUARANTINED = 2000
"""So many pages are kept back; each takes some kilobytes."""


class Quarantine:
    """Keeps back pages without an article id, at addresses of posts without one, that say nothing
    of what the post said.

    One alone is a post that was written anew. Two of the same title and words are no posts' (a
    notice of maintenance that came as 200): they are told as unreadable, unless an operator who has
    looked accepts the store as it is.
    """

    def __init__(self) -> None:
        self._held: list[tuple[Visit, int | None]] = []

    def add_if_unlike(self, crawl: CrawlContext, visit: Visit, body_id: int | None) -> bool:
        """Keep a visit back, whose answer is kept under `body_id`; says whether it was."""
        if (
            crawl.kind != "crawl"
            or visit.post is None
            or visit.post.article_id
            or len(self._held) >= MAX_QUARANTINED
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
        # What was answered is on the disk already, and which block went and why is no part of the
        # archive.
        light = replace(
            visit, capture=replace(visit.capture, body=b""), post=replace(visit.post, blocks=())
        )
        self._held.append((light, body_id))
        return True

    def release(self, *, finished: bool, accepted: bool) -> Iterator[tuple[Visit, int | None]]:
        """What was kept back, to be written: as it came, or as unreadable. Of a crawl that did not
        come to its end nothing can be told."""
        shown = Counter(_words(visit) for visit, _ in self._held)
        for visit, body_id in self._held:
            many = shown[_words(visit)] >= SAME_PAGES
            if accepted or (finished and not many):
                yield visit, body_id
            else:
                told = (
                    "one page stands at the addresses of several posts"
                    if many
                    else "it may be another page"
                )
                yield (
                    replace(
                        visit,
                        capture=replace(visit.capture, verdict="unreadable", detail=told),
                        post=None,
                    ),
                    body_id,
                )
        self._held.clear()


def _words(visit: Visit) -> tuple[str, str]:
    return (visit.post.title, visit.post.text) if visit.post else ("", "")
