"""The edges of a post made anew from what was seen of it, and held against those that the archive has."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from scraper.archive.statements import quoted
from scraper.items import AUTHORED

SetLink = tuple[str, str, str, int]
"""Kind, address, words and position."""


class Sight(NamedTuple):
    """A period in which a post was seen to have these links, or, without any, the moment at which it was first found gone for good."""

    first_seen_at: str
    last_seen_at: str
    links: tuple[SetLink, ...]
    gone: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """An edge as a row of `links` or `outlinks` says it; `gone_at` is empty while it stands."""

    kind: str
    url: str
    anchor: str
    position: int
    first_seen_at: str
    last_seen_at: str
    gone_at: str


def rebuild_edges(sights: Iterable[Sight]) -> list[Edge]:
    """The edges that follow from what was seen of a post, in the order of time; sorted."""
    ended: list[Edge] = []
    standing: dict[tuple[str, str, str, int], Edge] = {}
    for sight in sights:
        now = {} if sight.gone else dict(_numbered(sight.links))
        ended += [replace(edge, gone_at=sight.first_seen_at) for key, edge in standing.items() if key not in now]
        standing = {
            key: Edge(*link, standing[key].first_seen_at if key in standing else sight.first_seen_at, sight.last_seen_at, "")
            for key, link in now.items()
        }
    return sorted([*ended, *standing.values()])


def _numbered(links: Iterable[SetLink]) -> Iterator[tuple[tuple[str, str, str, int], SetLink]]:
    seen: Counter[tuple[str, str, str]] = Counter()
    for link in links:
        kind, url, anchor, _ = link
        yield (kind, url, anchor, seen[kind, url, anchor]), link
        seen[kind, url, anchor] += 1


def kept_edges(connection: sqlite3.Connection, post_id: int, kinds: Iterable[str] = AUTHORED) -> list[Edge]:
    """The edges of some kinds that the archive has of a post, and its links to what is no post; sorted."""
    columns = "kind, url, anchor, position, first_seen_at, last_seen_at, coalesce(gone_at, '')"
    rows = connection.execute(
        f"""
        SELECT {columns} FROM links WHERE from_post_id = ?1 AND kind IN ({quoted(*sorted(kinds))})
        UNION ALL SELECT {columns} FROM outlinks WHERE from_post_id = ?1
        """,
        [post_id],
    )
    return sorted(Edge(*row) for row in rows)


def authored_sights(connection: sqlite3.Connection, post_id: int) -> list[Sight] | None:
    """When a post was seen with which links of its author, from its revisions; None where one was read before they were kept."""
    found = []
    for links, first, last in connection.execute(_SIGHTS, [post_id]).fetchall():
        if links == "":
            return None
        found.append(Sight(first, last, tuple((row[0], row[1], row[2], row[3]) for row in json.loads(links or "[]")), gone=links is None))
    return found


def check_edges(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Every post's edges that its authors set, rebuilt from its revisions, are those that the archive has.

    A post is passed over if a revision of it was read before links were kept of revisions, or by other rules than those that saw it last:
    they may have found other links in the same words.
    """
    for post_id, label in connection.execute(_ONE_RULE).fetchall():
        sights = authored_sights(connection, post_id)
        if sights is None:
            continue
        made, kept = rebuild_edges(sights), kept_edges(connection, post_id)
        astray = set(made) ^ set(kept)
        yield (
            (label, f"{len(astray)} edges are not those of its revisions, such as {_told(min(astray))}")
            if made != kept and astray
            else None
        )


def _told(edge: Edge) -> str:
    return f"{edge.kind} {edge.url or edge.anchor}, from {edge.first_seen_at} to {edge.gone_at or 'now'}"


_SIGHTS = """
    SELECT links, first_seen_at, last_seen_at FROM (
        SELECT revisions.links, sightings.first_seen_at, sightings.last_seen_at, sightings.id AS place
        FROM sightings JOIN revisions ON revisions.id = sightings.revision_id WHERE sightings.post_id = ?1
        UNION ALL
        SELECT NULL, not_after, not_after, (
            SELECT min(id) FROM sightings WHERE post_id = ?1 AND first_seen_at >= not_after AND revision_id IS NULL
        ) FROM changes WHERE post_id = ?1 AND kind = 'removed'
    ) ORDER BY place
"""
_ONE_RULE = """
    SELECT posts.id, posts.label FROM posts
    WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE post_id = posts.id AND extractor != posts.seen_extractor) ORDER BY posts.id
"""
