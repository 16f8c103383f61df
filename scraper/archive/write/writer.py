"""Write one crawl or import into the archive: one transaction per post, nothing overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlite_utils import Database

from scraper.archive.captures.writer import CaptureWriter
from scraper.archive.statements import transaction, update
from scraper.archive.store_lookup import StoreRow, find_store_at
from scraper.archive.write import load_state
from scraper.archive.write.context import DEFAULT_RULES, CrawlContext, CrawlRules
from scraper.archive.write.counts import READ, crawl_columns, read_counts
from scraper.archive.write.finalize import (
    close_crawl,
    close_import,
    close_reextraction,
    record_credentials,
)
from scraper.archive.write.images.queue import next_images
from scraper.archive.write.images.sights import is_stored, record_image
from scraper.archive.write.quarantine import Quarantine
from scraper.archive.write.record_visit import VisitResult, record_visit
from scraper.archive.write.search_index import index_new_revisions
from scraper.archive.write.start_crawl import CrawlStart, start_crawl
from scraper.archive.write.store import stores, templates
from scraper.archive.write.store.relocation import match_store
from scraper.crawl_evidence import (
    BlogSeen,
    CrawlEvidence,
    DiscoverySummary,
    ImageAnswer,
    KnownStore,
    Listing,
    QueuedImage,
    StoreSeen,
    TemplateSettled,
)
from scraper.history.crawl_health import SURE, CrawlAssessment, CrawlEnd
from scraper.items import Origin, Post, Visit


class Writer:
    """Writes one crawl of one store (`kind` is ``crawl``, ``import`` or ``reextract``) into `db`,
    and the answers of the server into `captures`.

    A killed crawl whose last heartbeat is less than `resume_within_s` before `at` is resumed: it
    stays one crawl, and posts whose pages `captures` lacks are fetched again. A crawl of a store
    that is known under another origin moves it (see `match_store`; `listed` are the posts that the
    new origin lists); an import or a re-extraction accepts any origin of the store.
    An import whose pages are the `answered` requests of an earlier crawl, each at its own time, is
    written as that crawl was; `former_origins` as in `CrawlStart`. The caller gives all times.
    `counts` are the results of the visits so far; `resumed`: the crawl was killed before;
    `is_first`: the archive held nothing of the store.
    """

    def __init__(
        self,
        db: Database,
        store: StoreSeen,
        *,
        kind: str,
        origin: Origin,
        extractor: str,
        at: str,
        captures: CaptureWriter | None = None,
        resume_within_s: float = 0,
        rules: CrawlRules = DEFAULT_RULES,
        listed: Collection[str] = (),
        answered: bool = False,
        answered_at: str = "",
        former_origins: Collection[str] = (),
    ) -> None:
        self.db, self.captures = db, captures
        self.store_origin = store.origin
        self._quarantine = Quarantine()
        with transaction(db.conn):
            known = _known_store(db, kind, store, listed)
            self.is_first = known is None
            start = CrawlStart(
                kind=kind,
                origin=origin,
                extractor=extractor,
                at=at,
                resume_within_s=resume_within_s,
                rules=rules,
                answered=answered or kind == "crawl",
                answered_at=answered_at,
                former_origins=tuple(former_origins),
            )
            self.crawl, self.resumed = start_crawl(db, store, known, start)
            if self.resumed and captures:
                _mark_lost_captures(self.crawl, captures)
        self.counts, self._read = Counter[str](), Counter[str]()
        if self.resumed:
            self.counts, self._read = read_counts(self.crawl)

    def known_store(self) -> KnownStore:
        """Return what the archive holds of the store already."""
        return load_state.load_store(self.crawl, resumed=self.resumed)

    def record(self, evidence: CrawlEvidence, at: str) -> bool:
        """Write evidence of any kind. False where a visit is quarantined until the crawl's end."""
        if isinstance(evidence, Visit):
            return self.record_visit(evidence) is not None
        if isinstance(evidence, ImageAnswer):
            self.record_image(evidence)
            return True
        with transaction(self.crawl.connection):
            if isinstance(evidence, Listing):
                self.crawl.listings.record(evidence, at)
            elif isinstance(evidence, BlogSeen):
                stores.save_blog(self.crawl, evidence, at)
            elif isinstance(evidence, TemplateSettled):
                templates.save_template(self.crawl, evidence.template, at)
            elif isinstance(evidence, DiscoverySummary):
                self._record_discovery(evidence, at)
            else:
                stores.update_store(self.crawl, evidence)
        return True

    def _record_discovery(self, summary: DiscoverySummary, at: str) -> None:
        listings = self.crawl.listings
        self.counts["unmodified"] = summary.unchanged
        listings.complete, listings.failed = summary.whole, summary.failed
        listings.walked, listings.left_out = summary.walked, summary.left_out
        stores.record_discovery(self.crawl, summary, at)
        listings.dates_trusted = stores.record_moved_dates(self.crawl, summary)

    def record_visit(self, visit: Visit) -> VisitResult | None:
        """Write an answer of the server and the post it shows, if any, and count it in the same
        transaction, so that a kill loses no count.

        Returns None if the page is quarantined until the end of the crawl; a crawl that is killed
        before fetches it again.
        """
        # On the disk before the archive's own transaction begins: no row ever refers to a missing
        # answer, and no other crawl waits for the write.
        body_id = None
        if self.captures:
            body_id = self.captures.save(
                visit.capture, store=self.store_origin, resource_type=visit.resource_type
            )
        with transaction(self.crawl.connection):
            admitted = self._quarantine.admit(self.crawl, visit, body_id)
            if admitted is None:
                return None
            result, counts, read = self._write_visit(admitted, body_id)
        self.counts, self._read = counts, read
        return result

    def _write_visit(
        self, visit: Visit, body_id: int | None
    ) -> tuple[VisitResult, Counter[str], Counter[str]]:
        """Write a visit and the new counts of the crawl. The caller holds the transaction."""
        result = record_visit(self.crawl, visit, body_id)
        counts, read = self.counts + Counter({result: 1}), self._read
        if visit.post and result in READ:
            read = read + _confidence(visit.post)
        columns = crawl_columns(counts + read)
        update(
            self.crawl.connection,
            "crawls",
            self.crawl.crawl_id,
            heartbeat_at=visit.capture.fetched_at,
            **columns,
        )
        return result, counts, read

    def record_image(self, answer: ImageAnswer) -> None:
        """Write the answer to a request for an image; bytes that are stored are not stored
        again."""
        capture, body_id = answer.capture, None
        has_new_bytes = (
            capture is not None
            and capture.verdict != "not_modified"
            and not is_stored(self.crawl, capture.body_hash)
        )
        if self.captures and capture and has_new_bytes:
            body_id = self.captures.save(capture, store=self.store_origin, resource_type="image")
        with transaction(self.crawl.connection):
            record_image(self.crawl, answer, body_id)
            if capture:
                at = capture.fetched_at
                update(self.crawl.connection, "crawls", self.crawl.crawl_id, heartbeat_at=at)

    def next_images(self, limit: int) -> list[QueuedImage]:
        """Return images of the store that this crawl is to ask for."""
        return next_images(self.crawl, limit)

    def heartbeat(self, at: str) -> None:
        """Record that the crawl is alive and what it has counted, and index its new revisions."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            update(
                self.crawl.connection,
                "crawls",
                self.crawl.crawl_id,
                heartbeat_at=at,
                **crawl_columns(self.counts + self._read),
            )

    def record_credentials(self, warning: str, at: str) -> None:
        """Open an incident for secret headers that expire soon; an empty warning closes it."""
        with transaction(self.crawl.connection):
            record_credentials(self.crawl, warning, at)

    def finish_crawl(self, ending: CrawlEnd, *, at: str) -> CrawlAssessment:
        """Assess the crawl, update the state of absent posts, and close its row."""
        with transaction(self.crawl.connection):
            self._release_quarantine(finished=ending.finished, accepted=ending.accepted)
            index_new_revisions(self.crawl.connection)
            return close_crawl(self.crawl, self.counts + self._read, ending, at=at)

    def _release_quarantine(self, *, finished: bool, accepted: bool) -> None:
        released = self._quarantine.release(self.crawl, finished=finished, accepted=accepted)
        for visit, body_id in released:
            _, self.counts, self._read = self._write_visit(visit, body_id)

    def finish_import(self, at: str) -> None:
        """Close the row of an import."""
        with transaction(self.crawl.connection):
            self._release_quarantine(finished=True, accepted=False)
            index_new_revisions(self.crawl.connection)
            close_import(self.crawl, self.counts + self._read, at)

    def finish_reextraction(self, changed: int, at: str) -> None:
        """Close the row of a re-extraction that gave `changed` posts another current revision."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            close_reextraction(self.crawl, changed, at)


def _known_store(
    db: Database, kind: str, store: StoreSeen, listed: Collection[str]
) -> StoreRow | None:
    if kind == "crawl":
        return match_store(db.conn, store, listed)
    return find_store_at(db.conn, store.origin)


def _mark_lost_captures(crawl: CrawlContext, captures: CaptureWriter) -> None:
    """Mark captures of a resumed crawl whose answers are lost: the captures' file is an older copy,
    or a new one."""
    for capture_id in captures.missing(crawl.connection, crawl.crawl_id):
        update(crawl.connection, "captures", capture_id, body_id=None, detail=load_state.LOST)


def _confidence(post: Post) -> Counter[str]:
    """Counts of confident extraction, and of posts that match their feed entry."""
    return Counter(
        sure=post.confidence >= SURE,
        checked=post.feed_check != "",
        agreed=post.feed_check == "equal",
    )
