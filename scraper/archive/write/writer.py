"""Writing one crawl, or one import, into the archive: one transaction per post, nothing
overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sqlite_utils import Database

from scraper.archive.captures.writer import CaptureWriter
from scraper.archive.statements import insert, transaction, update
from scraper.archive.write import load_state
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.counts import READ, crawl_columns, read_counts
from scraper.archive.write.finalize import (
    close_crawl,
    close_import,
    close_reextraction,
    record_credentials,
)
from scraper.archive.write.post.change_groups import group_changes
from scraper.archive.write.quarantine import Quarantine
from scraper.archive.write.record_visit import VisitResult, record_visit
from scraper.archive.write.search_index import index_new_revisions
from scraper.archive.write.store import stores, templates
from scraper.archive.write.store.listings import ListingStore
from scraper.archive.write.store.relocation import (
    StoreRow,
    addresses_of,
    find_store_at,
    match_store,
    move_store,
)
from scraper.history.crawl_health import SURE, CrawlAssessment, CrawlEnd
from scraper.items import (
    BlogSeen,
    DiscoverySummary,
    KnownStore,
    Listing,
    Origin,
    Post,
    StoreSeen,
    Template,
    Visit,
)
from scraper.timestamps import parse_timestamp


class Writer:
    """Writes one crawl of one store (`kind` is ``crawl``, ``import`` or ``reextract``) into `db`,
    from its start to its end, and what was answered into `captures`.

    A crawl that was killed, and showed a sign of life in the `resume_within_s` seconds before `at`,
    is gone on with: it stays one crawl, and posts whose pages `captures` does not hold any more are
    to be asked for again. A crawl of a store that is known under another address (see
    `moves.match_store`; `listed` are the posts that the new one names) moves it; an import or a
    re-extraction takes any address at which the store stood for the store. All times are given by
    the caller. `counts` are the results of the visits so far, `resumed` says that there were some
    before.
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
        listed: Collection[str] = (),
    ) -> None:
        self.db = db
        self.captures = captures
        self.store_origin = store.origin
        self._quarantine = Quarantine()
        with transaction(db.conn):
            known = (
                match_store(db.conn, store, listed)
                if kind == "crawl"
                else find_store_at(db.conn, store.origin)
            )
            self.crawl, self.resumed = _begin(
                db,
                store,
                known,
                kind=kind,
                origin=origin,
                extractor=extractor,
                at=at,
                resume_within_s=resume_within_s,
            )
            if self.resumed and captures:
                _mark_lost_captures(self.crawl, captures)
        self.counts, self._read = (
            read_counts(self.crawl) if self.resumed else (Counter[str](), Counter[str]())
        )

    def known_store(self) -> KnownStore:
        """What the archive holds of the store already."""
        return load_state.load_store(self.crawl, resumed=self.resumed)

    def update_store(self, store: StoreSeen) -> None:
        """Fill in what the store's pages say of it."""
        with transaction(self.crawl.connection):
            stores.update_store(self.crawl, store)

    def save_blog(self, blog: BlogSeen, at: str) -> None:
        """Note a blog of the store."""
        with transaction(self.crawl.connection):
            stores.save_blog(self.crawl, blog, at)

    def record_listing(self, listing: Listing, at: str) -> None:
        """Note which addresses a source named."""
        with transaction(self.crawl.connection):
            self.crawl.listings.record(listing, at)

    def record_discovery(self, survey: DiscoverySummary, at: str) -> None:
        """Note what the walk through the listings came to."""
        self.counts["unmodified"] = survey.unchanged
        self.crawl.listings.complete = survey.whole
        with transaction(self.crawl.connection):
            stores.record_discovery(self.crawl, survey, at)

    def save_template(self, template: Template | None, at: str) -> None:
        """Note by which template the pages of this crawl are read; None: each by itself."""
        with transaction(self.crawl.connection):
            templates.save_template(self.crawl, template, at)

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
        if self._quarantine.add_if_unlike(self.crawl, visit, body_id):
            return None
        with transaction(self.crawl.connection):
            result, counts, read = self._write_visit(visit, body_id)
        self.counts, self._read = counts, read
        return result

    def _write_visit(
        self, visit: Visit, body_id: int | None
    ) -> tuple[VisitResult, Counter[str], Counter[str]]:
        """Write a visit, and what the crawl has counted with it. The caller holds the
        transaction."""
        result = record_visit(self.crawl, visit, body_id)
        counts, read = (
            self.counts + Counter({result: 1}),
            self._read + (_reading(visit.post) if result in READ else Counter()),
        )
        columns = crawl_columns(counts + read)
        update(
            self.crawl.connection,
            "crawls",
            self.crawl.crawl_id,
            heartbeat_at=visit.capture.fetched_at,
            **columns,
        )
        return result, counts, read

    def heartbeat(self, at: str) -> None:
        """Say that the crawl is alive, and what it counted so far; make what it wrote since the
        last time searchable."""
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
        """Tell as an incident that the secret headers for the store end soon, or with an empty
        warning, that they do not any more."""
        with transaction(self.crawl.connection):
            record_credentials(self.crawl, warning, at)

    def finish_crawl(self, ending: CrawlEnd, *, at: str) -> CrawlAssessment:
        """Judge the crawl, move posts that are gone, and close its row."""
        with transaction(self.crawl.connection):
            for visit, body_id in self._quarantine.release(
                finished=ending.finished, accepted=ending.accepted
            ):
                _, self.counts, self._read = self._write_visit(visit, body_id)
            index_new_revisions(self.crawl.connection)
            return close_crawl(self.crawl, self.counts + self._read, ending, at=at)

    def finish_import(self, at: str) -> None:
        """Close the row of an import."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            close_import(self.crawl, self.counts + self._read, at)

    def finish_reextraction(self, changed: int, at: str) -> None:
        """Close the row of a re-extraction that gave `changed` posts another current revision."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            close_reextraction(self.crawl, changed, at)


