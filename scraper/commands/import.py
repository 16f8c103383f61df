"""`blogkeep import PATH… --store URL`: archive saved pages and text dumps, without a network."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
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
from scraper.evidence import StoreSeen
from scraper.exceptions import ExtractionError, ImportProblem, NoArchive, UsageProblem
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, extract_text_dump, settle_template
from scraper.extract.version import EXTRACTOR
from scraper.extraction_worker import ExtractionWorker
from scraper.history.humanize import plural
from scraper.items import Capture, Post, Template, Visit
from scraper.shopify.page_markers import read_markers, store_seen
from scraper.shopify.urls import StoreAddress, hosts_of, parse_store_url, same_store
from scraper.timestamps import utc_now

INCOMPLETE = 3


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that holds no post of the store, and why."""

    file: str
    reason: str


class Command(ArchiveCommand):
    """Import files."""

    usage = "[options] PATH [PATH ...] --store URL"
    example = "blogkeep import saved-pages/ old-post.txt --store https://shop.example"

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
        path = self.archive_path(opts)
        rejected: list[RejectedFile] = []
        files, store = _files(args), parse_store_url(opts.store)
        with self.extraction_worker() as worker:
            writer = self._import(files, store, opts, rejected, worker)
        db = open_for_reading(path)
        crawl = read_crawl(db, writer.crawl.crawl_id)
        if opts.json:
            print_json({"import": crawl, "results": writer.counts, "rejected": rejected})
        else:
            print_crawl(console(), crawl, count_rows(db, crawl))
        self.exitcode = INCOMPLETE if rejected else 0

    def _import(
        self,
        files: Sequence[Path],
        store: StoreAddress,
        opts: argparse.Namespace,
        rejected: list[RejectedFile],
        worker: ExtractionWorker,
    ) -> Writer:
        """Write the posts of the files, one at a time, because their bodies are large. The archive
        is not opened before one file has shown a post. Raises ImportProblem."""
        path, samples = self.archive_path(opts), _samples(files, store)
        known, addresses = _known_store(path, store, samples)
        template = _settle_template(samples, known, worker)
        stores = (store, *map(parse_store_url, addresses))
        visits = _read_all(files, stores, template, rejected, worker)
        first = next(visits, None)
        if first is None:
            raise ImportProblem(
                f"none of {plural(len(rejected), 'file')} holds a post of {store.origin};"
                " nothing was imported"
            )
        with write_errors(path):
            writer = _write(
                path,
                self.captures_path(opts),
                StoreSeen(origin=store.origin),
                template,
                chain([first], visits),
            )
            self.compare_texts(path, utc_now())
        return writer


def _write(
    path: Path,
    captures: Path,
    store: StoreSeen,
    template: Template | None,
    visits: Iterable[Visit],
) -> Writer:
    with (
        closing(open_for_writing(path)) as db,
        capture_writer(captures, db.conn) as capture_rows,
    ):
        writer = Writer(
            db,
            store,
            kind="import",
            origin="imported",
            extractor=EXTRACTOR,
            at=utc_now(),
            captures=capture_rows,
        )
        if template is not None:
            writer.save_template(template, utc_now())
        for visit in visits:
            writer.record_visit(visit)
        writer.finish_import(utc_now())
    return writer


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
                raise ImportProblem(f"no .html, .html.gz or .txt files in {path}")
            files += found
        elif _is_ours(path):
            files.append(path)
        else:
            raise ImportProblem(
                f"{path} is neither a saved page (.html, .html.gz) nor a text dump (.txt)"
            )
    return files


def _is_ours(path: Path) -> bool:
    return path.name.lower().endswith((*PAGES, *DUMPS))


def _samples(files: Sequence[Path], store: StoreAddress) -> list[SavedPage]:
    """Pages from which the store's template is learned, spread over all of them. Unreadable files
    are reported later."""
    pages = [file for file in files if not is_dump(file)]
    chosen = pages[:: max(1, len(pages) // LEARN_PAGES)][:LEARN_PAGES]
    samples = []
    for path in chosen:
        with suppress(ImportProblem):
            samples.append(SavedPage(read_file(path), f"{store.origin}/"))
    return samples


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


def _read_all(
    files: Iterable[Path],
    stores: Sequence[StoreAddress],
    template: Template | None,
    rejected: list[RejectedFile],
    worker: ExtractionWorker,
) -> Iterator[Visit]:
    """Read the files that hold a post, one after the other. Report the others and add them to
    `rejected`. `stores` are the store's addresses, the given one first."""
    for path in files:
        try:
            visit = _read(path, stores, template, worker)
        except (ExtractionError, ImportProblem) as error:
            print_error(f"{path}: {error}")
            rejected.append(RejectedFile(str(path), str(error)))
        else:
            yield visit


def _settle_template(
    samples: Sequence[SavedPage], known: Template | None, worker: ExtractionWorker
) -> Template | None:
    try:
        return worker.call(settle_template, samples, known)
    except ExtractionError:
        # Pages from which nothing can be learned in time are read one by one.
        return known


def _read(
    path: Path,
    stores: Sequence[StoreAddress],
    template: Template | None,
    worker: ExtractionWorker,
) -> Visit:
    body = read_file(path)
    post = worker.call(_post, path, body, stores, template)
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
    """Extract the post of a file. Raises ExtractionError, or ImportProblem if the page is no post
    of this store."""
    if is_dump(path):
        return extract_text_dump(decode_dump(body))
    addresses = [store.origin for store in stores]
    post = extract_post(
        body,
        url=f"{stores[0].origin}/",
        template=template,
        addresses=addresses,
        seen_at=utc_now(),
    )
    if not post.handle:
        raise ImportProblem("its canonical link does not name a post")
    if not any(same_store(post.url, hosts_of(store)) for store in stores):
        raise ImportProblem(f"it is a post of another store, {post.url}")
    return post
