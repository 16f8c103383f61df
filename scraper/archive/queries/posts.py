"""A post by any of its names, its revisions, and its related posts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.queries.graph import LATEST, as_of
from scraper.archive.rows import read_row, read_rows
from scraper.archive.statements import to_json
from scraper.archive.write.store.relocation import addresses_of, find_store_at
from scraper.exceptions import NoSuchPost, NoSuchRevision
from scraper.history.fingerprints import title_key
from scraper.history.store_addresses import origin_variants


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
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """A revision of a post with its text and HTML."""

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
    text: str
    html: str


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

    Raises NoSuchPost if there is none, or more than one.
    """
    values = {
        "query": query,
        "urls": to_json(_url_variants(db, query.rstrip("/"))),
        "title_key": title_key(query),
    }
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


def missing_posts(db: Database, store: str) -> list[PostRow]:
    """Read the posts of a store (by name) that the last healthy crawl did not find.

    The next healthy crawl decides whether they are removed.
    """
    sql = f"{_POST} WHERE stores.name = ? AND posts.state = 'missing' ORDER BY posts.label"
    return read_rows(db, PostRow, sql, [store])


def read_revision(db: Database, post: PostRow, number: int) -> RevisionRow:
    """Read a revision of a post by its number. Raises NoSuchRevision."""
    revision = read_row(db, RevisionRow, _REVISION, [post.id, number])
    if revision is None:
        raise NoSuchRevision(f"{post.label} has no revision {number}: it has {post.revision_count}")
    return revision


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


def _url_variants(db: Database, url: str) -> tuple[str, ...]:
    """A post's URL under every origin that its store has had."""
    if "://" not in url:
        return (url,)
    store = find_store_at(db.conn, "/".join(url.split("/", 3)[:3]))
    return origin_variants(url, addresses_of(db.conn, store.id)) if store else (url,)


_POST = """
    SELECT posts.id, stores.name AS store, posts.label, posts.title, posts.url, posts.state,
        posts.revision_id, posts.revision_count, posts.last_seen_at
    FROM posts JOIN stores ON stores.id = posts.store_id
"""
# One query for each: joined by OR they would not use the indexes.
_POST_KEYS = (
    "posts.id = CASE WHEN :query NOT GLOB '*[^0-9]*' THEN CAST(:query AS INTEGER) END",
    "posts.id IN (SELECT post_id FROM post_urls WHERE url IN (SELECT value FROM json_each(:urls)))",
    "posts.label = :query",
    "posts.label IN (SELECT name || ': ' || :query FROM stores)",
    "posts.handle = :query",
    "posts.title_key = :title_key",
)
_REVISION = """
    SELECT revisions.number, revisions.origin, revisions.title, author, published_at, tags, excerpt,
        image_url, first_seen_at, last_seen_at, contents.text, contents.html
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    WHERE post_id = ? AND number = ?
"""
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
