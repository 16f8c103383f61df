"""Drop old answers on request, and nothing else: their rows in the archive stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.owner import check_owner
from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.locks import lock_store
from scraper.archive.statements import transaction
from scraper.history.store_addresses import host_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What pruning drops, or would drop: answers and their packed size in bytes; and how many old
    answers stay, because a revision was first seen in them, because they are the latest good ones
    of a post, because they are images of posts, or because others are packed against them."""

    dropped: int
    size: int
    needed_by_revisions: int
    latest_of_post: int
    images: int
    used_as_dictionaries: int


def preview(archive: Path, captures: Path, before: str) -> Pruning:
    """Return what `prune` would drop of answers fetched before a time (UTC). Writes nothing.

    Raises ArchiveError if the captures are those of another archive."""
    with (
        closing(open_for_reading(archive)) as db,
        closing(open_for_reading(captures, CAPTURES)) as stored,
    ):
        check_owner(db.conn, stored.conn, captures)
        return _choose(db, stored, before)[0]


def prune(archive: Path, captures: Path, before: str) -> Pruning:
    """Drop answers fetched before a time (UTC). Raises AlreadyCrawling while a crawl runs, because
    it may use them as dictionaries.

    The archive's references go first: a kill in between leaves answers without references, which
    the next pruning drops.
    """
    with (
        all_locked(archive),
        write_errors(captures),
        closing(open_for_writing(archive)) as db,
        closing(open_for_writing(captures, CAPTURES)) as stored,
    ):
        check_owner(db.conn, stored.conn, captures)
        pruning, doomed = _choose(db, stored, before)
        with transaction(db.conn):
            db.conn.executemany("UPDATE captures SET body_id = NULL WHERE body_id = ?", doomed)
        with transaction(stored.conn):
            stored.execute("CREATE TEMP TABLE doomed (id INTEGER PRIMARY KEY)")
            stored.conn.executemany("INSERT INTO doomed VALUES (?)", doomed)
            stored.execute("DELETE FROM answers WHERE id IN (SELECT id FROM doomed)")
        stored.execute("VACUUM")
    return pruning


def _choose(db: Database, stored: Database, before: str) -> tuple[Pruning, list[tuple[int]]]:
    """Choose the answers to drop, by their ids."""
    old_sizes: dict[int, int] = dict(
        stored.execute(
            "SELECT id, length(data) FROM answers WHERE fetched_at < ?", [before]
        ).fetchall()
    )
    of_revisions = {body_id for (body_id,) in db.execute(_OF_REVISIONS)}
    latest = {body_id for (body_id,) in db.execute(_LATEST)}
    images = {body_id for (body_id,) in db.execute(_OF_IMAGES)}
    staying = of_revisions | latest | images
    dictionaries = _dictionaries(stored, staying, before)
    dropped = sorted(old_sizes.keys() - staying - dictionaries)
    pruning = Pruning(
        dropped=len(dropped),
        size=sum(old_sizes[answer_id] for answer_id in dropped),
        needed_by_revisions=len(old_sizes.keys() & of_revisions),
        latest_of_post=len(old_sizes.keys() & latest - of_revisions),
        images=len(old_sizes.keys() & images),
        used_as_dictionaries=len(old_sizes.keys() & dictionaries - staying),
    )
    return pruning, [(answer_id,) for answer_id in dropped]


def _dictionaries(stored: Database, staying: set[int], before: str) -> set[int]:
    """The answers that serve as dictionary: of a store's next pages, or of an answer that stays."""
    found = {answer_id for (answer_id,) in stored.execute("SELECT answer_id FROM dictionaries")}
    recent = stored.execute("SELECT id FROM answers WHERE fetched_at >= ?", [before])
    packed_against: dict[int, int] = dict(
        stored.execute(
            "SELECT id, dictionary_id FROM answers WHERE dictionary_id IS NOT NULL"
        ).fetchall()
    )
    for answer_id in [*(number for (number,) in recent), *staying, *found]:
        dictionary_id = packed_against.get(answer_id)
        while dictionary_id is not None:
            found.add(dictionary_id)
            dictionary_id = packed_against.get(dictionary_id)
    return found


@contextmanager
def all_locked(archive: Path) -> Iterator[None]:
    """Let no crawl of any store begin. Raises AlreadyCrawling while one runs."""
    with closing(open_for_reading(archive)) as db:
        origins = [origin for (origin,) in db.execute("SELECT origin FROM stores")]
    with ExitStack() as stack:
        # Addresses of one host share a lock. Each is locked by itself, so that an error names the
        # store that is being crawled.
        for origin in {host_key(origin): origin for origin in origins}.values():
            stack.enter_context(lock_store(archive, origin))
        yield


_OF_REVISIONS = """
    SELECT body_id FROM captures JOIN revisions ON revisions.capture_id = captures.id
    WHERE body_id IS NOT NULL
"""
_OF_IMAGES = """
    SELECT body_id FROM captures JOIN images ON images.capture_id = captures.id
    WHERE body_id IS NOT NULL
"""
_LATEST = """
    SELECT body_id FROM captures WHERE id IN (
        SELECT max(id) FROM captures
        WHERE verdict = 'ok' AND body_id IS NOT NULL AND post_id IS NOT NULL GROUP BY post_id
    )
"""
