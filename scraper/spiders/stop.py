"""Ending a crawl before its time."""

from __future__ import annotations

import asyncio

from scrapy.crawler import Crawler

from scraper.spiders.blog import BlogSpider


def request_stop(crawler: Crawler, reason: str) -> asyncio.Future[None] | None:
    """End the crawl without waiting for it: closing waits for the requests under way, and the
    caller is mostly one of them.

    The caller keeps the task: the loop itself holds tasks by weak references only, and one that
    nobody holds may never run. While the spider still looks for posts it ends by itself: Scrapy
    2.19 cannot close under downloads that `start` makes (AlreadyCalledError, and a crawl without an
    end).
    """
    spider = crawler.spider
    if isinstance(spider, BlogSpider) and spider.discovering:
        spider.stop_reason = reason
        return None
    return asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
