"""Captures and what the server answered, for exports and for the explanation of a post."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, StoredAnswer, open_reader
from scraper.archive.rows import iterate_rows, read_row
from scraper.archive.statements import to_json
from scraper.archive.store_lookup import find_store_at
from scraper.exceptions import CaptureLost
from scraper.history.images import SAME_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """A capture of a crawl, by its label and start. `is_file` says that it is a saved file and no
    answer; `body_id` is None if no body was stored."""

    id: int
    store: str
    origin: str
    crawl_id: int
    crawl: str
    started_at: str
    url: str
    final_url: str
    http_status: int
    verdict: str
    detail: str
    resource_type: str
    fetched_at: str
    is_file: bool
    body_id: int | None
    body_hash: str
    etag: str
    last_modified: str

    @property
    def has_known_bytes(self) -> bool:
        """Whether it is an image whose bytes an earlier answer brought."""
        is_image = self.resource_type == "image" and self.verdict in {"ok", "not_modified"}
        return is_image and self.body_id is None

    @property
    def dated_crawl(self) -> str:
        """When the crawl of the capture began, and its label."""
        return f"{self.started_at} {self.crawl}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFilter:
    """Which captures to read; an empty value does not restrict. Times are UTC, `until` is excluded;
    `store` is a store's name."""

    store: str = ""
    post_id: int | None = None
    crawl_id: int | None = None
    since: str = ""
    until: str = ""


def read_captures(db: Database, criteria: CaptureFilter) -> Iterator[CaptureRow]:
    """Read captures one by one, in the order in which they were made."""
    values = asdict(criteria)
    used = [sql for name, sql in _CONDITIONS.items() if values[name] not in ("", None)]
    where = " AND ".join(used) or "1"
    sql = f"{_CAPTURE} WHERE {where} ORDER BY captures.id"
    return iterate_rows(db, CaptureRow, sql, values)


def read_captures_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[CaptureRow]:
    """Read captures by their ids, in the order in which they were made."""
    where = "captures.id IN (SELECT value FROM json_each(?))"
    sql = f"{_CAPTURE} WHERE {where} ORDER BY captures.id"
    return iterate_rows(connection, CaptureRow, sql, [to_json(ids)])


def read_repeated(db: Database, capture: CaptureRow) -> CaptureRow | None:
    """Read the capture whose bytes an answer repeats that has none of its own (`SAME_BYTES`)."""
    return read_row(db, CaptureRow, f"{_CAPTURE} WHERE captures.id = {_REPEATED}", [capture.id])


def last_good_capture(db: Database, post_id: int) -> CaptureRow | None:
    """Read the newest capture that shows a post and has a stored body, or None."""
    where = "captures.post_id = ? AND verdict = 'ok' AND body_id IS NOT NULL"
    sql = f"{_CAPTURE} WHERE {where} ORDER BY captures.id DESC LIMIT 1"
    return read_row(db, CaptureRow, sql, [post_id])


def read_stored_answer(
    connection: sqlite3.Connection, captures: Path, capture_id: int
) -> tuple[CaptureRow, StoredAnswer]:
    """Read a capture by its id with the answer that is stored at `captures`.

    Raises CaptureLost; its message names no file.
    """
    capture = read_row(connection, CaptureRow, f"{_CAPTURE} WHERE captures.id = ?", [capture_id])
    if capture is None:
        raise CaptureLost(f"there is no capture {capture_id}")
    if capture.body_id is None:
        raise CaptureLost(
            f"the archive has no bytes of capture {capture_id}: there were none, or "
            "they were pruned"
        )
    try:
        with closing(open_reader(captures)) as reader:
            return capture, reader.read(capture.body_id, capture.body_hash)
    except CaptureLost as error:
        raise CaptureLost(f"the bytes of capture {capture_id} are lost or damaged") from error


def known_answers(db: Database, origin: str) -> set[tuple[str, str]]:
    """Return time and body hash of every capture of the store at `origin`, in all its crawls."""
    store = find_store_at(db.conn, origin)
    return set(db.execute(_KNOWN_ANSWERS, [store.id])) if store else set()


def read_answer(reader: CaptureReader | None, capture: CaptureRow) -> StoredAnswer:
    """Read the response of a capture. Raises CaptureLost, with the reason, if it is not stored."""
    if capture.body_id is None:
        raise CaptureLost("no body was received, or it was pruned")
    if reader is None:
        raise CaptureLost("the captures file does not exist")
    return reader.read(capture.body_id, capture.body_hash)


_OF_POST = """captures.id IN (
    SELECT id FROM captures WHERE post_id = :post_id
    UNION SELECT images.capture_id FROM post_images
    JOIN images ON images.id = image_id WHERE post_images.post_id = :post_id
    UNION SELECT capture_id FROM post_images WHERE post_id = :post_id
)"""
_CONDITIONS = {
    "store": "stores.name = :store",
    "post_id": _OF_POST,
    "crawl_id": "captures.crawl_id = :crawl_id",
    "since": "captures.fetched_at >= :since",
    "until": "captures.fetched_at < :until",
}
"""What each value of a CaptureFilter restricts."""
_REPEATED = f"""(
    SELECT images.capture_id FROM captures AS answer
    JOIN images ON hash BETWEEN substr(answer.detail, -12) AND substr(answer.detail, -12) || 'g'
    WHERE answer.id = ? AND answer.detail LIKE '{SAME_BYTES.format("%")}'
)"""
_KNOWN_ANSWERS = """
    SELECT captures.fetched_at, body_hash FROM captures
    JOIN crawls ON crawls.id = captures.crawl_id WHERE crawls.store_id = ?
"""
_CAPTURE = """
    SELECT captures.id, stores.name AS store, stores.origin, crawl_id, crawls.label AS crawl,
        crawls.started_at, captures.url, final_url, http_status, verdict, detail, resource_type,
        fetched_at, crawls.kind = 'import' AND http_status = 0 AS is_file,
        body_id, body_hash, etag, last_modified
    FROM captures
    JOIN crawls ON crawls.id = captures.crawl_id
    JOIN stores ON stores.id = crawls.store_id
"""
