"""The computed edges of a post, of kind ``similar`` and ``copy``, as rows of `links`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Literal, NamedTuple

from scraper.archive.similarity.search import Neighbour
from scraper.archive.statements import insert, update

ComputedKind = Literal["similar", "copy"]


class _Row(NamedTuple):
    """An open edge in `links`."""

    to_post_id: int
    weight: float
    anchor: str
    position: int
    id: int
    post_key: str


def open_edges(connection: sqlite3.Connection, post_id: int, kind: ComputedKind) -> list[Neighbour]:
    """The open edges of a post, in their order."""
    return [
        Neighbour(row.to_post_id, row.weight, row.post_key, _terms(row.anchor))
        for row in _rows(connection, post_id, kind)
    ]


def posts_with_edge_to(
    connection: sqlite3.Connection, post_id: int, kind: ComputedKind
) -> set[int]:
    """The posts that have an open edge to a post."""
    sql = "SELECT from_post_id FROM links WHERE to_post_id = ? AND kind = ? AND gone_at IS NULL"
    return {other_id for (other_id,) in connection.execute(sql, [post_id, kind])}


def set_edges(
    connection: sqlite3.Connection,
    post_id: int,
    kind: ComputedKind,
    neighbours: Iterable[Neighbour],
    at: str,
) -> None:
    """Make the open edges of a post those to `neighbours`; an edge that does not change is not
    written."""
    known = {row.to_post_id: row for row in _rows(connection, post_id, kind)}
    for position, other in enumerate(neighbours):
        anchor = ", ".join(other.terms)
        row = known.pop(other.post_id, None)
        if row is None:
            _open(connection, post_id, kind, other, position=position, at=at)
        elif (row.weight, row.anchor, row.position) != (other.weight, anchor, position):
            update(
                connection,
                "links",
                row.id,
                weight=other.weight,
                anchor=anchor,
                position=position,
                last_seen_at=at,
            )
    for row in known.values():
        update(connection, "links", row.id, gone_at=at)


def end_edges_of_removed(connection: sqlite3.Connection, at: str) -> None:
    """End the open edges from and to posts that are removed."""
    connection.execute(_END_OF_REMOVED, [at])


def end_edges(connection: sqlite3.Connection, post_id: int, at: str) -> None:
    """End the open edges from and to a post."""
    for column in ("from_post_id", "to_post_id"):
        connection.execute(
            f"""
            UPDATE links SET gone_at = ?
            WHERE {column} = ? AND gone_at IS NULL AND kind IN ('similar', 'copy')
            """,
            [at, post_id],
        )


def _rows(connection: sqlite3.Connection, post_id: int, kind: ComputedKind) -> list[_Row]:
    return [_Row(*row) for row in connection.execute(_OPEN, [post_id, kind])]


def _terms(anchor: str) -> tuple[str, ...]:
    return tuple(anchor.split(", ")) if anchor else ()


def _open(
    connection: sqlite3.Connection,
    post_id: int,
    kind: ComputedKind,
    other: Neighbour,
    *,
    position: int,
    at: str,
) -> None:
    (url,) = connection.execute("SELECT url FROM posts WHERE id = ?", [other.post_id]).fetchone()
    insert(
        connection,
        "links",
        from_post_id=post_id,
        to_post_id=other.post_id,
        url=url,
        kind=kind,
        anchor=", ".join(other.terms),
        position=position,
        weight=other.weight,
        target_key="",
        first_seen_at=at,
        last_seen_at=at,
    )


_OPEN = """
    SELECT to_post_id, weight, anchor, position, links.id, coalesce(post_key, '')
    FROM links LEFT JOIN similarity.documents ON documents.id = to_post_id
    WHERE from_post_id = ? AND kind = ? AND gone_at IS NULL ORDER BY position, links.id
"""
_END_OF_REMOVED = """
    UPDATE links SET gone_at = ?
    WHERE gone_at IS NULL AND kind IN ('similar', 'copy') AND (
        from_post_id IN (SELECT id FROM posts WHERE state = 'removed')
        OR to_post_id IN (SELECT id FROM posts WHERE state = 'removed')
    )
"""
