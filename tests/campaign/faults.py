"""Every fault of the demo store on every class of page, on a first crawl and on recrawls: told as
trouble, and then over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from scraper.demo import DemoServer, Fault
from scraper.demo.faults import FaultKind
from tests.bulk_store import BulkStore
from tests.campaign.runs import Bench, crawl, verified
from tests.conftest import ANEW, rows
from tests.histories import history

POSTS = 30
PAGES = {
    "robots": "/robots.txt",
    "sitemap index": "/sitemap.xml",
    "sitemap": "/sitemap_blogs_1.xml",
    "feed": "/blogs/*.atom",
    "index": "/blogs/journal",
    "posts": "/blogs/*/*",
    "a third of the posts": "/blogs/*/*[0369]",
}
MACHINES = frozenset({"robots", "sitemap index", "sitemap", "feed"})
RECODED = frozenset({"utf_16", "western"})
HARMLESS = frozenset({"slow", "broken_html", "utf_16", "western"})
"""What costs no word: the crawl is as good as any other."""
KEPT = ("posts", "post_urls", "contents", "revisions", "changes", "links", "codes", "listings")
OF_ADDRESSES = frozenset({"post_failing", "listing_failing"})
"""Incidents of addresses that fail in two crawls."""
SMALL = ("-s", "DOWNLOAD_MAXSIZE=2000000")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault on a class of pages; `again` on a store that was crawled before, else on a first
    crawl."""

    kind: str
    pages: str
    again: bool

    def __str__(self) -> str:
        return f"{self.kind} on {self.pages}, {'recrawls' if self.again else 'first crawl'}"

    @property
    def harmless(self) -> bool:
        """Whether the crawl is as good as any other; a listing for machines that comes recoded, and
        as HTML, may not be read."""
        return self.kind in HARMLESS and (self.kind not in RECODED or self.pages not in MACHINES)

    @property
    def fault(self) -> Fault:
        return Fault(kind=self.kind, path=PAGES[self.pages], delay_s=0.02, size_bytes=2_500_000)  # type: ignore[arg-type]


def run(bench: Bench) -> None:
    """Each case by itself, against what a store that always behaved leaves."""
    with DemoServer(BulkStore(POSTS, page_bytes=8_000)) as server:
        quiet = bench.archive("quiet")
        bench.log.check(crawl(server.url, quiet)[0] == 0, "faults: a quiet crawl")
        wanted, texts = history(quiet, server.url), _texts(quiet)
        for number, case in enumerate(cases()):
            db = bench.archive(f"fault-{number:03}", quiet if case.again else None)
            _befall(bench, server, case, db, wanted)
            if db.exists():
                bench.log.check(_texts(db) == texts, f"{case}: posts read otherwise in {db}")
            server.clear_faults()


def cases() -> Iterator[Case]:
    """Every case."""
    for pages in PAGES:
        for kind in sorted(set(get_args(FaultKind)) - {"hold"}):
            for again in (False, True):
                yield Case(kind=kind, pages=pages, again=again)


def _befall(
    bench: Bench, server: DemoServer, case: Case, db: Path, wanted: dict[str, list[str]]
) -> None:
    log = bench.log
    server.fault(case.fault)
    codes = [crawl(server.url, db, *ANEW, *SMALL)[0] for _ in range(2 if case.again else 1)]
    # An address that was never archived and does not answer may be no store at all: nothing is
    # written, and the program says so with 1.
    expected = {0} if case.harmless else {0, 3} if db.exists() else {1, 3}
    log.check(set(codes) <= expected, f"{case}: exit codes {codes}")
    recorded = _recorded(db)
    log.check(not recorded, f"{case}: recorded {recorded}")
    server.clear_faults()
    code, said = crawl(server.url, db, *ANEW)
    if not log.check(code == 0, f"{case}: afterwards the exit code is {code}: {said[-300:]}"):
        return
    log.check(not _recorded(db), f"{case}: afterwards recorded {_recorded(db)}")
    found = history(db, server.url)
    differing = [
        name for name in KEPT if found[name] != wanted[name] and name not in _learned(case)
    ]
    log.check(not differing, f"{case}: {', '.join(differing)} differ in {db}")
    incidents = rows(db, "SELECT kind, closed_at IS NOT NULL FROM incidents ORDER BY kind")
    trouble = rows(db, "SELECT DISTINCT health FROM crawls WHERE health != 'healthy' ORDER BY 1")
    of_crawls = [(kind,) for kind, _ in incidents if kind not in OF_ADDRESSES]
    log.check(
        all(closed for _, closed in incidents) and of_crawls == trouble,
        f"{case}: incidents {incidents} for {trouble}",
    )
    clean, said = verified(db)
    log.check(clean, f"{case}: verify says {said[-300:]}")


def _learned(case: Case) -> tuple[str, ...]:
    """What may well differ beside the words, which never may: broken markup of a post is markup
    that the store served; a revision keeps the readings of its first sight, which those of a feed
    that came later do not change; a listing that was gone for a crawl has ended and begun again."""
    if case.kind == "broken_html" and "posts" in case.pages:
        return ("posts", "contents", "revisions", "changes", "codes")
    if case.pages == "feed":
        return ("revisions", "listings")
    return ("listings",) if case.pages in {"index", "sitemap"} else ()


def _texts(db: Path) -> list[tuple[object, ...]]:
    """What the posts say now."""
    return rows(db, _TEXTS)


_TEXTS = """
    SELECT posts.url, contents.text FROM posts
    JOIN revisions ON revisions.id = revision_id JOIN contents ON contents.id = content_id
    ORDER BY posts.url
"""


def _recorded(db: Path) -> list[tuple[object, ...]]:
    """Changes that the store did not make, and posts that are not live."""
    if not db.exists():
        return []
    changes = rows(
        db,
        "SELECT kind, count(*) FROM changes WHERE kind NOT IN ('created', 'markup') GROUP BY kind",
    )
    return changes + rows(
        db, "SELECT state, count(*) FROM posts WHERE state != 'live' GROUP BY state"
    )
