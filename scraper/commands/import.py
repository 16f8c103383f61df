"""`blogkeep import PATH… --store URL`: archive saved pages, text dumps and WARC files, without a
network."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from scraper.archive.database import open_for_reading
from scraper.archive.queries.crawls import count_rows, read_crawl
from scraper.archive.queries.stores import read_template, store_addresses, stores_resembling
from scraper.archive.write.context import CrawlRules
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import print_crawl
from scraper.exceptions import ImportProblem, NoArchive, UsageProblem
from scraper.extract import SavedPage
from scraper.extraction_worker import ExtractionWorker
from scraper.history.humanize import plural
from scraper.imports.files import DUMPS, PAGES
from scraper.imports.records import is_web_archive
from scraper.imports.saved_pages import PageImport, RejectedFile, sample_pages
from scraper.imports.web_archive import ArchiveImport, ImportedAnswers, import_answers
from scraper.items import Template
from scraper.shopify.page_markers import read_markers, store_seen
from scraper.shopify.urls import StoreAddress, is_loopback, parse_store_url
from scraper.timestamps import utc_now

INCOMPLETE = 3
RESERVED = (".example", ".test")
"""Names that no real store can have (RFC 2606), the demo store among them."""


class Command(ArchiveCommand):
    """Import files."""

    usage = "[options] PATH [PATH ...] --store URL"
    example = "blogkeep import saved-pages/ crawl.warc.gz --store https://shop.example"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the store."""
        parser.add_argument(
            "--store", metavar="URL", help="the address of the store of the files (required)"
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Import every file that holds a post, and report the others."""
        if not args:
            raise UsageProblem("give at least one file or folder")
        if not opts.store:
            raise UsageProblem("give the store of the files: --store https://shop.example")
        files, store = _files(args), parse_store_url(opts.store)
        pages = [file for file in files if not is_web_archive(file)]
        archives = [file for file in files if is_web_archive(file)]
        with self.extraction_worker() as worker:
            if archives:
                self._import_archives(archives, store, opts, worker)
            if pages:
                self._import_pages(pages, store, opts, worker)

    def _import_archives(
        self,
        files: Sequence[Path],
        store: StoreAddress,
        opts: argparse.Namespace,
        worker: ExtractionWorker,
    ) -> None:
        path, number = self.archive_path(opts), self.settings.getfloat
        _, addresses = _known_store(path, store, ())
        # Such a store has no outages that time apart could show.
        is_test = is_loopback(store.host) or store.host.endswith(RESERVED)
        hours = 0.0 if is_test else number("ARCHIVE_REMOVAL_HOURS")
        plan = ArchiveImport(
            archive=path,
            captures=self.captures_path(opts),
            stores=(store, *map(parse_store_url, addresses)),
            rules=CrawlRules(
                confirm_sights=self.settings.getint("ARCHIVE_CONFIRM_SIGHTS"), removal_hours=hours
            ),
            user_agent=self.settings["USER_AGENT"],
            worker=worker,
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
        path, samples = self.archive_path(opts), sample_pages(files, store)
        template, addresses = _known_store(path, store, samples)
        plan = PageImport(
            archive=path,
            captures=self.captures_path(opts),
            stores=(store, *map(parse_store_url, addresses)),
            template=template,
            worker=worker,
            at=utc_now(),
            report=_report,
        )
        writer = plan.run(files, samples)
        self.compare_texts(path, utc_now())
        db = self.open_archive(opts)
        crawl = read_crawl(db, writer.crawl.crawl_id)
        if opts.json:
            print_json({"import": crawl, "results": writer.counts, "rejected": plan.rejected})
        else:
            print_crawl(console(), crawl, count_rows(db, crawl))
        self.exitcode = INCOMPLETE if plan.rejected else 0


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


def _known_store(
    path: Path, store: StoreAddress, samples: Sequence[SavedPage]
) -> tuple[Template | None, tuple[str, ...]]:
    """The template of the store that the archive knows, and the store's origins, past ones too.

    Raises ImportProblem if the archive knows no store at this address and the pages are those of a
    store at another one: files do not show whether a store has moved.
    """
    try:
        db = open_for_reading(path)
    except NoArchive:
        return None, ()
    with closing(db):
        addresses = store_addresses(db, store.origin)
        if not addresses:
            seen = (store_seen(store.origin, read_markers(_bytes(sample))) for sample in samples)
            similar = [stores_resembling(db, each) for each in seen]
            if similar and all(similar):
                raise ImportProblem(
                    f"the pages are those of the store known at {similar[0][0]}: import them with"
                    f" that address, or crawl {store.origin} first"
                )
        return read_template(db, store.origin), addresses


def _bytes(sample: SavedPage) -> bytes:
    assert isinstance(sample.html, bytes), "files are read as bytes"
    return sample.html
