"""One case: every reader of pages is given the bytes, and must answer or refuse by name; its CPU
time is held against others'."""

from __future__ import annotations

import statistics
import time
import traceback
from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from scraper.exceptions import BlogkeepError
from scraper.extract import extract_post
from scraper.items import FeedEntry
from scraper.responses.verdicts import Answer, judge
from scraper.shopify.listings import read_blog_index, read_home
from scraper.shopify.page_markers import read_markers

URL = "https://shop.example/blogs/news/a"
_FEED = "<p>The words of a post that somebody wrote.</p>"
ENTRY = FeedEntry(
    url=URL, title="A post", author="Ann",
    published_at="2020-01-01T00:00:00Z", published_raw="2020-01-01T00:00:00Z",
    updated_at="", updated_raw="", summary_html="", content_html=_FEED,
)  # fmt: skip
MOST_TOLD = 30
TIMES = 10
"""A case may take so many times the median of its class."""
_PROGRESS = 1000
_ENOUGH = 60  # cases of a class before its median is one
_TAG_WEIGHT = 300  # bytes of text that take as long as a tag: elements are walked, text is searched
_SLOW_S = 0.05  # what is quicker is no trouble, and its time is mostly noise


WeightClass = tuple[int, bool]
"""A power of two, and whether there is an entry of the feed."""


def read(page: bytes, number: int) -> None:
    """Read a page in all ways, some of them in turn. Raises what no caller expects."""
    judge(Answer(url=URL, status=200, headers={"content-type": "text/html"}, body=page))
    read_markers(page)
    entry = ENTRY if _has_entry(number) else None
    source = page.decode("utf-8", "surrogateescape") if number % 11 == 5 else page
    try:
        post = extract_post(source, url=URL, feed_entry=entry, explain=number % 5 == 2)
    except BlogkeepError:
        return
    f"{post!r}".encode()  # no lone surrogate is left for the archive to stumble over


def read_listings(page: bytes) -> None:
    """Read a page as one that lists."""
    read_blog_index(page, "https://shop.example/blogs/news")
    read_home(page, "https://shop.example/")


class Timed(NamedTuple):
    """A case with its time, and how many times the median of its class that is."""

    times: float
    seconds: float
    number: int
    label: str
    page: bytes

    def __str__(self) -> str:
        """The case as a line to print."""
        size = f"{len(self.page)} bytes, {self.page.count(b'<')} tags"
        return (
            f"{self.times:5.1f} times the median: {self.seconds * 1000:.1f} ms, {size}, "
            f"{self.label}"
        )


@dataclass(slots=True)
class Log:
    """What ran: times in seconds by class of weight, the slowest cases, and what went wrong."""

    report: Callable[[str], None]
    cases: int = 0
    seconds: defaultdict[WeightClass, list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    slowest: list[Timed] = field(default_factory=list)
    crashes: dict[str, bytes] = field(default_factory=dict)

    def run(self, page: bytes, label: str) -> None:
        """Read a page, time it, and note what is wrong with either."""
        self.cases += 1
        if self.cases % _PROGRESS == 0:
            self.report(f"{self.cases} cases, {len(self.crashes)} crashes")
        number = self.cases
        try:
            taken = _timed(lambda: read(page, number))
            if number % 7 == 3:
                read_listings(page)
        except Exception as error:  # noqa: BLE001 - whatever comes is a finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.crashes.setdefault(
                f"{type(error).__name__} at "
                f"{where.filename.rpartition('/scraper/')[2]}:{where.lineno}: {error!s:.120}",
                page,
            )
            return
        times = self.seconds[weight_class(page, number)]
        if len(times) >= _ENOUGH and self._is_slow(taken, page, number):
            taken = min(taken, *(_timed(lambda: read(page, number)) for _ in range(3)))
        if len(times) >= _ENOUGH:
            self.slowest = sorted(
                [
                    *self.slowest,
                    Timed(taken / self.median(page, number), taken, number, label, page),
                ],
                reverse=True,
            )[:MOST_TOLD]
        insort(times, taken)

    def slow(self) -> list[Timed]:
        """The cases that stay slow when they are timed three times more, now that nothing else runs
        and the medians are known."""
        again = [
            Timed(
                taken / self.median(case.page, case.number),
                taken,
                case.number,
                case.label,
                case.page,
            )
            for case in self.slowest
            if self._is_slow(case.seconds, case.page, case.number)
            for taken in [min(_timed(partial(read, case.page, case.number)) for _ in range(3))]
        ]
        return [case for case in again if self._is_slow(case.seconds, case.page, case.number)]

    def median(self, page: bytes, number: int) -> float:
        """The median time in seconds of the pages of a page's class."""
        times = self.seconds[weight_class(page, number)]
        return times[len(times) // 2]

    def _is_slow(self, seconds: float, page: bytes, number: int) -> bool:
        return seconds > TIMES * self.median(page, number) and seconds > _SLOW_S


def weight_class(page: bytes, number: int) -> WeightClass:
    """Pages of about one weight, in bytes and tags, that are read in one way have one class."""
    weight = len(page) + _TAG_WEIGHT * page.count(b"<")
    return weight.bit_length(), _has_entry(number)


def _has_entry(number: int) -> bool:
    """Whether the page has an entry of the feed, with which its text is compared."""
    return number % 3 == 1


def _timed(call: Callable[[], None]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def medians(log: Log) -> dict[WeightClass, float]:
    """The median time in seconds of each class of weight."""
    return {kind: statistics.median(times) for kind, times in sorted(log.seconds.items())}
