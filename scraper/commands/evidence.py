"""`blogkeep evidence POST OUT.zip`: what proves a change or a state, to people without Blogkeep."""

from __future__ import annotations

import argparse
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.queries.posts import PostRow, find_post
from scraper.bundle.package import write_bundle
from scraper.bundle.printing import find_browser, print_page
from scraper.bundle.proof import Proof
from scraper.bundle.sheets import heading
from scraper.bundle.subject import Subject, subject_at, subject_of_change
from scraper.cli.arguments import day_end, whole_number
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, new_file, print_error, print_json
from scraper.exceptions import INCOMPLETE, UsageProblem
from scraper.history.humanize import exact, plural
from scraper.printable import single_line
from scraper.timestamps import utc_now


class Command(ArchiveCommand):
    usage = "[options] POST OUT.zip"
    example = "blogkeep evidence journal/teapot-care --change 12 teapot-care.zip"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--change",
            type=whole_number,
            metavar="N",
            help="change N of the post, with both its sides",
        )
        parser.add_argument(
            "--on",
            metavar="DATE",
            default="",
            help="as it was last seen by the end of this day (UTC, YYYY-MM-DD; default: now)",
        )
        parser.add_argument(
            "--no-pdf", action="store_true", help="do not print the comparison with a browser"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the bundle to a new file; exit with 3 if bytes of an answer are lost."""
        if len(args) != 2:
            raise self.usage_problem(args)
        if opts.on and opts.change is not None:
            raise UsageProblem("give --change or --on, not both")
        made_at, target = utc_now(), Path(args[1])
        browser = "" if opts.no_pdf else find_browser()
        with closing(self.open_archive(opts)) as db:
            subject = self._subject(db, find_post(db, args[0]), opts, now=made_at)
            with new_file(target) as out:
                proof = write_bundle(
                    out,
                    db,
                    subject,
                    made_at=made_at,
                    print_page=partial(print_page, browser) if browser else None,
                )
        for capture_id, reason in subject.lost.items():
            print_error(f"the bytes of capture {capture_id} are left out: {reason}")
        _print(target, subject, proof, as_json=opts.json)
        self.exitcode = INCOMPLETE if subject.lost else 0

    def _subject(
        self, db: Database, post: PostRow, opts: argparse.Namespace, *, now: str
    ) -> Subject:
        captures = self.captures_path(opts)
        if opts.change is not None:
            return subject_of_change(db, captures, post, opts.change)
        time = day_end(opts.on) or now
        return subject_at(db, captures, post, min(time, now))


def _print(target: Path, subject: Subject, proof: Proof, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "file": str(target),
                "bytes": target.stat().st_size,
                "heading": heading(subject),
                "captures": [capture.id for capture in subject.captures],
                "lost": subject.lost,
                "seals": proof.seals,
                "stamped_at": [stamp.stamped_at for stamp in proof.stamps],
                "unsealed": proof.unsealed,
            }
        )
        return
    out = console()
    out.print(single_line(heading(subject)), markup=False)
    answers = plural(len(subject.answers), "answer")
    out.print(f"{target}: {answers}, {target.stat().st_size:,} bytes", markup=False)
    stamped = [f"stamped {exact(stamp.stamped_at)}" for stamp in proof.stamps]
    out.print(", ".join(stamped) or "no stamp covers it: blogkeep seal")
