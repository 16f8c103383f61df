"""The page of a store: its health, its blogs, its posts with the last changed first."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from scraper.archive.database import database_of
from scraper.archive.queries.change_feed import ChangeFilter, FeedPage, read_feed
from scraper.archive.queries.crawls import CrawlRow, read_recent_crawls
from scraper.archive.queries.pages.front import IncidentRow, StoreCard, read_incidents, read_stores
from scraper.archive.rows import read_rows
from scraper.archive.store_history import read_store_history
from scraper.exceptions import NoSuchStore
from scraper.schedule.timetable.history import StoreHistory

STATES: Final = ("live", "missing", "removed")
MAX_CHANGES: Final = 6
MAX_CRAWLS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogRow:
    """A blog of a store with the number of its live posts."""

    id: int
    label: str
    handle: str
    title: str
    n_live: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """A post in a list. Times are UTC."""

    id: int
    title: str
    blog: str
    author: str
    state: str
    published_at: str
    last_changed_at: str
    revision_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePage:
    """A store at one moment. `n_posts` counts the posts of the list, of which `posts` is a page."""

    store: StoreCard
    incidents: tuple[IncidentRow, ...]
    blogs: tuple[BlogRow, ...]
    posts: tuple[PostLine, ...]
    n_posts: int
    latest: FeedPage
    crawls: tuple[CrawlRow, ...]


def read_store_page(
    connection: sqlite3.Connection,
    store_id: int,
    *,
    state: str = "",
    blog_id: int = 0,
    offset: int = 0,
    limit: int,
) -> StorePage:
    """Read a store's page, with the posts of one state or blog or with all. Raises NoSuchStore."""
    stores = read_stores(connection, store_id)
    if not stores:
        raise NoSuchStore(f"there is no store {store_id}")
    (store,) = stores
    values = {"store": store_id, "state": state, "blog": blog_id}
    (n_posts,) = connection.execute(f"SELECT count(*) {_POSTS_OF}", values).fetchone()
    limited = {**values, "limit": limit, "offset": offset}
    return StorePage(
        store=store,
        incidents=tuple(read_incidents(connection, store_id)),
        blogs=tuple(read_rows(connection, BlogRow, _BLOGS, [store_id])),
        posts=tuple(read_rows(connection, PostLine, _POSTS, limited)),
        n_posts=n_posts,
        latest=read_feed(connection, ChangeFilter(store=store.name), limit=MAX_CHANGES),
        crawls=tuple(read_recent_crawls(connection, store.name, limit=MAX_CRAWLS)),
    )


def read_history(connection: sqlite3.Connection, host: str, until: str) -> StoreHistory:
    """Read the history of the store at a host up to `until` (UTC)."""
    return read_store_history(database_of(connection), host, until)


_BLOGS = """
    SELECT id, label, handle, title,
        (SELECT count(*) FROM posts WHERE blog_id = blogs.id AND state = 'live') AS n_live
    FROM blogs WHERE store_id = ? ORDER BY handle LIMIT 200
"""
_POSTS_OF = """
    FROM posts WHERE posts.store_id = :store AND :state IN ('', posts.state)
        AND :blog IN (0, posts.blog_id)
"""
_POSTS = f"""
    SELECT posts.id, posts.title, blogs.handle AS blog, author, state, published_at,
        last_changed_at, revision_count
    FROM (SELECT id {_POSTS_OF} ORDER BY last_changed_at DESC, id DESC LIMIT :limit OFFSET :offset)
        AS chosen
    JOIN posts ON posts.id = chosen.id JOIN blogs ON blogs.id = posts.blog_id
    ORDER BY last_changed_at DESC, posts.id DESC
"""
