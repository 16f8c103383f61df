"""`blogkeep archive`: split an archive by its stores, or merge archives."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from scraper.archive.captures.schema import captures_path
from scraper.archive.maintenance.partition import Split, merge_archives, split_archive
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.cli.resources import open_cluster_and_depot
from scraper.history.humanize import plural


class Command(ArchiveCommand):
    usage = "[options] split OUT | merge OUT ARCHIVE…"
    example = "blogkeep archive merge all */archive.db"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--cluster",
            action="store_true",
            help="split into the depot of the cluster, or merge all of its stores",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        match args:
            case ["split"] if opts.cluster:
                self._publish(opts)
            case ["split", out] if not opts.cluster:
                split = split_archive(self.archive_path(opts), self.captures_path(opts), Path(out))
                _print_split(split, opts)
            case ["merge", out] if opts.cluster:
                self._merge_cluster(Path(out), opts)
            case ["merge", out, *archives] if archives and not (opts.cluster or opts.db):
                pairs = [(Path(path), captures_path(Path(path), "")) for path in archives]
                _print_merged(merge_archives(pairs, Path(out)), Path(out), opts)
            case _:
                raise self.usage_problem(args)

    def _publish(self, opts: argparse.Namespace) -> None:
        """Split into the depot: all stores must be the cluster's."""
        archive = self.archive_path(opts)
        with (
            open_cluster_and_depot(self.settings) as (database, depot),
            TemporaryDirectory(dir=archive.parent, prefix=".split-") as folder,
        ):
            from scraper.cluster.all_stores.publishing import (  # noqa: PLC0415
                check_alerts,
                name_stores,
                publish_archive,
            )
            from scraper.cluster.depot import ArchivePair  # noqa: PLC0415

            into = Path(folder) / "parts"
            names = name_stores(database, archive)
            check_alerts(archive)
            split = split_archive(archive, self.captures_path(opts), into)
            keys = {}
            for part in split.parts:
                own = part.folder / "archive.db"
                pair = ArchivePair(archive=own, captures=captures_path(own, ""))
                name = names[part.host]
                keys[name] = publish_archive(database, depot, name, pair)
        if opts.json:
            print_json({"keys": keys, "left": split.left})
            return
        for name, key in keys.items():
            print(f"{name}: {key or 'it has an archive in the depot already, which stays'}")
        _print_left(split)

    def _merge_cluster(self, out: Path, opts: argparse.Namespace) -> None:
        with open_cluster_and_depot(self.settings) as (database, depot):
            from scraper.cluster.fetching import fetched_pairs  # noqa: PLC0415

            stores = merge_archives(fetched_pairs(database, depot), out)
        _print_merged(stores, out, opts)


def _print_split(split: Split, opts: argparse.Namespace) -> None:
    if opts.json:
        archives = {part.store: str(part.folder / "archive.db") for part in split.parts}
        print_json({"archives": archives, "left": split.left})
        return
    for part in split.parts:
        print(f"{part.store}: {part.folder / 'archive.db'}")
    _print_left(split)


def _print_left(split: Split) -> None:
    if split.left:
        rows = ", ".join(f"{count} of {table}" for table, count in split.left.items())
        print(f"rows that are of no store, or of two, stay behind: {rows}")


def _print_merged(stores: list[str], out: Path, opts: argparse.Namespace) -> None:
    if opts.json:
        print_json({"folder": str(out), "stores": stores})
    else:
        print(f"{out / 'archive.db'}: {plural(len(stores), 'store')}")
