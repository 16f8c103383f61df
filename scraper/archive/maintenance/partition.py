"""Split an archive of many stores into one archive for each, and merge archives into one."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.owner import check_owner, claim_captures
from scraper.archive.captures.reader import CaptureReader
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.captures.writer import CaptureWriter
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.maintenance.prune import all_locked
from scraper.archive.maintenance.store_rows import (
    OWNED,
    SHARED,
    attached,
    choose_stores,
    copy_rows,
)
from scraper.archive.statements import transaction, update
from scraper.archive.write.search_index import index_new_revisions
from scraper.exceptions import ArchiveError, NotOurs
from scraper.history.store_addresses import host_file_name, host_key
from scraper.items import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The archive of one store: its name and host, and the folder with its two files."""

    store: str
    host: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The parts of an archive; `left` are rows by table that belong to no store, or to two."""

    parts: tuple[Part, ...]
    left: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two files of an archive that is being made, open for writing."""

    archive: sqlite3.Connection
    captures: sqlite3.Connection
    captures_path: Path


def split_archive(archive: Path, captures: Path, into: Path) -> Split:
    """Write the archive of each store into a folder of its own, named after its host; ids stay as
    they are.

    Raises AlreadyCrawling while a crawl runs, NotOurs for a folder that exists, ArchiveError for an
    image whose bytes no answer of its store brought.
    """
    with _source(archive, captures) as db:
        _refuse_unanswered(db.conn, archive)
        stores = db.execute("SELECT id, name, origin FROM stores ORDER BY id").fetchall()
        parts = [
            Part(store=name, host=host_key(origin), folder=into / host_file_name(origin))
            for _, name, origin in stores
        ]
        copied = Counter[str]()
        for (store_id, *_), part in zip(stores, parts, strict=True):
            with _new_pair(part.folder) as pair:
                copied.update(_add(pair, archive, captures, [store_id]))
        left = {
            table: n_left
            for table in OWNED
            if table not in SHARED and (n_left := db.table(table).count - copied[table]) > 0
        }
    return Split(parts=tuple(parts), left=left)


def merge_archives(sources: Iterable[tuple[Path, Path]], into: Path) -> list[str]:
    """Write all stores of archives, each given with its captures, into one archive in a new folder;
    returns the names of the stores. Links from one archive to posts of another find them.

    Raises AlreadyCrawling while a crawl runs, NotOurs for a folder that exists, ArchiveError for a
    store that two archives have.
    """
    with _new_pair(into) as pair:
        for archive, captures in sources:
            with _source(archive, captures) as db:
                _refuse_twice(pair.archive, db.conn, archive)
                store_ids = [store_id for (store_id,) in db.execute("SELECT id FROM stores")]
                _add(pair, archive, captures, store_ids)
        pair.archive.execute(_RESOLVE_LINKS)
        names = pair.archive.execute("SELECT name FROM stores ORDER BY id").fetchall()
    return [name for (name,) in names]


@contextmanager
def _source(archive: Path, captures: Path) -> Iterator[Database]:
    """An archive to copy from, while nothing is crawled into it, with the captures that are its
    own."""
    with all_locked(archive), closing(open_for_reading(archive)) as db:
        if _has_answers(captures):
            with closing(open_for_reading(captures, CAPTURES)) as stored:
                check_owner(db.conn, stored.conn, captures)
        yield db


def _has_answers(captures: Path) -> bool:
    return captures.exists() and captures.stat().st_size > 0


def _refuse_twice(merged: sqlite3.Connection, other: sqlite3.Connection, path: Path) -> None:
    known = merged.execute("SELECT name, origin FROM stores").fetchall()
    taken = {value for row in known for value in row}
    for name, origin in other.execute("SELECT name, origin FROM stores"):
        if {name, origin} & taken:
            raise ArchiveError(f"{path} has the store {name}, which another of the archives has")


def _refuse_unanswered(archive: sqlite3.Connection, path: Path) -> None:
    if found := archive.execute(_UNANSWERED).fetchone():
        store, image = found
        raise ArchiveError(
            f"{path} cannot be split: no answer of {store} brought the bytes of image {image}"
        )


