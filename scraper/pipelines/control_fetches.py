"""Fetches pages once more in a crawl, for what differs between two fetches is nobody's edit: the
one place that decides how often."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, Literal

from scrapy.http import Response

from scraper.extensions.crawl_run import CrawlRun
from scraper.items import Capture, CleanPost, Visit
from scraper.spiders.responses import FetchedPage

Why = Literal["edit", "unmoved", "unconfirmed"]
"""What a page is fetched for: it is about to be reported as edited; its date stands still beside
edited posts, so that what it shows otherwise than before is nobody's edit; or it differs though
nothing confirms an edit."""

MAX_PER_REASON: Final = 20
"""So many control fetches of a crawl for one reason teach all that can be learned from them."""

SHARE: Final = 0.02
"""The share of the requests for posts that control fetches may have, for differences that nothing
confirms."""

_MIN_UNCONFIRMED: Final = 2

ENOUGH_CONTROLS: Final = 20
"""After so many control fetches that taught nothing new, a store's pages do not vary otherwise than
is known, or in a way that no fetch teaches."""


def is_within_share(fetches: int, requests: int) -> bool:
    """Whether one more control fetch of a store is, after so many of them among so many requests
    for posts: the first `ENOUGH_CONTROLS` always are."""
    return fetches < max(ENOUGH_CONTROLS, SHARE * requests)


class ControlFetches:
    """The control fetches of one crawl: at most `MAX_PER_REASON` for each reason, and for
    differences that nothing confirms at most 2 % of the crawl's requests for posts, or two, as long
    as all are within that share over the store's crawls (`is_within_share`). They are evidence and
    no visits."""

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        self.counts: Counter[Why] = Counter()

    async def fetch(self, url: str, why: Why) -> FetchedPage | None:
        """A page once more; None where it is not to be asked for."""
        if not self._may_fetch(why):
            return None
        self.counts[why] += 1
        return await self.run.fetch_again(url)

    def save(self, capture: Capture) -> None:
        """Save an answer as evidence."""
        self.run.save(Visit(capture=capture, resource_type="control"))

    async def post_saved(self, item: Any, response: Response) -> None:
        """Fetch the page of a saved post again that differs though nothing confirms an edit."""
        if not isinstance(item, CleanPost) or item.url not in self.run.unconfirmed:
            return
        if page := await self.fetch(response.url, "unconfirmed"):
            self.save(page.capture)

    def is_proved_still(self) -> bool:
        """Whether the store's pages do not vary otherwise than is known, so that a difference whose
        date moved needs no control fetch."""
        return self.run.known.controls >= ENOUGH_CONTROLS and not self.run.known.varies

    def _may_fetch(self, why: Why) -> bool:
        if self.counts[why] >= MAX_PER_REASON or self.run.is_ending():
            return False
        if why == "unconfirmed":
            known, asked = self.run.known, self.run.requests.count
            spent = known.all_controls + self.counts.total()
            is_few = self.counts[why] < max(_MIN_UNCONFIRMED, int(SHARE * asked))
            return is_few and is_within_share(spent, known.all_fetched + asked)
        return self.run.dates_trusted
