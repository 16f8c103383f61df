"""Captures with what was answered, for whoever reads them: the export, the explanation of a
post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, StoredAnswer
from scraper.exceptions import CaptureLost


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """A capture. `imported` says that a file was read and nothing asked; `body_id` is None where
    nothing was kept."""

    id: int
    store: str
    origin: str
    crawl_id: int
    url: str
    final_url: str
    http_status: int
    verdict: str
    resource_type: str
    fetched_at: str
    imported: bool
    body_id: int | None
    body_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which captures are meant; what is not said leaves all in. Times are UTC, `until` excluded;
    `store` is a store's name."""

    store: str = ""
    post_id: int | None = None
    crawl_id: int | None = None
    since: str = ""
    until: str = ""


def captures_of(db: Database, selection: Selection) -> Iterator[CaptureRow]:
    """The captures meant, in the order in which they came, read as they are asked for."""
    conditions = {
        "stores.name = ?": selection.store,
        "captures.post_id = ?": selection.post_id,
        "captures.crawl_id = ?": selection.crawl_id,
        "captures.fetched_at >= ?": selection.since,
        "captures.fetched_at < ?": selection.until,
    }
    asked = {condition: value for condition, value in conditions.items() if value not in ("", None)}
    where = " AND ".join(asked) or "1"
    for row in db.execute(f"{_CAPTURE} WHERE {where} ORDER BY captures.id", list(asked.values())):
        yield _capture(row)


def last_good_capture(db: Database, post_id: int) -> CaptureRow | None:
    """The newest capture that shows a post and was kept, or None."""
    sql = f"{_CAPTURE} WHERE captures.post_id = ? AND verdict = 'ok' AND body_id IS NOT NULL ORDER BY captures.id DESC LIMIT 1"
    row = db.execute(sql, [post_id]).fetchone()
    return _capture(row) if row else None


def read_answer(reader: CaptureReader | None, capture: CaptureRow) -> StoredAnswer:
    """What was answered. Raises CaptureLost, with the reason, where that is not at hand."""
    if capture.body_id is None:
        raise CaptureLost("no body was received, or it was pruned")
    if reader is None:
        raise CaptureLost("the captures' file is not there")
    return reader.read(capture.body_id, capture.body_hash)


def _capture(row: tuple[object, ...]) -> CaptureRow:
    *values, kind, body_id, body_hash = row
    names = (
        "id",
        "store",
        "origin",
        "crawl_id",
        "url",
        "final_url",
        "http_status",
        "verdict",
        "resource_type",
        "fetched_at",
    )
    said: dict[str, object] = dict(zip(names, values, strict=True))
    return CaptureRow(**said, imported=kind == "import", body_id=body_id, body_hash=body_hash)  # type: ignore[arg-type]


_CAPTURE = """
    SELECT captures.id, stores.name, stores.origin, crawl_id, captures.url, final_url, http_status, verdict, resource_type, fetched_at,
        crawls.kind, body_id, body_hash
    FROM captures JOIN crawls ON crawls.id = captures.crawl_id JOIN stores ON stores.id = crawls.store_id
"""