@contextmanager
def _new_pair(folder: Path) -> Iterator[_Pair]:
    """A new pair of files, in a folder that gets its name once they are complete."""
    if folder.exists():
        raise NotOurs(f"{folder} exists: name another folder")
    unfinished = folder.with_name(f".unfinished-{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    archive, captures = unfinished / "archive.db", unfinished / "captures.db"
    try:
        with (
            closing(open_for_writing(archive)) as db,
            closing(open_for_writing(captures, CAPTURES)) as stored,
            write_errors(archive),
        ):
            claim_captures(db.conn, stored.conn, captures)
            yield _Pair(db.conn, stored.conn, captures)
        os.rename(unfinished, folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _add(pair: _Pair, archive: Path, captures: Path, store_ids: Sequence[int]) -> dict[str, int]:
    """Copy stores of an archive, with the answers to which they refer; returns how many rows of
    each table."""
    with attached(pair.archive, source=archive):
        choose_stores(pair.archive, store_ids)
        moved = _next_answer_id(pair)
        if _has_answers(captures):
            _copy_answers(pair, archive, captures, moved, store_ids)
        with transaction(pair.archive):
            pair.archive.execute("PRAGMA defer_foreign_keys = ON")
            copied = copy_rows(pair.archive, answers=moved)
            index_new_revisions(pair.archive)
        _copy_bodies(pair, captures)
    return copied.counts


def _next_answer_id(pair: _Pair) -> int:
    """By how much the ids of answers move: also past those that archives refer to and lack."""
    (stored,) = pair.captures.execute("SELECT coalesce(max(id), 0) FROM answers").fetchone()
    (referred,) = pair.archive.execute("SELECT coalesce(max(body_id), 0) FROM captures").fetchone()
    return max(int(stored), int(referred))


def _copy_answers(
    pair: _Pair, archive: Path, captures: Path, moved: int, store_ids: Sequence[int]
) -> None:
    with attached(pair.captures, source=captures, archive=archive):
        choose_stores(pair.captures, store_ids)
        with transaction(pair.captures):
            pair.captures.execute(_COPY_ANSWERS, {"moved": moved})
            pair.captures.execute(_COPY_DICTIONARIES, {"moved": moved})


def _copy_bodies(pair: _Pair, captures: Path) -> None:
    """Give an image the bytes that an answer of another store brought: of its own answer only the
    hash was stored, since the bytes were there. It has no headers, for none were stored."""
    rows = pair.archive.execute(_BORROWED).fetchall()
    if not rows:
        return
    writer = CaptureWriter(pair.captures, pair.captures_path, after=_next_answer_id(pair))
    with closing(open_for_reading(captures, CAPTURES)) as stored:
        reader = CaptureReader(stored.conn, captures)
        for capture_id, store, other_id, columns in rows:
            capture = Capture(**json.loads(columns), verdict="ok", detail="")
            answer = reader.read(other_id, capture.body_hash)
            body_id = writer.save(
                replace(capture, body=answer.body), store=store, resource_type="image"
            )
            update(pair.archive, "captures", capture_id, body_id=body_id)


_WANTED = """
    WITH RECURSIVE wanted (id) AS (
        SELECT body_id FROM archive.captures
        WHERE body_id IS NOT NULL AND crawl_id IN (
            SELECT id FROM archive.crawls WHERE store_id IN (SELECT id FROM temp.chosen)
        )
        UNION
        SELECT dictionary_id FROM wanted JOIN source.answers AS answers ON answers.id = wanted.id
        WHERE dictionary_id IS NOT NULL
    )
"""
_COPY_ANSWERS = f"""
    {_WANTED}
    INSERT INTO main.answers (id, url, fetched_at, http_status, body_hash, body_bytes,
        header_bytes, dictionary_id, depth, data)
    SELECT id + :moved, url, fetched_at, http_status, body_hash, body_bytes, header_bytes,
        dictionary_id + :moved, depth, data
    FROM source.answers WHERE id IN (SELECT id FROM wanted) ORDER BY id
"""
_COPY_DICTIONARIES = """
    INSERT INTO main.dictionaries (store, resource_type, answer_id)
    SELECT store, resource_type, answer_id + :moved FROM source.dictionaries
    WHERE answer_id + :moved IN (SELECT id FROM main.answers)
"""
_BORROWED = """
    SELECT own.id, stores.origin, others.body_id, json_object(
        'url', own.url, 'final_url', own.final_url, 'http_status', own.http_status,
        'fetched_at', own.fetched_at, 'etag', own.etag, 'last_modified', own.last_modified,
        'body_hash', own.body_hash, 'body_bytes', own.body_bytes
    )
    FROM main.images JOIN main.captures AS own ON own.id = images.capture_id
    JOIN main.crawls ON crawls.id = own.crawl_id JOIN main.stores ON stores.id = store_id
    JOIN source.images AS known ON known.hash = images.hash
    JOIN source.captures AS others ON others.id = known.capture_id
    WHERE own.body_id IS NULL AND others.body_id IS NOT NULL
"""
_UNANSWERED = """
    SELECT stores.name, images.label FROM (
        SELECT image_id, store_id FROM post_images JOIN posts ON posts.id = post_id
        EXCEPT
        SELECT images.id, store_id FROM captures JOIN crawls ON crawls.id = crawl_id
        JOIN images ON hash = body_hash
    ) JOIN stores ON stores.id = store_id JOIN images ON images.id = image_id LIMIT 1
"""
"""An image that a store shows and only other stores answered with its bytes."""
_RESOLVE_LINKS = """
    UPDATE links SET to_post_id = (
        SELECT post_id FROM post_urls WHERE url = target_key ORDER BY last_seen_at DESC, id DESC
        LIMIT 1
    )
    WHERE to_post_id IS NULL AND target_key IN (SELECT url FROM post_urls)
"""
