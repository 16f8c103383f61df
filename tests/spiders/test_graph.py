"""The demo store's edges on each of its days: exactly those that its authors and its themes set,
none missing and none made up."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from scraper.archive.queries.graph import read_graph
from scraper.demo import THEMES, DemoPost, DemoServer, DemoStore
from scraper.items import AUTHORED
from tests.conftest import ANEW, DEMO_ORIGIN, Command, ThreeDays, as_demo
from tests.demo.authored import split_related
from tests.small_store import small_store

Edges = set[tuple[str, str, str]]
"""Article ids of both ends, and the kind."""

DAYS = (1, 2, 3)
_HREF = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"']*)["']""", re.I)
_WITH_NEWEST = {"showtime", "utility"}
_POST = re.compile(r"(?:/[a-z]{2})?(/blogs/[^/]+/[^/]+)/?")


@pytest.fixture(scope="module")
def swept(crawl: Command, first_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three days of the small store, every post fetched on each of them."""
    path = Path(shutil.copy(first_day, tmp_path_factory.mktemp("swept") / "archive.db"))
    with DemoServer(small_store()) as server:
        for server.day in DAYS[1:]:
            done = crawl(
                DEMO_ORIGIN, path, *as_demo(server), "-s", "ARCHIVE_REMOVAL_HOURS=0", *ANEW
            )
            assert done.returncode == 0, done.stdout + done.stderr
    return path


@pytest.mark.parametrize("day", DAYS)
def test_every_edge_is_as_it_was_set_where_every_post_is_fetched(swept, day):
    found, expected = saved_edges(swept, day), set_edges(small_store(), day)
    assert (expected - found, found - expected) == (set(), set())


@pytest.mark.parametrize("day", DAYS)
def test_every_edge_of_an_author_is_as_it_was_set_where_only_what_changed_is_fetched(
    three_days: ThreeDays, day
):
    found, expected = saved_edges(three_days.db, day), set_edges(DemoStore(), day)
    assert {edge for edge in found if edge[2] in AUTHORED} == {
        edge for edge in expected if edge[2] in AUTHORED
    }


def test_the_posts_links_to_themselves_and_to_the_blogs_are_no_edges():
    """There are such links in the demo store, or the tests above would show nothing."""
    hrefs = {
        (post.path, urlsplit(urljoin(DEMO_ORIGIN, href)).path)
        for post in DemoStore().posts(1)
        for href in _HREF.findall(post.body_html)
    }
    assert any(path == target for path, target in hrefs)
    assert any(re.fullmatch(r"/blogs/[^/]+/?", target) for _, target in hrefs)


def saved_edges(path: Path, day: int) -> Edges:
    """What the archive says of the end of a day's crawl."""
    with closing(sqlite3.connect(path)) as connection:
        (ended,) = connection.execute(
            "SELECT finished_at FROM crawls WHERE id = ?", [day]
        ).fetchone()
        articles = dict(connection.execute("SELECT id, article_id FROM posts").fetchall())
        graph = read_graph(connection, on=ended)
    edges = [edge for edge in graph.edges if edge.kind not in {"similar", "copy"}]
    assert all(
        edge.first_seen_at <= ended and (not edge.gone_at or edge.gone_at > ended) for edge in edges
    )
    return {
        (articles[edge.from_id], articles.get(edge.to_id or 0, edge.url), edge.kind)
        for edge in edges
    }


def set_edges(store: DemoStore, day: int) -> Edges:
    """What authors and themes set: of a post that is away for a day and is not removed for it, what
    was set the day before."""
    edition = store.edition(day)
    edges = {
        (str(post.article_id), target, kind)
        for post in edition.posts
        for target, kind in _targets(store, day, post)
    }
    here = {str(post.article_id) for post in edition.posts}
    if day > 1:
        later = {
            str(post.article_id)
            for number in range(day, store.last_day + 1)
            for post in store.posts(number)
        }
        newly_gone = {str(post.article_id) for post in store.posts(day - 1)} - here
        # A day later without it, the last crawl of all decides that it is removed, as from the
        # first day on which it was not found.
        spared = {article for article in newly_gone if article in later or day == store.last_day}
        edges |= {edge for edge in set_edges(store, day - 1) if edge[0] in spared}
    return edges


def _targets(store: DemoStore, day: int, post: DemoPost) -> Iterator[tuple[str, str]]:
    text, items = split_related(post.body_html)
    for href in _HREF.findall(text):
        if target := _article(store, day, post, href):
            yield target, "inline"
    titles = {
        other.title: str(other.article_id)
        for number in range(1, day + 1)
        for other in store.posts(number)
    }
    for item in items:
        target = _article(store, day, post, item.href) if item.href else titles.get(item.title, "")
        if target and target != str(post.article_id):
            yield target, "related_list"
    theme, edition = THEMES[store.theme_of(post)], store.edition(day)
    older, newer = edition.neighbours(post) if theme.pager != "none" else (None, None)
    for neighbour, kind in ((older, "older"), (newer, "newer")):
        if neighbour:
            yield str(neighbour.article_id), kind
    for other in edition.related_posts(post, 3) if theme.has_widget else ():
        yield str(other.article_id), "related_widget"
    # A box of the newest posts is a widget as well: nothing on the page says what its posts are to
    # this one.
    newest = (
        sorted(edition.posts, key=lambda other: other.published, reverse=True)[:5]
        if theme.name in _WITH_NEWEST
        else []
    )
    for other in newest:
        if other is not post:
            yield str(other.article_id), "related_widget"


def _article(store: DemoStore, day: int, post: DemoPost, href: str) -> str:
    """The article that an address of the store leads to, the address itself where none ever stood
    there, empty where it is no other post's."""
    parts = urlsplit(urljoin(f"{DEMO_ORIGIN}{post.path}", href))
    found = _POST.fullmatch(parts.path)
    if parts.hostname != store.shop.host or not found or found[1] == post.path:
        return ""
    path, redirects = found[1], store.redirects(day)
    while path in redirects:
        path = redirects[path]
    stood = {
        other.path: str(other.article_id)
        for number in range(1, day + 1)
        for other in store.posts(number)
    }
    return (
        "" if stood.get(path) == str(post.article_id) else stood.get(path, f"{DEMO_ORIGIN}{path}")
    )
