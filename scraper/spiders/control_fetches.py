"""Fetch a page once more in the same crawl: what differs between the two is nobody's edit."""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.extensions.crawl_run import CrawlRun
from scraper.spiders.fetch_tasks import FetchTask
from scraper.spiders.responses import is_refusal, read_failure, read_response

MOST: Final = 20
"""So many pages teach all that can be learned from them."""

_SHARE: Final = 0.02
_LEAST: Final = 2


class ControlFetches:
    """Requests a second fetch of posts that differ though nothing confirms an edit.

    They are at most 2 % of a crawl's requests for posts, or two.
    """

    def __init__(self, run: CrawlRun) -> None:
        self.run = run
        self.count = 0

    def after(self, url: str, response: Response) -> Request | None:
        """Return the request for the control fetch of a saved post, if it needs one."""
        if url not in self.run.unconfirmed or response.request is None:
            return None
        task: FetchTask = response.request.cb_kwargs["task"]
        self.run.unconfirmed[url] = task.entry
        allowed = min(MOST, max(_LEAST, _SHARE * self.run.requests.count))
        if self.count + 1 > allowed or self.run.is_ending():
            return None
        self.count += 1
        return Request(
            response.url,
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"asked": task.url},
            dont_filter=True,
        )

    def parse(self, response: Response, asked: str) -> None:
        """Save the answer as evidence; it is no visit of the post."""
        self.run.save(read_response(response, asked=asked, expected="html").visit("control"))

    def failed(self, failure: Failure) -> None:
        """Save that no answer came, unless we did not ask."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if failure.value is not None and not is_refusal(failure.value):
            asked = request.cb_kwargs["asked"]
            page = read_failure(failure.value, url=request.url, asked=asked, expected="html")
            self.run.save(page.visit("control"))
