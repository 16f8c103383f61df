"""`scrapy backup`: a copy of archive and captures, checked, the newest few kept."""

from __future__ import annotations

import argparse
from pathlib import Path

from scraper.archive.maintenance.backup import back_up
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import UsageProblem
from scraper.timestamps import utc_now

KEEP = 7


class Command(ArchiveCommand):
    """Back up the archive."""

    example = "blogkeep backup --to /mnt/backups --keep 14"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            metavar="FOLDER",
            help="where the backups are (default: backups beside the archive)",
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            default=KEEP,
            help=f"how many are kept (default: {KEEP})",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.keep < 1:
            raise UsageProblem("--keep must be at least 1: the backup that is made now")
        archive = self.archive_path(opts)
        into = Path(opts.to) if opts.to else archive.with_name("backups")
        made = back_up(archive, self.captures_path(opts), into, at=utc_now(), keep=opts.keep)
        if opts.json:
            print_json(
                {
                    "folder": str(made.folder),
                    "bytes": made.size,
                    "removed": [str(path) for path in made.removed],
                }
            )
            return
        rows = sum(check.rows_checked for check in made.checks)
        print(f"{made.folder}: {made.size:,} bytes; {rows:,} rows checked, all sound")
        for path in made.removed:
            print(f"removed {path}")
