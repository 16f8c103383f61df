"""A store that serves its pages in another encoding from one day to the next changes nothing."""

from __future__ import annotations

import pytest

from scraper.demo import DemoServer, Fault
from tests.conftest import Scrapy, rows


@pytest.mark.parametrize("kind", ["utf_16", "western"])
def test_pages_in_another_encoding_are_the_same_posts(
    demo: DemoServer, crawl: Scrapy, db_path, kind
):
    assert crawl(demo.url, db_path).returncode == 0
    demo.fault(Fault(kind=kind, path="/blogs/*[!m]"))  # feeds (.atom) stay as they are
    done = crawl(demo.url, db_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        rows(
            db_path,
            "SELECT verdict, count(*) FROM captures WHERE crawl_id = 2 AND verdict != 'ok' "
            "GROUP BY 1",
        )
        == []
    )
    assert rows(db_path, "SELECT kind FROM changes WHERE crawl_id = 2") == []
