"""Posts that ask not to be archived: kept with a mark, or left out, page and text."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import ANEW, Command, rows
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap

PLAIN, BY_META, BY_HEADER = (f"/blogs/news/{name}" for name in ("plain", "by-meta", "by-header"))
META = '<meta name="robots" content="noarchive"></head>'
HTML = ("Content-Type", "text/html; charset=utf-8")
SECRET = "Words that the merchant does not want to see archived, and enough of them for a post."
SKIP = ("-s", "ARCHIVE_OBEY_NOARCHIVE=1")


def store(*, marked: bool = True) -> dict[str, Page]:
    by_meta = post(BY_META, title="Meta", text=SECRET, rid=5550002)
    by_header = post(BY_HEADER, title="Header", text=SECRET, rid=5550003)
    tag = (("X-Robots-Tag", "blogkeep: noarchive"),) if marked else ()
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", PLAIN, BY_META, BY_HEADER),
        "/blogs/news": index(PLAIN, BY_META, BY_HEADER),
        PLAIN: post(PLAIN),
        BY_META: by_meta.replace("</head>", META) if marked else by_meta,
        BY_HEADER: Raw(by_header.encode(), 200, (HTML, *tag)),
    }


def marked_pages(db: Path) -> list[tuple[object, ...]]:
    return rows(
        db,
        "SELECT url, verdict, body_id IS NOT NULL FROM captures WHERE detail LIKE '%(noarchive)' "
        "ORDER BY url DESC, id",
    )


def test_they_are_archived_and_can_be_found(crawl: Command, db_path: Path) -> None:
    with serving(store()) as shop:
        assert crawl(shop.url, db_path).returncode == 0
        expected = [(shop.url + path, "ok", 1) for path in (BY_META, BY_HEADER)]
    assert marked_pages(db_path) == expected
    assert rows(db_path, "SELECT count(*) FROM posts") == [(3,)]


def test_they_are_left_out(crawl: Command, blogkeep: Command, db_path: Path) -> None:
    with serving(store()) as shop:
        assert crawl(shop.url, db_path, *SKIP).returncode == 0
        expected = [(shop.url + path, "noarchive", 0) for path in (BY_META, BY_HEADER)]
    assert marked_pages(db_path) == expected
    assert rows(db_path, "SELECT title FROM posts") == [("A post",)]
    assert rows(db_path, "SELECT outcome, health FROM crawls") == [("complete", "healthy")]
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0


def test_what_was_archived_before_stays_and_is_never_removed(crawl: Command, db_path: Path) -> None:
    with serving(store(marked=False)) as shop:
        assert crawl(shop.url, db_path).returncode == 0
        shop.pages = store()
        for _ in range(3):
            assert crawl(shop.url, db_path, *SKIP, *ANEW).returncode == 0
        assert len(marked_pages(db_path)) == 6
        assert rows(db_path, "SELECT state, revision_count FROM posts") == [("live", 1)] * 3
        assert rows(db_path, "SELECT DISTINCT kind FROM changes") == [("created",)]
        shop.pages = store(marked=False)
        assert crawl(shop.url, db_path, *SKIP).returncode == 0
    assert len(marked_pages(db_path)) == 6
