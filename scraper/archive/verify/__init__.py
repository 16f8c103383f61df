"""Check an archive: what is wrong, and in which row. Writes nothing."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from sqlite_utils import Database

from scraper.archive.database import open_for_reading
from scraper.archive.seals.chain import check_seals
from scraper.archive.seals.stamps import check_stamps
from scraper.archive.verify.changes import check_changes
from scraper.archive.verify.hashes import (
    UNREADABLE,
    check_contents,
    check_revisions,
    check_templates,
)
from scraper.archive.verify.integrity import check_file, check_keys, check_schema
from scraper.archive.verify.links import check_links
from scraper.archive.verify.rules import RULES, check_rule
from scraper.archive.verify.search import check_search
from scraper.archive.verify.timelines import check_timelines
from scraper.exceptions import ArchiveError

Finding = tuple[str, str]
"""The label of a row, and what is wrong with it."""

Check = Callable[[sqlite3.Connection], Iterator[Finding | str | None]]
"""Checks rows one by one; None stands for a sound row, a text for one that cannot be checked, and
says why."""

INTACT = "the file is intact"
"""The check that finds damage to the file itself."""

MOST_PROBLEMS = 100
"""How many problems of one check are listed; further ones are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong: `row` is the label of a row, or its table and id."""

    check: str
    row: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How many rows a check read, how many more it could not check and why, and how many problems
    it found; `problems` are the first `MOST_PROBLEMS` of them."""

    name: str
    rows_checked: int
    skipped: int
    why_skipped: tuple[str, ...]
    found: int
    seconds: float
    problems: tuple[Problem, ...]


def open_to_verify(path: Path) -> Database:
    """Open the archive at `path` for reading. Raises ArchiveError if it is too damaged to be
    opened."""
    try:
        return open_for_reading(path)
    except sqlite3.Error as error:
        raise ArchiveError(f"cannot read {path}: {error}") from error


def describe_unreadable(path: Path, error: Exception) -> str:
    """Return the first problem of the archive at `path`, where an error is one that a value in it
    may cause; empty where there is none."""
    if not isinstance(error, UNREADABLE):
        return ""
    with suppress(ArchiveError, sqlite3.Error), closing(open_for_reading(path)) as db:
        problems = (problem for result in verify(db) for problem in result.problems)
        if (found := next(problems, None)) is not None:
            return f"{path} is damaged or altered: {found.row}: {found.what}; see blogkeep verify"
    return ""


def verify(db: Database, more: Iterable[tuple[str, Check]] = ()) -> Iterator[CheckResult]:
    """Run every check, and those of `more` (other files that belong to the archive), and yield the
    result of each.

    A check that cannot continue because the file is damaged reports that as a problem.
    """
    checks: list[tuple[str, Check]] = [
        (INTACT, check_file),
        ("tables and indexes are as they were made", check_schema),
        ("references are valid", check_keys),
        ("hashes of bodies", check_contents),
        ("hashes of revisions", check_revisions),
        ("hashes of templates", check_templates),
        *((rule.name, check_rule(rule)) for rule in RULES),
        ("seals cover the rows of their crawls", check_seals),
        ("stamps cover the seals", check_stamps),
        ("the search index", check_search),
        ("changes match their revisions", check_changes),
        ("links match the revisions", check_links),
        ("timelines follow from the sights", check_timelines),
        *more,
    ]
    with _any_bytes(db.conn):
        for name, check in checks:
            yield _run(db.conn, name, check)


def _run(connection: sqlite3.Connection, name: str, check: Check) -> CheckResult:
    rows_checked = found = 0
    skipped: Counter[str] = Counter()
    problems: list[Problem] = []
    began = perf_counter()
    for finding in _until_damaged(check(connection)):
        if isinstance(finding, str):
            skipped[finding] += 1
            continue
        rows_checked += 1
        if finding is None:
            continue
        found += 1
        if found <= MOST_PROBLEMS:
            problems.append(Problem(check=name, row=finding[0], what=finding[1]))
    return CheckResult(
        name=name,
        rows_checked=rows_checked,
        skipped=skipped.total(),
        why_skipped=tuple(skipped),
        found=found,
        seconds=round(perf_counter() - began, 3),
        problems=tuple(problems),
    )


def _until_damaged(findings: Iterator[Finding | str | None]) -> Iterator[Finding | str | None]:
    try:
        yield from findings
    except (sqlite3.Error, *UNREADABLE) as error:
        yield "the file", f"cannot be read further: {error}"


@contextmanager
def _any_bytes(connection: sqlite3.Connection) -> Iterator[None]:
    """Read damaged text too, so that its row can be named."""
    before = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        connection.text_factory = before
