"""The archive of one running crawl: opened late, so that an address that turns out to be no store
leaves nothing behind."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from sqlite_utils import Database

from scraper.archive.captures.sights import load_previous, load_unmoved
from scraper.archive.captures.writer import CaptureWriter, open_capture_writer
from scraper.archive.connection import ArchiveConnection
from scraper.archive.database import (
    check_in_place,
    open_for_reading,
    open_for_writing,
    write_errors,
)
from scraper.archive.locks import file_identity, lock_store
from scraper.archive.similarity.index import similarity_path
from scraper.archive.similarity.update import update_similarity
from scraper.archive.store_lookup import find_store_at, similar_stores
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import DEFAULT_RULES, CrawlRules
from scraper.archive.write.record_visit import BLOCKED, FAILED
from scraper.archive.write.schedule_runs import reject_current_page
from scraper.archive.write.store.relocation import lock_addresses, match_store
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import (
    CrawlEvidence,
    ImageAnswer,
    KnownStore,
    Listing,
    QueuedImage,
    StoredSight,
    StoreSeen,
)
from scraper.exceptions import ArchiveBusy, ArchiveError, NoArchive
from scraper.history.crawl_health import (
    FORBIDDEN,
    LEADS_TO,
    CrawlAssessment,
    CrawlEnd,
    Outcome,
    is_forbidden,
)
from scraper.history.recrawl import store_time
from scraper.items import Visit


class _CrawlTimes:
    """The times (UTC) of one crawl: the machine's clock may be set back within it, and nothing of
    the crawl lies before its beginning, `first`, or before what is written."""

    def __init__(self) -> None:
        self.first = ""
        self._latest = ""

    def after(self, at: str) -> str:
        """A time, or the latest one of the crawl if that is later."""
        self._latest = max(self._latest, at)
        return self._latest

    def of(self, evidence: CrawlEvidence, at: str) -> tuple[CrawlEvidence, str]:
        """Evidence and when it was found."""
        if not isinstance(evidence, Visit | ImageAnswer) or evidence.capture is None:
            self.first = self.first or at
            return evidence, self.after(at)
        self.first = self.first or evidence.capture.fetched_at
        if evidence.capture.fetched_at < self.first:
            capture = replace(evidence.capture, fetched_at=self.first)
            evidence = replace(evidence, capture=capture)
        return evidence, self.after(at)


class ArchiveSession:
    """Saves the evidence of a crawl in the archive at `path`, and responses in the file `captures`.

    Until the store is one that the archive knows, or a source has named a post, evidence waits in
    memory; if neither comes, nothing is written. From then on no other session can save a crawl of
    the same store in the same archive. A crawl that was killed in the last `resume_within_s`
    seconds is resumed. At its end, `compare_texts` brings the edges between similar posts up to
    date. Every method raises ArchiveError where the archive cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        captures: Path,
        extractor: str,
        resume_within_s: float = 0,
        rules: CrawlRules = DEFAULT_RULES,
        compare_texts: bool = False,
    ) -> None:
        self.path = path
        self.compare_texts = compare_texts
        self.captures_path = captures
        self.extractor = extractor
        self.resume_within_s = resume_within_s
        self.rules = rules
        self._times = _CrawlTimes()
        self._waiting: list[tuple[CrawlEvidence, str]] = []
        self._store: StoreSeen | None = None
        self._reader = ArchiveConnection(path, open_for_reading)
        self._writer: Writer | None = None
        self._lock: ExitStack | None = None
        self._captures: CaptureWriter | None = None
        self._opened: tuple[int, int] | None = None
        self._warned = 0
        self._busy: ArchiveBusy | None = None

    @property
    def crawl_id(self) -> int:
        """The crawl's id, or 0 while nothing is written."""
        return self._writer.crawl.crawl_id if self._writer else 0

    @property
    def counts(self) -> Counter[str]:
        """What the visits brought so far."""
        return self._writer.counts if self._writer else Counter()

    def warnings(self) -> list[str]:
        """Lines for a person on what went wrong with the captures' file since the last call, though
        the crawl continues."""
        found = self._captures.warnings if self._captures else []
        new, self._warned = found[self._warned :], len(found)
        return new

    def known_store(self) -> KnownStore:
        """What the archive holds of this store."""
        return self._writer.known_store() if self._writer else KnownStore()

    def present_address(self, origin: str) -> str:
        """Where a store of the archive stands that left `origin`; empty where none did, or another
        one stands there."""
        with self._reading() as db:
            known = find_store_at(db.conn, origin) if db else None
        return known.origin if known and known.origin != origin else ""

    def is_stranger(self) -> bool:
        """Whether the store is none that the archive is known to hold, though it holds others."""
        if self._writer:
            return False
        with self._reading() as db:
            return db is not None and db["stores"].count > 0

    def similar_stores(self, store: StoreSeen) -> tuple[str, ...]:
        """The origins of stores that this one, at another, might be by what its pages say."""
        with self._reading() as db:
            return tuple(known.origin for known in similar_stores(db.conn, store)) if db else ()

    def save(self, evidence: CrawlEvidence, at: str) -> bool:
        """Write evidence, or let it wait. False where a visit is quarantined until the crawl's
        end."""
        evidence, at = self._times.of(evidence, at)
        if self._writer is None:
            self._waiting.append((evidence, at))
            if isinstance(evidence, StoreSeen):
                self._store = evidence  # the last one says most
            if self._is_store(evidence):
                self._open()
            return True
        if isinstance(evidence, Visit | ImageAnswer):
            self._check_in_place()
        with self._writing():
            return self._writer.record(evidence, at)

    def next_images(self, limit: int) -> list[QueuedImage]:
        """Images of the store that this crawl is to ask for; none while nothing is written."""
        if self._writer is None:
            return []
        with self._writing():
            return self._writer.next_images(limit)

    def unmoved_page(self, url: str, lastmod: str, by: str) -> StoredSight | None:
        """The last page of a post whose date stands still, by a time (see
        `captures.sights.load_unmoved`)."""
        if self._writer is None:
            return None
        connection = self._writer.db.conn
        return load_unmoved(connection, self.captures_path, url, lastmod=lastmod, by=by)

    def previous_page(self, url: str, lastmod: str, template: str) -> StoredSight | None:
        """The page of a post before it is edited, or is read by other rules (see
        `captures.sights.load_previous`); the first crawl of a store need not look for one."""
        if self._writer is None or self._writer.is_first:
            return None
        return load_previous(
            self._writer.db.conn,
            self.captures_path,
            url,
            lastmod=lastmod,
            rules=(self.extractor, template or NO_TEMPLATE),
        )

    def heartbeat(self, at: str) -> None:
        """Record that the crawl is alive."""
        if self._writer:
            with self._writing():
                self._writer.heartbeat(self._times.after(at))

    def record_credentials(self, warning: str, at: str) -> None:
        """Open an incident if the secret headers for the store expire soon, or, with an empty
        warning, close it."""
        if self._writer:
            with write_errors(self.path):
                self._writer.record_credentials(warning, at)

    def reject_current_page(self, host: str, reason: str, at: str) -> None:
        """Record the page at which this crawl of the store at `host` ran out of a resource, so that
        the next one gets past it."""
        if self._writer:
            with self._writing():
                reject_current_page(
                    self._writer.db,
                    self.path,
                    host,
                    self.crawl_id,
                    reason=reason,
                    at=self._times.after(at),
                )

    def finish(self, ending: CrawlEnd, *, at: str) -> CrawlAssessment:
        """Assess and close the crawl. Health ``unknown``: nothing was written, as no store was
        found. Whatever that raises, the store's lock is released."""
        with self._lock or nullcontext():
            return self._finish(ending, self._times.after(at))

    def _finish(self, ending: CrawlEnd, at: str) -> CrawlAssessment:
        if self._writer is None:
            self._reader.close()
            return _judge_unknown([item for item, _ in self._waiting], ending)
        self._check_in_place()
        with write_errors(self.path):
            judgement = self._writer.finish_crawl(ending, at=at)
            if self.compare_texts:
                update_similarity(
                    self._writer.db.conn,
                    similarity_path(self.path),
                    at,
                    self._writer.crawl.store_id,
                )
            # Closing moves what stands in the write-ahead log into the file: copied by itself, it
            # is whole.
            self._writer.db.close()
        if self._captures:
            self._captures.close()
        return judgement

    def _is_store(self, item: CrawlEvidence) -> bool:
        if isinstance(item, Listing):
            return bool(item.posts)
        return isinstance(item, StoreSeen) and self._knows(item.origin)

    def _knows(self, origin: str) -> bool:
        with self._reading() as db:
            return db is not None and bool(
                db.execute("SELECT count(*) FROM stores WHERE origin = ?", [origin]).fetchone()[0]
            )

    @contextmanager
    def _reading(self) -> Iterator[Database | None]:
        """The archive, for reading, or None where there is none yet. Raises ArchiveError where it
        cannot be read."""
        try:
            db = self._reader.database()
        except NoArchive:
            yield None
            return
        try:
            yield db
        except sqlite3.Error as error:
            raise ArchiveError(f"cannot read {self.path}: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """As `write_errors`. Where another program has held the archive for longer than a writer
        waits, nothing but the end of the crawl waits for it again: not each page under way."""
        if self._busy:
            raise self._busy
        try:
            with write_errors(self.path):
                yield
        except ArchiveBusy as error:
            self._busy = error
            raise

    def _check_in_place(self) -> None:
        """Raises ArchiveError where a file was taken away: what is written into it still would be
        lost without a word."""
        check_in_place(self.path, self._opened)
        if self._captures:
            self._captures.check_in_place()

    def _open(self) -> None:
        assert self._store is not None, "a spider says which store it is before it lists posts"
        listed = {
            post.url
            for item, _ in self._waiting
            if isinstance(item, Listing)
            for post in item.posts
        }
        answers = [one.capture.headers for one, _ in self._waiting if isinstance(one, Visit)]
        with self._reading() as db:
            known = match_store(db.conn, self._store, listed) if db else None
            others = lock_addresses(db.conn, known) if db and known else ()
        self._reader.close()
        self._lock = self._lock or lock_store(self.path, self._store.origin, others)
        with self._writing():
            db = open_for_writing(self.path)
            self._opened = file_identity(self.path)
            self._captures = open_capture_writer(self.captures_path, db.conn)
            self._writer = Writer(
                db,
                self._store,
                kind="crawl",
                origin="observed",
                extractor=self.extractor,
                at=self._times.first,
                resume_within_s=self.resume_within_s,
                rules=self.rules,
                captures=self._captures,
                listed=listed,
                answered_at=store_time(answers),
            )
            for item, then in self._waiting:
                self._writer.record(item, then)
        self._waiting.clear()


def _judge_unknown(items: list[CrawlEvidence], ending: CrawlEnd) -> CrawlAssessment:
    """What to say of an address that showed no post: it did not answer, it refused us, it is no
    store with a blog, or we left it alone."""
    # The robots.txt of another host (a known store's former address) says nothing of this one.
    own = tuple(f"{item.origin}/" for item in items if isinstance(item, StoreSeen))
    captures = [
        item.capture
        for item in items
        if isinstance(item, Visit)
        and (item.resource_type != "robots" or not own or item.capture.url.startswith(own))
    ]
    refused = [capture for capture in captures if capture.verdict in BLOCKED]
    failed = [capture for capture in captures if capture.verdict in FAILED]
    is_answered = any(capture.http_status for capture in captures)
    is_forbidden_all = is_answered and any(is_forbidden(capture.detail) for capture in captures)
    rules: tuple[tuple[object, Outcome, str], ...] = (
        (
            refused,
            "blocked",
            f"refused: {refused[0].verdict.replace('_', ' ')}" if refused else "",
        ),
        (ending.moved_to, "incomplete", LEADS_TO.format(ending.moved_to)),
        (ending.not_asked and is_answered, "incomplete", ending.not_asked),
        (not ending.finished, "incomplete", "interrupted"),
        (is_forbidden_all, "incomplete", FORBIDDEN),
        (
            len(failed) == len(captures),
            "outage",
            captures[0].detail if captures else "nothing was asked",
        ),
    )
    outcome, reason = next(
        ((outcome, reason) for applies, outcome, reason in rules if applies),
        ("complete", "no blog found"),
    )
    return CrawlAssessment(outcome=outcome, health="unknown", reason=reason)
