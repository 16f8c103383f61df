"""A store that serves its pages in another encoding from one day to the next changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from scraper.demo import DemoServer, Fault
from tests.conftest import ANEW, DEMO_ORIGIN, Command, as_demo, rows


def test_pages_in_another_encoding_are_the_same_posts(
    demo: DemoServer, crawl: Command, first_day: Path, db_path: Path
) -> None:
    shutil.copy(first_day, db_path)
    for kind in ("utf_16", "western"):
        demo.clear_faults()
        demo.fault(Fault(kind=kind, path="/blogs/*[!m]"))  # feeds (.atom) stay as they are
        done = crawl(DEMO_ORIGIN, db_path, *as_demo(demo), *ANEW)
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
