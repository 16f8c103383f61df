"""Dropping old answers, and nothing else, when somebody asks for it: what is said of them in the
archive stays, and what stands on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.schema import CAPTURES
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.locks import lock_store
from scraper.archive.statements import transaction
from scraper.history.store_addresses import host_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What pruning drops, or would: answers and their packed size in bytes; and how many as old are
    kept, in which a revision was first seen, a post was last seen well, or against which others are
    packed."""

    dropped: int
    size: int
    kept_for_revisions: int
    kept_as_latest: int
    kept_as_dictionaries: int


def preview(archive: Path, captures: Path, before: str) -> Pruning:
    """What would be dropped of answers that came before a moment (UTC). Writes nothing."""
    with (
        closing(open_for_reading(archive)) as db,
        closing(open_for_reading(captures, CAPTURES)) as kept,
    ):
        return _choose(db, kept, before)[0]


def prune(archive: Path, captures: Path, before: str) -> Pruning:
    """Drop them. Raises AlreadyCrawling while a crawl is under way, for which these answers may be
    dictionaries.

    The archive lets go of them first: a kill in between leaves answers that nothing refers to,
    which the next pruning drops.
    """
    with (
        _all_locked(archive),
        write_errors(captures),
        closing(open_for_writing(archive)) as db,
        closing(open_for_writing(captures, CAPTURES)) as kept,
    ):
        pruning, doomed = _choose(db, kept, before)
        with transaction(db.conn):
            db.conn.executemany("UPDATE captures SET body_id = NULL WHERE body_id = ?", doomed)
        with transaction(kept.conn):
            kept.execute("CREATE TEMP TABLE doomed (id INTEGER PRIMARY KEY)")
            kept.conn.executemany("INSERT INTO doomed VALUES (?)", doomed)
            kept.execute("DELETE FROM answers WHERE id IN (SELECT id FROM doomed)")
        kept.execute("VACUUM")
    return pruning


def _choose(db: Database, kept: Database, before: str) -> tuple[Pruning, list[tuple[int]]]:
    old = {
        row[0]: row[1]
        for row in kept.execute(
            "SELECT id, length(data) FROM answers WHERE fetched_at < ?", [before]
        )
    }
    revisions = {body_id for (body_id,) in db.execute(_OF_REVISIONS)}
    latest = {body_id for (body_id,) in db.execute(_LATEST)}
    stay = revisions | latest
    dictionaries = {answer_id for (answer_id,) in kept.execute("SELECT answer_id FROM bases")}
    bases = dict(
        kept.execute("SELECT id, base_id FROM answers WHERE base_id IS NOT NULL").fetchall()
    )
    for answer_id in [
        *(number for (number,) in kept.execute("SELECT id FROM answers") if number not in old),
        *stay,
        *dictionaries,
    ]:
        base = bases.get(answer_id)
        while base is not None:
            dictionaries.add(base)
            base = bases.get(base)
    doomed = sorted(old.keys() - stay - dictionaries)
    pruning = Pruning(
        dropped=len(doomed),
        size=sum(old[answer_id] for answer_id in doomed),
        kept_for_revisions=len(old.keys() & revisions),
        kept_as_latest=len(old.keys() & latest - revisions),
        kept_as_dictionaries=len(old.keys() & dictionaries - stay),
    )
    return pruning, [(answer_id,) for answer_id in doomed]


@contextmanager
def _all_locked(archive: Path) -> Iterator[None]:
    with closing(open_for_reading(archive)) as db:
        origins = [origin for (origin,) in db.execute("SELECT origin FROM stores")]
    with ExitStack() as stack:
        # Twins of a store have one lock; each by itself, so that what is told names the store that
        # is being crawled.
        for origin in {host_key(origin): origin for origin in origins}.values():
            stack.enter_context(lock_store(archive, origin))
        yield


_OF_REVISIONS = """
    SELECT body_id FROM captures JOIN revisions ON revisions.capture_id = captures.id WHERE body_id IS NOT NULL
"""
_LATEST = """
    SELECT body_id FROM captures WHERE id IN (
        SELECT max(id) FROM captures WHERE verdict = 'ok' AND body_id IS NOT NULL AND post_id IS NOT NULL GROUP BY post_id
    )
"""
