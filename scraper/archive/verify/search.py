"""Compare the search index with one that is built again in a temporary database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest

_INDEX = """
    CREATE VIRTUAL TABLE scratch.{name}
    USING fts5(title, author, tags, text, content='', {tokenize})
"""
_FILL = """
    INSERT INTO scratch.rebuilt (rowid, title, author, tags, text)
    SELECT id, title, author, tags, text FROM revision_texts WHERE id <= ?
"""
_SIZES = """
    SELECT rebuilt.id, stored.sz IS rebuilt.sz FROM scratch.rebuilt_docsize AS rebuilt
    LEFT JOIN main.revisions_fts_docsize AS stored ON stored.id = rebuilt.id
    UNION ALL
    SELECT id, 0 FROM main.revisions_fts_docsize
    WHERE id NOT IN (SELECT id FROM scratch.rebuilt_docsize)
"""
_EMPTY = "DELETE FROM scratch.copied_{part}"
_COPY = "INSERT INTO scratch.copied_{part} SELECT * FROM main.revisions_fts_{part}"
# FTS5's own check is an INSERT, which a database opened for reading refuses: a copy takes it.
_CHECK = "INSERT INTO scratch.copied (copied) VALUES ('integrity-check')"
_SAME_TOTALS = """
    SELECT stored.block = rebuilt.block FROM main.revisions_fts_data AS stored
    JOIN scratch.rebuilt_data AS rebuilt USING (id) WHERE id = 1
"""
_TERMS = "CREATE VIRTUAL TABLE temp.terms_{name} USING fts5vocab('{schema}', '{table}', 'row')"
_PLACES = (
    "CREATE VIRTUAL TABLE temp.places_{name} USING fts5vocab('{schema}', '{table}', 'instance')"
)
_AT_ONCE = 10_000
"""Places of terms that are compared in one step."""


def check_search(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check that every revision is indexed with as many terms as it has, and that every term occurs
    in the index as often as in the texts, and where it stands there; then that the index can be
    searched as well as listed.

    Revisions of a running or killed crawl are indexed later: only those up to the last indexed one
    are compared.
    """
    (last,) = connection.execute(
        "SELECT coalesce(max(id), 0) FROM revisions_fts_docsize"
    ).fetchone()
    if not connection.execute("SELECT 1 FROM crawls WHERE outcome = 'running'").fetchone():
        for (label,) in connection.execute("SELECT label FROM revisions WHERE id > ?", [last]):
            yield str(label), "it is not in the search index"
    connection.execute("ATTACH '' AS scratch")
    try:
        _rebuild(connection, last)
        yield from _compare_sizes(connection)
        same_terms = True
        for finding in _compare_terms(connection):
            same_terms = False
            yield finding
        if same_terms:
            yield from _compare_places(connection)
        yield from _check_pages(connection)
    finally:
        for name in ("stored", "rebuilt"):
            with suppress(sqlite3.Error):
                connection.execute(f"DROP TABLE IF EXISTS temp.terms_{name}")
                connection.execute(f"DROP TABLE IF EXISTS temp.places_{name}")
        with suppress(sqlite3.Error):
            connection.execute("DETACH scratch")


def _rebuild(connection: sqlite3.Connection, last: int) -> None:
    (sql,) = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE name = 'revisions_fts'"
    ).fetchone()
    tokenize = re.search(r"tokenize='[\w ]*'", sql)
    for name in ("rebuilt", "copied"):
        words = tokenize[0] if tokenize else "tokenize='unicode61'"
        connection.execute(_INDEX.format(name=name, tokenize=words))
    connection.execute(_FILL, [last])


def _compare_sizes(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    for row_id, right in connection.execute(_SIZES):
        label = f"revisions {row_id}"
        yield None if right else (label, "its terms in the search index are not those of its text")


def _compare_terms(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    connection.execute(_TERMS.format(name="stored", schema="main", table="revisions_fts"))
    connection.execute(_TERMS.format(name="rebuilt", schema="scratch", table="rebuilt"))
    for one, other in (("stored", "rebuilt"), ("rebuilt", "stored")):
        for term, *_ in connection.execute(
            f"SELECT * FROM temp.terms_{one} EXCEPT SELECT * FROM temp.terms_{other}"
        ):
            yield f"the term {term!r}", "its count in the search index is not that in the texts"


def _compare_places(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Compare where each term stands: in which revision, column and place."""
    connection.execute(_PLACES.format(name="stored", schema="main", table="revisions_fts"))
    connection.execute(_PLACES.format(name="rebuilt", schema="scratch", table="rebuilt"))
    stored, rebuilt = (
        connection.execute(f"SELECT term, doc, col, offset FROM temp.places_{name}")
        for name in ("stored", "rebuilt")
    )
    while True:
        found, expected = stored.fetchmany(_AT_ONCE), rebuilt.fetchmany(_AT_ONCE)
        if found != expected:
            pairs = zip_longest(found, expected, fillvalue=("the end",))
            term, *_ = next(one for one, other in pairs if one != other)
            yield f"the term {term!r}", "its places in the search index are not those in the texts"
            return
        if not found:
            return


def _check_pages(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Check what a search reads and a list of terms does not: where terms begin on a page, and the
    totals that rank what is found."""
    for part in ("data", "idx", "docsize"):
        connection.execute(_EMPTY.format(part=part))
        connection.execute(_COPY.format(part=part))
    try:
        connection.execute(_CHECK)
    except sqlite3.DatabaseError as error:
        yield "revisions_fts", f"a page of the search index is damaged: {error}"
    if connection.execute(_SAME_TOTALS).fetchone() != (1,):
        yield "revisions_fts", "the totals of the search index are not those of the texts"
