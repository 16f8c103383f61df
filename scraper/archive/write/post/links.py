"""Edges between posts, as periods: opened when first seen, closed when gone, resolved when their
target is known."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scraper.archive.statements import columns_of, insert, insert_rows, to_json, update
from scraper.archive.write.context import StoreContext
from scraper.history.fingerprints import title_key
from scraper.history.normal_form.links import NumberedKey, link_key, number_links
from scraper.history.store_addresses import origin_variants
from scraper.items import AUTHORED, Link, LinkKind, NonPostLink

_LINKS = "kind NOT IN ('similar', 'copy')"
"""Edges that are links of a page; the others are computed (`archive.similarity`)."""


def sync_links(
    store: StoreContext, post_id: int, links: Iterable[Link], at: str, *, is_new: bool = False
) -> None:
    """Make the open edges of a post those of `links`, seen at `at`: known ones continue, missing
    ones end, new ones begin. A new post has none yet.

    An edge has the URL and anchor with which it was first seen; it is the same edge while both are
    equal in normal form.
    """
    connection = store.connection
    known = {} if is_new else _open_edges(store, post_id)
    had_edges, new = bool(known), list[tuple[str, Link]]()
    for key, link in _keyed(store, post_id, links):
        if key not in known:
            new.append((key[0], link))
            continue
        row_id, position = known.pop(key)
        if position != link.position:
            update(connection, "links", row_id, position=link.position)
    for row_id, _ in known.values():
        update(connection, "links", row_id, gone_at=at)
    _open(store, new, post_id=post_id, at=at)
    if had_edges:
        connection.execute(
            "UPDATE links SET last_seen_at = ? "
            f"WHERE from_post_id = ? AND gone_at IS NULL AND {_LINKS}",
            [at, post_id],
        )


def sync_non_post_links(
    store: StoreContext,
    post_id: int,
    non_post_links: Iterable[NonPostLink],
    at: str,
    *,
    is_new: bool = False,
) -> None:
    """Make the open non-post links of a post those of `non_post_links`, in the same way."""
    connection = store.connection
    rows = [] if is_new else connection.execute(_OPEN_NON_POST_LINKS, [post_id]).fetchall()
    new: list[dict[str, Any]] = []
    known = dict(
        number_links(
            (link_key(kind, url, anchor, store.addresses), (row_id, position))
            for kind, url, anchor, row_id, position in rows
        )
    )
    keyed = (
        (link_key(link.kind, link.url, link.anchor, store.addresses), link)
        for link in non_post_links
    )
    for key, link in number_links(keyed):
        row_id, position = known.pop(key, (0, 0))
        if not row_id:
            times = {"first_seen_at": at, "last_seen_at": at}
            new.append({"from_post_id": post_id, **columns_of(link), **times})
        elif position != link.position:
            update(connection, "non_post_links", row_id, position=link.position)
    for row_id, _ in known.values():
        update(connection, "non_post_links", row_id, gone_at=at)
    insert_rows(connection, "non_post_links", new)
    if rows:
        connection.execute(
            "UPDATE non_post_links SET last_seen_at = ? WHERE from_post_id = ? AND gone_at IS NULL",
            [at, post_id],
        )


_OPEN_NON_POST_LINKS = """
    SELECT kind, url, anchor, id, position FROM non_post_links
    WHERE from_post_id = ? AND gone_at IS NULL ORDER BY position, id
