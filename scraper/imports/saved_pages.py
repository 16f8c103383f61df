"""Import saved pages and text dumps: each is one post, as a file shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from scraper.archive.captures.writer import capture_writer
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import StoreSeen, TemplateSettled
from scraper.exceptions import ExtractionError, ImportProblem
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, extract_text_dump, settle_template
from scraper.extract.version import EXTRACTOR
from scraper.extraction_worker import ExtractionWorker, PageParser
from scraper.history.humanize import plural
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.imports.addresses import post_at_store
from scraper.imports.files import decode_dump, is_dump, read_file
from scraper.imports.saved_from import SavedFrom
from scraper.imports.store_marks import KnownMarks, PageMarks, learn_marks, read_page_marks
from scraper.items import Capture, DatedBy, Post, Template, Visit, hash_body
from scraper.platforms import identify_platform
from scraper.platforms.posts import as_post_at
from scraper.shopify.page_markers import read_markers, store_seen
from scraper.shopify.urls import canonical_post_url


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that holds no post of the store, and why."""

    file: str
    reason: str


@dataclass(slots=True, kw_only=True)
class PageImport:
    """An import of saved pages of one store. `marks` are what is known of the store; `template` is
    the one that the archive knows; `at` is now, `captured_at` the time of all files where an
    operator gave one (UTC). `report` is called with each file that is rejected; they are all in
    `rejected`, and `others` counts pages of the store that are no posts."""

    archive: Path
    captures: Path
    marks: KnownMarks
    template: Template | None
    worker: ExtractionWorker
    at: str
    report: Callable[[RejectedFile], None]
    captured_at: str = ""
    rejected: list[RejectedFile] = field(default_factory=list)
    others: int = 0

    def run(self, files: Sequence[Path], samples: Sequence[SavedPage]) -> Writer:
        """Write the posts of the files, one at a time, because their bodies are large. The archive
        is not opened before one file has shown a post. Raises ImportProblem."""
        self._settle_template(samples)
        visits = self._read_all(files)
        first = next(visits, None)
        if first is None:
            number = len(self.rejected) + self.others
            raise ImportProblem(
                f"none of {plural(number, 'file')} holds a post of"
                f" {self.marks.stores[0].origin}; nothing was imported"
            )
        with write_errors(self.archive):
            return self._write(chain([first], visits))

    def _write(self, visits: Iterable[Visit]) -> Writer:
        origin = self.marks.stores[0].origin
        with (
            closing(open_for_writing(self.archive)) as db,
            capture_writer(self.captures, db.conn) as captures,
        ):
            writer = Writer(
                db,
                StoreSeen(origin=origin),
                kind="import",
                origin="imported",
                extractor=EXTRACTOR,
                at=self.at,
                captures=captures,
            )
            if self.template is not None:
                writer.record(TemplateSettled(template=self.template), self.at)
            for visit in visits:
                writer.record_visit(visit)
                writer.record(_store_seen(origin, visit.capture.body), self.at)
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
                self.others += visit is None
                if visit is not None:
                    yield visit

    def _read(self, path: Path) -> Visit | None:
        """The post of a file; None for a page of the store that is no post. Raises ExtractionError,
        or ImportProblem."""
        body, origin = read_file(path), self.marks.stores[0].origin
        if is_dump(path):
            post = self.worker.call(extract_text_dump, decode_dump(body))
            return self._visit(path, body, post, SavedFrom())
        page = read_marks(body, self.worker)
        if why := page.contradiction(self.marks):
            raise ImportProblem(why)
        if page.is_other_page(self.marks.stores[0]):
            return None
        found = page.saved_from
        own = canonical_post_url(found.url)
        url = found.url if own and not page.canonical else f"{origin}/"
        at, _ = self._dated(found)
        addresses = [store.origin for store in self.marks.stores]
        post = self.worker.call(_read_post, body, url, self.template, addresses, at)
        if not post.handle and page.is_foreign_article:
            platform, hosts = page.platform, self.marks.hosts
            post = as_post_at(post, page.own_url, platform=platform, body=body, hosts=hosts)
        if not post.handle:
            raise ImportProblem("its canonical link does not name a post")
        if not any(same_store(post.url, hosts_of(store)) for store in self.marks.stores):
            raise ImportProblem(f"it is a post of another store, {post.url}")
        self.marks = learn_marks([page], self.marks)
        return self._visit(path, body, post_at_store(post, self.marks.stores[0]), found)

    def _dated(self, found: SavedFrom) -> tuple[str, DatedBy]:
        """When a file was captured, and who says so; the time of the import where nobody does."""
        if self.captured_at:
            return self.captured_at, "operator"
        if found.at and found.at <= self.at:
            return found.at, "page"
        return self.at, "unknown"

    def _visit(self, path: Path, body: bytes, post: Post, found: SavedFrom) -> Visit:
        at, dated_by = self._dated(found)
        capture = Capture(
            url=post.url or path.name,
            final_url=post.url,
            http_status=0,
            verdict="ok",
            detail=f"imported from {path.name}",
            fetched_at=at,
            dated_by=dated_by,
            etag="",
            last_modified="",
            body_hash=hash_body(body),
            body_bytes=len(body),
            body=body,
        )
        return Visit(capture=capture, resource_type="dump" if is_dump(path) else "post", post=post)


def _store_seen(origin: str, body: bytes) -> StoreSeen:
    seen, platform = store_seen(origin, read_markers(body)), identify_platform(body)
    return replace(seen, platform=platform.name) if platform else seen


def _read_post(
    body: bytes, url: str, template: Template | None, addresses: Sequence[str], at: str
) -> Post:
    return extract_post(body, url=url, template=template, addresses=addresses, seen_at=at)


def read_marks(body: bytes, worker: ExtractionWorker) -> PageMarks:
    """The marks of a page. Raises ExtractionError for one that takes too long to parse, so that
    nothing parses it again."""
    marks: PageMarks = worker.call(PageParser.read_listing, read_page_marks, body)
    return marks


def read_samples(
    samples: Iterable[SavedPage], worker: ExtractionWorker
) -> Iterator[tuple[SavedPage, PageMarks]]:
    """The samples that can be read in time, each with its marks."""
    for sample in samples:
        assert isinstance(sample.html, bytes), "files are read as bytes"
        with suppress(ExtractionError):
            yield sample, read_marks(sample.html, worker)


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
