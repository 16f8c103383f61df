"""A store whose crawls a test writes into an archive, day by day, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from scraper.archive.captures.writer import CaptureWriter
from scraper.archive.write.context import DEFAULT_RULES, CrawlRules
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import ListedPost, Listing, ListingSource, StoreSeen
from scraper.history.crawl_health import CrawlAssessment, CrawlEnd
from scraper.items import DatedBy, Post, Verdict, Visit
from tests.factories import ORIGIN, answered, at, seen

RULES = "rules 1"


@dataclass(frozen=True)
class Shop:
    """Writes crawls and imports of one store; each day is one crawl at six in the morning, each
    visit a minute of it, as far as an hour has so many."""

    db: Database
    origin: str = ORIGIN

    def begin(
        self,
        day: int,
        *,
        extractor: str = RULES,
        captures: CaptureWriter | None = None,
        rules: CrawlRules = DEFAULT_RULES,
    ) -> Writer:
        store = StoreSeen(origin=self.origin)
        return Writer(
            self.db,
            store,
            kind="crawl",
            origin="observed",
            extractor=extractor,
            at=at(day),
            captures=captures,
            rules=rules,
        )

    def crawl(
        self,
        day: int,
        *found: Post | Visit,
        gone: Iterable[str] = (),
        verdict: Verdict = "not_found",
        listed: Iterable[str] | None = None,
        finished: bool = True,
        failed_sources: int = 0,
        extractor: str = RULES,
        lastmod: str | None = None,
    ) -> CrawlAssessment:
        """A whole crawl: `found` are pages seen well, or visits as they are; `gone` addresses
        answered with `verdict`; `listed` what the sitemap named, by default the pages seen;
        `lastmod` the date that it gave, by default that of the visit."""
        writer = self.begin(day, extractor=extractor)
        named = [item.url for item in found if isinstance(item, Post)] if listed is None else listed
        writer.record(listing(*named), at(day))
        for minute, item in enumerate(found, start=1):
            visit = item
            if isinstance(item, Post):
                visit = seen(item, at(day, min(minute, 59)), lastmod=lastmod)
            writer.record_visit(visit)
        for url in gone:
            writer.record_visit(answered(url, at(day, 30), verdict))
        return writer.finish_crawl(
            CrawlEnd(finished=finished, failed_sources=failed_sources), at=at(day, 59)
        )

    def imported(
        self,
        day: int,
        *posts: Post,
        captured: int | None = None,
        dated_by: DatedBy = "server",
    ) -> Writer:
        """An import of files, on the day, or of pages that somebody captured on another one."""
        writer = Writer(
            self.db,
            StoreSeen(origin=self.origin),
            kind="import",
            origin="imported",
            extractor=RULES,
            at=at(day),
        )
        for minute, post in enumerate(posts, start=1):
            visit = seen(post, at(captured or day, minute))
            capture = replace(visit.capture, dated_by=dated_by)
            writer.record_visit(replace(visit, capture=capture))
        writer.finish_import(at(day, 59))
        return writer

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Rows as tuples; of one column, its values."""
        found = self.db.execute(sql, values).fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def counts(self, *tables: str) -> tuple[int, ...]:
        return tuple(self.rows(f"SELECT count(*) FROM {table}")[0] for table in tables)

    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT handle, state FROM posts ORDER BY id"))

    def changes(self) -> list[Any]:
        """Post and kind of every change but the first sights, in order."""
        return self.rows(
            "SELECT posts.handle, kind FROM changes JOIN posts ON posts.id = post_id "
            "WHERE kind != 'created' ORDER BY changes.id"
        )


def listing(*urls: str, source: ListingSource = "sitemap") -> Listing:
    return Listing(
        source=source,
        source_url=f"{ORIGIN}/{source}",
        posts=tuple(ListedPost(url=url) for url in urls),
    )
