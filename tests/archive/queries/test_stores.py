"""Stores by name and address."""

from __future__ import annotations

import pytest

from scraper.archive.queries.stores import find_store
from scraper.exceptions import NoSuchStore
from tests.archive.shop import Shop
from tests.factories import ORIGIN


@pytest.mark.parametrize("query", ["shop.example", ORIGIN, f"{ORIGIN}/"])
def test_a_store_is_found_by_its_name_or_address(two_crawls: Shop, query: str):
    assert find_store(two_crawls.db, query) == "shop.example"


def test_an_unknown_store_raises(two_crawls: Shop):
    with pytest.raises(NoSuchStore, match="no store"):
        find_store(two_crawls.db, "none.example")
