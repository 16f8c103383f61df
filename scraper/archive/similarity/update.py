"""Bring the edges of kind ``similar`` and ``copy`` up to date for the posts that changed.

The terms of a changed post are counted into its corpus (the posts of its store in its language).
Then it is compared with the posts that share some of them. So is a post whose terms became common,
or ceased to be: the edges follow from the texts and tags that stand, not from the order in which
posts came. Each chunk is a transaction: a kill costs the chunk under way, and the next update
resumes.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.similarity.documents import (
    TERMS_MOVED,
    TEXT_CHANGED,
    add_document,
    apply_corpus_size,
    remove_document,
    save_n_tags,
)
from scraper.archive.similarity.edges import (
    ANCHOR_SEPARATOR,
    Edge,
    edges_to,
    end_edges,
    end_edges_of_removed,
    read_edges,
    set_edges,
)
from scraper.archive.similarity.index import (
    attached_index,
    delete_index,
    is_complete,
    is_damage,
    mark_complete,
)
from scraper.archive.similarity.search import (
    Neighbour,
    SimilarPosts,
    TermSearch,
    find_copies,
    rank,
)
from scraper.archive.statements import to_json, transaction
from scraper.graph.similarity import DEPTH, MIN_SCORE, TOP

logger = logging.getLogger(__name__)

CHUNK = 100
"""Posts in one transaction: other crawls wait no longer than it takes."""


def update_similarity(
    connection: sqlite3.Connection, index: Path, at: str, store_id: int | None = None
) -> int:
    """Compare the posts whose text or tags have changed since the last update, and return how many
    there were.

    `index` is the index's file, which is created where it is missing. `store_id` is the store whose
    posts are compared, None all of them: while a store is being crawled, only that crawl compares
    its posts. Removed posts lose their edges. Where nothing changed, the index is not opened. A
    damaged index is built again; any other error of SQLite is raised. The caller holds no
    transaction.
    """
    if index.exists() and not _has_uncompared(connection, store_id):
        return 0
    try:
        return _update(connection, index, at, store_id)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        # A damaged archive fails again below.
        logger.warning("%s is damaged (%s): it is built again", index, error)
        delete_index(index)
        return _update(connection, index, at, store_id)


def _has_uncompared(connection: sqlite3.Connection, store_id: int | None) -> bool:
    return bool(connection.execute(f"{_UNCOMPARED} LIMIT 1", {"store": store_id}).fetchone())


def _update(connection: sqlite3.Connection, index: Path, at: str, store_id: int | None) -> int:
    with attached_index(connection, index):
        if not is_complete(connection):
            store_id = None
            with transaction(connection):
                connection.execute("UPDATE posts SET is_compared = 0 WHERE is_compared")
                end_edges_of_removed(connection, at)
        for post_ids in _chunks(connection, _REMOVED, store_id):
            for post_id in post_ids:
                _forget(connection, post_id, at)
        changed = 0
        for post_ids in _chunks(connection, _CHANGED, store_id):
            changed += len(post_ids)
            for post_id in post_ids:
                add_document(connection, post_id)
        _apply_corpus_sizes(connection)
        pending = {post_id for (post_id,) in connection.execute(_PENDING)}
        _save_n_tags(connection, pending)
        comparison = _Comparison(connection, TermSearch(connection), pending, at)
        for post_ids in _chunks(connection, _PENDING):
            for post_id in post_ids:
                comparison.compare(post_id)
        # Last of all: a kill before leaves the mark that something is to be done.
        for post_ids in _chunks(connection, _COMPARED, store_id):
            connection.executemany(_MARK_COMPARED, [(post_id,) for post_id in post_ids])
        mark_complete(connection)
        return changed


def _chunks(
    connection: sqlite3.Connection, sql: str, store_id: int | None = None
) -> Iterator[list[int]]:
    """The posts that a query finds, in chunks, each in a transaction of its own and without those
    that it no longer finds."""
    values: dict[str, object] = {"store": store_id}
    found = [post_id for (post_id,) in connection.execute(sql, values)]
    # A search for the next ones in each transaction would pass over all that are done.
    for start in range(0, len(found), CHUNK):
        values["ids"] = to_json(found[start : start + CHUNK])
        with transaction(connection):
            rows = connection.execute(
                f"{sql} AND id IN (SELECT value FROM json_each(:ids))", values
            )
            yield [post_id for (post_id,) in rows.fetchall()]


def _forget(connection: sqlite3.Connection, post_id: int, at: str) -> None:
    """Take a removed post out of the index, end its edges, and have the posts compared again that
    had it among their nearest."""
    remove_document(connection, post_id)
    end_edges(connection, post_id, at)
    connection.execute(_COMPARE_LISTING, [post_id])
    connection.execute("DELETE FROM similarity.neighbours WHERE other_id = ?", [post_id])


def _apply_corpus_sizes(connection: sqlite3.Connection) -> None:
    sql = "SELECT id FROM similarity.corpora WHERE n_posts != applied_posts"
    if not connection.execute(sql).fetchone():
        return
    with transaction(connection):
        for (corpus_id,) in connection.execute(sql).fetchall():
            apply_corpus_size(connection, corpus_id)


def _save_n_tags(connection: sqlite3.Connection, post_ids: set[int]) -> None:
    ids = sorted(post_ids)
    for start in range(0, len(ids), CHUNK):
        with transaction(connection):
            for post_id in ids[start : start + CHUNK]:
                save_n_tags(connection, post_id)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a post before another changes."""

    last_score: float
    neighbours: list[Neighbour]
    edges: list[Edge]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One round of comparing: the `pending` posts are all compared in it."""

    connection: sqlite3.Connection
    search: TermSearch
    pending: set[int]
    at: str

    def compare(self, post_id: int) -> None:
        """Set the edges of a post, and those of other posts to it."""
        post_key, reason = self.connection.execute(_REASON, [post_id]).fetchone()
        similar = self._search_again(post_id)
        if reason == TEXT_CHANGED:
            _set_copies(self.connection, post_id, post_key, self.at)
        self.connection.execute(_SET_COMPARED, [post_id])
        scores = {other.post_id: other.weight for other in similar.neighbours}
        listed_by = dict(self.connection.execute(_LISTED_BY, [post_id]).fetchall())
        near = {
            other_id for other_id, score in scores.items() if score >= similar.last_scores[other_id]
        }
        others = (listed_by.keys() | near) - self.pending
        if reason == TERMS_MOVED:
            same = {
                other_id for other_id in others if scores.get(other_id) == listed_by.get(other_id)
            }
            others -= self._unchanged(post_id, same, similar)
        for other_id, known in self._read_known(others).items():
            changed = Neighbour(post_id, scores.get(other_id, 0.0), post_key)
            self._update_other(other_id, known, changed, similar)

    def _search_again(self, post_id: int) -> SimilarPosts:
        """Search the posts that are similar to a post, set its edges to the nearest, and return
        all."""
        similar = self.search.find_similar(post_id)
        found = similar.neighbours
        nearest = found[:DEPTH]
        known = self._read_neighbours([post_id])[post_id]
        self._save_neighbours(post_id, known, nearest)
        self._set_last_score(post_id, nearest[-1].weight if len(found) > DEPTH else 0.0)
        top = [other._replace(terms=similar.shared_terms(other.post_id)) for other in nearest[:TOP]]
        set_edges(self.connection, post_id, "similar", top, at=self.at)
        return similar

    def _unchanged(self, post_id: int, same: set[int], similar: SimilarPosts) -> set[int]:
        """Of the posts to which a post is as similar as it was, those that share the same terms
        with it as their edges say."""
        edges = edges_to(self.connection, post_id, "similar")
        return {
            other_id
            for other_id in same
            if other_id not in edges
            or edges[other_id].anchor == ANCHOR_SEPARATOR.join(similar.shared_terms(other_id))
        }

    def _update_other(
        self, post_id: int, known: _Known, changed: Neighbour, similar: SimilarPosts
    ) -> None:
        """Give a changed post its place among the neighbours of another, or take it away.

        A post that is not among the neighbours is at most as near as the last of them, unless all
        are known. So there is no need to search again while enough are left.
        """
        last_score = known.last_score
        nearest = [other for other in known.neighbours if other.post_id != changed.post_id]
        if changed.weight >= MIN_SCORE and (
            not last_score or (nearest and rank(changed) < rank(nearest[-1]))
        ):
            nearest = sorted([*nearest, changed], key=rank)
        if len(nearest) < TOP and last_score:
            self._search_again(post_id)
            return
        self._save_neighbours(post_id, known.neighbours, nearest[:DEPTH])
        if last_score or len(nearest) > DEPTH:
            self._set_last_score(post_id, nearest[:DEPTH][-1].weight)
        if nearest[:TOP] == known.neighbours[:TOP] and changed not in nearest[:TOP]:
            return  # it moved below those that have an edge
        # The terms of the other edges stay as they are.
        terms = {
            edge.to_post_id: tuple(edge.anchor.split(ANCHOR_SEPARATOR)) for edge in known.edges
        }
        if changed in nearest[:TOP]:
            terms[changed.post_id] = similar.shared_terms(post_id)
        top = [
            other._replace(
                terms=terms.get(other.post_id) or self.search.shared_terms(post_id, other.post_id)
            )
            for other in nearest[:TOP]
        ]
        set_edges(self.connection, post_id, "similar", top, at=self.at, known=known.edges)

    def _read_known(self, post_ids: Collection[int]) -> dict[int, _Known]:
        """What is known of each post, in their order."""
        ids = sorted(post_ids)
        neighbours = self._read_neighbours(ids)
        edges = read_edges(self.connection, ids, "similar")
        return {
            post_id: _Known(last_score, neighbours[post_id], edges[post_id])
            for post_id, last_score in self.connection.execute(
                _LAST_SCORES, [to_json(ids)]
            ).fetchall()
        }

    def _read_neighbours(self, post_ids: Collection[int]) -> dict[int, list[Neighbour]]:
        found: dict[int, list[Neighbour]] = {post_id: [] for post_id in post_ids}
        for post_id, *row in self.connection.execute(_NEIGHBOURS, [to_json(post_ids)]):
            found[post_id].append(Neighbour(*row))
        return {post_id: sorted(others, key=rank) for post_id, others in found.items()}

    def _set_last_score(self, post_id: int, score: float) -> None:
        self.connection.execute(
            "UPDATE similarity.documents SET last_score = ?1 WHERE id = ?2 AND last_score != ?1",
            [score, post_id],
        )

    def _save_neighbours(
        self, post_id: int, known: Sequence[Neighbour], nearest: Sequence[Neighbour]
    ) -> None:
        """Write the rows of `neighbours` that differ from the known ones."""
        old, new = (
            {other.post_id: other.weight for other in others} for others in (known, nearest)
        )
        self.connection.executemany(
            "DELETE FROM similarity.neighbours WHERE post_id = ? AND other_id = ?",
            [(post_id, other_id) for other_id in old.keys() - new.keys()],
        )
        self.connection.executemany(
            "INSERT OR REPLACE INTO similarity.neighbours (post_id, other_id, score)"
            " VALUES (?, ?, ?)",
            [(post_id, *pair) for pair in sorted(new.items() - old.items())],
        )


def _set_copies(connection: sqlite3.Connection, post_id: int, post_key: str, at: str) -> None:
    """Set the edges between a post and its copies, both ways."""
    copies = find_copies(connection, post_id)
    set_edges(connection, post_id, "copy", copies, at=at)
    weights = {copy.post_id: copy.weight for copy in copies}
    others = sorted(edges_to(connection, post_id, "copy").keys() | weights.keys())
    for other_id, edges in read_edges(connection, others, "copy").items():
        keys = dict(connection.execute(_POST_KEYS, [to_json(edge.to_post_id for edge in edges)]))
        linked = [
            Neighbour(edge.to_post_id, edge.weight, keys.get(edge.to_post_id, ""))
            for edge in edges
            if edge.to_post_id != post_id
        ]
        if other_id in weights:
            linked.append(Neighbour(post_id, weights[other_id], post_key))
        set_edges(connection, other_id, "copy", sorted(linked, key=rank), at=at, known=edges)


_UNCOMPARED = """
    SELECT id FROM posts WHERE is_compared = 0 AND (:store IS NULL OR store_id = :store)
