"""The captures' file: its schema, as migrations of its own, and its path."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database, Migrations

from scraper.archive.database import FileKind
from scraper.archive.locks import beside
from scraper.archive.schema import FIRST_MIGRATION, execute_file

MIGRATIONS = Migrations("blogkeep-captures")


@MIGRATIONS(name=FIRST_MIGRATION)
def create_schema(db: Database) -> None:
    """Create the tables of version 1."""
    execute_file(db, Path(__file__).with_name("schema.sql"))


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
    """Return the path of an archive's captures: that of the setting ARCHIVE_CAPTURES, else
    beside it."""
    return Path(setting) if setting else beside(archive, "captures")
