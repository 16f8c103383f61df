"""`scrapy import PATH… --store URL`: put saved pages and text dumps into the archive, without a
network."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import chain
from pathlib import Path

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.queries.crawls import count_rows, read_crawl
from scraper.archive.queries.stores import read_template, store_addresses, stores_resembling
from scraper.archive.write.writer import Writer
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_error, print_json
from scraper.cli.rendering import print_crawl
from scraper.cli.saved_files import DUMPS, PAGES, decode_dump, is_dump, read_file
from scraper.exceptions import ExtractionError, ImportProblem, NoArchive, UsageProblem
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, extract_text_dump, settle_template
from scraper.extract.version import EXTRACTOR
from scraper.items import Capture, Post, StoreSeen, Template, Visit
from scraper.shopify.page_markers import read_markers, store_seen
from scraper.shopify.urls import StoreAddress, hosts_of, parse_store_url, same_store
from scraper.timestamps import utc_now

INCOMPLETE = 3


class Command(ArchiveCommand):
    """Import files."""

    usage = "[options] PATH [PATH ...] --store URL"
    example = "blogkeep import saved-pages/ old-post.txt --store https://shop.example"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--store",
            metavar="URL",
            help="the address of the store that the files are from (required)",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageProblem("name at least one file or folder")
        if not opts.store:
            raise UsageProblem("say which store the files are from: --store https://shop.example")
        store = parse_store_url(opts.store)
        files, path = _files(args), self.archive_path(opts)
        samples = _samples(files, store)
        known, addresses = _known(path, store, samples)
        template = settle_template(samples, known)
        refused: list[tuple[Path, str]] = []
        visits = _read_all(files, (store, *map(parse_store_url, addresses)), template, refused)
        # Nothing is opened before one file has shown a post; then they are read one by one, for
        # their bodies are large.
        first = next(visits, None)
        if first is None:
            raise ImportProblem(
                f"none of {len(refused)} files holds a post of {store.origin}; nothing was imported"
            )
        with write_errors(path):
            writer = self._write(
                path,
                self.captures_path(opts),
                StoreSeen(origin=store.origin),
                template,
                chain([first], visits),
            )
            self.compare_texts(path, utc_now())
        db = open_for_reading(path)
        crawl = read_crawl(db, writer.crawl.crawl_id)
        if opts.json:
            print_json(
                {
                    "import": crawl,
                    "results": writer.counts,
                    "refused": [{"file": str(file), "why": why} for file, why in refused],
                }
            )
        else:
            print_crawl(console(), crawl, count_rows(db, crawl))
        self.exitcode = INCOMPLETE if refused else 0

    @staticmethod
    def _write(
        path: Path,
        captures: Path,
        store: StoreSeen,
        template: Template | None,
        visits: Iterable[Visit],
    ) -> Writer:
        db = open_for_writing(path)
        with capture_writer(captures, db.conn) as keeper:
            writer = Writer(
                db,
                store,
                kind="import",
                origin="imported",
                extractor=EXTRACTOR,
                at=utc_now(),
                captures=keeper,
            )
            if template is not None:
                writer.save_template(template, utc_now())
            for visit in visits:
                writer.record_visit(visit)
            writer.finish_import(utc_now())
        db.close()
        return writer


def _files(args: Iterable[str]) -> list[Path]:
    """Every file meant, folders searched through, in the order of their names. Raises ImportProblem
    before anything is read."""
    files: list[Path] = []
    for path in map(Path, args):
        if not path.exists():
            raise ImportProblem(f"no such file or folder: {path}")
        if path.is_dir():
            found = sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and file.name.lower().endswith((*PAGES, *DUMPS))
            )
            if not found:
                raise ImportProblem(f"no .html, .html.gz or .txt files in {path}")
            files += found
        elif path.name.lower().endswith((*PAGES, *DUMPS)):
            files.append(path)
        else:
            raise ImportProblem(
                f"{path} is neither a saved page (.html, .html.gz) nor a text dump (.txt)"
            )
    return files


def _samples(files: Sequence[Path], store: StoreAddress) -> list[SavedPage]:
    """Some of the pages, spread over all of them, to learn the store's template from; what cannot
    be read is told later."""
    pages = [file for file in files if not is_dump(file)]
    chosen = pages[:: max(1, len(pages) // LEARN_PAGES)][:LEARN_PAGES]
    found = []
    for path in chosen:
        with suppress(ImportProblem):
            found.append(SavedPage(read_file(path), f"{store.origin}/"))
    return found


def _known(
    path: Path, store: StoreAddress, samples: Sequence[SavedPage]
) -> tuple[Template | None, tuple[str, ...]]:
    """What the archive knows of the store: its template, and the origins at which it stood. Raises
    ImportProblem where it knows none at this address, and the pages are those of one that it knows
    at another: files cannot tell that a store has moved."""
    try:
        db = open_for_reading(path)
    except NoArchive:
        return None, ()
    with closing(db):
        addresses = store_addresses(db, store.origin)
        alike = [
            stores_resembling(db, store_seen(store.origin, read_markers(_bytes(sample))))
            for sample in samples
            if not addresses
        ]
        if alike and all(alike):
            raise ImportProblem(
                f"the pages are those of the store known at {alike[0][0]}: import them as of that address, or crawl {store.origin} first"
            )
        return read_template(db, store.origin), addresses


def _bytes(sample: SavedPage) -> bytes:
    assert isinstance(sample.html, bytes), "files are read as bytes"
    return sample.html


def _read_all(
    files: Iterable[Path],
    stores: Sequence[StoreAddress],
    template: Template | None,
    refused: list[tuple[Path, str]],
) -> Iterator[Visit]:
    """The files that hold a post, read one after the other; the others are told and put into
    `refused`. `stores` is the store as it was given, and wherever it stood."""
    for path in files:
        try:
            visit = _read(path, stores, template)
        except (ExtractionError, ImportProblem) as error:
            print_error(f"{path}: {error}")
            refused.append((path, str(error)))
        else:
            yield visit


def _read(path: Path, stores: Sequence[StoreAddress], template: Template | None) -> Visit:
    body = read_file(path)
    post = _post(path, body, stores, template)
    capture = Capture(
        url=post.url or path.name,
        final_url=post.url,
        http_status=0,
        verdict="ok",
        detail=f"imported from {path.name}",
        fetched_at=utc_now(),
        etag="",
        last_modified="",
        body_hash=hashlib.sha256(body).hexdigest(),
        body_bytes=len(body),
        body=body,
    )
    return Visit(capture=capture, resource_type="dump" if is_dump(path) else "post", post=post)


def _post(
    path: Path, body: bytes, stores: Sequence[StoreAddress], template: Template | None
) -> Post:
    """Take the post out of a file. Raises ExtractionError, or ImportProblem for a page that is no
    post of this store."""
    if is_dump(path):
        return extract_text_dump(decode_dump(body), store_origin=stores[0].origin)
    addresses = [store.origin for store in stores]
    post = extract_post(body, url=f"{stores[0].origin}/", template=template, addresses=addresses)
    if not post.handle:
        raise ImportProblem("its canonical link does not name a post")
    if not any(same_store(post.url, hosts_of(store)) for store in stores):
        raise ImportProblem(f"it is a post of another store, {post.url}")
    return post
