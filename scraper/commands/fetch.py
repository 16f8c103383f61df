"""`blogkeep fetch STORE`: fetch the archive of a store from a cluster."""

from __future__ import annotations

import argparse
from pathlib import Path

from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.cli.resources import open_cluster_and_depot


class Command(ArchiveCommand):
    usage = "[options] STORE"
    example = "blogkeep fetch tea-shop --to tea-shop"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--to", metavar="FOLDER", help="where the files go (default: a folder named STORE)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write archive.db and captures.db."""
        if len(args) != 1:
            raise self.usage_problem(args)
        with open_cluster_and_depot(self.settings) as (database, depot):
            from scraper.cluster.fetching import fetch_archive  # noqa: PLC0415 - an extra

            archive = fetch_archive(database, depot, args[0], Path(opts.to or args[0]))
        if opts.json:
            print_json({"archive": str(archive)})
        else:
            print(f"{archive}: read it with blogkeep serve --db {archive}")
