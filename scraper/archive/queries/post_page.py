"""A post: as it stands, as it stood, and what happened to it in between."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from scraper.archive.rows import make_row, read_rows
from scraper.archive.write.post.posts import load_fields, load_snapshot
from scraper.exceptions import NoSuchPost, NoSuchRevision
from scraper.history.snapshots import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post as it stands now. Times are UTC, empty where nothing says them; `number` is its
    current revision's."""

    id: int
    store_id: int
    store: str
    blog_id: int
    blog: str
    label: str
    title: str
    author: str
    url: str
    state: str
    language: str
    published_at: str
    modified_at: str
    first_seen_at: str
    last_seen_at: str
    last_changed_at: str
    number: int
    revision_count: int
    word_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """A revision of a post, its body as sanitised HTML. `tags` is a JSON list, `capture` the number
    of the answer that first showed it."""

    id: int
    number: int
    origin: str
    extractor: str
    method: str
    confidence: float
    capture: int
    title: str
    author: str
    published_at: str
    modified_at: str
    excerpt: str
    image_url: str
    tags: str
    word_count: int
    first_seen_at: str
    last_seen_at: str
    hash: str
    html: str

    @property
    def tag_list(self) -> tuple[str, ...]:
        """The tags one by one."""
        return tuple(json.loads(self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """An address of a post, with its period."""

    url: str
    kind: str
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A discount code that a revision carries, with the sentence around it."""

    code: str
    kind: str
    value: float
    currency: str
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SightEvent:
    """A period in which a post was seen as revision `number`, or, where that is 0, was looked for
    and not seen, and why."""

    number: int
    verdict: str
    first_seen_at: str
    last_seen_at: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """Something that happened to a post. `old` and `new` are the numbers of the revisions on both
    sides, 0 where there is none; `not_before` is empty where no earlier sight limits it; `group` is
    the line that tells the change together with others, or empty."""

    id: int
    kind: str
    severity: str
    origin: str
    cause: str
    fields: str
    not_before: str
    not_after: str
    old: int
    new: int
    words_added: int
    words_removed: int
    is_revert: bool
    group: str

    @property
    def field_list(self) -> tuple[str, ...]:
        """The fields that changed."""
        return tuple(json.loads(self.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeView:
    """An open edge at a post: `post_id` is the post at the other end, 0 where none is archived;
    `title` its title, or the anchor."""

    direction: str
    kind: str
    post_id: int
    title: str
    url: str
    anchor: str
    state: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPage:
    """All that a post's page shows, of one moment: the post, one of its revisions, and what
    happened to it, newest first.

    `kept` are the archived posts to which the addresses in its links lead.
    """

    post: PostView
    revision: RevisionView
    kept: dict[str, int]
    edges: tuple[EdgeView, ...]
    changes: tuple[ChangeEvent, ...]
    sights: tuple[SightEvent, ...]
    addresses: tuple[AddressRow, ...]
    codes: tuple[CodeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSides:
    """Two revisions of a post as they are told and as history compares them, and the post's
    changes, newest first."""

    post: PostView
    old: RevisionView
    new: RevisionView
    before: Snapshot
    after: Snapshot
    changes: tuple[ChangeEvent, ...]


def read_page(
    connection: sqlite3.Connection, post_id: int, number: int = 0, *, limit: int
) -> PostPage:
    """A post's page with the revision of this number, or its current one for 0; at most `limit`
    events and edges of each sort.

    Raises NoSuchPost, NoSuchRevision.
    """
    post = read_post(connection, post_id)
    revision = read_revision(connection, post_id, number or post.number)
    return PostPage(
        post=post,
        revision=revision,
        kept=dict(connection.execute(_TARGETS, [post_id]).fetchall()),
        edges=tuple(read_rows(connection, EdgeView, _EDGES, [post_id, limit])),
        changes=tuple(_changes(connection, post_id, limit)),
        sights=tuple(read_rows(connection, SightEvent, _SIGHTS, [post_id, limit])),
        addresses=tuple(read_rows(connection, AddressRow, _ADDRESSES, [post_id])),
        codes=tuple(read_rows(connection, CodeRow, _CODES, [revision.id])),
    )


def read_sides(
    connection: sqlite3.Connection, post_id: int, old: int, new: int, *, limit: int
) -> TwoSides:
    """Two revisions of a post by their numbers, with at most `limit` of its changes. Raises
    NoSuchPost, NoSuchRevision."""
    first, second = read_revision(connection, post_id, old), read_revision(connection, post_id, new)
    return TwoSides(
        post=read_post(connection, post_id),
        old=first,
        new=second,
        before=_snapshot(connection, first.id),
        after=_snapshot(connection, second.id),
        changes=tuple(_changes(connection, post_id, limit)),
    )


def read_post(connection: sqlite3.Connection, post_id: int) -> PostView:
    """A post by its number. Raises NoSuchPost."""
    row = connection.execute(_POST, [post_id]).fetchone()
    if row is None:
        raise NoSuchPost(f"there is no post {post_id}")
    return make_row(PostView, row)


def read_revision(connection: sqlite3.Connection, post_id: int, number: int) -> RevisionView:
    """A revision of a post by its number. Raises NoSuchRevision."""
    row = connection.execute(_REVISION, [post_id, number]).fetchone()
    if row is None:
        raise NoSuchRevision(f"post {post_id} has no revision {number}")
    return make_row(RevisionView, row)


def _snapshot(connection: sqlite3.Connection, revision_id: int) -> Snapshot:
    return load_snapshot(connection, revision_id, load_fields(connection, revision_id))


def _changes(connection: sqlite3.Connection, post_id: int, limit: int) -> list[ChangeEvent]:
    return read_rows(connection, ChangeEvent, _CHANGES, [post_id, limit])


_POST = """
    SELECT posts.id, posts.store_id, stores.name, posts.blog_id, blogs.handle, posts.label, posts.title, posts.author, posts.url,
        posts.state, posts.language, posts.published_at, posts.modified_at, posts.first_seen_at, posts.last_seen_at, posts.last_changed_at,
        revisions.number, posts.revision_count, posts.word_count
    FROM posts
    JOIN stores ON stores.id = posts.store_id
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN revisions ON revisions.id = posts.revision_id
    WHERE posts.id = ?
"""
_REVISION = """
    SELECT revisions.id, number, origin, extractor, method, confidence, capture_id, title, author, published_at, modified_at, excerpt,
        image_url, tags, word_count, first_seen_at, last_seen_at, contents.hash, contents.html
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    WHERE post_id = ? AND number = ?
"""
_ADDRESSES = """
    SELECT post_urls.url, kind, post_urls.first_seen_at, post_urls.last_seen_at
    FROM post_urls JOIN posts ON posts.id = post_urls.post_id
    WHERE post_id = ? ORDER BY post_urls.url = posts.url DESC, post_urls.last_seen_at DESC, post_urls.id DESC LIMIT 100
"""
_CODES = """
    SELECT code, kind, value, currency, snippet FROM code_mentions JOIN discount_codes ON discount_codes.id = code_mentions.code_id
    WHERE revision_id = ? ORDER BY code LIMIT 100
"""
_SIGHTS = """
    SELECT coalesce(revisions.number, 0), verdict, observations.first_seen_at, observations.last_seen_at, count
    FROM observations LEFT JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = ? ORDER BY observations.id DESC LIMIT ?
"""
_CHANGES = """
    SELECT changes.id, changes.kind, changes.severity, changes.origin,
        changes.cause,
        (
            SELECT json_group_array(field)
            FROM (SELECT field FROM change_fields WHERE change_id = changes.id ORDER BY id)
        ),
        coalesce(not_before, ''), not_after, coalesce(old.number, 0),
        coalesce(new.number, 0), words_added, words_removed, is_revert, coalesce(change_groups.summary, '')
    FROM changes
    LEFT JOIN change_groups ON change_groups.id = changes.group_id
    LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
    LEFT JOIN revisions AS new ON new.id = changes.to_revision_id
    WHERE changes.post_id = ? ORDER BY changes.id DESC LIMIT ?
"""
_EDGES = """
    SELECT 'out', links.kind, coalesce(posts.id, 0), coalesce(posts.title, links.anchor), coalesce(posts.url, links.url), links.anchor,
        coalesce(posts.state, 'not archived'), links.position
    FROM links LEFT JOIN posts ON posts.id = links.to_post_id WHERE from_post_id = ?1 AND gone_at IS NULL
    UNION ALL
    SELECT 'in', links.kind, posts.id, posts.title, posts.url, links.anchor, posts.state, links.position
    FROM links JOIN posts ON posts.id = links.from_post_id WHERE to_post_id = ?1 AND gone_at IS NULL AND posts.state = 'live'
    ORDER BY 1 DESC, 2, 8, 3 LIMIT ?2
"""
_TARGETS = """
    SELECT DISTINCT links.url, links.to_post_id FROM links WHERE from_post_id = ? AND to_post_id IS NOT NULL AND url != ''
"""
