"""`blogkeep lake export OUT`: write texts and history of stores to Parquet files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.archive.database import open_for_reading
from scraper.archive.queries.stores import read_store_names
from scraper.archive.verify.integrity import damage_named
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.cli.resources import libraries_of, open_cluster_and_depot
from scraper.exceptions import UsageProblem
from scraper.history.humanize import plural

if TYPE_CHECKING:
    from scraper.lake.writer import LakeWriter


class Command(ArchiveCommand):
    usage = "[options] export OUT [ARCHIVE ...]"
    example = "blogkeep lake export lake tea/archive.db coffee/archive.db"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--cluster", action="store_true", help="every store of the cluster, from its depot"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write a lake of the archives."""
        match args:
            case ["export", out, *archives]:
                pass
            case _:
                raise self.usage_problem(args)
        if bool(archives) + bool(opts.db) + opts.cluster > 1:
            raise UsageProblem("name archives, or one with --db, or --cluster")
        new_lake = _import_writer()
        if opts.cluster:
            add: Callable[[LakeWriter], None] = self._add_cluster
        else:
            paths = [Path(path) for path in archives] or [self.archive_path(opts)]
            add = partial(_add_archives, _stores(paths))
        with new_lake(Path(out)) as lake:
            add(lake)
        if opts.json:
            print_json({"folder": out, **lake.counts})
        else:
            print(f"{out}: {', '.join(plural(n, name[:-1]) for name, n in lake.counts.items())}")

    def _add_cluster(self, lake: LakeWriter) -> None:
        """Add every store of the cluster, one archive after the other. Raises UsageProblem,
        MissingLibrary, ClusterError."""
        with open_cluster_and_depot(self.settings) as (database, depot):
            from scraper.cluster.fetching import fetched_archive, list_archives  # noqa: PLC0415

            for store in list_archives(database):
                with fetched_archive(database, depot, store) as path:
                    _add_archives(_stores([path]), lake)


def _import_writer() -> Callable[[Path], AbstractContextManager[LakeWriter]]:
    """The function that makes a lake. Raises MissingLibrary."""
    with libraries_of("lake"):
        from scraper.lake.writer import new_lake  # noqa: PLC0415
    return new_lake


def _stores(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """The stores of all archives, sorted, each with its archive. Raises NoArchive."""
    found = []
    for path in paths:
        with closing(open_for_reading(path)) as db, damage_named(path):
            found += [(store, path) for store in read_store_names(db)]
    return sorted(found)


def _add_archives(sources: Sequence[tuple[str, Path]], lake: LakeWriter) -> None:
    """Add stores in their order; an archive stays open for those that follow each other."""
    for path, stores in groupby(sources, key=lambda source: source[1]):
        with closing(open_for_reading(path)) as db, damage_named(path):
            lake.add(db, [store for store, _ in stores])
