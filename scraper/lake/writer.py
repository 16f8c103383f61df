"""Write a lake: a folder with a Parquet file for each table."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow.parquet import ParquetWriter
from sqlite_utils import Database

from scraper.archive.maintenance.lake import read_lake_rows
from scraper.archive.statements import snapshot
from scraper.archive.verify.hashes import UNREADABLE
from scraper.exceptions import ArchiveError, NotOurs, UsageProblem
from scraper.lake.tables import LAKE_TABLES
from scraper.timestamps import parse_timestamp_or_none

GROUP_ROWS: Final = 50_000
GROUP_CHARACTERS: Final = 16_000_000
"""A row group ends at so many rows or characters of text; one for each table is in memory."""


@contextmanager
def new_lake(folder: Path) -> Iterator[LakeWriter]:
    """A lake in a folder that gets its name once it is complete. Raises NotOurs if there is
    something in it already, or it cannot be written."""
    target = folder.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotOurs(f"{folder} is there already: name another folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise NotOurs(f"{folder} cannot be written: {error.strerror}") from error
    try:
        # Made inside, for a temporary folder lets nobody else read it.
        files = part / "lake"
        files.mkdir()
        lake = LakeWriter(files)
        try:
            yield lake
        finally:
            lake.close()
        try:
            files.rename(target)
        except OSError as error:
            raise NotOurs(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


class LakeWriter:
    """Writes the stores of archives, each store whole."""

    def __init__(self, folder: Path) -> None:
        self._tables = {
            name: _TableFile(name, folder / f"{name}.parquet", schema)
            for name, schema in LAKE_TABLES.items()
        }
        self._stores: set[str] = set()

    @property
    def counts(self) -> dict[str, int]:
        """How many stores, and rows of each table, were added so far."""
        tables = {name: table.count for name, table in self._tables.items()}
        return {"stores": len(self._stores), **tables}

    def add(self, db: Database, stores: Iterable[str]) -> None:
        """Add stores of an archive, as it was at one moment. Raises UsageProblem for a store that
        is in the lake already: the numbers of two archives would collide."""
        with snapshot(db.conn):
            for store in stores:
                self._add_store(db, store)

    def close(self) -> None:
        """Write what is left, and the ends of the files."""
        for table in self._tables.values():
            table.close()

    def _add_store(self, db: Database, store: str) -> None:
        if store in self._stores:
            raise UsageProblem(f"{store} is in two of these archives: a lake takes one of them")
        self._stores.add(store)
        for name, table in self._tables.items():
            for row in read_lake_rows(db, name, store):
                table.add(row)


class _TableFile:
    """A Parquet file that grows by row groups."""

    def __init__(self, name: str, path: Path, schema: pa.Schema) -> None:
        self._name = name
        self._schema = schema
        self._writer = ParquetWriter(path, schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0
        self.count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        try:
            values = {name: _value(self._schema.field(name), row[name]) for name in row}
        except UNREADABLE as error:
            raise _damaged(f"{self._name} {row['id']}") from error
        self._rows.append(values)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        self.count += 1
        if len(self._rows) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._end_group()

    def close(self) -> None:
        self._end_group()
        self._writer.close()

    def _end_group(self) -> None:
        rows, self._rows, self._characters = self._rows, [], 0
        if rows:
            try:
                table = pa.Table.from_pylist(rows, schema=self._schema)
            except UNREADABLE as error:
                raise _damaged(f"{self._name} {rows[0]['id']} to {rows[-1]['id']}") from error
            self._writer.write_table(table)


def _damaged(rows: str) -> ArchiveError:
    return ArchiveError(f"{rows}: no crawl of ours wrote this; see blogkeep verify")


def _value(column: pa.Field, value: Any) -> Any:
    """A value of the archive as a column's type has it. A time that is none is null."""
    if pa.types.is_timestamp(column.type):
        return parse_timestamp_or_none(value)
    if pa.types.is_list(column.type):
        return json.loads(value)
    if pa.types.is_boolean(column.type):
        return bool(value)
    return value
