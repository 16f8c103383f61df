"""Start the row of a crawl, or resume that of a killed one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlite_utils import Database

from scraper.archive.rows import read_row
from scraper.archive.statements import insert, update
from scraper.archive.store_lookup import StoreRow, addresses_of
from scraper.archive.write.context import CrawlContext, CrawlRules
from scraper.archive.write.post.change_groups import group_changes
from scraper.archive.write.post.pending import load_volatile_blocks, load_volatile_fields
from scraper.archive.write.search_index import index_new_revisions
from scraper.archive.write.store import stores
from scraper.archive.write.store.listings import ListingStore
from scraper.archive.write.store.relocation import add_former_origin, move_store
from scraper.crawl_evidence import StoreSeen
from scraper.exceptions import WrongClock
from scraper.history.recrawl import wrong_clock
from scraper.history.timeline import TIMELINE_VERSION
from scraper.items import Origin
from scraper.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStart:
    """How a crawl, an import or a re-extraction starts. `kind` is ``crawl``, ``import`` or
    ``reextract``; a crawl killed less than `resume_within_s` before `at` is resumed. `answered` as
    in `CrawlContext`, `answered_at` as in `history.recrawl.wrong_clock`; `former_origins` are
    others of the store's own host, at which an import found it."""

    kind: str
    origin: Origin
    extractor: str
    at: str
    resume_within_s: float
    rules: CrawlRules
    answered: bool
    answered_at: str = ""
    former_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfinished:
    id: int
    started_at: str
    heartbeat_at: str
    confirm_sights: int


def start_crawl(
    db: Database, store: StoreSeen, known: StoreRow | None, start: CrawlStart
) -> tuple[CrawlContext, bool]:
    """Start a crawl of a store, which is added if it is not `known`, or resume a killed one.
    Returns the crawl and whether it is resumed. Raises WrongClock. The caller holds the
    transaction."""
    if start.kind == "crawl":
        _check_clock(db, known, start)
    index_new_revisions(db.conn)
    store_id, name = (known.id, known.name) if known else stores.add_store(db.conn, store, start.at)
    moves = start.kind == "crawl" and known is not None and known.origin != store.origin
    # A crawl of another origin is not resumed.
    resumed = None if moves else _find_resumable(db, store_id, start)
    _close_killed(db, store_id, start.kind, resumed)
    crawl_id = _begin_row(db, store_id, name, start, resumed)
    started_at = resumed.started_at if resumed else start.at
    if moves and known:
        move_store(db.conn, known, origin=store.origin, crawl_id=crawl_id, at=start.at)
    for origin in start.former_origins:
        add_former_origin(db.conn, store_id, origin, crawl_id=crawl_id, at=start.at)
    addresses = addresses_of(db.conn, store_id)
    context = CrawlContext(
        connection=db.conn,
        store_id=store_id,
        store_name=name,
        crawl_id=crawl_id,
        kind=start.kind,
        started_at=started_at,
        origin=start.origin,
        extractor=start.extractor,
        listings=ListingStore(db.conn, store_id, since=started_at if resumed else ""),
        addresses=addresses,
        last_good_at=_last_good_crawl(db, store_id),
        rules=_rules(start, resumed),
        answered=start.answered,
        volatile_fields=load_volatile_fields(db.conn, crawl_id),
        volatile_blocks=load_volatile_blocks(db.conn, crawl_id, addresses),
    )
    return context, resumed is not None


def _begin_row(
    db: Database, store_id: int, name: str, start: CrawlStart, resumed: _Unfinished | None
) -> int:
    if resumed is None:
        return _insert_crawl(db, store_id, name, start)
    update(db.conn, "crawls", resumed.id, resumed_at=start.at)
    return resumed.id


def _rules(start: CrawlStart, resumed: _Unfinished | None) -> CrawlRules:
    """The rules of a crawl; a resumed one has confirmed by those of its beginning."""
    if resumed is None:
        return start.rules
    return replace(start.rules, confirm_sights=resumed.confirm_sights)


def _last_good_crawl(db: Database, store_id: int) -> str:
    """When the last good crawl of a store started; empty if there is none."""
    row = db.execute(
        "SELECT crawls.started_at FROM stores "
        "JOIN crawls ON crawls.id = stores.last_good_crawl_id WHERE stores.id = ?",
        [store_id],
    ).fetchone()
    (started_at,) = row or ("",)
    return str(started_at)


def _check_clock(db: Database, known: StoreRow | None, start: CrawlStart) -> None:
    (last_alive,) = db.execute("SELECT max(heartbeat_at) FROM crawls").fetchone()
    (newest,) = db.execute(
        "SELECT max(max(heartbeat_at), coalesce(max(finished_at), '')) FROM crawls "
        "WHERE store_id = ?",
        [known.id if known else 0],
    ).fetchone()
    why = wrong_clock(
        start.at,
        newest=newest or "",
        last_alive=last_alive or "",
        answered_at=start.answered_at,
        accepted=start.rules.accepted,
    )
    if why:
        raise WrongClock(why)


def _insert_crawl(db: Database, store_id: int, name: str, start: CrawlStart) -> int:
    (number,) = db.execute(
        "SELECT count(*) + 1 FROM crawls WHERE store_id = ?", [store_id]
    ).fetchone()
    return insert(
        db.conn,
        "crawls",
        store_id=store_id,
        label=f"{name}: {start.kind} {number}, {start.at}",
        kind=start.kind,
        started_at=start.at,
        heartbeat_at=start.at,
        extractor=start.extractor,
        timeline_version=TIMELINE_VERSION,
        confirm_sights=start.rules.confirm_sights,
    )


def _close_killed(db: Database, store_id: int, kind: str, resumed: _Unfinished | None) -> None:
    """Close the killed crawls of a store: those still ``running`` when another of their kind
    starts. They end at their last heartbeat."""
    resumed_id = resumed.id if resumed else 0
    for (killed_id,) in db.execute(_KILLED, [store_id, kind, resumed_id]).fetchall():
        group_changes(db.conn, killed_id)


_KILLED = """
    UPDATE crawls SET outcome = 'killed', finished_at = heartbeat_at
    WHERE store_id = ? AND kind = ? AND outcome = 'running' AND id != ? RETURNING id
"""


def _find_resumable(db: Database, store_id: int, start: CrawlStart) -> _Unfinished | None:
    """The last killed crawl, if the same rules wrote it and it is not too old."""
    crawl = read_row(
        db,
        _Unfinished,
        """
        SELECT id, started_at, heartbeat_at, confirm_sights FROM crawls
        WHERE store_id = ? AND kind = ? AND outcome = 'running' AND extractor = ?
            AND timeline_version = ?
        ORDER BY id DESC LIMIT 1
        """,
        [store_id, start.kind, start.extractor, TIMELINE_VERSION],
    )
    if crawl is None:
        return None
    idle_s = (parse_timestamp(start.at) - parse_timestamp(crawl.heartbeat_at)).total_seconds()
    return crawl if idle_s < start.resume_within_s else None
