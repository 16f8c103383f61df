"""The edges of a post made anew from what was seen of it, and held against those that the archive
has."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from scraper.archive.statements import quoted
from scraper.history.store_addresses import with_current_origin
from scraper.items import AUTHORED

SetLink = tuple[str, str, str, int]
"""Kind, address, words and position."""


_EdgeKey = tuple[str, str, str, int]


class Sight(NamedTuple):
    """A period in which a post was seen to have these links, or, without any, the moment at which
    it was first found gone for good."""

    first_seen_at: str
    last_seen_at: str
    links: tuple[SetLink, ...]
    gone: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """An edge as a row of `links` or `non_post_links` says it; `gone_at` is empty while it stands."""

    kind: str
    url: str
    anchor: str
    position: int
    first_seen_at: str
    last_seen_at: str
    gone_at: str


def rebuild_edges(sights: Iterable[Sight], stood: Sequence[tuple[str, str]] = ()) -> list[Edge]:
    """The edges that follow from what was seen of a post, in the order of time; sorted.

    `stood` are the origins at which its store stood, in the order of time, and since when (UTC):
    under whichever of those of a time, an address is the same then, and an edge keeps the one with
    which it was first seen.
    """
    ended: list[Edge] = []
    standing: dict[_EdgeKey, Edge] = {}
    for sight in sights:
        origins = [origin for origin, since in stood if since <= sight.first_seen_at]
        known = {_present(key, origins): edge for key, edge in standing.items()}
        now = (
            {}
            if sight.gone
            else {_present(key, origins): link for key, link in _numbered(sight.links)}
        )
        ended += [
            replace(edge, gone_at=sight.first_seen_at)
            for key, edge in known.items()
            if key not in now
        ]
        standing = {}
        for key, (kind, url, anchor, position) in now.items():
            first, since = (
                (known[key].url, known[key].first_seen_at)
                if key in known
                else (url, sight.first_seen_at)
            )
            standing[key] = Edge(kind, first, anchor, position, since, sight.last_seen_at, "")
    return sorted([*ended, *standing.values()])


def _present(key: _EdgeKey, origins: Sequence[str]) -> _EdgeKey:
    kind, url, anchor, number = key
    return (kind, with_current_origin(url, origins), anchor, number) if origins else key


def _numbered(links: Iterable[SetLink]) -> Iterator[tuple[_EdgeKey, SetLink]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for link in links:
        kind, url, anchor, _ = link
        yield (kind, url, anchor, seen[kind, url, anchor]), link
        seen[kind, url, anchor] += 1


def kept_edges(
    connection: sqlite3.Connection, post_id: int, kinds: Iterable[str] = AUTHORED
) -> list[Edge]:
    """The edges of some kinds that the archive has of a post, and its links to what is no post;
    sorted."""
    columns = "kind, url, anchor, position, first_seen_at, last_seen_at, coalesce(gone_at, '')"
    rows = connection.execute(
        f"""
        SELECT {columns} FROM links WHERE from_post_id = ?1 AND kind IN ({quoted(*sorted(kinds))})
        UNION ALL SELECT {columns} FROM non_post_links WHERE from_post_id = ?1
        """,
        [post_id],
    )
    return sorted(Edge(*row) for row in rows)


def authored_sights(connection: sqlite3.Connection, post_id: int) -> Iterator[Sight]:
    """When a post was seen with which links of its author, from its revisions."""
    for links, first, last in connection.execute(_SIGHTS, [post_id]):
        yield Sight(
            first,
            last,
            tuple(_set_link(**link) for link in json.loads(links or "[]")),
            gone=links is None,
        )


def _set_link(kind: str, url: str, anchor: str, position: int) -> SetLink:
    return kind, url, anchor, position


def check_edges(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Every post's edges that its authors set, rebuilt from its revisions, are those that the
    archive has.

    A post is passed over if other rules read a revision of it than those that saw it last: they may
    have found other links in the same words.
    """
    origins = _origins(connection)
    for post_id, label, store_id in connection.execute(_ONE_RULE).fetchall():
        stood = origins[store_id]
        made = _at_present(rebuild_edges(authored_sights(connection, post_id), stood), stood)
        kept = _at_present(kept_edges(connection, post_id), stood)
        astray = set(made) ^ set(kept)
        yield (
            (
                label,
                f"{len(astray)} edges are not those of its revisions, such as {_told(min(astray))}",
            )
            if made != kept and astray
            else None
        )


def _origins(connection: sqlite3.Connection) -> dict[int, list[tuple[str, str]]]:
    """The origins at which each store stood, in the order of time, and since when."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for store_id, origin, since in connection.execute(
        "SELECT store_id, origin, first_seen_at FROM store_urls ORDER BY first_seen_at, id"
    ):
        found[store_id].append((origin, since))
    return found


def _at_present(edges: Iterable[Edge], stood: Sequence[tuple[str, str]]) -> list[Edge]:
    """Edges under their store's own origin: what came back after a move has the address of then,
    and its revision that of before."""
    origins = [origin for origin, _ in stood]
    return sorted(
        replace(edge, url=with_current_origin(edge.url, origins)) if origins else edge
        for edge in edges
    )


def _told(edge: Edge) -> str:
    return f"{edge.kind} {edge.url or edge.anchor}, from {edge.first_seen_at} to {edge.gone_at or 'now'}"


_SIGHTS = """
    SELECT links, first_seen_at, last_seen_at FROM (
        SELECT revisions.links, observations.first_seen_at, observations.last_seen_at, observations.id AS place
        FROM observations JOIN revisions ON revisions.id = observations.revision_id WHERE observations.post_id = ?1
        UNION ALL
        SELECT NULL, not_after, not_after, (
            SELECT min(id) FROM observations WHERE post_id = ?1 AND first_seen_at >= not_after AND revision_id IS NULL
        ) FROM changes WHERE post_id = ?1 AND kind = 'removed'
    ) ORDER BY place
"""
_ONE_RULE = """
    SELECT posts.id, posts.label, posts.store_id FROM posts
    WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE post_id = posts.id AND extractor != posts.seen_extractor) ORDER BY posts.id
"""