def _mark_lost_captures(crawl: CrawlContext, captures: CaptureWriter) -> None:
    """Say of answers of a crawl that is gone on with that they were lost: the captures' file is an
    older copy, or was begun anew."""
    for capture_id in captures.missing(crawl.connection, crawl.crawl_id):
        update(crawl.connection, "captures", capture_id, body_id=None, detail=load_state.LOST)


def _reading(post: Post | None) -> Counter[str]:
    """How surely a post was read, and whether its feed entry bears it out."""
    if post is None:
        return Counter()
    return Counter(
        sure=post.confidence >= SURE,
        checked=post.feed_check != "",
        agreed=post.feed_check == "equal",
    )


def _begin(
    db: Database,
    store: StoreSeen,
    known: StoreRow | None,
    *,
    kind: str,
    origin: Origin,
    extractor: str,
    at: str,
    resume_within_s: float,
) -> tuple[CrawlContext, bool]:
    index_new_revisions(db.conn)
    store_id, name = (known.id, known.name) if known else stores.add_store(db.conn, store, at)
    moves = kind == "crawl" and known is not None and known.origin != store.origin
    # What was asked at one address is not gone on with at another.
    cut_short = (
        None
        if moves
        else _cut_short(
            db, store_id, kind=kind, extractor=extractor, at=at, within_s=resume_within_s
        )
    )
    crawl_id, started_at = cut_short or (0, at)
    # A crawl that is still "running" when another begins was killed: its last heartbeat is when it
    # was last alive. An import says nothing of crawls, which may well be under way.
    for (killed_id,) in db.execute(_KILLED, [store_id, kind, crawl_id]).fetchall():
        group_changes(db.conn, killed_id)
    resumed = crawl_id != 0
    if resumed:
        update(db.conn, "crawls", crawl_id, resumed_at=at)
    else:
        (number,) = db.execute(
            "SELECT count(*) + 1 FROM crawls WHERE store_id = ?", [store_id]
        ).fetchone()
        label = f"{name}: {kind} {number}, {at}"
        crawl_id = insert(
            db.conn,
            "crawls",
            store_id=store_id,
            label=label,
            kind=kind,
            started_at=at,
            heartbeat_at=at,
            extractor=extractor,
        )
    if moves and known:
        move_store(db.conn, known, origin=store.origin, crawl_id=crawl_id, at=at)
    context = CrawlContext(
        connection=db.conn,
        store_id=store_id,
        store_name=name,
        crawl_id=crawl_id,
        kind=kind,
        started_at=started_at,
        origin=origin,
        extractor=extractor,
        listings=ListingStore(db.conn, store_id, since=started_at if resumed else ""),
        addresses=addresses_of(db.conn, store_id),
    )
    return context, resumed


_KILLED = """
    UPDATE crawls SET outcome = 'killed', finished_at = heartbeat_at
    WHERE store_id = ? AND kind = ? AND outcome = 'running' AND id != ? RETURNING id
"""


def _cut_short(
    db: Database, store_id: int, *, kind: str, extractor: str, at: str, within_s: float
) -> tuple[int, str] | None:
    """The crawl that was killed last, id and start, if it can be gone on with: by the same rules,
    and before what it saw is stale."""
    row = db.execute(
        """
        SELECT id, started_at, heartbeat_at FROM crawls
        WHERE store_id = ? AND kind = ? AND outcome = 'running' AND extractor = ? ORDER BY id DESC LIMIT 1
        """,
        [store_id, kind, extractor],
    ).fetchone()
    if row is None:
        return None
    idle_s = (parse_timestamp(at) - parse_timestamp(row[2])).total_seconds()
    return (row[0], row[1]) if idle_s < within_s else None
