"""`blogkeep seal`: have the newest seals stamped, or list them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path

from rich.table import Table

from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.seals.chain import Seal, newest_seals
from scraper.archive.seals.ots_proofs import OtsProof
from scraper.archive.seals.stamps import extend_proofs, find_unstamped, read_stamps, save_timestamp
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import visible
from scraper.cli.resources import libraries_of
from scraper.cli.timestamping import CALENDARS, ask_calendars, fetch_stamp, public_address
from scraper.exceptions import INCOMPLETE, NoArchive, UsageProblem
from scraper.history.humanize import plural


class Command(ArchiveCommand):
    example = "blogkeep seal --authority http://timestamp.digicert.com"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--authority",
            metavar="URL",
            help="the authority (RFC 3161; default: setting ARCHIVE_TSA_URL)",
        )
        parser.add_argument(
            "--opentimestamps",
            action="store_true",
            help="also have the stamped roots proven by OpenTimestamps, hours later: run it again",
        )
        parser.add_argument(
            "--calendar",
            action="append",
            metavar="URL",
            help="a calendar of OpenTimestamps; may be repeated (default: the four public ones)",
        )
        parser.add_argument(
            "--list", action="store_true", help="only list the newest seal of each store"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Stamp the newest seals that have no stamp, and list the newest of each store."""
        calendars = _calendars(opts)
        path = self.archive_path(opts)
        n_stamped = 0 if opts.list else self._stamp(path, opts.authority)
        proofs = self._prove(path, calendars) if calendars else {}
        with closing(self.open_archive(opts)) as db:
            seals, stamps = newest_seals(db.conn), read_stamps(db.conn)
        stamped = {
            stamp.seal_id: {"authority": stamp.authority, "stamped_at": stamp.stamped_at}
            for stamp in stamps
        }
        if opts.json:
            rows = [{"seal": seal, "stamp": stamped.get(seal.id)} for seal in seals]
            print_json({"stamped": n_stamped, "seals": rows, "opentimestamps": proofs})
            return
        if not opts.list:
            console().print(f"{plural(n_stamped, 'seal')} stamped")
        _print(seals, {seal_id: one["stamped_at"] for seal_id, one in stamped.items()})
        for stamp_id, proof in proofs.items():
            _print_proof(stamp_id, proof)

    def _stamp(self, path: Path, authority: str | None) -> int:
        """Have the newest seals stamped by one stamp. Returns how many."""
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

    def _prove(self, path: Path, calendars: list[str]) -> dict[int, OtsProof]:
        ask = partial(ask_calendars, calendars, report=print_error)
        with closing(open_for_writing(path)) as db, write_errors(path):
            return extend_proofs(db.conn, ask, report=self._report)

    def _report(self, problem: str) -> None:
        print_error(problem)
        self.exitcode = INCOMPLETE


def _calendars(opts: argparse.Namespace) -> list[str]:
    """The calendars that are asked, if any. What is unfit ends the command before it stamps."""
    if opts.opentimestamps and opts.list:
        raise UsageProblem("--list takes no --opentimestamps")
    if opts.calendar and not opts.opentimestamps:
        raise UsageProblem("--calendar needs --opentimestamps")
    if not opts.opentimestamps:
        return []
    calendars = dict.fromkeys(calendar.rstrip("/") for calendar in opts.calendar or CALENDARS)
    for calendar in calendars:
        public_address(calendar)
    with libraries_of("opentimestamps"):
        import opentimestamps  # noqa: F401, PLC0415
    return list(calendars)


def _print(seals: Sequence[Seal], stamped_at: dict[int, str]) -> None:
    table = Table(box=None)
    for column in ("store", "seal", "sealed", "hash", "stamped"):
        table.add_column(column, overflow="fold")
    for seal in map(visible, seals):
        stamp = stamped_at.get(seal.id, "no")
        table.add_row(seal.origin, str(seal.number), seal.sealed_at, seal.hash, stamp)
    console().print(table)


def _print_proof(stamp_id: int, proof: OtsProof) -> None:
    found = [
        f"block {n} of Bitcoin, if its Merkle root is {root}" for root, n in proof.blocks.items()
    ]
    calendars = chain.from_iterable(proof.pending.values())
    owed = [f"{calendar} owes a block, run it again" for calendar in calendars]
    console().print(f"stamp {stamp_id}: {'; '.join(found + owed)}")