"""
_IN_INDEX = """
    SELECT posts.id, state, documents.id AS indexed,
        documents.revision_id IS posts.revision_id AND documents.url = posts.url
            AND documents.language = posts.language AS is_current
    FROM posts LEFT JOIN similarity.documents ON documents.id = posts.id
    WHERE is_compared = 0 AND (:store IS NULL OR store_id = :store)
"""
_REMOVED = f"SELECT id FROM ({_IN_INDEX}) WHERE state = 'removed' AND indexed"
_CHANGED = f"SELECT id FROM ({_IN_INDEX}) WHERE state != 'removed' AND is_current IS NOT 1"
_COMPARED = f"""
    SELECT id FROM ({_IN_INDEX}) WHERE iif(state = 'removed', indexed IS NULL, is_current IS 1)
"""
_MARK_COMPARED = "UPDATE posts SET is_compared = 1 WHERE id = ?"
_PENDING = "SELECT id FROM similarity.documents WHERE pending"
_REASON = "SELECT post_key, pending FROM similarity.documents WHERE id = ?"
_SET_COMPARED = "UPDATE similarity.documents SET pending = 0 WHERE id = ?"
_COMPARE_LISTING = f"""
    UPDATE similarity.documents SET pending = max(pending, {TERMS_MOVED})
    WHERE id IN (SELECT post_id FROM similarity.neighbours WHERE other_id = ?)
"""
_LISTED_BY = "SELECT post_id, score FROM similarity.neighbours WHERE other_id = ?"
_LAST_SCORES = """
    SELECT documents.id, last_score
    FROM json_each(?) CROSS JOIN similarity.documents ON documents.id = value
"""
_POST_KEYS = """
    SELECT documents.id, post_key
    FROM json_each(?) CROSS JOIN similarity.documents ON documents.id = value
"""
_NEIGHBOURS = """
    SELECT post_id, other_id, score, post_key
    FROM json_each(?) CROSS JOIN similarity.neighbours ON post_id = value
    CROSS JOIN similarity.documents ON documents.id = other_id
"""
