"""Sample archives that the tests of queries read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlite_utils import Database

from scraper.archive.database import prepare
from tests.archive.queries.sample import BARK, CLAIM, OTHER, SOFT, TEA, TREES, tree_post
from tests.archive.shop import Shop
from tests.factories import make_post, url_of


@pytest.fixture(scope="session")
def two_crawls_copy() -> bytes:
    return _written(_two_crawls)


@pytest.fixture(scope="session")
def four_days_copy() -> bytes:
    return _written(_four_days)


@pytest.fixture(scope="session")
def claims_copy() -> bytes:
    return _written(_claims)


@pytest.fixture
def two_crawls(shop: Shop, two_crawls_copy: bytes) -> Shop:
    shop.db.conn.deserialize(two_crawls_copy)
    return shop


@pytest.fixture
def four_days(shop: Shop, four_days_copy: bytes) -> Shop:
    shop.db.conn.deserialize(four_days_copy)
    return shop


@pytest.fixture
def claims(shop: Shop, claims_copy: bytes) -> Shop:
    shop.db.conn.deserialize(claims_copy)
    return shop


def _written(write: Callable[[Shop], None]) -> bytes:
    """An archive, written once for all tests that read it."""
    database = Database(memory=True)
    prepare(database)
    write(Shop(database))
    return database.conn.serialize()


def _two_crawls(shop: Shop) -> None:
    """Two posts, and an edit of the first."""
    shop.crawl(1, TEA, OTHER)
    shop.crawl(
        2,
        make_post(
            "slow-tea",
            article_id="1",
            title="It’s Slow Tea",
            links=TEA.links,
            text="Half the words only.",
        ),
        OTHER,
    )


def _four_days(shop: Shop) -> None:
    """Four days: an edit of its own, an identical change on all, a price, a removal, a return."""
    shop.crawl(1, *(tree_post(name, f"{name} {BARK}") for name in TREES))
    shop.crawl(
        2,
        tree_post("alder", "alder bark may ease colds.\nIt costs £5."),
        *(tree_post(name, f"{name} {BARK}") for name in TREES[1:]),
    )
    shop.crawl(
        3,
        *(tree_post(name, f"{name} {BARK}", tags=("new",)) for name in TREES[:-1]),
        gone=[url_of(TREES[-1])],
    )
    shop.crawl(
        4,
        *(
            tree_post(name, f"{name} bark cures colds.\nIt costs £6.", tags=("new",))
            for name in TREES[:-1]
        ),
        gone=[url_of(TREES[-1])],
    )


def _claims(shop: Shop) -> None:
    """A claim that was there, went, came back, was there again after a refusal, and is gone with
    its post; beside it a post that stays."""
    other = make_post("other", article_id="2", text="It won’t cure insomnia.")
    claim, soft = (make_post("cramps", article_id="1", text=text) for text in (CLAIM, SOFT))
    for day, post in enumerate((claim, soft, claim), start=1):
        shop.crawl(day, post, other)
    listed = [claim.url, other.url]
    shop.crawl(4, other, gone=[claim.url], verdict="challenge", listed=listed)
    shop.crawl(5, claim, other)
    shop.crawl(6, other, gone=[claim.url])
    shop.crawl(8, other, gone=[claim.url])
