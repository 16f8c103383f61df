"""`blogkeep backup`: copy the archive and its captures, check the copy, delete old copies."""

from __future__ import annotations

import argparse
from pathlib import Path

from scraper.archive.maintenance.backup import MANIFEST, back_up
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.exceptions import INCOMPLETE, UsageProblem
from scraper.timestamps import utc_now

KEEP = 7


class Command(ArchiveCommand):
    example = "blogkeep backup --to /mnt/backups --keep 14"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            metavar="FOLDER",
            help="the folder of the backups (default: backups beside the archive)",
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            default=KEEP,
            help=f"the number of backups that stay, this one included (default: {KEEP})",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Make a backup, then delete those beyond `--keep`."""
        if opts.keep < 1:
            raise UsageProblem("--keep takes 1 or more: this backup counts")
        archive = self.archive_path(opts)
        into = Path(opts.to) if opts.to else archive.with_name("backups")
        backup = back_up(archive, self.captures_path(opts), into, at=utc_now(), keep=opts.keep)
        self.exitcode = INCOMPLETE if backup.problems else 0
        if opts.json:
            print_json(
                {
                    "folder": str(backup.folder),
                    "bytes": backup.size,
                    "problems": backup.problems,
                    "removed": [str(path) for path in backup.removed],
                }
            )
            return
        rows = sum(check.rows_checked for check in backup.checks)
        found = "all sound"
        if backup.problems:
            found = f"{backup.problems:,} problems in {MANIFEST}: see blogkeep verify"
        print(f"{backup.folder}: {backup.size:,} bytes; {rows:,} rows checked, {found}")
        for path in backup.removed:
            print(f"removed {path}")
