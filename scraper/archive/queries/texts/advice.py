"""What to link from where: the sentences with dead links, and sentences for posts that no post
links to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import Final

from scraper.archive.queries.graph import DeadLink, read_dead_links
from scraper.archive.rows import read_rows
from scraper.archive.statements import quoted
from scraper.graph.advice import Place, WordWeights, find_place
from scraper.graph.measures import EDITORIAL_KINDS
from scraper.sentences import passages

MOST_PLACES: Final = 3
"""Places that are advised for one post."""

EVERY: Final = -1
"""The limit that is none."""

SAMPLE: Final = 500
"""Posts of whose texts the words are counted."""

CAUSES: Final = {
    "removed": "its post was removed",
    "renamed": "its post has moved, and only a redirect leads there",
    "unknown": "no archived post was ever at this address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """In this sentence of a post, link these words to a target, and why. `cause` is one of
    `CAUSES` or ``orphan``; `old_url` is where a dead link leads, since `since` (UTC).

    `sentence` is empty where the link is in no sentence of the text, `target` where nothing is
    known that could be linked instead: then remove the link.
    """

    cause: str
    from_post: str
    from_url: str
    sentence: str
    words: str
    target: str
    target_url: str
    why: str
    old_url: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A live post that no post links to, with places for a link, the best first."""

    id: int
    title: str
    url: str
    places: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceList:
    """Advice on all dead links, and on a page of the `n_orphans` orphans, newest first."""

    dead_links: tuple[Advice, ...]
    orphans: tuple[Orphan, ...]
    n_orphans: int

    def rows(self) -> Iterator[tuple[str, ...]]:
        """All advice as a table: the names of `Advice`, then a row for each. An orphan without a
        place has a row too."""
        yield tuple(field.name for field in fields(Advice))
        yield from map(astuple, self.dead_links)
        for orphan in self.orphans:
            yield from map(astuple, orphan.places or (_without_place(orphan),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    id: int
    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbour:
    id: int
    title: str
    url: str
    text: str
    similarity: float


def read_advice(
    connection: sqlite3.Connection, store: str = "", *, offset: int = 0, limit: int
) -> AdviceList:
    """Read advice for one store (by name) or for all."""
    values = {"store": store, "offset": offset, "limit": limit}
    (n_orphans,) = connection.execute(f"SELECT count(*) {_ORPHANS}", values).fetchone()
    orphans = read_rows(connection, _Post, _PAGE, values)
    weights = _read_weights(connection, store) if orphans else WordWeights([])
    return AdviceList(
        dead_links=tuple(
            _on_dead_link(connection, one) for one in read_dead_links(connection, store)
        ),
        orphans=tuple(_on_orphan(connection, one, weights) for one in orphans),
        n_orphans=n_orphans,
    )


def _on_dead_link(connection: sqlite3.Connection, link: DeadLink) -> Advice:
    (text,) = connection.execute(_TEXT_OF_LINK, [link.id]).fetchone()
    found = passages(text, link.anchor)
    instead = ""
    if link.suggested_post and link.cause != "renamed":
        instead = f"; “{link.suggested_post}” is the nearest to it"
    where = "it is in the list of related posts; " if link.kind == "related_list" else ""
    return Advice(
        cause=link.cause,
        from_post=link.from_post,
        from_url=link.from_url,
        sentence=found[0] if found else "",
        words=link.anchor,
        target=link.suggested_post,
        target_url=link.suggested_url,
        why=f"{where}{CAUSES[link.cause]}{instead}",
        old_url=link.url,
        since=link.since,
    )


def _on_orphan(connection: sqlite3.Connection, post: _Post, weights: WordWeights) -> Orphan:
    found = sorted(
        _places(connection, post, weights), key=lambda pair: (-pair[1].score, pair[0].id)
    )
    places = tuple(_advise(post, source, place) for source, place in found[:MOST_PLACES])
    return Orphan(id=post.id, title=post.title, url=post.url, places=places)


def _places(
    connection: sqlite3.Connection, post: _Post, weights: WordWeights
) -> Iterator[tuple[_Neighbour, Place]]:
    for source in read_rows(connection, _Neighbour, _NEIGHBOURS, {"post_id": post.id}):
        taken = [anchor for (anchor,) in connection.execute(_ANCHORS, {"post_id": source.id})]
        place = find_place(
            source.text, title=post.title, target=post.text, weights=weights, taken=taken
        )
        if place:
            yield source, place


def _advise(post: _Post, source: _Neighbour, place: Place) -> Advice:
    shared = ", ".join(place.shared)
    return Advice(
        cause="orphan",
        from_post=source.title,
        from_url=source.url,
        sentence=place.sentence,
        words=place.words,
        target=post.title,
        target_url=post.url,
        why=f"the sentence speaks of {shared}, and the posts are {source.similarity:.2f} alike",
        old_url="",
        since="",
    )


def _without_place(orphan: Orphan) -> Advice:
    return Advice(
        cause="orphan",
        from_post="",
        from_url="",
        sentence="",
        words="",
        target=orphan.title,
        target_url=orphan.url,
        why="no sentence of a similar post speaks of it",
        old_url="",
        since="",
    )


def _read_weights(connection: sqlite3.Connection, store: str) -> WordWeights:
    """The weights of words in a sample of a store's live posts."""
    (n_posts,) = connection.execute(f"SELECT count(*) {_LIVE}", {"store": store}).fetchone()
    step = n_posts // SAMPLE + 1
    sampled = connection.execute(_SAMPLE, {"store": store, "step": step})
    return WordWeights(text for (text,) in sampled)


_LIVE = """
    FROM posts JOIN stores ON stores.id = posts.store_id
    WHERE posts.state != 'removed' AND :store IN ('', stores.name)
"""
_ORPHANS = f"""
    {_LIVE} AND NOT EXISTS (
        SELECT 1 FROM links
        WHERE to_post_id = posts.id AND from_post_id != posts.id AND gone_at IS NULL
            AND kind IN ({quoted(*sorted(EDITORIAL_KINDS))})
    )
"""
_WITH_TEXT = """
    SELECT posts.id, posts.title, posts.url, (
        SELECT contents.text FROM revisions JOIN contents ON contents.id = revisions.content_id
        WHERE revisions.id = posts.revision_id
    ) AS text
"""
_PAGE = f"""
    {_WITH_TEXT} {_ORPHANS} ORDER BY posts.published_at DESC, posts.id LIMIT :limit OFFSET :offset
"""
_SAMPLE = f"""
    SELECT (
        SELECT contents.text FROM revisions JOIN contents ON contents.id = revisions.content_id
        WHERE revisions.id = posts.revision_id
    ) {_LIVE} AND posts.id % :step = 0
"""
# Each of two posts may be among the ten nearest of the other.
_NEIGHBOURS = f"""
    {_WITH_TEXT}, max(near.weight) AS similarity
    FROM (
        SELECT to_post_id AS id, weight FROM links
        WHERE from_post_id = :post_id AND kind = 'similar' AND gone_at IS NULL
        UNION ALL
        SELECT from_post_id, weight FROM links
        WHERE to_post_id = :post_id AND kind = 'similar' AND gone_at IS NULL
    ) AS near
    JOIN posts ON posts.id = near.id
    JOIN posts AS target ON target.id = :post_id
    WHERE posts.state != 'removed' AND posts.store_id = target.store_id
        AND posts.language = target.language
    GROUP BY posts.id
"""
_ANCHORS = """
    SELECT anchor FROM links
    WHERE from_post_id = :post_id AND gone_at IS NULL AND kind IN ('inline', 'related_list')
    UNION SELECT anchor FROM non_post_links WHERE from_post_id = :post_id AND gone_at IS NULL
"""
_TEXT_OF_LINK = """
    SELECT contents.text FROM links
    JOIN posts ON posts.id = links.from_post_id
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    WHERE links.id = ?
"""
