"""Bring the edges of kind ``similar`` and ``copy`` up to date for the posts that changed.

The terms of a changed post are counted into its corpus (the posts of its store in its language).
Then it is compared with the posts that share some of them. So is a post whose terms became common,
or ceased to be: the edges follow from the texts and tags that stand, not from the order in which
posts came. Each chunk is a transaction: a kill costs the chunk under way, and the next update
resumes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.archive.similarity.documents import (
    add_document,
    apply_corpus_size,
    remove_document,
)
from scraper.archive.similarity.edges import (
    end_edges,
    end_edges_of_removed,
    open_edges,
    posts_with_edge_to,
    set_edges,
)
from scraper.archive.similarity.index import (
    attached_index,
    delete_index,
    is_complete,
    mark_complete,
)
from scraper.archive.similarity.search import (
    Neighbour,
    TermSearch,
    find_copies,
    rank,
)
from scraper.archive.statements import transaction
from scraper.graph.similarity import DEPTH, MIN_SCORE, TOP

CHUNK = 100
"""Posts in one transaction: other crawls wait no longer than it takes."""


def update_similarity(
    connection: sqlite3.Connection, index: Path, at: str, store_id: int | None = None
) -> int:
    """Compare the posts whose text or tags have changed since the last update, and return how many
    there were.

    `index` is the index's file, which is created where it does not fit. `store_id` is the store
    whose posts are compared, None all of them: while a store is being crawled, only that crawl
    compares its posts. Removed posts lose their edges. Where nothing changed, nothing is written.
    The caller holds no transaction.
    """
    try:
        return _update(connection, index, at, store_id)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        # A page of the index is damaged. A damaged archive fails again below.
        delete_index(index)
        return _update(connection, index, at, store_id)


def _update(connection: sqlite3.Connection, index: Path, at: str, store_id: int | None) -> int:
    with attached_index(connection, index):
        if not is_complete(connection):
            store_id = None
            with transaction(connection):
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
        search = TermSearch(connection)
        _save_n_tags(connection, search, pending)
        comparison = _Comparison(connection, search, pending, at)
        for post_ids in _chunks(connection, _PENDING):
            for post_id in post_ids:
                comparison.compare(post_id)
        mark_complete(connection)
        return changed


def _chunks(
    connection: sqlite3.Connection, sql: str, store_id: int | None = None
) -> Iterator[list[int]]:
    """The posts that a query finds, in chunks, each in a transaction of its own, until it finds
    none."""
    values = {"store": store_id} if ":store" in sql else {}
    while connection.execute(f"{sql} LIMIT 1", values).fetchone():
        with transaction(connection):
            rows = connection.execute(f"{sql} LIMIT {CHUNK}", values).fetchall()
            yield [post_id for (post_id,) in rows]


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


def _save_n_tags(connection: sqlite3.Connection, search: TermSearch, post_ids: set[int]) -> None:
    ids = sorted(post_ids)
    for start in range(0, len(ids), CHUNK):
        with transaction(connection):
            for post_id in ids[start : start + CHUNK]:
                search.save_n_tags(post_id)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One round of comparing: the `pending` posts are all compared in it."""

    connection: sqlite3.Connection
    search: TermSearch
    pending: set[int]
    at: str

    def compare(self, post_id: int) -> None:
        """Set the edges of a post, and those of other posts to it."""
        found, last_scores = self._search_again(post_id)
        _set_copies(self.connection, post_id, self.at)
        (post_key,) = self.connection.execute(_SET_COMPARED, [post_id]).fetchone()
        scores = {other.post_id: other.weight for other in found}
        listed_by = {other_id for (other_id,) in self.connection.execute(_LISTED_BY, [post_id])}
        near = {other_id for other_id, score in scores.items() if score >= last_scores[other_id]}
        for other_id in sorted((listed_by | near) - self.pending):
            score = scores.get(other_id, 0.0)
            self._update_other(other_id, Neighbour(post_id, score, post_key))

    def _search_again(self, post_id: int) -> tuple[list[Neighbour], dict[int, float]]:
        """Search the neighbours of a post, set its edges to the nearest, and return all."""
        found, last_scores = self.search.find_nearest(post_id)
        nearest = found[:DEPTH]
        self._save_neighbours(post_id, self._neighbours(post_id), nearest)
        self._set_last_score(post_id, nearest[-1].weight if len(found) > DEPTH else 0.0)
        terms = (self.search.shared_terms(post_id, other.post_id) for other in nearest[:TOP])
        top = [other._replace(terms=shared) for other, shared in zip(nearest, terms, strict=False)]
        set_edges(self.connection, post_id, "similar", top, self.at)
        return found, last_scores

    def _update_other(self, post_id: int, changed: Neighbour) -> None:
        """Give a changed post its place among the neighbours of another, or take it away.

        A post that is not among the neighbours is at most as near as the last of them, unless all
        are known. So there is no need to search again while enough are left.
        """
        (last_score,) = self.connection.execute(_LAST_SCORE, [post_id]).fetchone()
        known = self._neighbours(post_id)
        nearest = [other for other in known if other.post_id != changed.post_id]
        if changed.weight >= MIN_SCORE and (
            not last_score or (nearest and rank(changed) < rank(nearest[-1]))
        ):
            nearest = sorted([*nearest, changed], key=rank)
        if len(nearest) < TOP and last_score:
            self._search_again(post_id)
            return
        self._save_neighbours(post_id, known, nearest[:DEPTH])
        if last_score or len(nearest) > DEPTH:
            self._set_last_score(post_id, nearest[:DEPTH][-1].weight)
        self._set_similar(post_id, nearest, changed)

    def _set_similar(self, post_id: int, nearest: Sequence[Neighbour], changed: Neighbour) -> None:
        """Set the edges of a post to its nearest. They keep their terms but for the changed one."""
        edges = open_edges(self.connection, post_id, "similar")
        terms = {edge.post_id: edge.terms for edge in edges}
        if changed in nearest[:TOP]:
            terms[changed.post_id] = self.search.shared_terms(changed.post_id, post_id)
        top = [
            other._replace(
                terms=terms.get(other.post_id) or self.search.shared_terms(post_id, other.post_id)
            )
            for other in nearest[:TOP]
        ]
        if top != edges:
            set_edges(self.connection, post_id, "similar", top, self.at)

    def _neighbours(self, post_id: int) -> list[Neighbour]:
        return [Neighbour(*row) for row in self.connection.execute(_NEIGHBOURS, [post_id])]

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


