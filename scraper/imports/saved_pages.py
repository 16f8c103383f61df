"""Import saved pages and text dumps: each is one post, as a file shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.write.writer import Writer
from scraper.evidence import StoreSeen
from scraper.exceptions import ExtractionError, ImportProblem
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, extract_text_dump, settle_template
from scraper.extract.version import EXTRACTOR
from scraper.extraction_worker import ExtractionWorker
from scraper.history.humanize import plural
from scraper.imports.files import decode_dump, is_dump, read_file
from scraper.items import Capture, Post, Template, Visit
from scraper.shopify.urls import StoreAddress, hosts_of, same_store


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that holds no post of the store, and why."""

    file: str
    reason: str


@dataclass(slots=True, kw_only=True)
class PageImport:
    """An import of saved pages of one store. `stores` are its addresses, the present one first;
    `template` is the one that the archive knows; `at` is now (UTC). `report` is called with each
    file that is rejected; they are all in `rejected`."""

    archive: Path
    captures: Path
    stores: Sequence[StoreAddress]
    template: Template | None
    worker: ExtractionWorker
    at: str
    report: Callable[[RejectedFile], None]
    rejected: list[RejectedFile] = field(default_factory=list)

    def run(self, files: Sequence[Path], samples: Sequence[SavedPage]) -> Writer:
        """Write the posts of the files, one at a time, because their bodies are large. The archive
        is not opened before one file has shown a post. Raises ImportProblem."""
        self._settle_template(samples)
        visits = self._read_all(files)
        first = next(visits, None)
        if first is None:
            raise ImportProblem(
                f"none of {plural(len(self.rejected), 'file')} holds a post of"
                f" {self.stores[0].origin}; nothing was imported"
            )
        with write_errors(self.archive):
            return self._write(chain([first], visits))

    def _write(self, visits: Iterable[Visit]) -> Writer:
        with (
            closing(open_for_writing(self.archive)) as db,
            capture_writer(self.captures, db.conn) as captures,
        ):
            writer = Writer(
                db,
                StoreSeen(origin=self.stores[0].origin),
                kind="import",
                origin="imported",
                extractor=EXTRACTOR,
                at=self.at,
                captures=captures,
            )
            if self.template is not None:
                writer.save_template(self.template, self.at)
            for visit in visits:
                writer.record_visit(visit)
            writer.finish_import(self.at)
        return writer

    def _settle_template(self, samples: Sequence[SavedPage]) -> None:
        with suppress(ExtractionError):
            # Pages from which nothing can be learned in time are read one by one.
            self.template = self.worker.call(settle_template, samples, self.template)

    def _read_all(self, files: Iterable[Path]) -> Iterator[Visit]:
        """Read the files that hold a post, one after the other, and report the others."""
        for path in files:
            try:
                visit = self._read(path)
            except (ExtractionError, ImportProblem) as error:
                rejected = RejectedFile(str(path), str(error))
                self.rejected.append(rejected)
                self.report(rejected)
            else:
                yield visit

    def _read(self, path: Path) -> Visit:
        body = read_file(path)
        post = self.worker.call(_post, path, body, self.stores, self.template, self.at)
        capture = Capture(
            url=post.url or path.name,
            final_url=post.url,
            http_status=0,
            verdict="ok",
            detail=f"imported from {path.name}",
            fetched_at=self.at,
            etag="",
            last_modified="",
            body_hash=hashlib.sha256(body).hexdigest(),
            body_bytes=len(body),
            body=body,
        )
        return Visit(capture=capture, resource_type="dump" if is_dump(path) else "post", post=post)


def sample_pages(files: Sequence[Path], store: StoreAddress) -> list[SavedPage]:
    """Pages from which the store's template is learned, spread over all of them. Unreadable files
    are reported later."""
    pages = [file for file in files if not is_dump(file)]
    chosen = pages[:: max(1, len(pages) // LEARN_PAGES)][:LEARN_PAGES]
    samples = []
    for path in chosen:
        with suppress(ImportProblem):
            samples.append(SavedPage(read_file(path), f"{store.origin}/"))
    return samples


def _post(
    path: Path, body: bytes, stores: Sequence[StoreAddress], template: Template | None, at: str
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
        seen_at=at,
    )
    if not post.handle:
        raise ImportProblem("its canonical link does not name a post")
    if not any(same_store(post.url, hosts_of(store)) for store in stores):
        raise ImportProblem(f"it is a post of another store, {post.url}")
    return post
