"""A large store is asked for as fast as it answers: what is still to come is not made into requests
yet."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from scrapy import Request
from scrapy.core.scheduler import Scheduler

from scraper.demo import DemoServer
from scraper.spiders.blog import REQUEST_BATCH
from tests.bulk_store import BulkStore
from tests.conftest import Command, rows

POSTS = 2 * REQUEST_BATCH


class NotingScheduler(Scheduler):
    """Scrapy's own, which tells at the end how many requests it held at most."""

    most = 0

    def enqueue_request(self, request: Request) -> bool:
        taken = super().enqueue_request(request)
        self.most = max(self.most, len(self))
        return taken

    def close(self, reason: str):
        logging.getLogger(__name__).warning("most queued: %d", self.most)
        return super().close(reason)


def test_requests_are_made_as_fast_as_they_are_taken(crawl: Command, db_path: Path):
    with DemoServer(BulkStore(POSTS, page_bytes=5_000)) as server:
        done = crawl(
            server.url, db_path, "-s", "SCHEDULER=tests.spiders.test_queue.NotingScheduler"
        )
    assert done.returncode == 0, done.stderr
    told = re.search(r"most queued: (\d+)", done.stderr)
    assert told
    assert 0 < int(told[1]) <= REQUEST_BATCH
    assert rows(db_path, "SELECT n_new FROM crawls") == [(POSTS,)]
