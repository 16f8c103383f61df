"""The search index against one that is made anew in a scratch file of SQLite's own."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress

# FTS5's own integrity-check is an INSERT, which a database opened for reading alone refuses.
_INDEX = """
    CREATE VIRTUAL TABLE scratch.again USING fts5(title, author, tags, text, content='', {tokenize})
"""
_FILL = """
    INSERT INTO scratch.again (rowid, title, author, tags, text) SELECT id, title, author, tags, text FROM revision_texts WHERE id <= ?
"""
_WORDS = "CREATE VIRTUAL TABLE temp.words_{name} USING fts5vocab('{schema}', '{table}', 'row')"


def check_search(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
    """Every revision is indexed, with as many words as it has, and every word of the index stands
    as often in the texts.

    Revisions that a crawl wrote which still runs, or was killed, are indexed later: only those
    before the last one indexed are held.
    """
    (last,) = connection.execute(
        "SELECT coalesce(max(id), 0) FROM revisions_fts_docsize"
    ).fetchone()
    if not connection.execute("SELECT 1 FROM crawls WHERE outcome = 'running'").fetchone():
        for (label,) in connection.execute("SELECT label FROM revisions WHERE id > ?", [last]):
            yield str(label), "it is not in the search index"
    connection.execute("ATTACH '' AS scratch")
    try:
        yield from _compare(connection, last)
    finally:
        for name in ("kept", "again"):
            with suppress(sqlite3.Error):
                connection.execute(f"DROP TABLE IF EXISTS temp.words_{name}")
        with suppress(sqlite3.Error):
            connection.execute("DETACH scratch")


def _compare(connection: sqlite3.Connection, last: int) -> Iterator[tuple[str, str] | None]:
    (sql,) = connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE name = 'revisions_fts'"
    ).fetchone()
    tokenize = re.search(r"tokenize='[\w ]*'", sql)
    connection.execute(_INDEX.format(tokenize=tokenize[0] if tokenize else "tokenize='unicode61'"))
    connection.execute(_FILL, [last])
    for row_id, right in connection.execute(
        """
        SELECT again.id, kept.sz IS again.sz FROM scratch.again_docsize AS again
        LEFT JOIN main.revisions_fts_docsize AS kept ON kept.id = again.id
        UNION ALL
        SELECT id, 0 FROM main.revisions_fts_docsize WHERE id NOT IN (SELECT id FROM scratch.again_docsize)
        """
    ):
        yield (
            None
            if right
            else (f"revisions {row_id}", "the search index holds other words of it than its text")
        )
    connection.execute(_WORDS.format(name="kept", schema="main", table="revisions_fts"))
    connection.execute(_WORDS.format(name="again", schema="scratch", table="again"))
    for one, other in (("kept", "again"), ("again", "kept")):
        for word, *_ in connection.execute(
            f"SELECT * FROM temp.words_{one} EXCEPT SELECT * FROM temp.words_{other}"
        ):
            yield f"the word {word!r}", "it stands in the search index as often as in no text"