"""


def save_past_link(
    store: StoreContext, post_id: int, edge: dict[str, Any], known: dict[str, Any]
) -> None:
    """Add an author's edge of any period, given by its columns; or let the `known` one have that
    period. An empty `gone_at`: it stands."""
    table = "links" if edge["kind"] in AUTHORED else "non_post_links"
    columns = {**edge, "gone_at": edge["gone_at"] or None}
    if known:
        row_id = _row_of(store.connection, table, post_id, known)
        times = {name: columns[name] for name in ("first_seen_at", "last_seen_at", "gone_at")}
        update(store.connection, table, row_id, **times, position=edge["position"])
        return
    if table == "links":
        url, anchor = str(edge["url"]), str(edge["anchor"])
        columns["to_post_id"] = (
            _targets(store, [url]).get(url) if url else _post_titled(store, anchor)
        )
        columns["target_key"] = url or _title_target(store.store_id, title_key(anchor))
    insert(store.connection, table, **columns, from_post_id=post_id)


def _row_of(connection: sqlite3.Connection, table: str, post_id: int, edge: dict[str, Any]) -> int:
    names = ("kind", "url", "anchor", "first_seen_at", "last_seen_at")
    (row_id,) = connection.execute(
        f"SELECT id FROM {table} WHERE from_post_id = ? AND "
        + " AND ".join(f"{name} = ?" for name in names),
        [post_id, *(edge[name] for name in names)],
    ).fetchone()
    return int(row_id)


def count_moved(store: StoreContext, post_id: int, links: Iterable[Link]) -> int:
    """Return how many edges `sync_links` would begin or end."""
    keys = {key for key, _ in _keyed(store, post_id, links)}
    return len(_open_edges(store, post_id).keys() ^ keys)


def _open_edges(store: StoreContext, post_id: int) -> dict[NumberedKey, tuple[int, int]]:
    """The open edges of a post: row and position of each."""
    rows = store.connection.execute(
        "SELECT kind, url, anchor, id, position FROM links "
        f"WHERE from_post_id = ? AND gone_at IS NULL AND {_LINKS} ORDER BY position, id",
        [post_id],
    )
    keyed = (
        (link_key(kind, url, anchor, store.addresses), (row_id, position))
        for kind, url, anchor, row_id, position in rows
    )
    return dict(number_links(keyed))


def _keyed(
    store: StoreContext, post_id: int, links: Iterable[Link]
) -> Iterator[tuple[NumberedKey, Link]]:
    """Links with the keys of their edges."""
    keyed = (
        (link_key(_stored_kind(store, post_id, link), link.url, link.anchor, store.addresses), link)
        for link in links
    )
    return number_links(keyed)


def close_links(connection: sqlite3.Connection, post_id: int, at: str) -> None:
    """End every link of a removed post at `at`; its similarity edges end with the next
    comparison."""
    connection.execute(
        f"UPDATE links SET gone_at = ? WHERE from_post_id = ? AND gone_at IS NULL AND {_LINKS}",
        [at, post_id],
    )
    connection.execute(
        "UPDATE non_post_links SET gone_at = ? WHERE from_post_id = ? AND gone_at IS NULL",
        [at, post_id],
    )


def resolve_links_to(store: StoreContext, post_id: int, *, url: str, title: str) -> None:
    """Resolve to a post the open targets with its title in the store, and the edges to its address,
    which another post may have had before."""
    title_target = _title_target(store.store_id, title_key(title))
    addresses = origin_variants(url, store.addresses) if url else ()
    store.connection.execute(
        """
        UPDATE links SET to_post_id = ?1
        WHERE target_key IN (SELECT value FROM json_each(?2)) AND from_post_id != ?1
            AND (to_post_id IS NULL OR gone_at IS NULL AND target_key != ?3)
        """,
        [post_id, to_json([*addresses, title_target]), title_target],
    )


def direct_pagers(connection: sqlite3.Connection, store_id: int) -> None:
    """Turn open previous/next edges into older/newer once both posts have a date: themes use the
    two words in either sense."""
    connection.execute(
        """
        UPDATE links SET kind = (
            SELECT CASE WHEN target.published_at < source.published_at THEN 'older' ELSE 'newer' END
            FROM posts AS source, posts AS target
            WHERE source.id = links.from_post_id AND target.id = links.to_post_id
        )
        WHERE kind IN ('previous', 'next') AND gone_at IS NULL AND EXISTS (
            SELECT 1 FROM posts AS source, posts AS target
            WHERE source.id = links.from_post_id AND target.id = links.to_post_id
                AND source.store_id = ? AND source.published_at != ''
                AND target.published_at != '' AND source.published_at != target.published_at
        )
        """,
        [store_id],
    )
    # If the other post has no date: a post has one older and one newer neighbour, so the direction
    # of one gives that of the other.
    connection.execute(
        """
        UPDATE links SET kind = (
            SELECT CASE sibling.kind WHEN 'newer' THEN 'older' ELSE 'newer' END
            FROM links AS sibling
            WHERE sibling.from_post_id = links.from_post_id AND sibling.gone_at IS NULL
                AND sibling.kind IN ('older', 'newer')
        )
        WHERE kind IN ('previous', 'next') AND gone_at IS NULL AND to_post_id IS NOT NULL
            AND (SELECT store_id FROM posts WHERE posts.id = links.from_post_id) = ? AND (
                SELECT count(*) FROM links AS sibling
                WHERE sibling.from_post_id = links.from_post_id AND sibling.gone_at IS NULL
                    AND sibling.kind IN ('older', 'newer')
            ) = 1
        """,
        [store_id],
    )


def _open(store: StoreContext, new: Sequence[tuple[str, Link]], *, post_id: int, at: str) -> None:
    targets = _targets(store, [link.url for _, link in new if link.url])
    rows = [
        {
            "from_post_id": post_id,
            "to_post_id": targets.get(link.url) if link.url else _post_titled(store, link.anchor),
            "url": link.url,
            "kind": kind,
            "anchor": link.anchor,
            "position": link.position,
            "target_key": link.url or _title_target(store.store_id, title_key(link.anchor)),
            "first_seen_at": at,
            "last_seen_at": at,
        }
        for kind, link in new
    ]
    insert_rows(store.connection, "links", rows)


def _targets(store: StoreContext, urls: Sequence[str]) -> dict[str, int]:
    """The posts to which addresses lead, each under any origin of the store: of two that had one
    of them, the later."""
    if not urls:
        return {}
    asked = defaultdict[str, list[str]](list)
    for url in dict.fromkeys(urls):
        for variant in origin_variants(url, store.addresses):
            asked[variant].append(url)
    rows = store.connection.execute(
        """
        SELECT url, post_id FROM post_urls WHERE url IN (SELECT value FROM json_each(?))
        ORDER BY last_seen_at, id
        """,
        [to_json(asked)],
    )
    return {url: post_id for variant, post_id in rows for url in asked[variant]}


def _post_titled(store: StoreContext, title: str) -> int | None:
    """The post of a title, unless there are several."""
    rows = store.connection.execute(
        "SELECT id FROM posts WHERE store_id = ? AND title_key = ? LIMIT 2",
        [store.store_id, title_key(title)],
    )
    post_ids = [post_id for (post_id,) in rows]
    return post_ids[0] if len(post_ids) == 1 else None


def _title_target(store_id: int, key: str) -> str:
    return f"title:{store_id}:{key}"


def _stored_kind(store: StoreContext, post_id: int, link: Link) -> LinkKind:
    """The kind under which a link is stored: dates give a pager's direction if both are known (see
    `direct_pagers`)."""
    if link.kind not in {"previous", "next"}:
        return link.kind
    if link.url:
        target = _targets(store, [link.url]).get(link.url)
    else:
        target = _post_titled(store, link.anchor)
    if target is None:
        return link.kind
    dates = dict(
        store.connection.execute(
            "SELECT id, published_at FROM posts WHERE id IN (?, ?)", [post_id, target]
        ).fetchall()
    )
    own, other = dates.get(post_id, ""), dates.get(target, "")
    if not own or not other or own == other:
        return _directed_before(store, post_id, link) or link.kind
    return "older" if other < own else "newer"


def _directed_before(store: StoreContext, post_id: int, link: Link) -> LinkKind | None:
    """The kind under which the same pager is stored already, if its sibling gave its direction."""
    row = store.connection.execute(
        """
        SELECT kind FROM links
        WHERE from_post_id = ? AND gone_at IS NULL
            AND url IN (SELECT value FROM json_each(?)) AND anchor = ?
            AND kind IN ('older', 'newer')
        """,
        [post_id, to_json(origin_variants(link.url, store.addresses)), link.anchor],
    ).fetchone()
    (kind,) = row or (None,)
    return kind
