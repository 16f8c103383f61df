"""Which posts are alike, brought up to date for those that changed: edges of kind ``similar`` and
``copy``.

A post goes through three stages: its words are counted into its corpus (the posts of its store in
its language), it is signed with its telling words, and it is compared with what bears some of them.
Each stage writes as it goes, so that a kill costs what was under way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator

from scraper.archive.similarity.method import Method
from scraper.archive.similarity.search import (
    Near,
    Signed,
    find_copies,
    find_nearest,
    load_signed,
    order,
    shared_words,
    weigh,
)
from scraper.archive.similarity.signatures import count, sign, uncount
from scraper.archive.statements import insert, transaction, update

CHUNK = 100
"""Posts in one transaction: other crawls wait no longer than it takes."""

ENOUGH = 8
"""A post whose ten others have come down to fewer, because they went or changed, is compared
again."""


def update_similarity(
    connection: sqlite3.Connection, method: Method, at: str, store_id: int | None = None
) -> int:
    """Compare the posts whose text is another than when they were compared last, and return how
    many were compared.

    `store_id` says of which store, None of all: while a crawl of a store goes on, its posts are its
    own to compare. Posts that are gone lose their edges. Where nothing changed nothing is written.
    The caller holds no transaction.
    """
    for post_ids in _chunks(connection, _GONE, store_id):
        for post_id in post_ids:
            _forget(connection, method, post_id, at)
    for post_ids in _chunks(connection, _UNCOUNTED, store_id):
        for post_id in post_ids:
            count(connection, method, post_id)
    for post_ids in _chunks(connection, _COUNTED, store_id):
        for post_id in post_ids:
            sign(connection, method, post_id)
    waiting = {
        post_id for (post_id,) in connection.execute(f"{_SIGNED} ORDER BY posts.id", [store_id])
    }
    looks = 0
    for post_ids in _chunks(connection, _SIGNED, store_id):
        looks += len(post_ids)
        for post_id in post_ids:
            signed = load_signed(connection, post_id)
            # One that is looked at again, because it lost too many of its ten, has not changed:
            # nobody needs to be told of it.
            if post_id in waiting:
                _compare(connection, method, signed, waiting, at)
            else:
                _set_nearest(connection, method, signed, at)
    return looks


def _chunks(
    connection: sqlite3.Connection, sql: str, store_id: int | None
) -> Iterator[tuple[int, ...]]:
    """The posts that a question finds, so many at a time, each chunk in a transaction of its own,
    until it finds none."""
    while connection.execute(f"{sql} LIMIT 1", [store_id]).fetchone():
        with transaction(connection):
            yield tuple(
                post_id
                for (post_id,) in connection.execute(
                    f"{sql} ORDER BY posts.id LIMIT {CHUNK}", [store_id]
                ).fetchall()
            )


def _forget(connection: sqlite3.Connection, method: Method, post_id: int, at: str) -> None:
    """Take a post that is gone out of the indexes, and end what says that others are alike it."""
    uncount(connection, method, post_id)
    connection.execute("DELETE FROM signatures WHERE id = ?", [post_id])
    update(connection, "posts", post_id, counted_revision_id=None)
    held_by = connection.execute(_HOLDERS, [post_id]).fetchall()
    connection.execute(
        "UPDATE links SET gone_at = ? WHERE to_post_id = ? AND gone_at IS NULL AND kind IN ('similar', 'copy')",
        [at, post_id],
    )
    connection.execute(
        "UPDATE links SET gone_at = ? WHERE from_post_id = ? AND gone_at IS NULL AND kind IN ('similar', 'copy')",
        [at, post_id],
    )
    for other_id, held in held_by:
        _look_again(connection, other_id, held - 1)


def _look_again(connection: sqlite3.Connection, post_id: int, held: int) -> None:
    """Have a post compared again that has just lost one too many of its ten."""
    if held == ENOUGH - 1:
        update(connection, "signatures", post_id, stage="signed")


def _compare(
    connection: sqlite3.Connection, method: Method, post: Signed, waiting: Collection[int], at: str
) -> None:
    """Find what is alike a post, make its edges say so, and tell the others, except those that are
    compared in the same go."""
    nearest = _set_nearest(connection, method, post, at)
    copies = find_copies(connection, method, post)
    _set_edges(connection, post.post_id, "copy", copies, at)
    _tell_copies(connection, post.post_id, copies, at)
    weights = {near.post_id: near.weight for near in nearest if near.post_id not in waiting}
    held_by = dict(connection.execute(_HOLDERS, [post.post_id]).fetchall())
    for other_id in held_by.keys() - weights.keys() - set(waiting):
        weights[other_id] = weigh(connection, post, other_id)
    full = _least_of(connection, weights)
    for other_id, weight in weights.items():
        # One that holds the post, or has room, or something less alike to give up for it.
        if other_id in held_by or weight > full.get(other_id, 0.0):
            _tell(connection, method, post, other_id=other_id, weight=weight, at=at)


def _set_nearest(
    connection: sqlite3.Connection, method: Method, post: Signed, at: str
) -> list[Near]:
    """Make a post's edges to what is alike it say what is so, and return all that was found
    alike."""
    nearest = find_nearest(connection, method, post)
    top = [
        near._replace(words=shared_words(connection, method, post, near.post_id))
        for near in nearest[: method.TOP]
    ]
    _set_edges(connection, post.post_id, "similar", top, at)
    update(connection, "signatures", post.post_id, stage="compared")
    return nearest


def _least_of(connection: sqlite3.Connection, post_ids: Iterable[int]) -> dict[int, float]:
    """The weight of the least alike of the ten, of those posts that have ten."""
    marks = ", ".join(str(int(post_id)) for post_id in post_ids)
    sql = f"""
        SELECT from_post_id, min(weight) FROM links WHERE from_post_id IN ({marks}) AND gone_at IS NULL AND kind = 'similar'
        GROUP BY from_post_id HAVING count(*) >= 10
    """
    return dict(connection.execute(sql).fetchall())


def _tell(
    connection: sqlite3.Connection,
    method: Method,
    post: Signed,
    *,
    other_id: int,
    weight: float,
    at: str,
) -> None:
    """Give the post just compared its place among another's ten, or take it away.

    One that became less alike stays among the ten, at their end, until that other post is compared
    itself: who would be the eleventh is not known here.
    """
    held = _open_edges(connection, other_id, "similar")
    others = [near for near in held if near.post_id != post.post_id]
    if weight < method.LEAST_ALIKE:
        _set_edges(connection, other_id, "similar", others, at)
        _look_again(connection, other_id, len(others))
        return
    news = Near(post.post_id, weight, shared_words(connection, method, post, other_id))
    _set_edges(
        connection, other_id, "similar", sorted([*others, news], key=order)[: method.TOP], at
    )


def _tell_copies(connection: sqlite3.Connection, post_id: int, copies: list[Near], at: str) -> None:
    """Make the others say likewise that they are, or are no more, the same text as a post."""
    held_by = {other_id for (other_id,) in connection.execute(_COPY_HOLDERS, [post_id])}
    share = {copy.post_id: copy.weight for copy in copies}
    for other_id in sorted(held_by | share.keys()):
        others = [
            near for near in _open_edges(connection, other_id, "copy") if near.post_id != post_id
        ]
        told = [*others, Near(post_id, share[other_id])] if other_id in share else others
        _set_edges(connection, other_id, "copy", sorted(told, key=order), at)


def _open_edges(connection: sqlite3.Connection, post_id: int, kind: str) -> list[Near]:
    return [
        Near(to_id, weight, tuple(words.split(", ")) if words else ())
        for to_id, weight, words, *_ in connection.execute(_OPEN, [post_id, kind])
    ]


def _set_edges(
    connection: sqlite3.Connection, post_id: int, kind: str, near: Iterable[Near], at: str
) -> None:
    """Make the open edges of a made kind those of `near`: what did not change is not written."""
    known = {row[0]: row[1:] for row in connection.execute(_OPEN, [post_id, kind])}
    for position, other in enumerate(near):
        words = ", ".join(other.words)
        row = known.pop(other.post_id, None)
        if row is None:
            _open(connection, post_id, kind, other, words=words, position=position, at=at)
        elif row[:3] != (other.weight, words, position):
            update(
                connection,
                "links",
                row[3],
                weight=other.weight,
                anchor=words,
                position=position,
                last_seen_at=at,
            )
    for *_, row_id in known.values():
        update(connection, "links", row_id, gone_at=at)


def _open(
    connection: sqlite3.Connection,
    post_id: int,
    kind: str,
    other: Near,
    *,
    words: str,
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
        anchor=words,
        position=position,
        weight=other.weight,
        target_key="",
        first_seen_at=at,
        last_seen_at=at,
    )


_OF_STORE = "(?1 IS NULL OR posts.store_id = ?1)"
_GONE = f"SELECT posts.id FROM posts WHERE state = 'removed' AND counted_revision_id IS NOT NULL AND {_OF_STORE}"
_UNCOUNTED = f"SELECT posts.id FROM posts WHERE state != 'removed' AND revision_id IS NOT counted_revision_id AND {_OF_STORE}"
_IN_STAGE = "SELECT posts.id FROM signatures CROSS JOIN posts ON posts.id = signatures.id"
_COUNTED = f"{_IN_STAGE} WHERE stage = 'counted' AND {_OF_STORE}"
_SIGNED = f"{_IN_STAGE} WHERE stage = 'signed' AND {_OF_STORE}"
_HOLDERS = """
    SELECT holders.from_post_id, (
        SELECT count(*) FROM links WHERE from_post_id = holders.from_post_id AND gone_at IS NULL AND kind = 'similar'
    )
    FROM links AS holders WHERE holders.to_post_id = ? AND holders.kind = 'similar' AND holders.gone_at IS NULL
"""
_COPY_HOLDERS = (
    "SELECT from_post_id FROM links WHERE to_post_id = ? AND kind = 'copy' AND gone_at IS NULL"
)
_OPEN = """
    SELECT to_post_id, weight, anchor, position, id FROM links
    WHERE from_post_id = ? AND kind = ? AND gone_at IS NULL ORDER BY position, id
"""
