"""Differences that wait for confirmation: one row each, from first sight to its end; and what those
say of a store's fields that went again."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from scraper.archive.revision_fields import FIELD_COLUMNS, fields_of, load_snapshot
from scraper.archive.statements import insert, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post.posts import StoredPost
from scraper.history.diff.blocks import Block, find_volatile_blocks, times_varied
from scraper.history.normal_form.snapshots import normal_html
from scraper.history.reconcile import (
    VOLATILE_CRAWLS,
    Sights,
    find_volatile_fields,
    gone_values,
    sights_needed,
)
from scraper.history.timeline import Pending, PendingEvent
from scraper.items import Origin

_MOST_VARIED: Final = 8
"""How many texts that went again are compared with an edit."""

_MOST_WENT: Final = 1000

_MOST_COMPARED: Final = 100
"""How many differences that went again are compared block by block."""


def load_volatile_fields(connection: sqlite3.Connection, crawl_id: int) -> Counter[str]:
    """The fields that vary by themselves on the store's posts, by the beginning of a crawl, each
    with the number of crawls in which it lately did."""
    return find_volatile_fields(_sights(connection, crawl_id, None))


def load_gone_values(
    connection: sqlite3.Connection, crawl_id: int, post_id: int
) -> dict[str, set[Any]]:
    """The values of a post's fields that went again by the beginning of a crawl."""
    return gone_values(three for _, three in _sights(connection, crawl_id, post_id))


def _sights(
    connection: sqlite3.Connection, crawl_id: int, post_id: int | None
) -> Iterator[tuple[int, Sights]]:
    """The sights before, at and after each difference that nothing confirmed, with the crawl in
    which it began."""
    rows = connection.execute(
        _WENT, {"crawl": crawl_id, "post": post_id, "crawls": VOLATILE_CRAWLS, "most": _MOST_WENT}
    )
    width = len(FIELD_COLUMNS.split(", "))
    for began, *row in rows:
        parts = row[:width], row[width : 2 * width], row[2 * width :]
        yield began, (fields_of(parts[0]), fields_of(parts[1]), fields_of(parts[2]))


def load_volatile_blocks(
    connection: sqlite3.Connection, crawl_id: int, addresses: tuple[str, ...]
) -> Counter[Block]:
    """The blocks that come and go by themselves on the store's posts, by the beginning of a crawl
    that may confirm a difference, each with the number of crawls in which it lately did."""
    values = {"crawl": crawl_id, "crawls": VOLATILE_CRAWLS, "most": _MOST_COMPARED}
    forms: dict[str, str] = {}

    def normal(html: str) -> str:
        return forms.get(html) or forms.setdefault(html, normal_html(html, addresses))

    rows = connection.execute(_CAME, values)
    return find_volatile_blocks((began, [*map(normal, three)]) for began, *three in rows)


def sights_of_volatile(
    crawl: CrawlContext, stored: StoredPost, pending: Pending | None, html: str, needed: int
) -> int:
    """How many sights in a row confirm a difference that waits, where else `needed` do: more where
    all that differs came and went on the store's posts before."""
    if pending is None or not crawl.volatile_blocks:
        return needed
    before = load_snapshot(crawl.connection, stored.revision_id).html
    old, new = (normal_html(one, crawl.addresses) for one in (before, html))
    crawls = times_varied(old, new, crawl.volatile_blocks)
    return sights_needed(needed, crawls) if crawls and all(crawls) else needed


def varied_texts(
    connection: sqlite3.Connection, post_id: int, at: str, origin: Origin
) -> list[str]:
    """The newest texts of a post that nothing had confirmed when they went again, for a change of
    `at`: also those that went with it, unless our rules or a theme made it, for a page is read
    again before the sight that ends them."""
    rows = connection.execute(
        """
        SELECT text FROM pending_changes JOIN revisions ON revisions.id = to_revision_id
        JOIN contents ON contents.id = content_id
        WHERE pending_changes.post_id = ? AND standing = 'volatile'
            AND (ended_at < ? OR (ended_at = ? AND ? != 'technical'))
        ORDER BY pending_changes.id DESC LIMIT ?
        """,
        [post_id, at, at, origin, _MOST_VARIED],
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
            confirm_sights=pending.confirm_sights,
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
            confirm_sights=pending.confirm_sights,
            **ended,
        )


def end_pending(crawl: CrawlContext, post_id: int, at: str) -> None:
    """End the waiting difference of a post, if there is one: nothing has confirmed it."""
    crawl.connection.execute(
        "UPDATE pending_changes SET standing = 'volatile', ended_at = ? "
        "WHERE post_id = ? AND standing = 'pending'",
        [at, post_id],
    )


def _fields_columns(name: str) -> str:
    return ", ".join(f"{name}.{column}" for column in FIELD_COLUMNS.split(", "))


_WENT = f"""
    SELECT pending_changes.crawl_id, {_fields_columns("old")}, {_fields_columns("new")},
        {_fields_columns("seen")}
    FROM crawls JOIN pending_changes ON pending_changes.crawl_id IN (
        SELECT id FROM crawls AS earlier
        WHERE earlier.store_id = crawls.store_id AND earlier.id < crawls.id
        ORDER BY id DESC LIMIT :crawls
    )
    JOIN revisions AS old ON old.id = from_revision_id
    JOIN revisions AS new ON new.id = to_revision_id AND new.fields_hash != old.fields_hash
    JOIN captures ON captures.post_id = pending_changes.post_id AND captures.fetched_at = ended_at
    JOIN revisions AS seen ON seen.id = captures.revision_id
    WHERE crawls.id = :crawl AND standing = 'volatile' AND ended_at < crawls.started_at
        AND (:post IS NULL OR pending_changes.post_id = :post)
    ORDER BY pending_changes.id DESC LIMIT :most
"""
_CAME = """
    SELECT pending_changes.crawl_id, old_content.html, new_content.html, seen_content.html
    FROM crawls JOIN pending_changes ON pending_changes.crawl_id IN (
        SELECT id FROM crawls AS earlier
        WHERE earlier.store_id = crawls.store_id AND earlier.id < crawls.id
        ORDER BY id DESC LIMIT :crawls
    )
    JOIN revisions AS old ON old.id = from_revision_id
    JOIN revisions AS new ON new.id = to_revision_id AND new.content_id != old.content_id
    JOIN captures ON captures.post_id = pending_changes.post_id AND captures.fetched_at = ended_at
    JOIN revisions AS seen ON seen.id = captures.revision_id
    JOIN contents AS old_content ON old_content.id = old.content_id
    JOIN contents AS new_content ON new_content.id = new.content_id
    JOIN contents AS seen_content ON seen_content.id = seen.content_id
    WHERE crawls.id = :crawl AND standing = 'volatile' AND ended_at < crawls.started_at
        AND EXISTS (
            SELECT 1 FROM pending_changes AS waiting JOIN posts ON posts.id = waiting.post_id
            WHERE posts.store_id = crawls.store_id AND waiting.standing = 'pending'
                AND waiting.sights + 1 >= waiting.confirm_sights
        )
    ORDER BY pending_changes.id DESC LIMIT :most
"""
