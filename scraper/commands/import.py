"""`blogkeep import PATH… --store URL`: archive saved pages, text dumps and WARC files, without a
network."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scraper.archive.database import open_for_reading
from scraper.archive.queries.crawls import count_rows, read_crawl
from scraper.archive.queries.stores import (
    read_store_marks,
    read_template,
    store_addresses,
    stores_resembling,
)
from scraper.archive.write.context import CrawlRules
from scraper.cli.arguments import day_start
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import print_crawl
from scraper.exceptions import INCOMPLETE, ImportProblem, NoArchive, UsageProblem
from scraper.extract import SavedPage
from scraper.extraction_worker import ExtractionWorker
from scraper.history.humanize import plural
from scraper.hosts import StoreAddress, is_loopback, parse_store_url
from scraper.imports.files import DUMPS, PAGES
from scraper.imports.records import is_web_archive
from scraper.imports.replay import ArchiveImport
from scraper.imports.saved_pages import PageImport, RejectedFile, read_samples, sample_pages
from scraper.imports.store_marks import KnownMarks, learn_marks
from scraper.imports.web_archive import ImportedAnswers, import_answers
from scraper.items import Template
from scraper.shopify.page_markers import read_markers, store_seen
from scraper.timestamps import end_of_day, utc_now

REPORT_EVERY = 100
RESERVED = (".example", ".test")
"""Names that no real store can have (RFC 2606), the demo store among them."""


class Command(ArchiveCommand):
    usage = "[options] PATH [PATH ...] --store URL"
    example = "blogkeep import saved-pages/ crawl.warc.gz --store https://shop.example"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--store", metavar="URL", help="the address of the store of the files (required)"
        )
        parser.add_argument(
            "--captured-at",
            metavar="DATE",
            default="",
            help="when the saved pages were captured (UTC; a day counts as its last second)",
        )
        parser.add_argument(
            "--wayback",
            metavar="URL",
            default="",
            help="import what the Wayback Machine has of this store, or below this address",
        )
        parser.add_argument(
            "--from",
            dest="since",
            metavar="DATE",
            default="",
            help="its captures of this day or later",
        )
        parser.add_argument(
            "--to",
            dest="until",
            metavar="DATE",
            default="",
            help="its captures of this day or before",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Import every file that holds a post, and report the others."""
        if not args and not opts.wayback:
            raise UsageProblem("give at least one file or folder, or --wayback URL")
        if not opts.store and not opts.wayback:
            raise UsageProblem("give the store of the files: --store https://shop.example")
        if (opts.since or opts.until) and not opts.wayback:
            raise UsageProblem("--from and --to go with --wayback")
        store = parse_store_url(opts.store or opts.wayback)
        files = _files(args)
        if opts.wayback:
            files.append(self._download(opts))
        pages = [file for file in files if not is_web_archive(file)]
        archives = [file for file in files if is_web_archive(file)]
        with self.extraction_worker() as worker:
            if archives:
                self._import_archives(archives, store, opts, worker)
            if pages:
                self._import_pages(pages, store, opts, worker)

    def _download(self, opts: argparse.Namespace) -> Path:
        """Download what the Wayback Machine has. Raises WaybackUnavailable."""
        from scraper.wayback.client import Client, Manners  # noqa: PLC0415 - loads httpx
        from scraper.wayback.store import download_store  # noqa: PLC0415

        base, number = self.settings["ARCHIVE_WAYBACK_URL"], self.settings.getfloat
        is_test, rate = is_loopback(urlsplit(base).hostname or ""), number("ARCHIVE_RATE")
        manners = Manners(
            user_agent=self.settings["USER_AGENT"],
            interval_s=1 / rate if rate and not is_test else 0.0,
            first_s=number("ARCHIVE_BACKOFF_FIRST"),
            longest_s=number("ARCHIVE_BACKOFF_MAX"),
            tries=self.settings.getint("ARCHIVE_BACKOFF_TRIES"),
        )
        with Client(base, manners) as client:
            file, done = download_store(
                client,
                opts.wayback,
                self.archive_path(opts).parent / "wayback",
                since=opts.since and day_start("--from", opts.since)[:10],
                until=opts.until and day_start("--to", opts.until)[:10],
                report=_report_captures,
            )
        if not opts.json:
            counts = f"{done.stored:,} of {done.listed:,} captures in {file}"
            line = f"{counts}, {done.requests:,} downloaded now"
            console().print(line, markup=False, highlight=False, soft_wrap=True)
        if done.stored < done.listed:
            self.exitcode = INCOMPLETE
        return file

    def _import_archives(
        self,
        files: Sequence[Path],
        store: StoreAddress,
        opts: argparse.Namespace,
        worker: ExtractionWorker,
    ) -> None:
        path, number = self.archive_path(opts), self.settings.getfloat
        known = _known_store(path, store, ())
        # Such a store has no outages that time apart could show.
        is_test = is_loopback(store.host) or store.host.endswith(RESERVED)
        hours = 0.0 if is_test else number("ARCHIVE_REMOVAL_HOURS")
        plan = ArchiveImport(
            archive=path,
            captures=self.captures_path(opts),
            stores=known.marks.stores,
            rules=CrawlRules(
                confirm_sights=self.settings.getint("ARCHIVE_CONFIRM_SIGHTS"), removal_hours=hours
            ),
            user_agent=self.settings["USER_AGENT"],
            worker=worker,
            max_image_bytes=int(number("ARCHIVE_MAX_IMAGE_MB") * 1_000_000),
            at=utc_now(),
        )
        done = import_answers(files, plan)
        self.compare_texts(path, utc_now())
        self._report_archives(files, done, opts)

    def _report_archives(
        self, files: Sequence[Path], done: ImportedAnswers, opts: argparse.Namespace
    ) -> None:
        db = self.open_archive(opts)
        crawls = [read_crawl(db, crawl_id) for crawl_id in done.crawl_ids]
        if opts.json:
            print_json({"imports": crawls, "answers": done.answers, "others": done.others})
            return
        for crawl in crawls:
            print_crawl(console(), crawl, count_rows(db, crawl))
        if not crawls:
            console().print("nothing new: the archive has every answer", markup=False)
        sources = f"{plural(len(files), 'file')}: {plural(done.answers, 'answer')} used"
        console().print(f"{sources}, {done.others:,} others left out", markup=False)

    def _import_pages(
        self,
        files: Sequence[Path],
        store: StoreAddress,
        opts: argparse.Namespace,
        worker: ExtractionWorker,
    ) -> None:
        path, samples, at = self.archive_path(opts), sample_pages(files, store), utc_now()
        known = _known_store(path, store, samples)
        readable = list(read_samples(samples, worker))
        plan = PageImport(
            archive=path,
            captures=self.captures_path(opts),
            marks=learn_marks((marks for _, marks in readable), known.marks),
            template=known.template,
            worker=worker,
            at=at,
            captured_at=_captured_at(opts.captured_at, at),
            report=_report,
        )
        writer = plan.run(files, [sample for sample, _ in readable])
        self.compare_texts(path, utc_now())
        db = self.open_archive(opts)
        crawl = read_crawl(db, writer.crawl.crawl_id)
        if opts.json:
            results = {"results": writer.counts, "rejected": plan.rejected, "others": plan.others}
            print_json({"import": crawl, **results})
        else:
            print_crawl(console(), crawl, count_rows(db, crawl))
            if plan.others:
                console().print(f"other pages of the store, left out: {plan.others:,}")
        self.exitcode = INCOMPLETE if plan.rejected else 0


