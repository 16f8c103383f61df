"""Writing one crawl, or one import, into the archive: one transaction per post, nothing overwritten."""

from __future__ import annotations

from collections import Counter

from sqlite_utils import Database

from scraper.archive import stores, templates
from scraper.archive.captures.keeper import CaptureKeeper
from scraper.archive.closing import close_crawl, close_import, close_reextraction, crawl_columns
from scraper.archive.context import CrawlContext
from scraper.archive.search import index_new_revisions
from scraper.archive.statements import insert, transaction, update
from scraper.archive.visits import VisitResult, note_visit
from scraper.history.crawls import SURE, Judgement
from scraper.items import BlogSeen, KnownPost, Listing, Origin, Post, StoreSeen, Template, Visit


class Writer:
    """Writes one crawl of one store (`kind` is ``crawl``, ``import`` or ``reextract``) into `db`, from its start to its end, and what was
    answered into `captures`.

    All times are given by the caller. `counts` are the results of the visits so far.
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
        captures: CaptureKeeper | None = None,
    ) -> None:
        self.db = db
        self.captures = captures
        self.store_origin = store.origin
        self.counts: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        with transaction(db.conn):
            self.crawl = _begin(db, store, kind=kind, origin=origin, extractor=extractor, at=at)

    def known_posts(self) -> list[KnownPost]:
        """Every post of the store that has an address and is not removed, with the address it bore last."""
        rows = self.db.execute(
            "SELECT url, article_id, state FROM posts WHERE store_id = ? AND url != '' AND state != 'removed' ORDER BY id",
            [self.crawl.store_id],
        )
        return [KnownPost(url=url, article_id=article_id, state=state) for url, article_id, state in rows]

    def note_store(self, store: StoreSeen) -> None:
        """Fill in what the store's pages say of it."""
        with transaction(self.crawl.connection):
            stores.note_store(self.crawl, store)

    def note_blog(self, blog: BlogSeen, at: str) -> None:
        """Note a blog of the store."""
        with transaction(self.crawl.connection):
            stores.note_blog(self.crawl, blog, at)

    def note_listing(self, listing: Listing, at: str) -> None:
        """Note which addresses a source named."""
        with transaction(self.crawl.connection):
            stores.note_listing(self.crawl, listing, at)

    def note_template(self, template: Template, at: str) -> None:
        """Note by which template the store's pages are read."""
        with transaction(self.crawl.connection):
            templates.note_template(self.crawl.connection, self.crawl.store_id, self.crawl.store_name, template, at)

    def known_template(self) -> Template | None:
        """The template by which the store's pages were read last, or None."""
        return templates.load_template(self.crawl.connection, self.crawl.store_id)

    def note_visit(self, visit: Visit) -> VisitResult:
        """Write an answer of the server and, where it shows a post, the post."""
        # On the disk before the archive's own transaction begins: no row ever points at what is not there, and no other crawl waits for it.
        keeper = self.captures
        body_id = keeper.keep(visit.capture, store=self.store_origin, wanted=visit.wanted) if keeper else None
        with transaction(self.crawl.connection):
            result = note_visit(self.crawl, visit, body_id)
        self.counts[result] += 1
        if visit.post is not None:
            self._count_reading(visit.post)
        return result

    def _count_reading(self, post: Post) -> None:
        """Count how surely a post was read, and whether its feed entry bears it out."""
        self._read["sure"] += post.confidence >= SURE
        self._read["checked"] += post.feed_check != ""
        self._read["agreed"] += post.feed_check == "equal"

    def heartbeat(self, at: str) -> None:
        """Say that the crawl is alive, and what it counted so far; make what it wrote since the last time searchable."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            update(self.crawl.connection, "crawls", self.crawl.crawl_id, heartbeat_at=at, **crawl_columns(self.counts + self._read))

    def finish_crawl(self, *, finished: bool, failed_sources: int, at: str) -> Judgement:
        """Judge the crawl, move posts that are gone, and close its row. `finished` says that it came to its own end."""
        with transaction(self.crawl.connection):
            index_new_revisions(self.crawl.connection)
            return close_crawl(self.crawl, self.counts + self._read, finished=finished, failed_sources=failed_sources, at=at)

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


def _begin(db: Database, store: StoreSeen, *, kind: str, origin: Origin, extractor: str, at: str) -> CrawlContext:
    index_new_revisions(db.conn)
    store_id, name = stores.open_store(db.conn, store, at)
    # A crawl that is still "running" now was killed: its last heartbeat is when it was last alive.
    db.execute("UPDATE crawls SET outcome = 'killed', finished_at = heartbeat_at WHERE store_id = ? AND outcome = 'running'", [store_id])
    (number,) = db.execute("SELECT count(*) + 1 FROM crawls WHERE store_id = ?", [store_id]).fetchone()
    crawl_id = insert(
        db.conn, "crawls", store_id=store_id, label=f"{name}: {kind} {number}, {at}", kind=kind, started_at=at, heartbeat_at=at
    )
    return CrawlContext(
        connection=db.conn,
        store_id=store_id,
        store_name=name,
        crawl_id=crawl_id,
        kind=kind,
        started_at=at,
        origin=origin,
        extractor=extractor,
    )
