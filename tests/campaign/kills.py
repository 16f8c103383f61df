"""Fifty `kill -9` at random moments of a crawl of 300 posts, each followed by a plain re-run:
together they write what one would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.demo import DemoServer
from tests.bulk_store import BulkStore
from tests.campaign.runs import Bench, crawl, killed_after, timed, verified
from tests.conftest import ANEW, rows
from tests.histories import history

POSTS, KILLS = 300, 50
EARLIEST_S = 0.3


@dataclass(frozen=True, kw_only=True)
class Course:
    """A kind of crawl: on this day of the store, with these options, into a copy of `before`;
    `wanted` is what a quiet one writes."""

    name: str
    day: int
    options: tuple[str, ...]
    before: Path | None
    wanted: dict[str, list[str]]
    seconds: float


def run(bench: Bench) -> None:
    """Kill crawls of the first day, of the second, and of the second with every post asked for
    anew, in turn."""
    with DemoServer(BulkStore(POSTS, page_bytes=20_000), fresh_tokens=True) as server:
        first = bench.archive("first")
        courses = [_course(bench, server, "first day", first, None, 1)]
        for name, options in (("second day", ()), ("second day anew", tuple(ANEW))):
            quiet = bench.archive(name, first)
            courses.append(_course(bench, server, name, quiet, first, 2, options))
        landed = sum(
            _kill(bench, server, courses[turn % 3 if turn % 2 else 0], turn)
            for turn in range(KILLS)
        )
    bench.log.report(f"{landed} of {KILLS} kills met a crawl that still ran")


def _course(
    bench: Bench,
    server: DemoServer,
    name: str,
    quiet: Path,
    before: Path | None,
    day: int,
    options: tuple[str, ...] = (),
) -> Course:
    server.day = day
    seconds = timed(
        lambda: bench.log.check(
            crawl(server.url, quiet, *options)[0] == 0, f"{name}: a quiet crawl"
        )
    )
    bench.log.report(f"{name}: {seconds:.1f} s undisturbed")
    return Course(
        name=name,
        day=day,
        options=options,
        before=before,
        wanted=history(quiet, server.url),
        seconds=seconds,
    )


def _kill(bench: Bench, server: DemoServer, course: Course, turn: int) -> bool:
    server.day = course.day
    after = bench.chance.uniform(EARLIEST_S, course.seconds)
    db = bench.archive(f"kill-{turn:02}", course.before)
    landed = killed_after(after, server.url, db, *course.options)
    what = f"kill {turn}, {course.name}, after {after:.2f} s"
    if not _ended(db, course):
        code, said = crawl(server.url, db, *course.options)
        bench.log.check(code == 0, f"{what}: the re-run ends with {code}: {said[-300:]}")
    found = history(db, server.url)
    differing = [name for name, wanted in course.wanted.items() if found[name] != wanted]
    bench.log.check(not differing, f"{what}: {', '.join(differing)} differ in {db}")
    clean, said = verified(db)
    bench.log.check(clean, f"{what}: verify says {said[-300:]}")
    return landed


def _ended(db: Path, course: Course) -> bool:
    """Whether the crawl had come to its end before the kill came: a re-run would be another
    crawl."""
    if not db.exists() or not db.stat().st_size:
        return False
    try:
        return rows(db, "SELECT count(*) FROM crawls WHERE outcome != 'running'") == [(course.day,)]
    except Exception:  # noqa: BLE001 - killed while the file was being made: the re-run shows whether that does harm
        return False
