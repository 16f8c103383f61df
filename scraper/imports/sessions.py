"""Sessions: the answers that belong to one crawl of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scraper.history.images import image_address
from scraper.history.store_addresses import same_host
from scraper.imports.records import CrawlNote
from scraper.imports.spool import SpooledAnswer
from scraper.timestamps import parse_timestamp

LONGEST_PAUSE: Final = timedelta(hours=24)
"""Answers further apart are of two crawls, where the file does not say so itself."""


@dataclass(frozen=True, slots=True)
class Session:
    """The answers of one crawl, in their order, and when it began (UTC)."""

    started_at: str
    answers: tuple[SpooledAnswer, ...]

    def origins_beside(self, origin: str) -> tuple[str, ...]:
        """Other origins of the same host at which the answers were given, oldest first."""
        found = ("/".join(answer.url.split("/", 3)[:3]).lower() for answer in self.answers)
        others = (each for each in found if each != origin and same_host(each, origin))
        return tuple(dict.fromkeys(others))

    def images(self, origins: tuple[str, ...]) -> dict[str, SpooledAnswer]:
        """The first answer for each image, by the address under which a post's image is asked for;
        `origins` are those of the store, its present one last. A size of it that a theme chose is
        another file, which nothing can be compared with."""
        found: dict[str, SpooledAnswer] = {}
        for answer in self.answers:
            address = image_address(answer.url, origins) if answer.kind == "image" else None
            if address and _below_origin(address.url) == _below_origin(answer.url):
                found.setdefault(address.url, answer)
        return found

    @property
    def has_pages(self) -> bool:
        """Whether it holds anything but images, which say nothing without a page."""
        return any(answer.kind != "image" for answer in self.answers)

    @property
    def ended_at(self) -> str:
        """The time of the last answer."""
        return max(answer.at for answer in self.answers)


def _below_origin(url: str) -> str:
    return url.partition("://")[2].partition("/")[2]


def split_sessions(answers: Iterable[SpooledAnswer]) -> list[Session]:
    """Group answers into sessions, in the order of time: by the crawl that the file names, and at
    every pause longer than LONGEST_PAUSE. Our own exports name each crawl, and have its answers in
    the order in which they were read."""
    by_crawl: dict[str, list[SpooledAnswer]] = defaultdict(list)
    for answer in answers:
        by_crawl[answer.crawl.name].append(answer)
    sessions: list[Session] = []
    for found in by_crawl.values():
        crawl = found[0].crawl
        if crawl.started_at:
            sessions.append(_session(found, crawl))
        else:
            found.sort(key=lambda answer: (answer.at, answer.number))
            sessions += [_session(part, CrawlNote()) for part in _parts(found)]
    return sorted(sessions, key=lambda session: session.started_at)


def _session(answers: Sequence[SpooledAnswer], crawl: CrawlNote) -> Session:
    first = min(answer.at for answer in answers)
    started_at = crawl.started_at if "" < crawl.started_at < first else first
    return Session(started_at, tuple(answers))


def _parts(answers: Sequence[SpooledAnswer]) -> Iterable[list[SpooledAnswer]]:
    part: list[SpooledAnswer] = []
    for answer in answers:
        if part and parse_timestamp(answer.at) - parse_timestamp(part[-1].at) > LONGEST_PAUSE:
            yield part
            part = []
        part.append(answer)
    if part:
        yield part
