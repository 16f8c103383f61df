"""Crawls by number, the last one, and how many are complete."""

from __future__ import annotations

import pytest

from scraper.archive.queries.crawls import count_complete_crawls, last_crawl, read_crawl
from scraper.exceptions import NoArchive
from tests.archive.queries.sample import TEA
from tests.archive.shop import Shop
from tests.factories import ORIGIN


def test_the_last_crawl_is_the_newest(two_crawls: Shop):
    assert (last_crawl(two_crawls.db).id, last_crawl(two_crawls.db, "shop.example").id) == (2, 2)


@pytest.mark.parametrize(
    "read",
    [lambda db: last_crawl(db, "none.example"), lambda db: read_crawl(db, 9)],
    ids=["of a store", "by number"],
)
def test_an_unknown_crawl_raises(two_crawls: Shop, read):
    with pytest.raises(NoArchive):
        read(two_crawls.db)


def test_complete_crawls_are_counted(two_crawls: Shop):
    two_crawls.crawl(3, TEA, failed_sources=1)
    assert (
        count_complete_crawls(two_crawls.db, ORIGIN),
        count_complete_crawls(two_crawls.db, "https://none.example"),
    ) == (2, 0)
