"""Differences that wait for confirmation: one row each, from first sight to its end."""

from __future__ import annotations

import sqlite3
from typing import Final

from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post.posts import StoredPost
from scraper.history.timeline import PendingEvent

_MOST_VARIED: Final = 8
"""How many texts that went again are compared with an edit."""


def varied_texts(connection: sqlite3.Connection, post_id: int, at: str) -> list[str]:
    """The newest texts of a post that nothing had confirmed when they went again, by `at`."""
    rows = connection.execute(
        """
        SELECT text FROM pending_changes JOIN revisions ON revisions.id = to_revision_id
        JOIN contents ON contents.id = content_id
        WHERE pending_changes.post_id = ? AND standing = 'volatile' AND ended_at <= ?
        ORDER BY pending_changes.id DESC LIMIT ?
        """,
        [post_id, at, _MOST_VARIED],
    )
    return [text for (text,) in rows]


def record_pending(
    crawl: CrawlContext, stored: StoredPost, revision_id: int, event: PendingEvent, at: str
) -> None:
    """Write what happened to a waiting difference: it begins, was seen again, or ends."""
    pending = event.pending
    if event.kind == "pending":
        (number,) = crawl.connection.execute(
            "SELECT count(*) + 1 FROM pending_changes WHERE post_id = ?", [stored.id]
        ).fetchone()
        insert(
            crawl.connection,
            "pending_changes",
            label=f"{stored.label} pending {number}",
            post_id=stored.id,
            crawl_id=crawl.crawl_id,
            from_revision_id=stored.revision_id,
            to_revision_id=revision_id,
            not_before=pending.not_before,
            first_seen_at=pending.first_seen_at,
            last_seen_at=at,
        )
    elif event.kind == "volatile":
        end_pending(crawl, stored.id, at)
    else:
        ended = {"standing": "confirmed", "ended_at": at} if event.kind == "confirmed" else {}
        update(
            crawl.connection,
            "pending_changes",
            stored.pending_id,
            last_seen_at=at,
            sights=pending.sights,
            **ended,
        )


def end_pending(crawl: CrawlContext, post_id: int, at: str) -> None:
    """End the waiting difference of a post, if there is one: nothing has confirmed it."""
    crawl.connection.execute(
        "UPDATE pending_changes SET standing = 'volatile', ended_at = ? "
        "WHERE post_id = ? AND standing = 'pending'",
        [at, post_id],
    )
