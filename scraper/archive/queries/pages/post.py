"""The page of a post and the comparison of two of its revisions, each read at one moment."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from scraper.archive.queries.changes import PendingChange, changes_of_post, pending_change_of
from scraper.archive.queries.pages.images import PostImages, read_post_images
from scraper.archive.queries.posts import Revision
from scraper.archive.queries.texts.standing import Standing, periods_of
from scraper.archive.revision_fields import load_snapshot
from scraper.archive.rows import read_row, read_rows
from scraper.exceptions import NoSuchPost, NoSuchRevision
from scraper.history.changes import Change
from scraper.history.snapshots import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post as it is now. Times are UTC, empty if unknown; `number` is that of its current
    revision."""

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
class RevisionView(Revision):
    """A revision as its page shows it: `capture_id` is the capture that first showed it, `opening`
    the beginning of its text."""

    id: int
    extractor: str
    method: str
    confidence: float
    capture_id: int
    modified_at: str
    word_count: int
    hash: str
    opening: str

    @property
    def tag_list(self) -> tuple[str, ...]:
        """The tags as a tuple."""
        return tuple(json.loads(self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUrl:
    """A URL of a post, with its period."""

    url: str
    kind: str
    first_seen_at: str
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSnippet:
    """A discount code in a revision, with the sentence around it."""

    code: str
    kind: str
    value: float
    currency: str
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPeriod:
    """A period in which a post was seen as revision `number`. If that is 0, the post was not found,
    for the reason of the verdict."""

    number: int
    verdict: str
    first_seen_at: str
    last_seen_at: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLink:
    """A current link from or to a post. `post_id` is the other post, 0 if it is not archived;
    `title` is its title, or the anchor."""

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
    """A post, one of its revisions, and its history, newest first.

    `periods` are those in which the revision was seen, in order. `link_targets` maps URLs in its
    links to the ids of archived posts.
    """

    post: PostView
    revision: RevisionView
    periods: tuple[Standing, ...]
    link_targets: dict[str, int]
    links: tuple[PostLink, ...]
    changes: tuple[Change, ...]
    pending: PendingChange | None
    observations: tuple[ObservedPeriod, ...]
    urls: tuple[PostUrl, ...]
    codes: tuple[CodeSnippet, ...]
    images: PostImages


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionPair:
    """Two revisions of a post, their snapshots for the comparison, and the post's changes, newest
    first."""

    post: PostView
    old: RevisionView
    new: RevisionView
    old_snapshot: Snapshot
    new_snapshot: Snapshot
    changes: tuple[Change, ...]
    images: PostImages


def read_post_page(
    connection: sqlite3.Connection, post_id: int, number: int = 0, *, limit: int
) -> PostPage:
    """Read a post's page with the revision of this number, or with the current one for 0.

    `limit` applies to changes, observations and links each. Raises NoSuchPost, NoSuchRevision.
    """
    post = read_post(connection, post_id)
    revision = read_revision_view(connection, post_id, number or post.number)
    return PostPage(
        post=post,
        revision=revision,
        periods=tuple(periods_of(connection, post_id, revision.number)),
        link_targets=dict(connection.execute(_TARGETS, [post_id]).fetchall()),
        links=tuple(read_rows(connection, PostLink, _LINKS, [post_id, limit])),
        changes=tuple(changes_of_post(connection, post_id, limit=limit)),
        pending=pending_change_of(connection, post_id),
        observations=tuple(read_rows(connection, ObservedPeriod, _OBSERVATIONS, [post_id, limit])),
        urls=tuple(read_rows(connection, PostUrl, _URLS, [post_id])),
        codes=tuple(read_rows(connection, CodeSnippet, _CODES, [revision.id])),
        images=read_post_images(connection, post_id),
    )


def read_revision_pair(
    connection: sqlite3.Connection, post_id: int, old: int, new: int, *, limit: int
) -> RevisionPair:
    """Read two revisions of a post by their numbers, with at most `limit` of its changes.

    Raises NoSuchPost, NoSuchRevision.
    """
    post = read_post(connection, post_id)
    old_revision = read_revision_view(connection, post_id, old)
    new_revision = read_revision_view(connection, post_id, new)
    return RevisionPair(
        post=post,
        old=old_revision,
        new=new_revision,
        old_snapshot=load_snapshot(connection, old_revision.id),
        new_snapshot=load_snapshot(connection, new_revision.id),
        changes=tuple(changes_of_post(connection, post_id, limit=limit)),
        images=read_post_images(connection, post_id),
    )


def read_post(connection: sqlite3.Connection, post_id: int) -> PostView:
    """Read a post by its id. Raises NoSuchPost."""
    post = read_row(connection, PostView, _POST, [post_id])
    if post is None:
        raise NoSuchPost(f"there is no post {post_id}")
    return post


def read_revision_view(connection: sqlite3.Connection, post_id: int, number: int) -> RevisionView:
    """Read a revision of a post by its number. Raises NoSuchRevision."""
    revision = read_row(connection, RevisionView, _REVISION, [post_id, number])
    if revision is None:
        raise NoSuchRevision(f"post {post_id} has no revision {number}")
    return revision


_POST = """
    SELECT posts.id, posts.store_id, stores.name AS store, posts.blog_id, blogs.handle AS blog,
        posts.label, posts.title, posts.author, posts.url, posts.state, posts.language,
        posts.published_at, posts.modified_at, posts.first_seen_at, posts.last_seen_at,
        posts.last_changed_at, revisions.number, posts.revision_count, posts.word_count
    FROM posts
    JOIN stores ON stores.id = posts.store_id
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN revisions ON revisions.id = posts.revision_id
    WHERE posts.id = ?
"""
_REVISION = """
    SELECT revisions.id, number, origin, revisions.extractor, method, confidence, capture_id, title,
        author, published_at, modified_at, excerpt, image_url, tags, word_count, first_seen_at,
        last_seen_at, contents.hash, substr(contents.text, 1, 1000) AS opening,
        contents.html, captures.dated_by,
        crawls.started_at AS imported_at,
        EXISTS (SELECT 1 FROM observations WHERE revision_id = revisions.id) AS is_seen
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    JOIN captures ON captures.id = revisions.capture_id
    JOIN crawls ON crawls.id = captures.crawl_id
    WHERE revisions.post_id = ? AND number = ?
"""
_URLS = """
    SELECT post_urls.url, kind, post_urls.first_seen_at, post_urls.last_seen_at
    FROM post_urls JOIN posts ON posts.id = post_urls.post_id
    WHERE post_id = ?
    ORDER BY post_urls.url = posts.url DESC, post_urls.last_seen_at DESC, post_urls.id DESC
    LIMIT 100
"""
_CODES = """
    SELECT code, kind, value, currency, snippet
    FROM code_mentions JOIN discount_codes ON discount_codes.id = code_mentions.code_id
    WHERE revision_id = ? ORDER BY code LIMIT 100
"""
_OBSERVATIONS = """
    SELECT coalesce(revisions.number, 0) AS number, verdict, observations.first_seen_at,
        observations.last_seen_at, count
    FROM observations LEFT JOIN revisions ON revisions.id = observations.revision_id
    WHERE observations.post_id = ?
    ORDER BY observations.first_seen_at DESC, observations.id DESC LIMIT ?
"""
_LINKS = """
    SELECT 'out' AS direction, links.kind AS kind, coalesce(posts.id, 0) AS post_id,
        coalesce(posts.title, links.anchor) AS title, coalesce(posts.url, links.url) AS url,
        links.anchor, coalesce(posts.state, 'not archived') AS state, links.position AS position
    FROM links LEFT JOIN posts ON posts.id = links.to_post_id
    WHERE from_post_id = ?1 AND gone_at IS NULL
    UNION ALL
    SELECT 'in', links.kind, posts.id, posts.title, posts.url, links.anchor, posts.state,
        links.position
    FROM links JOIN posts ON posts.id = links.from_post_id
    WHERE to_post_id = ?1 AND gone_at IS NULL AND posts.state = 'live'
    ORDER BY direction DESC, kind, position, post_id LIMIT ?2
"""
_TARGETS = """
    SELECT DISTINCT links.url, links.to_post_id FROM links
    WHERE from_post_id = ? AND to_post_id IS NOT NULL AND url != ''
"""
