"""`blogkeep seal`: have the newest seals stamped by a time-stamping authority, or list them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.table import Table

from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.seals.chain import Seal, newest_seals
from scraper.archive.seals.stamps import find_unstamped, read_stamps, save_timestamp
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import visible
from scraper.cli.timestamping import fetch_stamp, public_address
from scraper.exceptions import NoArchive, UsageProblem
from scraper.history.humanize import plural


class Command(ArchiveCommand):
    """Have seals stamped."""

    example = "blogkeep seal --authority http://timestamp.digicert.com"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the authority, and the choice to stamp nothing."""
        parser.add_argument(
            "--authority",
            metavar="URL",
            help="the authority (RFC 3161; default: setting ARCHIVE_TSA_URL)",
        )
        parser.add_argument(
            "--list", action="store_true", help="only list the newest seal of each store"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Stamp the newest seals that have no stamp, and list the newest of each store."""
        path = self.archive_path(opts)
        n_stamped = 0 if opts.list else self._stamp(path, opts.authority)
        with closing(self.open_archive(opts)) as db:
            seals, stamps = newest_seals(db.conn), read_stamps(db.conn)
        stamped = {
            stamp.seal_id: {"authority": stamp.authority, "stamped_at": stamp.stamped_at}
            for stamp in stamps
        }
        if opts.json:
            rows = [{"seal": seal, "stamp": stamped.get(seal.id)} for seal in seals]
            print_json({"stamped": n_stamped, "seals": rows})
            return
        if not opts.list:
            console().print(f"{plural(n_stamped, 'seal')} stamped")
        _print(seals, {seal_id: one["stamped_at"] for seal_id, one in stamped.items()})

    def _stamp(self, path: Path, authority: str | None) -> int:
        """Have the newest seals stamped by one stamp. Returns how many there are."""
        url = authority or str(self.settings["ARCHIVE_TSA_URL"])
        if not url:
            raise UsageProblem("name an authority: --authority URL, or ARCHIVE_TSA_URL")
        shown = public_address(url)
        if not path.exists():
            raise NoArchive(f"no archive at {path}: crawl a store or import files first")
        with closing(open_for_writing(path)) as db, write_errors(path):
            unstamped = find_unstamped(db.conn)
            if not unstamped.seals:
                return 0
            roots = str(self.settings["ARCHIVE_TSA_ROOTS"])
            token, checked = fetch_stamp(url, unstamped.root, roots)
            save_timestamp(db.conn, unstamped, token, checked, authority=shown)
        return len(unstamped.seals)


def _print(seals: Sequence[Seal], stamped_at: dict[int, str]) -> None:
    table = Table(box=None)
    for column in ("store", "seal", "sealed", "hash", "stamped"):
        table.add_column(column, overflow="fold")
    for seal in map(visible, seals):
        stamp = stamped_at.get(seal.id, "no")
        table.add_row(seal.origin, str(seal.number), seal.sealed_at, seal.hash, stamp)
    console().print(table)
