"""A post by any of its names, its revisions, and its related posts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.database import database_of
from scraper.archive.queries.graph import LATEST, as_of
from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import to_json
from scraper.archive.store_lookup import addresses_of, find_store_at
from scraper.exceptions import NoSuchBlog, NoSuchPost, NoSuchRevision
from scraper.history.fingerprints import title_key
from scraper.history.humanize import provenance
from scraper.history.store_addresses import origin_twins, origin_variants, pasted_addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post as it is now."""

    id: int
    store: str
    label: str
    title: str
    url: str
    state: str
    revision_id: int
    revision_count: int
    published_at: str
    last_changed_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision of a post, its body as sanitised HTML. `tags` is a JSON list."""

    number: int
    origin: str
    title: str
    author: str
    published_at: str
    tags: str
    excerpt: str
    image_url: str
    first_seen_at: str
    last_seen_at: str
    html: str
    dated_by: str
    imported_at: str
    is_seen: int

    @property
    def provenance(self) -> str:
        """Where a revision comes from that no crawl fetched; empty for another."""
        return provenance(self.dated_by, self.imported_at, is_seen=bool(self.is_seen))

    @property
    def is_dated(self) -> bool:
        """Whether anybody knows when the store had it."""
        return self.dated_by != "unknown" or bool(self.is_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow(Revision):
    """A revision with its text."""

    text: str

    @property
    def period(self) -> str:
        """When the store was seen to have it, or where it comes from."""
        seen = f"seen from {self.first_seen_at} to {self.last_seen_at}"
        if not self.is_dated:
            return self.provenance
        return f"{seen}, {self.provenance}" if self.provenance else seen


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRow:
    """An edge at a post: `direction` is ``out`` or ``in``; `title` is that of the other post, or
    the anchor; `weight` is 1, or the similarity of the two."""

    direction: str
    kind: str
    position: int
    title: str
    url: str
    anchor: str
    resolved: bool
    first_seen_at: str
    gone_at: str | None
    weight: float


def find_post(db: Database, query: str) -> PostRow:
    """Find the one post with this id, URL, label (with its store or without), handle or title.

    Of a pasted URL scheme, ``www.``, query, fragment and a last slash do not count. Raises
    NoSuchPost if there is none, or more than one.
    """
    addresses = pasted_addresses(query)
    found = {post.id: post for post in _find_by_address(db, addresses)}
    if not found:
        values = {"query": query.strip().strip("/"), "title_key": title_key(query)}
        found = {
            post.id: post
            for condition in _POST_KEYS
            for post in read_rows(db, PostRow, f"{_POST} WHERE {condition}", values)
        }
    if not found:
        raise NoSuchPost(
            f"no post matches {query!r}: give its URL, handle, label, id or full title"
        )
    if len(found) > 1:
        labels = ", ".join(sorted(post.label for post in found.values())[:5])
        raise NoSuchPost(
            f"{len(found)} posts match {query!r}: {labels}; give the full label or the URL"
        )
    (post,) = found.values()
    return post


def find_at_address(connection: sqlite3.Connection, text: str) -> list[PostRow]:
    """Find the posts at a pasted address; scheme, ``www.``, query, fragment and a last slash do not
    count. Empty for a text that is no address, or one that leads to no post."""
    return _find_by_address(database_of(connection), pasted_addresses(text))


def list_posts(db: Database, *, store: str = "", blog: str = "", state: str = "") -> list[PostRow]:
    """Read all posts by label, or those of a store (by name), of a blog (by handle) and in a state.

    Raises NoSuchBlog.
    """
    if blog:
        check_blog(db, blog, store)
    values = {"store": store, "blog": blog, "state": state}
    return read_rows(db, PostRow, f"{_POST} {_CHOSEN}", values)


def check_blog(db: Database, blog: str, store: str = "") -> None:
    """Raises NoSuchBlog if no blog, or none of a store (by name), has this handle."""
    handles = [handle for (handle,) in db.execute(_BLOG_HANDLES, [store]).fetchall()]
    if blog not in handles:
        raise NoSuchBlog(f"no blog {blog!r} is archived; there is {', '.join(handles)}")


def missing_posts(db: Database, store: str) -> list[PostRow]:
    """Read the posts of a store (by name) that a crawl did not find: removed once another
    does not find them either."""
    sql = f"{_POST} WHERE stores.name = ? AND posts.state = 'missing' ORDER BY posts.label"
    return read_rows(db, PostRow, sql, [store])


def read_revision(db: Database, post: PostRow, number: int) -> RevisionRow:
    """Read a revision of a post by its number. Raises NoSuchRevision."""
    revision = read_row(db, RevisionRow, _REVISION, [post.id, number])
    if revision is None:
        raise NoSuchRevision(f"{post.label} has no revision {number}: it has {post.revision_count}")
    return revision


def current_number(db: Database, post: PostRow) -> int:
    """Return the number of a post's current revision."""
    return int(db.execute(_CURRENT_NUMBER, [post.revision_id]).fetchone()[0])


