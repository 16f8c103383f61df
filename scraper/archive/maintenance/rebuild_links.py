"""Rebuild the authored links of a post from its observations."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from scraper.archive.statements import columns_of, quoted
from scraper.archive.write.context import StoreContext
from scraper.archive.write.post.links import save_past_link
from scraper.history.normal_form.addresses import normal_address
from scraper.history.normal_form.links import NumberedKey, link_key, number_links
from scraper.history.normal_form.text import normal_line
from scraper.items import AUTHORED


class RevisionLink(NamedTuple):
    """A link as a revision has it."""

    kind: str
    url: str
    anchor: str
    position: int


class LinkPeriod(NamedTuple):
    """A period in which a post was observed with these links; with `gone`, the time at which it was
    found removed."""

    first_seen_at: str
    last_seen_at: str
    links: tuple[RevisionLink, ...]
    gone: bool = False


@dataclass(frozen=True, slots=True, order=True)
class LinkRow:
    """An edge as a row of `links` or `non_post_links`; `gone_at` is empty while it stands."""

    kind: str
    url: str
    anchor: str
    position: int
    first_seen_at: str
    last_seen_at: str
    gone_at: str


_Link = TypeVar("_Link", RevisionLink, LinkRow)


def rebuild_edges(
    periods: Iterable[LinkPeriod], origins: Sequence[tuple[str, str]] = ()
) -> list[LinkRow]:
    """Return the edges that follow from the periods of a post, given in order of time; sorted.

    `origins` are those of its store in order of time, each with the time since when (UTC). An edge
    is the same one while URL and anchor are equal in normal form, with the origins up to its time,
    and has those it was first seen with.
    """
    ended: list[LinkRow] = []
    open_edges: list[LinkRow] = []
    for period in periods:
        here = tuple(origin for origin, since in origins if since <= period.first_seen_at)
        known = _keyed(open_edges, here)
        found = {} if period.gone else _keyed(period.links, here)
        ended += [
            replace(edge, gone_at=period.first_seen_at)
            for key, edge in known.items()
            if key not in found
        ]
        open_edges = [_continued(known.get(key), link, period) for key, link in found.items()]
    return sorted([*ended, *open_edges])


def _continued(known: LinkRow | None, link: RevisionLink, period: LinkPeriod) -> LinkRow:
    """The open edge of a link in a period: a known one continues, with a new position."""
    edge = known or LinkRow(link.kind, link.url, link.anchor, 0, period.first_seen_at, "", "")
    return replace(edge, position=link.position, last_seen_at=period.last_seen_at)


def _keyed(links: Iterable[_Link], origins: tuple[str, ...]) -> dict[NumberedKey, _Link]:
    keyed = ((link_key(link.kind, link.url, link.anchor, origins), link) for link in links)
    return dict(number_links(keyed))


def stored_edges(connection: sqlite3.Connection, post_id: int) -> list[LinkRow]:
    """Return the edges by its author that the archive has of a post, and its non-post links;
    sorted."""
    columns = "kind, url, anchor, position, first_seen_at, last_seen_at, coalesce(gone_at, '')"
    rows = connection.execute(
        f"""
        SELECT {columns} FROM links
        WHERE from_post_id = ?1 AND kind IN ({quoted(*sorted(AUTHORED))})
        UNION ALL SELECT {columns} FROM non_post_links WHERE from_post_id = ?1
        """,
        [post_id],
    )
    return sorted(LinkRow(*row) for row in rows)


def authored_periods(
    connection: sqlite3.Connection, post_id: int, origins: Sequence[tuple[str, str]] = ()
) -> Iterator[LinkPeriod]:
    """Yield the periods of a post with the links of its author, read from its revisions.

    A link to the post itself is none of them, so a period in which the post was renamed is two.
    """
    names = tuple(origin for origin, _ in origins)
    renames = [_Rename(*row) for row in connection.execute(_RENAMES, [post_id])]
    for links, self_links, first_seen_at, last_seen_at in connection.execute(_PERIODS, [post_id]):
        if links is None:
            yield LinkPeriod(first_seen_at, last_seen_at, (), gone=True)
            continue
        own = [link for link in _parse(self_links) if link.url and link.kind in AUTHORED]
        written = [*_parse(links), *own]
        for start, end, address in _split(renames, first_seen_at, last_seen_at):
            itself = normal_address(address, names)
            others = (link for link in written if normal_address(link.url, names) != itself)
            yield LinkPeriod(start, end, tuple(others if address else _parse(links)))


def _parse(links: str) -> list[RevisionLink]:
    return [RevisionLink(**link) for link in json.loads(links)]


class _Rename(NamedTuple):
    """A change of a post's address, with its bracket."""

    old: str
    new: str
    not_before: str
    not_after: str


