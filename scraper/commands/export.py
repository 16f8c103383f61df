"""`blogkeep export --format warc OUT`: write captured responses to a WARC file."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.reader import CaptureReader, StoredAnswer, try_reader
from scraper.archive.captures.warc import WarcFile
from scraper.archive.queries.captures import (
    CaptureFilter,
    CaptureRow,
    read_answer,
    read_captures,
    read_repeated,
)
from scraper.archive.queries.crawls import read_crawl
from scraper.archive.queries.posts import find_post
from scraper.archive.queries.stores import find_store
from scraper.cli.arguments import (
    add_span_options,
    add_store_option,
    day_span,
    only_argument,
    whole_number,
)
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, new_file, print_error, print_json
from scraper.exceptions import INCOMPLETE, CaptureLost, UsageProblem
from scraper.history.humanize import plural

FORMATS = ("warc",)


class Command(ArchiveCommand):
    usage = "[options] --format warc OUT.warc.gz"
    example = "blogkeep export --format warc --store shop.example shop.warc.gz"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--format",
            metavar="FORMAT",
            help=f"the format of the file: {', '.join(FORMATS)} (required)",
        )
        add_store_option(parser)
        parser.add_argument(
            "--post",
            metavar="POST",
            help="one post only, by its number, address, label, handle or title",
        )
        parser.add_argument(
            "--crawl",
            type=whole_number,
            metavar="N",
            help="responses of crawl N only",
        )
        add_span_options(parser, "responses of")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the chosen captures to a new file."""
        target = Path(only_argument(args, "file to write"))
        if opts.format not in FORMATS:
            raise UsageProblem(f"give a format: --format {' or '.join(FORMATS)}")
        db = self.open_archive(opts)
        selection = _selection(db, opts)
        reader = try_reader(self.captures_path(opts))
        with new_file(target) as out:
            written, missing = _export(db, reader, selection, WarcFile(out, target.name))
        size = target.stat().st_size
        if missing:
            captures = plural(len(missing), "capture")
            print_error(f"{captures} not available and left out; the first: {missing[0]}")
        if opts.json:
            print_json(
                {"file": str(target), "bytes": size, "written": written, "left_out": missing}
            )
        else:
            records = ", ".join(plural(count, kind) for kind, count in written.items())
            console().print(f"{target}: {records or 'nothing'}; {size:,} bytes", markup=False)
        self.exitcode = INCOMPLETE if missing else 0


def _selection(db: Database, opts: argparse.Namespace) -> CaptureFilter:
    """The captures that the options choose. Raises NoSuchStore, NoSuchPost, UsageProblem, and
    NoArchive for a crawl that does not exist."""
    since, until = day_span(opts.since, opts.until) if opts.since or opts.until else ("", "")
    return CaptureFilter(
        store=find_store(db, opts.store),
        post_id=find_post(db, opts.post).id if opts.post else None,
        crawl_id=read_crawl(db, opts.crawl).id if opts.crawl is not None else None,
        since=since,
        until=until,
    )


def _export(
    db: Database, reader: CaptureReader | None, selection: CaptureFilter, warc: WarcFile
) -> tuple[Counter[str], list[str]]:
    """Write the chosen captures, one at a time. Returns how many of each kind it wrote, and which
    it left out and why."""
    written, missing = Counter[str](), list[str]()
    for capture in read_captures(db, selection):
        if capture.http_status == 0 and not capture.is_file:
            continue  # there was no response
        source = read_repeated(db, capture) if capture.has_known_bytes else capture
        if source is None:
            continue  # its post was erased with the image
        try:
            answer = read_answer(reader, source)
        except CaptureLost as error:
            missing.append(f"capture {capture.id}, {capture.url}: {error}")
            continue
        written[_write(warc, capture, answer)] += 1
    return written, missing


def _write(warc: WarcFile, capture: CaptureRow, answer: StoredAnswer) -> str:
    """Write a capture with its own answer, or the one it repeats; returns the kind of record."""
    if capture.has_known_bytes:
        repeated = replace(
            answer,
            url=capture.url,
            fetched_at=capture.fetched_at,
            http_status=capture.http_status,
            headers=(
                ("Content-Type", answer.header("content-type")),
                ("ETag", capture.etag),
                ("Last-Modified", capture.last_modified),
            ),
        )
        warc.write_revisit(repeated, capture.dated_crawl, original=answer)
        return "revisit"
    warc.write(
        answer,
        capture.dated_crawl,
        resource_type=capture.resource_type,
        is_file=capture.is_file,
    )
    return "resource" if capture.is_file else "response"
