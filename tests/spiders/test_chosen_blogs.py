"""Only some blogs of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.demo import DemoServer
from tests.conftest import Scrapy, rows


@pytest.mark.parametrize("chosen", ["blogs=recipes", "skip_blogs=journal,news"])
def test_of_other_blogs_nothing_is_asked_for(
    crawl: Scrapy, db_path: Path, demo: DemoServer, chosen: str
) -> None:
    done = crawl(
        "http://hollow-fern.example",
        db_path,
        "-a",
        chosen,
        "-s",
        f"ARCHIVE_PROXY={demo.url}",
        "-s",
        "ARCHIVE_RATE=0",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, "SELECT handle FROM blogs") == [("recipes",)]
    assert rows(db_path, "SELECT count(*) FROM posts") == [(21,)]
    assert [
        request.path for request in demo.requests if request.path.startswith("/blogs/journal")
    ] == []
