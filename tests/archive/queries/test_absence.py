"""A proof of absence spans no fault: between healthy crawls the store refuses, fails, is cut short
or shows a holding page, and pages cannot be read or are not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from random import Random

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from scraper.archive.queries.texts.absence import AbsenceReport, Scope, read_absence
from scraper.items import Post, Verdict, Visit
from scraper.timestamps import parse_timestamp
from tests.archive.conftest import assert_sound
from tests.archive.shop import Shop, listing
from tests.factories import answered, at, make_post, seen

POSTS = tuple(f"p{number}" for number in range(7))
CLAIM = "It cures gout within a week."
FAULTS: dict[str, Verdict | None] = {
    "refused": "challenge",
    "throttled": "rate_limited",
    "outage": "network_error",
    "errors": "server_error",
    "interrupted": None,
    "killed": None,
    "no listing": None,
    "holding page": None,
    "holding body": None,
    "one unreadable": "unreadable",
    "one refused": "forbidden",
    "one missing": "not_found",
}


@dataclass(frozen=True)
class Fetch:
    """A visit of a post: whether its own page was read, and showed the claim."""

    label: str
    at: str
    is_read: bool
    has_claim: bool


@dataclass
class Record:
    """What was crawled, by day: the fetches, and the days of healthy crawls."""

    db: Database
    fetches: dict[int, list[Fetch]] = field(default_factory=dict)
    healthy: set[int] = field(default_factory=set)

    def counted(self, since: str, until: str) -> dict[str, list[str]]:
        """The fetches by healthy crawls of each post after the claim was last read."""
        fetches = [(day, fetch) for day, fetches in self.fetches.items() for fetch in fetches]
        claimed = [fetch.at for _, fetch in fetches if fetch.has_claim and fetch.at <= until]
        start = max(claimed, default="")
        found: dict[str, list[str]] = {}
        for day, fetch in fetches:
            if (
                day in self.healthy
                and fetch.is_read
                and start < fetch.at
                and since <= fetch.at <= until
            ):
                found.setdefault(fetch.label, []).append(fetch.at)
        return found


@pytest.fixture(scope="module", params=[21])
def record(request: pytest.FixtureRequest, empty: bytes) -> Iterator[Record]:
    """Each fault once and again, half of them with a healthy crawl before; the claim stands in a
    post on some days, whoever reads it."""
    db = Database(memory=True)
    db.conn.deserialize(empty)
    prepare(db)
    record, chance = Record(db), Random(request.param)
    faults = [*FAULTS, *FAULTS]
    chance.shuffle(faults)
    plan = [
        "",
        *faults[:12],
        "",
        *(one for fault in faults[12:16] for one in (fault, "")),
        *faults[16:],
    ]
    claimed = {2, 9, *chance.sample(range(3, len(plan)), 3)}
    for day, fault in enumerate([*plan, ""], start=1):
        _crawl(record, day, fault, has_claim=day in claimed)
    yield record
    assert_sound(db)


def _crawl(record: Record, day: int, fault: str, *, has_claim: bool) -> None:
    shop, verdict = Shop(record.db), FAULTS.get(fault)
    record.fetches[day] = []
    visits: list[Visit] = []
    for number, handle in enumerate(POSTS):
        is_hit = fault != "" and (number == 1 or not fault.startswith("one "))
        if fault in {"interrupted", "killed"} and number > 4:
            continue
        says = has_claim and number == 0
        post, time = _post(handle, number, says=says, fault=fault), at(day, number)
        is_failed = is_hit and verdict is not None
        is_read = not is_failed and not fault.startswith("holding")
        visits.append(answered(post.url, time, verdict) if is_hit and verdict else seen(post, time))
        record.fetches[day].append(
            Fetch(f"shop.example: news/{handle}", time, is_read, says and is_read)
        )
    if fault == "killed":
        writer = shop.begin(day)
        writer.record(listing(*(visit.capture.url for visit in visits)), at(day))
        for visit in visits:
            writer.record_visit(visit)
        return
    listed = [one.capture.url for one in visits if one.capture.verdict != "not_found"]
    failed, finished = int(fault == "no listing"), fault != "interrupted"
    done = shop.crawl(day, *visits, listed=listed, failed_sources=failed, finished=finished)
    if done.health == "healthy":
        record.healthy.add(day)


def _post(handle: str, number: int, *, says: bool, fault: str) -> Post:
    text = f"Post {handle} is about tea, number {number}.\nIt takes {number} minutes to brew."
    if says:
        text = f"{text}\n{CLAIM}"
    if fault.startswith("holding"):
        text = "We are moving house. Come back on Monday and bring a friend along with you."
    if fault == "holding page":
        return make_post(handle, title="Back soon", text=text, published_at="", author="")
    return make_post(handle, article_id=str(number + 1), text=text)


def test_no_fault_is_a_look_and_each_is_named(record: Record) -> None:
    assert {1, len(record.fetches)} <= record.healthy
    days = sorted(record.fetches)
    wrong = []
    for first, last in combinations([0, *days[::4], days[-1]], 2):
        since, until = at(max(first, 1)) if first else "", at(last, 59)
        report = read_absence(record.db.conn, CLAIM, Scope(), since, until)
        wrong += [(first, last, one) for one in _problems(record, report, since, until)]
    assert wrong == []


def _problems(record: Record, report: AbsenceReport, since: str, until: str) -> Iterator[str]:
    found, counted = report.absence, record.counted(since, until)
    times = sorted(time for fetches in counted.values() for time in fetches)
    if (found.n_fetches, found.n_posts) != (len(times), len(counted)):
        yield f"{found.n_fetches} of {found.n_posts} posts, not {len(times)} of {len(counted)}"
    if times and (found.first_at, found.last_at) != (times[0], times[-1]):
        yield f"from {found.first_at} to {found.last_at}, not {times[0]} to {times[-1]}"
    gap = found.longest_gap.seconds if found.longest_gap else 0
    for label, fetches in counted.items():
        yield from (
            f"nobody looked at {label} from {one} to {other}"
            for one, other in pairwise(fetches)
            if _seconds(one, other) > gap
        )
    yield from _unnamed(record, report)


def _unnamed(record: Record, report: AbsenceReport) -> Iterator[str]:
    """The faults between the first and the last fetch of which a report says nothing."""
    crawls = {crawl.started_at for crawl in report.crawls}
    failed = [(one.first_at, one.last_at) for one in report.failures]
    for day, fetches in record.fetches.items():
        for fetch in fetches:
            if fetch.is_read or not report.absence.first_at < fetch.at < report.absence.last_at:
                continue
            if at(day) not in crawls and not any(one <= fetch.at <= end for one, end in failed):
                yield f"{fetch.at}: {fetch.label} could not be read"


def _seconds(one: str, other: str) -> float:
    return (parse_timestamp(other) - parse_timestamp(one)).total_seconds()
