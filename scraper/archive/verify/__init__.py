"""Checks of an archive as it stands: what is wrong, in which row. Nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlite_utils import Database

from scraper.archive.database import open_for_reading
from scraper.archive.maintenance.rebuild_links import check_edges
from scraper.archive.verify.changes import check_told
from scraper.archive.verify.hashes import check_contents, check_revisions
from scraper.archive.verify.integrity import check_file, check_keys
from scraper.archive.verify.rules import RULES, check_rule
from scraper.archive.verify.search import check_search
from scraper.exceptions import ArchiveError

Finding = tuple[str, str]
"""A row, by its label, and what is wrong with it."""

Check = Callable[[sqlite3.Connection], Iterator[Finding | None]]
"""Looks at rows one by one; None stands for a row that is right."""

MOST_PROBLEMS = 100
"""So many problems of one check are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong: `row` is the label of a row, or its table and number."""

    check: str
    row: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check looked at (rows), and what it found; `problems` are the first `MOST_PROBLEMS` of
    `found`."""

    name: str
    looked_at: int
    found: int
    seconds: float
    problems: tuple[Problem, ...]


def open_to_verify(path: Path) -> Database:
    """Open the archive at `path` for reading alone. Raises ArchiveError where it is too damaged to
    be opened at all."""
    try:
        return open_for_reading(path)
    except sqlite3.Error as error:
        raise ArchiveError(f"cannot read {path}: {error}") from error


def verify(db: Database, more: Iterable[tuple[str, Check]] = ()) -> Iterator[CheckResult]:
    """Run every check, and those of `more` (other files that belong to the archive), and tell what
    each found, one after the other.

    A check that the file's damage stops is told as a problem of the file, and the next one begins.
    """
    checks: list[tuple[str, Check]] = [
        ("the file is whole", check_file),
        ("keys point at rows", check_keys),
        ("hashes of bodies", check_contents),
        ("hashes of revisions", check_revisions),
        *((rule.name, check_rule(rule)) for rule in RULES),
        ("the search index", check_search),
        ("changes against their revisions", check_told),
        ("edges against the revisions", check_edges),
        *more,
    ]
    with _whatever_bytes(db.conn):
        for name, check in checks:
            yield _run(db.conn, name, check)


def _run(connection: sqlite3.Connection, name: str, check: Check) -> CheckResult:
    looked_at = found = 0
    problems: list[Problem] = []
    began = perf_counter()
    for finding in _until_damaged(check(connection)):
        looked_at += 1
        if finding is None:
            continue
        found += 1
        if found <= MOST_PROBLEMS:
            problems.append(Problem(check=name, row=finding[0], what=finding[1]))
    return CheckResult(
        name=name,
        looked_at=looked_at,
        found=found,
        seconds=round(perf_counter() - began, 3),
        problems=tuple(problems),
    )


def _until_damaged(findings: Iterator[Finding | None]) -> Iterator[Finding | None]:
    try:
        yield from findings
    except sqlite3.Error as error:
        yield "the file", f"cannot be read on: {error}"


@contextmanager
def _whatever_bytes(connection: sqlite3.Connection) -> Iterator[None]:
    """Read text that damage made no text at all too, so that the row can be named."""
    before = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        connection.text_factory = before
