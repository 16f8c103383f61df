"""Ending a crawl before its time."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler


def close_soon(crawler: Crawler, reason: str) -> asyncio.Future[None]:
    """End the crawl without waiting for it: closing waits for the requests under way, and the caller is mostly one of them.

    The caller keeps the task: the loop itself holds tasks by weak references only, and one that nobody holds may never run.
    """
    return asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
