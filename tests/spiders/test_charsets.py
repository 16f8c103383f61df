"""A store that serves its pages in another encoding from one day to the next changes nothing."""

from __future__ import annotations

from pathlib import Path

from scraper.demo import DemoServer, Fault
from tests.conftest import ANEW, Command, rows


def test_pages_in_another_encoding_are_the_same_posts(
    demo: DemoServer, crawl: Command, db_path: Path
) -> None:
    assert crawl(demo.url, db_path).returncode == 0
    for kind in ("utf_16", "western"):
        demo.clear_faults()
        demo.fault(Fault(kind=kind, path="/blogs/*[!m]"))  # feeds (.atom) stay as they are
        done = crawl(demo.url, db_path, *ANEW)
        assert done.returncode == 0, done.stdout + done.stderr
    posts = len(demo.store.posts(1))
    assert rows(db_path, "SELECT n_fetched FROM crawls") == [(posts,)] * 3
    assert (
        rows(
            db_path,
            "SELECT crawl_id, verdict, count(*) FROM captures "
            "WHERE crawl_id > 1 AND resource_type != 'not_found' AND verdict != 'ok' GROUP BY 1, 2",
        )
        == []
    )
    assert rows(db_path, "SELECT crawl_id, kind FROM changes WHERE crawl_id > 1") == []
