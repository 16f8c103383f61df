"""The computed edges of a post, of kind ``similar`` and ``copy``, as rows of `links`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from scraper.archive.similarity.search import Neighbour
from scraper.archive.statements import to_json, update

ComputedKind = Literal["similar", "copy"]

ANCHOR_SEPARATOR: Final = ", "


class Edge(NamedTuple):
    """An open edge in `links`; `anchor` is the terms that both posts share."""

    from_post_id: int
    to_post_id: int
    weight: float
    anchor: str
    position: int
    id: int


def read_edges(
    connection: sqlite3.Connection, post_ids: Iterable[int], kind: ComputedKind
) -> dict[int, list[Edge]]:
    """The open edges of each post, in their order."""
    found: dict[int, list[Edge]] = {post_id: [] for post_id in post_ids}
    for row in connection.execute(_OPEN, [to_json(found), kind]):
        edge = Edge(*row)
        found[edge.from_post_id].append(edge)
    return found


def edges_to(connection: sqlite3.Connection, post_id: int, kind: ComputedKind) -> dict[int, Edge]:
    """The open edges to a post, by the post from which they lead."""
    edges = (Edge(*row) for row in connection.execute(_OPEN_TO, [post_id, kind]))
    return {edge.from_post_id: edge for edge in edges}


def set_edges(
    connection: sqlite3.Connection,
    post_id: int,
    kind: ComputedKind,
    neighbours: Iterable[Neighbour],
    *,
    at: str,
    known: Iterable[Edge] | None = None,
) -> None:
    """Make the open edges of a post those to `neighbours`; an edge that does not change is not
    written. `known` are its open edges, if they have been read."""
    if known is None:
        known = read_edges(connection, [post_id], kind)[post_id]
    ended = {edge.to_post_id: edge for edge in known}
    new = []
    for position, other in enumerate(neighbours):
        anchor = ANCHOR_SEPARATOR.join(other.terms)
        edge = ended.pop(other.post_id, None)
        if edge is None:
            new.append((post_id, kind, anchor, position, other.weight, at, other.post_id))
        elif (edge.weight, edge.anchor, edge.position) != (other.weight, anchor, position):
            update(
                connection,
                "links",
                edge.id,
                weight=other.weight,
                anchor=anchor,
                position=position,
                last_seen_at=at,
            )
    connection.executemany(_BEGIN, new)
    for edge in ended.values():
        update(connection, "links", edge.id, gone_at=at)


def end_edges_of_removed(connection: sqlite3.Connection, at: str) -> None:
    """End the open edges from and to posts that are removed."""
    for column in _ENDS:
        removed = f"{column} IN (SELECT id FROM posts WHERE state = 'removed')"
        connection.execute(f"{_END} AND {removed}", [at])


def end_edges(connection: sqlite3.Connection, post_id: int, at: str) -> None:
    """End the open edges from and to a post."""
    for column in _ENDS:
        connection.execute(f"{_END} AND {column} = ?", [at, post_id])


_ENDS = ("from_post_id", "to_post_id")
_END = "UPDATE links SET gone_at = ? WHERE gone_at IS NULL AND kind IN ('similar', 'copy')"
_BEGIN = """
    INSERT INTO links (from_post_id, to_post_id, url, kind, anchor, position, weight, target_key,
        first_seen_at, last_seen_at)
    SELECT ?1, id, url, ?2, ?3, ?4, ?5, '', ?6, ?6 FROM posts WHERE id = ?7
"""
_OPEN = """
    SELECT from_post_id, to_post_id, weight, anchor, position, links.id
    FROM json_each(?1) CROSS JOIN links ON from_post_id = value
    WHERE kind = ?2 AND gone_at IS NULL ORDER BY position, links.id
"""
_OPEN_TO = """
    SELECT from_post_id, to_post_id, weight, anchor, position, id FROM links
    WHERE to_post_id = ? AND kind = ? AND gone_at IS NULL
"""
