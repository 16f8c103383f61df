"""The archive of one running crawl: opened late, so that an address that turns out to be no store leaves nothing behind."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from scraper.archive.captures.keeper import CaptureKeeper, open_keeper
from scraper.archive.database import open_for_reading, open_for_writing, write_errors
from scraper.archive.visits import BLOCKED, FAILED
from scraper.archive.writer import Writer
from scraper.exceptions import NoArchive
from scraper.history.crawls import Judgement
from scraper.items import BlogSeen, KnownPost, Listing, StoreSeen, Template, Visit

Item = StoreSeen | BlogSeen | Listing | Template | Visit


class ArchiveSession:
    """Keeps the items of a crawl in the archive at `path`, and what was answered in the file `captures`.

    Until the store is one that the archive knows, or a source has named a post, items wait in memory; if neither comes, nothing is written.
    Every method raises ArchiveError where the archive cannot be written.
    """

    def __init__(self, path: Path, *, captures: Path, extractor: str) -> None:
        self.path = path
        self.captures_path = captures
        self.extractor = extractor
        self._waiting: list[tuple[Item, str]] = []
        self._store: StoreSeen | None = None
        self._writer: Writer | None = None
        self._captures: CaptureKeeper | None = None

    @property
    def crawl_id(self) -> int:
        """The crawl's id, or 0 while nothing is written."""
        return self._writer.crawl.crawl_id if self._writer else 0

    @property
    def counts(self) -> Counter[str]:
        """What the visits brought so far."""
        return self._writer.counts if self._writer else Counter()

    def known_posts(self) -> list[KnownPost]:
        """The posts that the archive holds of this store."""
        return self._writer.known_posts() if self._writer else []

    def known_template(self) -> Template | None:
        """The template by which this store's pages were read last, or None."""
        return self._writer.known_template() if self._writer else None

    def keep(self, item: Item, at: str) -> None:
        """Write an item, or let it wait."""
        if self._writer is None:
            self._waiting.append((item, at))
            if isinstance(item, StoreSeen) and self._store is None:
                self._store = item
            if self._is_store(item):
                self._open()
            return
        with write_errors(self.path):
            self._write(self._writer, item, at)

    def heartbeat(self, at: str) -> None:
        """Say that the crawl is alive."""
        if self._writer:
            with write_errors(self.path):
                self._writer.heartbeat(at)

    def finish(self, *, finished: bool, failed_sources: int, at: str) -> Judgement:
        """Judge and close the crawl. Health ``unknown`` says that nothing was written, for no store was found."""
        if self._writer is None:
            return _judge_unknown([item for item, _ in self._waiting])
        with write_errors(self.path):
            judgement = self._writer.finish_crawl(finished=finished, failed_sources=failed_sources, at=at)
            # Closing moves what stands in the write-ahead log into the file: copied by itself, it is whole.
            self._writer.db.close()
        if self._captures:
            self._captures.close()
        return judgement

    def _is_store(self, item: Item) -> bool:
        if isinstance(item, Listing):
            return bool(item.posts)
        return isinstance(item, StoreSeen) and _knows(self.path, item.origin)

    def _open(self) -> None:
        assert self._store is not None, "a spider says which store it is before it lists posts"
        with write_errors(self.path):
            db = open_for_writing(self.path)
            at = self._waiting[0][1]
            self._captures = open_keeper(self.captures_path, db.conn)
            self._writer = Writer(
                db, self._store, kind="crawl", origin="observed", extractor=self.extractor, at=at, captures=self._captures
            )
            for item, then in self._waiting:
                self._write(self._writer, item, then)
        self._waiting.clear()

    @staticmethod
    def _write(writer: Writer, item: Item, at: str) -> None:
        if isinstance(item, Visit):
            writer.note_visit(item)
        elif isinstance(item, Listing):
            writer.note_listing(item, at)
        elif isinstance(item, BlogSeen):
            writer.note_blog(item, at)
        elif isinstance(item, Template):
            writer.note_template(item, at)
        else:
            writer.note_store(item)


def _knows(path: Path, origin: str) -> bool:
    try:
        db = open_for_reading(path)
    except NoArchive:
        return False
    with closing(db):
        return bool(db.execute("SELECT count(*) FROM stores WHERE origin = ?", [origin]).fetchone()[0])


def _judge_unknown(items: list[Item]) -> Judgement:
    """What to say of an address that showed no post: it did not answer, it refused us, or it is no store with a blog."""
    captures = [item.capture for item in items if isinstance(item, Visit)]
    refused = [capture for capture in captures if capture.verdict in BLOCKED]
    if refused:
        return Judgement(outcome="blocked", health="unknown", reason=f"refused: {refused[0].verdict.replace('_', ' ')}")
    failed = [capture for capture in captures if capture.verdict in FAILED]
    if len(failed) == len(captures):
        return Judgement(outcome="outage", health="unknown", reason=captures[0].detail if captures else "nothing was asked")
    return Judgement(outcome="complete", health="unknown", reason="no blog found")
