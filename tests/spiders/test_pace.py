"""How fast the spider asks: gentle with a store, at full speed with this machine alone."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.utils.project import get_project_settings

from scraper.spiders.blog import BlogSpider


def make_crawler() -> Crawler:
    """A crawler as `scrapy crawl` makes it, not started."""
    return Crawler(BlogSpider, get_project_settings())


def pace(store: str, **settings: Any) -> tuple[float, int]:
    """Seconds between requests, and how many may be under way."""
    crawler = make_crawler()
    crawler.settings.update(settings)
    BlogSpider.from_crawler(crawler, store=store)
    return crawler.settings.getfloat("DOWNLOAD_DELAY"), crawler.settings.getint("CONCURRENT_REQUESTS")


@pytest.mark.parametrize(
    ("store", "settings", "expected"),
    [
        pytest.param("https://shop.example", {}, (1.0, 2), id="a store"),
        pytest.param("https://shop.example", {"ARCHIVE_RATE": 0.5}, (2.0, 2), id="a store, slower still"),
        pytest.param("http://192.168.0.9", {}, (1.0, 2), id="another machine of the house"),
        pytest.param("http://127.0.0.1:8000", {}, (0.0, 8), id="this machine"),
        pytest.param("http://shop.example", {"ARCHIVE_RATE": 0}, (0.0, 8), id="no limit asked for"),
    ],
)
def test_the_pace_depends_on_where_the_store_is(store: str, settings: dict[str, Any], expected: tuple[float, int]) -> None:
    assert pace(store, **settings) == expected


def test_a_slower_command_line_wins() -> None:
    crawler = make_crawler()
    crawler.settings.set("DOWNLOAD_DELAY", 5, priority="cmdline")
    BlogSpider.from_crawler(crawler, store="https://shop.example")
    assert crawler.settings.getfloat("DOWNLOAD_DELAY") == 5.0
