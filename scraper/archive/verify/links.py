"""Compare the links of each post with its revisions and its sights."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence

from scraper.archive.maintenance.rebuild_links import (
    LinkRow,
    authored_periods,
    rebuild_edges,
    store_origins,
    stored_edges,
    under_last_origin,
)
from scraper.archive.verify.hashes import SKIPPED


def check_links(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | str | None]:
    """Check that every post's authored edges are those that follow from its revisions.

    Skips posts with a revision of another extractor than the last one, which may have found other
    links in the same text.
    """
    origins_of = store_origins(connection)
    for post_id, label, store_id, is_read_by_one in connection.execute(_POSTS).fetchall():
        if not is_read_by_one:
            yield SKIPPED
            continue
        origins = origins_of[store_id]
        edges = rebuild_edges(authored_periods(connection, post_id, origins), origins)
        rebuilt = under_last_origin(edges, origins)
        stored = under_last_origin(stored_edges(connection, post_id), origins)
        differing = set(rebuilt) ^ set(stored)
        if not differing:
            yield None
            continue
        example = _describe(min(differing))
        yield label, f"{len(differing)} edges are not those of its revisions, such as {example}"


def theme_links_differ(
    connection: sqlite3.Connection,
    post_id: int,
    seen_at: Sequence[str],
    removed_at: Collection[str],
) -> Iterator[str]:
    """Every link of the theme begins at a sight of its post and ends at the next one that lacks it,
    or with a removal; `seen_at` are the times of all sights, in order."""
    times = {*seen_at, *removed_at}
    for row in connection.execute(_THEME_LINKS, [post_id]):
        edge = LinkRow(*row)
        end = edge.gone_at or "9"
        between = [at for at in times if edge.last_seen_at < at < end]
        ends = {edge.first_seen_at, edge.last_seen_at} | ({end} if edge.gone_at else set())
        if between or end < edge.last_seen_at or not ends <= times:
            yield f"its link {_describe(edge)} does not begin and end at its sights"


def _describe(edge: LinkRow) -> str:
    end = edge.gone_at or "now"
    return f"{edge.kind} {edge.url or edge.anchor}, from {edge.first_seen_at} to {end}"


_POSTS = """
    SELECT posts.id, posts.label, posts.store_id, NOT EXISTS (
        SELECT 1 FROM revisions WHERE post_id = posts.id AND extractor != posts.seen_extractor
    ) FROM posts ORDER BY posts.id
"""
_THEME_LINKS = """
    SELECT kind, url, anchor, position, first_seen_at, last_seen_at, coalesce(gone_at, '')
    FROM links WHERE from_post_id = ?
        AND kind IN ('related_widget', 'older', 'newer', 'previous', 'next')
"""
