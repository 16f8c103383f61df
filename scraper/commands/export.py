"""`scrapy export --format warc OUT`: any part of what was answered, for other tools."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, try_reader
from scraper.archive.captures.warc import WarcFile, new_file
from scraper.archive.queries.captures import CaptureFilter, read_answer, read_captures
from scraper.archive.queries.crawls import read_crawl
from scraper.archive.queries.posts import find_post
from scraper.archive.queries.stores import find_store
from scraper.cli.arguments import day_span, only_argument
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.exceptions import CaptureLost, UsageProblem

FORMATS = ("warc",)
INCOMPLETE = 3


class Command(ArchiveCommand):
    """Export captures."""

    usage = "[options] --format warc OUT.warc.gz"
    example = "blogkeep export --format warc --store shop.example shop.warc.gz"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--format",
            metavar="FORMAT",
            help=f"the format of the file: {', '.join(FORMATS)} (required)",
        )
        parser.add_argument(
            "--store", metavar="NAME", default="", help="one store only, by its name or address"
        )
        parser.add_argument(
            "--post",
            metavar="POST",
            help="one post only, by its number, address, label, handle or title",
        )
        parser.add_argument(
            "--crawl", type=int, metavar="N", help="what was answered in crawl N only"
        )
        parser.add_argument(
            "--since",
            metavar="DATE",
            help="what was answered on this day (UTC, YYYY-MM-DD) or later",
        )
        parser.add_argument(
            "--until", metavar="DATE", help="what was answered on this day (UTC) or before"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        target = Path(only_argument(args, "file to write"))
        if opts.format not in FORMATS:
            raise UsageProblem(f"say which format: --format {' or '.join(FORMATS)}")
        db = self.open_archive(opts)
        selection = _selection(db, opts)
        with new_file(target) as out:
            written, left = _export(
                db, try_reader(self.captures_path(opts)), selection, WarcFile(out, target.name)
            )
        if left:
            print_error(f"{len(left)} answers could not be carried; the first: {left[0]}")
        if opts.json:
            print_json(
                {
                    "file": str(target),
                    "bytes": target.stat().st_size,
                    "written": written,
                    "left_out": left,
                }
            )
        else:
            told = ", ".join(f"{number:,} {kind}s" for kind, number in written.items()) or "nothing"
            console().print(f"{target}: {told}; {target.stat().st_size:,} bytes", markup=False)
        self.exitcode = INCOMPLETE if left else 0


def _selection(db: Database, opts: argparse.Namespace) -> CaptureFilter:
    """Raises NoSuchStore, NoSuchPost, NoArchive for a crawl that is not there, UsageProblem for a
    day that is none."""
    since, until = day_span(opts.since, opts.until) if opts.since or opts.until else ("", "")
    return CaptureFilter(
        store=find_store(db, opts.store) if opts.store else "",
        post_id=find_post(db, opts.post).id if opts.post else None,
        crawl_id=read_crawl(db, opts.crawl).id if opts.crawl is not None else None,
        since=since,
        until=until,
    )


def _export(
    db: Database, reader: CaptureReader | None, selection: CaptureFilter, warc: WarcFile
) -> tuple[Counter[str], list[str]]:
    """Write the captures meant, one at a time: how many of which kind, and why which of them are
    not at hand."""
    written, left = Counter[str](), list[str]()
    for capture in read_captures(db, selection):
        if capture.http_status == 0 and not capture.is_imported:
            continue  # no answer came: there is nothing to carry
        try:
            answer = read_answer(reader, capture)
        except CaptureLost as error:
            left.append(f"capture {capture.id}, {capture.url}: {error}")
            continue
        if capture.is_imported:
            warc.write_resource(answer, is_text=capture.resource_type == "dump")
        else:
            warc.write_response(answer)
        written["resource" if capture.is_imported else "response"] += 1
    return written, left
