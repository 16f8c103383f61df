"""The front page: health and incidents."""

from __future__ import annotations

from scraper.archive.queries.pages import front
from scraper.archive.write.incidents import open_incident
from tests.archive.queries.sample import TREES, tree_post
from tests.archive.shop import Shop


def test_the_front_page_has_health_and_incidents(shop: Shop):
    shop.crawl(1, *(tree_post(name, "Bark.") for name in TREES))
    shop.crawl(2, listed=[], finished=False)
    open_incident(shop.db.conn, None, "disk_space", "80 MB are free", "2026-03-03T00:00:00Z")
    page = front.read_front_page(shop.db.conn, limit=5)
    assert (page.stores[0].n_live, page.stores[0].last_outcome) == (7, "outage")
    assert page.stores[0].last_good_at.startswith("2026-03-01")
    assert [(row.store, row.kind) for row in page.incidents] == [
        ("shop.example", "outage"),
        ("the archive", "disk_space"),
    ]