def _captured_at(given: str, now: str) -> str:
    """The time of `--captured-at`, a day as its last second. Raises UsageProblem."""
    if not given:
        return ""
    try:
        at = end_of_day(given)
    except ValueError:
        raise UsageProblem(
            f"--captured-at takes a day or a time, such as 2021-03-04, not {given!r}"
        ) from None
    if at[:10] > now[:10]:
        raise UsageProblem(f"--captured-at {given} is in the future")
    return min(at, now)


def _report_captures(number: int, listed: int) -> None:
    if number % REPORT_EVERY == 0:
        print_error(f"{number:,} of {listed:,} captures")


def _report(rejected: RejectedFile) -> None:
    print_error(f"{rejected.file}: {rejected.reason}")


def _files(args: Iterable[str]) -> list[Path]:
    """Every file of the arguments; those of a folder in the order of their names. Raises
    ImportProblem before anything is read."""
    files: list[Path] = []
    for path in map(Path, args):
        if not path.exists():
            raise ImportProblem(f"no such file or folder: {path}")
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.is_file() and _is_ours(file))
            if not found:
                raise ImportProblem(f"no .html, .html.gz, .txt, .warc.gz or .wacz files in {path}")
            files += found
        elif _is_ours(path):
            files.append(path)
        else:
            raise ImportProblem(
                f"{path} is no saved page (.html, .html.gz), text dump (.txt) or web archive"
                " (.warc, .warc.gz, .wacz)"
            )
    return files


def _is_ours(path: Path) -> bool:
    return path.name.lower().endswith((*PAGES, *DUMPS)) or is_web_archive(path)


@dataclass(frozen=True, slots=True)
class _KnownStore:
    """What the archive knows of a store: its template, and its marks, the addresses among them."""

    template: Template | None
    marks: KnownMarks


def _known_store(path: Path, store: StoreAddress, samples: Sequence[SavedPage]) -> _KnownStore:
    """Look a store up by any spelling of its address.

    Raises ImportProblem if the archive knows no store at this address and the pages are those of a
    store at another one: files do not show whether a store has moved.
    """
    try:
        db = open_for_reading(path)
    except NoArchive:
        return _KnownStore(None, KnownMarks((store,)))
    with closing(db):
        known = read_store_marks(db, store.origin)
        if known is None:
            seen = (store_seen(store.origin, read_markers(_bytes(sample))) for sample in samples)
            similar = [stores_resembling(db, each) for each in seen]
            if similar and all(similar):
                raise ImportProblem(
                    f"the pages are those of the store known at {similar[0][0]}: import them with"
                    f" that address, or crawl {store.origin} first"
                )
            return _KnownStore(None, KnownMarks((store,)))
        addresses = reversed(store_addresses(db, known.origin))
        stores = tuple(dict.fromkeys((*map(parse_store_url, addresses), store)))
        marks = KnownMarks(stores, known.shop_id, known.myshopify_domain)
        return _KnownStore(read_template(db, known.origin), marks)


def _bytes(sample: SavedPage) -> bytes:
    assert isinstance(sample.html, bytes), "files are read as bytes"
    return sample.html
