"""Only some blogs of a store."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scraper.demo import DemoServer
from tests.conftest import DEMO_ORIGIN, Command, as_demo, rows
from tests.storefront import ROBOTS, index, post, serving, sitemap

NEWS = [f"/blogs/news/post-{number}" for number in range(9)]
TIPS = [f"/blogs/tips/post-{number}" for number in range(3)]


def crawl_chosen(
    crawl: Command, db_path: Path, demo: DemoServer, chosen: str
) -> subprocess.CompletedProcess[str]:
    return crawl(DEMO_ORIGIN, db_path, "-a", chosen, *as_demo(demo))


def test_an_unknown_blog_is_named_with_those_that_there_are(
    crawl: Command, db_path: Path, demo: DemoServer
) -> None:
    done = crawl_chosen(crawl, db_path, demo, "blogs=jounral, recipe")
    problem = "blogkeep: -a blogs: no blog 'jounral', 'recipe'; there is journal, recipes"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, problem)
    assert not db_path.exists()


@pytest.mark.parametrize("chosen", ["blogs=recipes", "skip_blogs=journal,news"])
def test_of_other_blogs_nothing_is_asked_for(
    crawl: Command, db_path: Path, demo: DemoServer, chosen: str
) -> None:
    done = crawl_chosen(crawl, db_path, demo, chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(db_path, "SELECT handle FROM blogs") == [("recipes",)]
    recipes = [post for post in demo.store.posts(1) if post.blog == "recipes"]
    assert rows(db_path, "SELECT count(*) FROM posts") == [(len(recipes),)]
    assert [
        request.path for request in demo.requests if request.path.startswith("/blogs/journal")
    ] == []


def test_blogs_that_are_left_out_are_neither_gone_nor_missed(crawl: Command, db_path: Path) -> None:
    paths = [*NEWS, *TIPS]
    pages = {path: post(path, title=path, rid=1000 + at) for at, path in enumerate(paths)}
    indexes = {"/blogs/news": index(*NEWS), "/blogs/tips": index(*TIPS)}
    listings = {"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*paths)}
    with serving({**listings, **indexes, **pages}) as store:
        chosen = ((), ("-a", "blogs=tips"), ("-a", "blogs=tipps"), ())
        codes = [crawl(store.url, db_path, *words).returncode for words in chosen]
    assert codes == [0, 0, 1, 0]
    assert rows(db_path, "SELECT n_listed, health, reason FROM crawls") == [
        (12, "healthy", ""),
        (3, "healthy", ""),
        (0, "degraded", "the store has none of the blogs to crawl"),
        (12, "healthy", ""),
    ]
    assert rows(db_path, "SELECT count(*) FROM listings WHERE gone_at IS NOT NULL") == [(0,)]
    assert rows(db_path, "SELECT count(*) FROM changes WHERE kind != 'created'") == [(0,)]
