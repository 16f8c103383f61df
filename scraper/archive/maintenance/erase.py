"""Erase a post on request: its words and pages go, and of each sealed row its hash stays."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

from scraper.archive.captures.drop import drop_answers
from scraper.archive.captures.owner import check_owner
from scraper.archive.captures.reader import CaptureReader
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.maintenance.prune import all_locked
from scraper.archive.seals.leaves import crawl_leaves
from scraper.archive.similarity.index import delete_index, similarity_path
from scraper.archive.statements import insert, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What erasing a post deletes, or would delete: rows of each table; its own answers; answers
    that show it among other posts (feeds, lists), of which only the bytes go; and the hashes that
    stay."""

    rows: dict[str, int]
    answers: int
    shared_answers: int
    tombstones: int


def preview_erasure(archive: Path, captures: Path, post_id: int) -> Erasure:
    """Return what `erase_post` would delete. Writes nothing."""
    with closing(open_for_reading(archive)) as db:
        return _find_doomed(db.conn, captures, post_id).counts()


def erase_post(archive: Path, captures: Path, post_id: int, *, at: str) -> Erasure:
    """Erase a post. Raises AlreadyCrawling while a crawl runs, CaptureLost for a damaged answer.

    The answers go first: after a kill at any time, erasing the post again completes it. Links of
    other posts to it stay, without a target: their anchors are words of other posts. So do the
    texts of messages that wait to be delivered together with other posts.
    """
    with all_locked(archive), write_errors(archive):
        with closing(open_for_writing(archive)) as db:
            doomed = _find_doomed(db.conn, captures, post_id)
            db.execute("PRAGMA secure_delete = ON")
            if captures.exists():
                _drop_answers(db.conn, captures, doomed)
            with transaction(db.conn):
                db.execute("PRAGMA defer_foreign_keys = ON")
                _write_tombstones(db.conn, doomed.tombstones, at)
                _delete_rows(db.conn, post_id, doomed.rows)
            db.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('optimize')")
            db.execute("VACUUM")
        # It is built again, without the post, when texts are compared next.
        delete_index(similarity_path(archive))
    return doomed.counts()


class _Tombstone(NamedTuple):
    """A doomed row that a seal covers."""

    crawl_id: int
    erased_table: str
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class _Doomed:
    """What goes with a post: the ids of rows by table, in the order in which they can be deleted,
    and of answers; the tombstones are what stays."""

    rows: dict[str, list[int]]
    own: list[int]
    shared: list[int]
    tombstones: list[_Tombstone]

    def counts(self) -> Erasure:
        return Erasure(
            rows={table: len(ids) for table, ids in self.rows.items() if ids},
            answers=len(self.own),
            shared_answers=len(self.shared),
            tombstones=len(self.tombstones),
        )


def _find_doomed(connection: sqlite3.Connection, captures: Path, post_id: int) -> _Doomed:
    rows = {
        table: [row_id for (row_id,) in connection.execute(sql, {"post": post_id})]
        for table, sql in DOOMED.items()
    }
    own, shared = _answers(connection, captures, post_id, rows["captures"])
    return _Doomed(rows, own, shared, list(_tombstones(connection, rows)))


def _answers(
    connection: sqlite3.Connection, captures: Path, post_id: int, capture_ids: list[int]
) -> tuple[list[int], list[int]]:
    """The stored answers that show the post: its own, and those that show others too."""
    if not captures.exists():
        return [], []
    doomed = set(capture_ids)
    rows = connection.execute(_OF_STORE, {"post": post_id}).fetchall()
    hashes = {body_hash for row_id, _, _, body_hash in rows if row_id in doomed}
    with closing(open_for_reading(captures, CAPTURES)) as stored:
        check_owner(connection, stored.conn, captures)
        known = dict(stored.conn.execute("SELECT id, body_hash FROM answers"))
        own = [body_id for row_id, body_id, _, _ in rows if row_id in doomed and body_id in known]
        others = [
            body_id
            for row_id, body_id, kind, _ in rows
            if row_id not in doomed and kind not in {"post", "image"} and body_id in known
        ]
        # An erasure that was killed may have left answers to which nothing refers.
        left = known.keys() - {body_id for (body_id,) in connection.execute(_REFERRED)}
        own += sorted(answer_id for answer_id in left if known[answer_id] in hashes)
        others += sorted(answer_id for answer_id in left if known[answer_id] not in hashes)
        reader, named = CaptureReader(stored.conn, captures), _named(connection, post_id)
        shared = [body_id for body_id in others if named and named.search(reader.raw(body_id))]
    return own, shared


def _named(connection: sqlite3.Connection, post_id: int) -> re.Pattern[bytes] | None:
    """By what a feed or a list names the post: the last part of an address, also in JSON."""
    urls = connection.execute("SELECT url FROM post_urls WHERE post_id = ?", [post_id])
    handles = {url.rstrip("/").rpartition("/")[2] for (url,) in urls}
    words = {form.encode() for handle in handles for form in (handle, unquote(handle)) if form}
    if not words:
        return None
    return re.compile(b"/(?:" + b"|".join(map(re.escape, sorted(words))) + rb")(?![\w-])")


def _drop_answers(connection: sqlite3.Connection, captures: Path, doomed: _Doomed) -> None:
    ids = [*doomed.own, *doomed.shared]
    with transaction(connection):
        connection.executemany(
            "UPDATE captures SET body_id = NULL WHERE body_id = ?",
            [(body_id,) for body_id in ids],
        )
    with write_errors(captures), closing(open_for_writing(captures, CAPTURES)) as stored:
        stored.execute("PRAGMA secure_delete = ON")
        drop_answers(stored.conn, captures, ids)
        stored.execute("VACUUM")


