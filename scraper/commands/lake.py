"""`blogkeep lake export OUT`: write texts and history of stores to Parquet files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.archive.database import open_for_reading
from scraper.archive.maintenance.lake import read_store_names
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import MissingLibrary, UsageProblem
from scraper.history.humanize import plural

if TYPE_CHECKING:
    from scraper.lake.writer import LakeWriter


class Command(ArchiveCommand):
    """Export to Parquet."""

    usage = "[options] export OUT [ARCHIVE ...]"
    example = "blogkeep lake export lake tea/archive.db coffee/archive.db"

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write a lake of the archives."""
        match args:
            case ["export", out, *archives]:
                pass
            case _:
                raise self.usage_problem()
        if archives and opts.db:
            raise UsageProblem("name archives, or one with --db: not both")
        try:
            # The library is an extra.
            from scraper.lake.writer import new_lake  # noqa: PLC0415
        except ModuleNotFoundError as error:
            if error.name != "pyarrow":
                raise
            raise MissingLibrary(
                "the library pyarrow is not installed: run pip install 'blogkeep[lake]'"
            ) from error
        paths = [Path(path) for path in archives] or [self.archive_path(opts)]
        sources = _stores(paths)
        with new_lake(Path(out)) as lake:
            _add_archives(lake, sources)
        if opts.json:
            print_json({"folder": out, **lake.counts})
        else:
            print(f"{out}: {', '.join(plural(n, name[:-1]) for name, n in lake.counts.items())}")


def _stores(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """The stores of all archives, sorted, each with its archive. Raises NoArchive."""
    found = []
    for path in paths:
        with closing(open_for_reading(path)) as db:
            found += [(store, path) for store in read_store_names(db)]
    return sorted(found)


def _add_archives(lake: LakeWriter, sources: Sequence[tuple[str, Path]]) -> None:
    """Add stores in their order; an archive stays open for those that follow each other."""
    for path, stores in groupby(sources, key=lambda source: source[1]):
        with closing(open_for_reading(path)) as db:
            lake.add(db, [store for store, _ in stores])
