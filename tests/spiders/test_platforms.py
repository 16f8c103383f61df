"""Blogs of other systems, crawled by the real spider from the demo store in their pose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scraper.demo import DemoServer
from scraper.demo.poses import POSES
from scraper.demo.posts import DemoPost
from tests.conftest import Command, rows
from tests.demo.authored import reading_text
from tests.imports.test_web_archives import CHANGES
from tests.small_store import small_store

CURRENT = """
    SELECT posts.url, text FROM posts JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = content_id WHERE state = 'live'
"""
EDITED = (
    "SELECT DISTINCT url FROM changes JOIN posts ON posts.id = post_id WHERE changes.crawl_id = 2"
)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def differs(post: DemoPost, before: dict[int, DemoPost]) -> bool:
    """Whether a post is new or was edited since."""
    known = before.get(post.article_id)
    return known is None or (post.body_html, post.title) != (known.body_html, known.title)


IDENTITY = "SELECT url, article_id, state, title, author, published_at FROM posts ORDER BY 1"


@pytest.mark.parametrize("platform", POSES)
def test_every_post_is_archived_word_for_word_and_edits_are_found(
    crawl: Command, blogkeep: Command, db_path: Path, platform: str, integration: None
):
    store = small_store(platform=platform)
    path = POSES[platform].path
    with DemoServer(store) as server:
        done = crawl(server.url, db_path)
        assert done.returncode == 0, done.stdout + done.stderr
        found = dict(rows(db_path, CURRENT))
        expected = {server.url + path(post): reading_text(post) for post in store.posts(1)}
        assert found.keys() == expected.keys()
        wrong = [url for url in expected if words(str(found[url])) != words(expected[url])]
        assert wrong == []
        assert rows(db_path, "SELECT platform FROM stores") == [(platform,)]
        server.day = 2
        done = crawl(server.url, db_path)
        assert done.returncode == 0, done.stdout + done.stderr
        changed = {str(url) for (url,) in rows(db_path, EDITED)}
        before = {post.article_id: post for post in store.posts(1)}
        edited = {server.url + path(post) for post in store.posts(2) if differs(post, before)}
        assert edited <= changed
        assert rows(db_path, "SELECT count(*) FROM posts WHERE article_id = ''") == [(0,)]
    again = import_answers_of(db_path, server.url, blogkeep)
    for sql in (CHANGES, IDENTITY):
        assert rows(again, sql) == rows(db_path, sql)
    assert rows(again, "SELECT platform FROM stores") == [(platform,)]


def import_answers_of(db: Path, store: str, blogkeep: Command) -> Path:
    """A new archive, made of the answers that the crawls of another one received."""
    warc, again = db.with_name("answers.warc.gz"), db.with_name("again.db")
    done = blogkeep("export", "--format", "warc", str(warc), "--db", str(db))
    assert done.returncode == 0, done.stderr
    done = blogkeep("import", str(warc), "--store", store, "--db", str(again), alone=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return again


def test_captured_pages_of_another_system_read_again_as_they_were_read(
    crawl: Command, blogkeep: Command, db_path: Path, integration: None
):
    store = small_store(platform="wordpress")
    with DemoServer(store) as server:
        assert crawl(server.url, db_path).returncode == 0
    links = "SELECT count(*) FROM links WHERE kind = 'inline' AND to_post_id IS NOT NULL"
    (before,) = rows(db_path, links)
    assert before != (0,)
    done = blogkeep("reextract", "--db", str(db_path), alone=True)
    assert done.returncode == 0, done.stderr
    assert rows(db_path, "SELECT max(revision_count), count(*) FROM posts") == [
        (1, len(store.posts(1)))
    ]
    assert rows(db_path, links) == [before]
    assert blogkeep("verify", "--db", str(db_path)).returncode == 0
