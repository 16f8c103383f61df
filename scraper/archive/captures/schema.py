"""The captures' file: its tables, as migrations of their own, and where it stands."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database, Migrations

from scraper.archive.database import FileKind

MIGRATIONS = Migrations("blogkeep-captures")


@MIGRATIONS()
def m001_answers(db: Database) -> None:
    """The captures as first released."""
    for statement in _TABLES:
        db.execute(statement)


# FULL: what the archive refers to must be there after a power loss, so a capture is on the disk
# before the archive's row is written. Rows of 0.3 to 3 KB leave a third of a page of 4096 bytes
# empty.
CAPTURES = FileKind(
    name="Blogkeep file of captures",
    application_id=0x424B4350,
    migrations=MIGRATIONS,
    synchronous="FULL",
    page_size=16384,
)


def captures_path(archive: Path, setting: str) -> Path:
    """Where the captures of an archive stand: where the setting ARCHIVE_CAPTURES says, else beside
    it."""
    return Path(setting) if setting else archive.parent / "captures.db"


_TABLES = (
    """
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY,
        url TEXT NOT NULL,
        fetched_at TEXT NOT NULL,
        http_status INTEGER NOT NULL,
        body_hash TEXT NOT NULL,
        body_bytes INTEGER NOT NULL,
        head_bytes INTEGER NOT NULL,
        base_id INTEGER REFERENCES answers(id),
        depth INTEGER NOT NULL CHECK (depth BETWEEN 0 AND 2),
        data BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX answers_url ON answers(url) WHERE depth < 2",
    """
    CREATE TABLE bases (
        id INTEGER PRIMARY KEY,
        store TEXT NOT NULL,
        wanted TEXT NOT NULL,
        answer_id INTEGER NOT NULL REFERENCES answers(id),
        UNIQUE (store, wanted)
    ) STRICT
    """,
)