def _tombstones(
    connection: sqlite3.Connection, doomed: dict[str, list[int]]
) -> Iterator[_Tombstone]:
    gone = {(table, row_id) for table, ids in doomed.items() for row_id in ids}
    sealed = connection.execute("SELECT id FROM crawls WHERE seal_id IS NOT NULL").fetchall()
    for (crawl_id,) in sealed:
        for leaf in crawl_leaves(connection, crawl_id):
            if (leaf.table, leaf.row_id) in gone:
                yield _Tombstone(crawl_id, leaf.table, leaf.hash.hex())


def _write_tombstones(
    connection: sqlite3.Connection, tombstones: Iterable[_Tombstone], at: str
) -> None:
    for tombstone in tombstones:
        insert(connection, "tombstones", erased_at=at, **tombstone._asdict())


def _delete_rows(
    connection: sqlite3.Connection, post_id: int, doomed: dict[str, list[int]]
) -> None:
    values = {"post": post_id}
    for statement in _BEFORE:
        connection.execute(statement, values)
    for table, ids in doomed.items():
        connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(row_id,) for row_id in ids])
    for statement in _AFTER:
        connection.execute(statement)


_REVISIONS = "(SELECT id FROM revisions WHERE post_id = :post)"
_CHANGES = "(SELECT id FROM changes WHERE post_id = :post)"
# An address that another post has now is the other's.
_URLS = (
    "(SELECT url FROM post_urls WHERE post_id = :post "
    "EXCEPT SELECT url FROM post_urls WHERE post_id != :post)"
)
# An image that another post shows too is the other's, and so is the answer that brought it.
_IMAGES = (
    "(SELECT image_id FROM post_images WHERE post_id = :post "
    "EXCEPT SELECT image_id FROM post_images WHERE post_id != :post)"
)
_IMAGE_URLS = (
    "(SELECT url FROM post_images WHERE post_id = :post "
    "UNION SELECT url FROM image_queue WHERE post_id = :post "
    "EXCEPT SELECT url FROM post_images WHERE post_id != :post)"
)
DOOMED: Final = {
    "alerts": f"SELECT id FROM alerts WHERE change_id IN {_CHANGES}",
    "change_fields": f"SELECT id FROM change_fields WHERE change_id IN {_CHANGES}",
    "changes": "SELECT id FROM changes WHERE post_id = :post",
    "pending_changes": "SELECT id FROM pending_changes WHERE post_id = :post",
    "reextractions": "SELECT id FROM reextractions WHERE post_id = :post",
    "observations": "SELECT id FROM observations WHERE post_id = :post",
    "code_mentions": f"SELECT id FROM code_mentions WHERE revision_id IN {_REVISIONS}",
    "links": "SELECT id FROM links WHERE from_post_id = :post "
    "OR (to_post_id = :post AND kind IN ('similar', 'copy'))",
    "non_post_links": "SELECT id FROM non_post_links WHERE from_post_id = :post",
    "revisions": "SELECT id FROM revisions WHERE post_id = :post",
    "captures": "SELECT id FROM captures WHERE post_id = :post "
    f"OR (post_id IS NULL AND (url IN {_URLS} OR final_url IN {_URLS})) "
    f"OR (resource_type = 'image' AND url IN {_IMAGE_URLS} AND id NOT IN "
    f"(SELECT capture_id FROM images WHERE id NOT IN {_IMAGES}))",
    "images": f"SELECT id FROM images WHERE id IN {_IMAGES}",
    "post_images": "SELECT id FROM post_images WHERE post_id = :post",
    "image_queue": "SELECT id FROM image_queue WHERE post_id = :post",
    "listings": f"SELECT id FROM listings WHERE url IN {_URLS}",
    "post_urls": "SELECT id FROM post_urls WHERE post_id = :post",
    "posts": "SELECT id FROM posts WHERE id = :post",
}
"""Which rows go with a post."""

_OF_STORE = """
    SELECT captures.id, body_id, resource_type, body_hash FROM captures
    JOIN crawls ON crawls.id = crawl_id
    WHERE store_id = (SELECT store_id FROM posts WHERE id = :post)
"""
_REFERRED = "SELECT body_id FROM captures WHERE body_id IS NOT NULL"
_BEFORE = (
    # The index has no texts of its own: what is taken out of it must be given.
    f"""
    INSERT INTO revisions_fts (revisions_fts, rowid, title, author, tags, text)
    SELECT 'delete', id, title, author, tags, text FROM revision_texts
    WHERE id IN {_REVISIONS} AND id IN (SELECT id FROM revisions_fts_docsize)
    """,
    "UPDATE links SET to_post_id = NULL WHERE to_post_id = :post AND from_post_id != :post "
    "AND kind NOT IN ('similar', 'copy')",
    "UPDATE posts SET revision_id = NULL WHERE id = :post",
)
_AFTER = (
    "DELETE FROM contents WHERE id NOT IN (SELECT content_id FROM revisions)",
    "DELETE FROM discount_codes WHERE id NOT IN (SELECT code_id FROM code_mentions)",
    """
    DELETE FROM alert_messages WHERE id NOT IN (
        SELECT message_id FROM alerts WHERE message_id IS NOT NULL
        UNION SELECT message_id FROM alert_incidents
    )
    """,
    "DELETE FROM change_groups WHERE id NOT IN "
    "(SELECT group_id FROM changes WHERE group_id IS NOT NULL)",
    """
    UPDATE change_groups SET n_posts = (
        SELECT count(DISTINCT post_id) FROM changes WHERE group_id = change_groups.id
    )
    """,
)