def _set_copies(connection: sqlite3.Connection, post_id: int, at: str) -> None:
    """Set the edges between a post and its copies, both ways."""
    copies = find_copies(connection, post_id)
    set_edges(connection, post_id, "copy", copies, at)
    (post_key,) = connection.execute(
        "SELECT post_key FROM similarity.documents WHERE id = ?", [post_id]
    ).fetchone()
    weights = {copy.post_id: copy.weight for copy in copies}
    for other_id in sorted(posts_with_edge_to(connection, post_id, "copy") | weights.keys()):
        others = [
            other for other in open_edges(connection, other_id, "copy") if other.post_id != post_id
        ]
        if other_id in weights:
            others.append(Neighbour(post_id, weights[other_id], post_key))
        set_edges(connection, other_id, "copy", sorted(others, key=rank), at)


_OF_STORE = "(:store IS NULL OR posts.store_id = :store)"
_REMOVED = f"""
    SELECT documents.id FROM similarity.documents CROSS JOIN posts ON posts.id = documents.id
    WHERE posts.state = 'removed' AND {_OF_STORE}
"""
_CHANGED = f"""
    SELECT posts.id FROM posts LEFT JOIN similarity.documents ON documents.id = posts.id
    WHERE posts.state != 'removed' AND {_OF_STORE} AND (
        documents.revision_id IS NOT posts.revision_id
        OR documents.url != posts.url OR documents.language != posts.language
    )
"""
_PENDING = "SELECT id FROM similarity.documents WHERE is_pending"
_SET_COMPARED = """
    UPDATE similarity.documents SET is_pending = 0 WHERE id = ? RETURNING post_key
"""
_COMPARE_LISTING = """
    UPDATE similarity.documents SET is_pending = 1
    WHERE id IN (SELECT post_id FROM similarity.neighbours WHERE other_id = ?)
"""
_LISTED_BY = "SELECT post_id FROM similarity.neighbours WHERE other_id = ?"
_LAST_SCORE = "SELECT last_score FROM similarity.documents WHERE id = ?"
_NEIGHBOURS = """
    SELECT other_id, score, post_key
    FROM similarity.neighbours JOIN similarity.documents ON documents.id = other_id
    WHERE post_id = ? ORDER BY score DESC, post_key, other_id
"""