def _split(renames: Sequence[_Rename], first: str, last: str) -> Iterator[tuple[str, str, str]]:
    """Split a period at the renames within it; yields start, end and the post's address, empty if
    it was never renamed."""
    address = renames[0].old if renames else ""
    for rename in renames:
        if rename.not_after > last:
            break
        if rename.not_after > first:
            yield first, rename.not_before, address
            first = rename.not_after
        address = rename.new
    yield first, last, address


def correct_links(store: StoreContext, post_id: int) -> None:
    """Make the authored edges of a post those that follow from its observations, one of which was
    added between earlier ones: that divides or widens periods, and ends none."""
    origins = store_origins(store.connection)[store.store_id]
    periods = authored_periods(store.connection, post_id, origins)
    wanted = {_under(edge, origins): edge for edge in rebuild_edges(periods, origins)}
    stored = {_under(edge, origins): edge for edge in stored_edges(store.connection, post_id)}
    left = defaultdict[tuple[str, ...], list[LinkRow]](list)
    for form in sorted(stored.keys() - wanted.keys()):
        left[form.kind, form.url, form.anchor].append(stored[form])
    for form in sorted(wanted.keys() - stored.keys()):
        similar = left[form.kind, form.url, form.anchor]
        known = similar.pop(0) if similar else None
        save_past_link(store, post_id, columns_of(wanted[form]), columns_of(known) if known else {})


def store_origins(connection: sqlite3.Connection) -> dict[int, list[tuple[str, str]]]:
    """The origins of each store in order of time, each with the time since when."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for store_id, origin, since in connection.execute(
        "SELECT store_id, origin, first_seen_at FROM store_urls ORDER BY first_seen_at, id"
    ):
        found[store_id].append((origin, since))
    return found


def under_last_origin(
    edges: Iterable[LinkRow], origins: Sequence[tuple[str, str]]
) -> list[LinkRow]:
    """Edges in normal form under the store's last origin: an edge that came back has the URL of its
    page, its revision that of an earlier one."""
    return sorted(_under(edge, origins) for edge in edges)


def _under(edge: LinkRow, origins: Sequence[tuple[str, str]]) -> LinkRow:
    names = tuple(origin for origin, _ in origins)
    return replace(edge, url=normal_address(edge.url, names), anchor=normal_line(edge.anchor))


_PERIODS = """
    SELECT links, self_links, first_seen_at, last_seen_at FROM (
        SELECT revisions.links, revisions.self_links, observations.first_seen_at,
            observations.last_seen_at, observations.id AS place
        FROM observations JOIN revisions ON revisions.id = observations.revision_id
        WHERE observations.post_id = ?1
        UNION ALL
        SELECT NULL, NULL, not_after, not_after, (
            SELECT min(id) FROM observations
            WHERE post_id = ?1 AND first_seen_at >= not_after AND revision_id IS NULL
        ) FROM changes WHERE post_id = ?1 AND kind = 'removed'
        UNION ALL
        SELECT revisions.links, revisions.self_links, undated_at, undated_at, 0
        FROM (
            SELECT revisions.links, revisions.self_links, min(fetched_at, coalesce((
                SELECT min(first_seen_at) FROM observations
                WHERE post_id = ?1 AND observations.revision_id > 0
            ), fetched_at)) AS undated_at
            FROM revisions JOIN captures ON captures.id = revisions.capture_id
            WHERE revisions.post_id = ?1 AND number = 1 AND dated_by = 'unknown'
        ) AS revisions
    ) ORDER BY first_seen_at, place
"""
_RENAMES = """
    SELECT old_value, new_value, not_before, not_after FROM changes
    JOIN change_fields ON change_fields.change_id = changes.id AND field = 'url'
    WHERE post_id = ? AND kind = 'renamed' ORDER BY changes.id
"""
