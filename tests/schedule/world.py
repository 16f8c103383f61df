"""A clock that a test moves, and crawls that take hours of it: the real runner, the real archive,
through the archive's own session."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from scraper.archive.locks import is_locked
from scraper.archive.write.session import ArchiveSession
from scraper.crawl_evidence import StoreSeen
from scraper.exceptions import AlreadyCrawling
from scraper.history.crawl_health import CrawlEnd
from scraper.schedule.monitor import Monitor
from scraper.schedule.runner import Runner
from scraper.schedule.timetable.stores import StoreConfig, parse_stores
from scraper.timestamps import format_timestamp
from tests.archive.shop import RULES, listing
from tests.factories import answered, make_post, seen

Span = tuple[datetime, datetime]

CHECK_S = 4 * 3600.0
"""The longest wait of the runner. Runs start at their own times; each further step opens the
archive."""


class Killed(BaseException):
    """The runner is no more."""


@dataclass(eq=False)
class Crawl:
    """A crawl under way, held open by the archive's own session; a dead one lets go of its lock, as
    a dead process does."""

    world: World
    store: StoreConfig
    ends_at: datetime
    session: ArchiveSession
    answers: bool
    begun_at: datetime
    code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def finish(self) -> None:
        now = format_timestamp(self.world.time)
        judgement = self.session.finish(CrawlEnd(finished=True), at=now)
        self.code = 0 if judgement.health == "healthy" else 3 if self.session.crawl_id else 1
        self._end()

    def kill(self) -> None:
        self.code = -9
        if self.session._writer:
            self.session._writer.db.close()
        if self.session._captures:
            self.session._captures.close()
        if self.session._lock:
            self.session._lock.close()
        self._end()

    def last_error(self) -> str:
        return ""

    def last_output_at(self) -> float:
        return self.world.time.timestamp()

    def _end(self) -> None:
        self.world.alive.remove(self)
        self.world.spans.append((self.store.name, self.begun_at, self.world.time, self.code or 0))


@dataclass
class World:
    """`sleeps` are when the machine sleeps, `down` when a store does not answer. `kills` is how
    likely the runner is to die whenever it looks at the clock; its crawls then go on, or die with
    it."""

    folder: Path
    time: datetime
    text: Callable[[datetime], str]
    sleeps: list[Span] = field(default_factory=list)
    down: dict[str, list[Span]] = field(default_factory=dict)
    kills: float = 0.0
    seed: int = 1
    alive: list[Crawl] = field(default_factory=list)
    spans: list[tuple[str, datetime, datetime, int]] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    died: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.archive = self.folder / "archive.db"
        self.until = self.time

    def now(self) -> datetime:
        if self.kills and self.chance.random() < self.kills:
            raise Killed
        return self.time

    def wait(self, seconds: float) -> None:
        self._move(seconds)
        if self.time >= self.until:
            raise Killed

    def start(self, store: StoreConfig) -> Crawl:
        if self.is_running(store.host):
            raise AlreadyCrawling(store.name)
        session = ArchiveSession(
            self.archive,
            captures=self.folder / "captures.db",
            extractor=RULES,
            resume_within_s=12 * 3600,
        )
        answers = not any(begin <= self.time < end for begin, end in self.down.get(store.name, []))
        origin = f"https://{store.host}"
        post = make_post(url=f"{origin}/blogs/news/slow-tea")
        at = format_timestamp(self.time)
        session.save(StoreSeen(origin=origin), at)
        if answers:
            session.save(listing(post.url), at)
            session.save(seen(post, at), at)
        else:
            session.save(
                answered(f"{origin}/robots.txt", at, "network_error", resource_type="robots"), at
            )
        minutes = self.chance.randint(1, 40)
        crawl = Crawl(
            self, store, self.time + timedelta(minutes=minutes), session, answers, self.time
        )
        self.alive.append(crawl)
        if self.kills and self.chance.random() < self.kills:
            raise Killed
        return crawl

    def is_running(self, host: str) -> bool:
        return any(crawl.store.host == host for crawl in self.alive) or is_locked(
            self.archive, f"https://{host}"
        )

    def run(self, days: float) -> None:
        """Let so many days pass, with a new runner a while after each that dies."""
        self.until = self.time + timedelta(days=days)
        while self.time < self.until:
            runner = Runner(
                self.archive,
                stores=lambda: _parsed(self.text(self.time)),
                clock=self,
                crawls=self,
                monitor=Monitor(free_mb=lambda: 9000.0, least_free_mb=1024.0),
                ping=lambda store: self.pings.append(store.name),
                report=self.lines.append,
                max_crawls=4,
                stop_timeout_s=60,
                check_s=CHECK_S,
                poll_s=2400,
            )
            try:
                runner.run(once=False)
            except Killed:
                self.died += self.time < self.until
                for crawl in list(self.alive):
                    if self.chance.random() < 0.5:
                        crawl.kill()
                self._move(self.chance.randint(0, 600))
        for crawl in list(self.alive):
            crawl.kill()

    def _move(self, seconds: float) -> None:
        """Time goes on, to the end of each crawl on the way; while the machine sleeps, none gets
        anywhere."""
        target = self.time + timedelta(seconds=seconds)
        while True:
            crawl = min(self.alive, key=lambda one: one.ends_at, default=None)
            step = min(target, crawl.ends_at) if crawl else target
            sleep = next(
                (span for span in self.sleeps if span[0] < step and self.time < span[1]), None
            )
            if sleep:
                for one in self.alive:
                    one.ends_at += sleep[1] - sleep[0]
                self.time = sleep[1]
                self.sleeps.remove(sleep)
                return
            self.time = max(step, self.time)
            if crawl is None or crawl.ends_at > target:
                return
            crawl.finish()


_parsed = cache(parse_stores)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