def revision_numbers(db: Database, post: PostRow) -> list[int]:
    """Return the numbers of a post's revisions in the order in which they were current.

    The current one is last, whether a crawl observed it or a re-extraction made it.
    """
    rows = db.execute(_REVISION_NUMBERS, [post.id, post.revision_id]).fetchall()
    numbers: list[int] = []
    for number, _ in rows:
        if numbers[-1:] != [number]:
            numbers.append(number)
    return numbers


def related_posts(
    db: Database, post: PostRow, kinds: tuple[str, ...] = (), on: str = ""
) -> list[EdgeRow]:
    """Read the edges at a post, out and in, by kind and position, as they are now or were on a day.

    `kinds` restricts them to these kinds. Raises UsageProblem for an invalid day.
    """
    time = as_of(on) if on else LATEST
    edges = read_rows(db, EdgeRow, _EDGES, [post.id, time])
    return [edge for edge in edges if not kinds or edge.kind in kinds]


def _find_by_address(db: Database, addresses: Sequence[str]) -> list[PostRow]:
    """The posts at the first of these addresses that leads to any, under each origin that its store
    has had."""
    for address in addresses:
        urls = to_json(_url_variants(db, address))
        if found := read_rows(db, PostRow, f"{_POST} WHERE {_AT_ADDRESS}", {"urls": urls}):
            return found
    return []


def _url_variants(db: Database, url: str) -> list[str]:
    origin = "/".join(url.split("/", 3)[:3])
    twins = [url.replace(origin, twin, 1) for twin in origin_twins(origin)]
    stores = [find_store_at(db.conn, twin) for twin in origin_twins(origin)]
    known = [addresses_of(db.conn, store.id) for store in stores if store]
    return list(dict.fromkeys(each for twin in twins for each in _under_all(twin, known)))


def _under_all(url: str, known: Sequence[Sequence[str]]) -> Iterator[str]:
    yield url
    for origins in known:
        yield from origin_variants(url, origins)


_POST = """
    SELECT posts.id, stores.name AS store, posts.label, posts.title, posts.url, posts.state,
        posts.revision_id, posts.revision_count, posts.published_at, posts.last_changed_at,
        posts.last_seen_at
    FROM posts JOIN stores ON stores.id = posts.store_id
"""
_CHOSEN = """
    JOIN blogs ON blogs.id = posts.blog_id
    WHERE :store IN ('', stores.name) AND :blog IN ('', blogs.handle)
        AND :state IN ('', posts.state)
    ORDER BY posts.label
"""
_BLOG_HANDLES = """
    SELECT DISTINCT handle FROM blogs JOIN stores ON stores.id = store_id
    WHERE ? IN ('', name) ORDER BY handle
"""
_AT_ADDRESS = """
    posts.id IN (SELECT post_id FROM post_urls WHERE url IN (SELECT value FROM json_each(:urls)))
"""
# One query for each: joined by OR they would not use the indexes.
_POST_KEYS = (
    "posts.id = CASE WHEN :query NOT GLOB '*[^0-9]*' THEN CAST(:query AS INTEGER) END",
    "posts.label = :query",
    "posts.label IN (SELECT name || ': ' || :query FROM stores)",
    "posts.label IN (SELECT name || ': ' || replace(:query, 'blogs/', '') FROM stores)",
    "posts.handle = :query",
    "posts.title_key = :title_key",
)
_REVISION = """
    SELECT revisions.number, revisions.origin, revisions.title, author, published_at, tags, excerpt,
        image_url, first_seen_at, last_seen_at, contents.text, contents.html,
        captures.dated_by, crawls.started_at AS imported_at,
        EXISTS (SELECT 1 FROM observations WHERE revision_id = revisions.id) AS is_seen
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    JOIN captures ON captures.id = revisions.capture_id
    JOIN crawls ON crawls.id = captures.crawl_id
    WHERE revisions.post_id = ? AND number = ?
"""
_CURRENT_NUMBER = "SELECT number FROM revisions WHERE id = ?"
_REVISION_NUMBERS = """
    SELECT revisions.number, changes.id AS place
    FROM changes JOIN revisions ON revisions.id = changes.to_revision_id
    WHERE changes.post_id = ?1
    UNION ALL SELECT number, 9e99 FROM revisions WHERE id = ?2
    ORDER BY place
"""
_EXISTED = "links.first_seen_at <= ?2 AND (gone_at IS NULL OR gone_at > ?2)"
_EDGES = f"""
    SELECT 'out' AS direction, links.kind AS kind, links.position AS position,
        coalesce(posts.title, links.anchor) AS title, coalesce(posts.url, links.url) AS url,
        links.anchor, posts.id IS NOT NULL AS resolved, links.first_seen_at, links.gone_at,
        links.weight
    FROM links LEFT JOIN posts ON posts.id = links.to_post_id
    WHERE from_post_id = ?1 AND {_EXISTED}
    UNION ALL
    SELECT 'in', links.kind, links.position, posts.title, posts.url, links.anchor, 1,
        links.first_seen_at, links.gone_at, links.weight
    FROM links JOIN posts ON posts.id = links.from_post_id
    WHERE to_post_id = ?1 AND {_EXISTED}
    ORDER BY direction DESC, kind, position
"""
