"""Whether a phrase stood nowhere in a post, a blog or a store: every fetch, and what failed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.archive.queries.posts import check_blog, find_post
from scraper.archive.queries.search import revisions_with_phrase, without_quotes
from scraper.archive.queries.stores import find_store, read_blog_labels, read_store_names
from scraper.archive.rows import read_rows
from scraper.archive.statements import quoted
from scraper.exceptions import NoSuchBlog, NoSuchPost, UsageProblem
from scraper.history.phrases.absence import Fetch, PhraseAbsence, PostFetches, find_absence
from scraper.history.removal import ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What was looked at: one post by its id and label, or a blog by its handle, a store by its
    name, or all (0 and empty)."""

    post_id: int = 0
    post: str = ""
    store: str = ""
    blog: str = ""

    @property
    def words(self) -> str:
        """What was looked at, in words."""
        if self.blog:
            return f"the blog {self.blog}{' of ' if self.store else ''}{self.store}"
        return self.post or self.store or "the archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailures:
    """Fetches of posts that failed for one reason: how many, of how many posts, and when (UTC)."""

    verdict: str
    n_fetches: int
    n_posts: int
    first_at: str
    last_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnhealthyCrawl:
    """A crawl whose reading is no proof: its fetches do not count."""

    label: str
    started_at: str
    outcome: str
    health: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceReport:
    """An absence, and what went wrong between its first and its last fetch."""

    phrase: str
    absence: PhraseAbsence
    failures: tuple[FetchFailures, ...]
    crawls: tuple[UnhealthyCrawl, ...]


def find_scope(db: Database, *, post: str, blog: str, store: str) -> Scope:
    """The scope of a post by any of its names, or of a blog by its handle and a store by its name
    or address (empty: all). Raises BlogkeepError."""
    if post and (blog or store):
        raise UsageProblem("give a post, or a blog and store, not both")
    if post:
        found = find_post(db, post)
        return Scope(post_id=found.id, post=found.label)
    store = find_store(db, store)
    if blog:
        check_blog(db, blog, store)
    return Scope(store=store, blog=blog)


def read_places(connection: sqlite3.Connection) -> list[str]:
    """Read the names of all stores and the labels of all blogs, in alphabetical order."""
    return sorted([*read_store_names(connection), *read_blog_labels(connection, 0)])


def read_scope(
    connection: sqlite3.Connection, post_id: int, label: str, places: Collection[str]
) -> Scope:
    """The scope of a post by its id, or (0) of one of the places, a store or blog by its label;
    empty, for all. Raises NoSuchPost and NoSuchBlog."""
    if post_id:
        row = connection.execute("SELECT label FROM posts WHERE id = ?", [post_id]).fetchone()
        if row is None:
            raise NoSuchPost(f"there is no post {post_id}")
        (name,) = row
        return Scope(post_id=post_id, post=name)
    if label and label not in places:
        raise NoSuchBlog(f"there is no store or blog {label!r}")
    store, _, blog = label.partition(": ")
    return Scope(store=store, blog=blog)


def read_absence(
    connection: sqlite3.Connection, phrase: str, scope: Scope, since: str, until: str
) -> AbsenceReport:
    """Read every look at the posts of a scope between two times (UTC). Raises QueryTooLong."""
    values = {"post_id": scope.post_id, "store": scope.store, "blog": scope.blog}
    posts = connection.execute(_POSTS, values).fetchall()
    with_phrase = revisions_with_phrase(connection, phrase, [post_id for post_id, _, _ in posts])
    fetches: dict[int, dict[str, bool]] = defaultdict(dict)
    found = connection.execute(_FETCHES, {**values, "until": until})
    for post_id, at, revision_id, is_healthy in found:
        if not is_healthy and revision_id not in with_phrase:
            continue  # it may have read too little; what it did read was there
        # Two revisions of one second are one fetch: it showed the phrase if either does.
        shown = fetches[post_id].get(at, False) or revision_id in with_phrase
        fetches[post_id][at] = shown
    absence = find_absence(
        [
            PostFetches(
                label=label,
                fetches=[Fetch(at=at, has_phrase=has) for at, has in fetches[post_id].items()],
                removed_at=removed_at or "",
            )
            for post_id, label, removed_at in posts
        ],
        since,
        until,
    )
    span = {**values, "first_at": absence.first_at, "last_at": absence.last_at}
    return AbsenceReport(
        phrase=without_quotes(phrase),
        absence=absence,
        failures=tuple(read_rows(connection, FetchFailures, _FAILURES, span)),
        crawls=tuple(read_rows(connection, UnhealthyCrawl, _CRAWLS, span)),
    )


_IN_SCOPE = """
    posts.id IN (
        SELECT chosen.id FROM posts AS chosen
        JOIN stores ON stores.id = chosen.store_id JOIN blogs ON blogs.id = chosen.blog_id
        WHERE :post_id IN (0, chosen.id) AND :store IN ('', stores.name)
            AND :blog IN ('', blogs.handle)
    )
"""
_POSTS = f"""
    SELECT posts.id, label, CASE state WHEN 'removed' THEN (
        SELECT max(not_after) FROM changes WHERE post_id = posts.id AND kind = 'removed'
    ) END
    FROM posts WHERE {_IN_SCOPE}
"""
# Whatever page of a known time held the phrase counts: a file's, or one read by later rules. Only
# a healthy crawl shows that it was not there.
_FETCHES = f"""
    SELECT posts.id AS post_id, captures.fetched_at AS at, captures.revision_id,
        crawls.kind = 'crawl' AND crawls.health = 'healthy'
    FROM posts
    JOIN captures ON captures.post_id = posts.id
    JOIN crawls ON crawls.id = captures.crawl_id
    WHERE {_IN_SCOPE} AND captures.verdict = 'ok' AND captures.revision_id IS NOT NULL
        AND captures.fetched_at <= :until
    UNION ALL
    SELECT posts.id, captures.fetched_at, revisions.id, 0
    FROM posts
    JOIN revisions ON revisions.post_id = posts.id
    JOIN captures ON captures.id = revisions.capture_id AND captures.dated_by != 'unknown'
    WHERE {_IN_SCOPE} AND captures.fetched_at <= :until
    ORDER BY post_id, at
"""
_FAILURES = f"""
    SELECT verdict, sum(count) AS n_fetches, count(DISTINCT observations.post_id) AS n_posts,
        min(observations.first_seen_at) AS first_at, max(observations.last_seen_at) AS last_at
    FROM observations JOIN posts ON posts.id = observations.post_id
    WHERE {_IN_SCOPE} AND verdict != 'ok'
        AND NOT (state = 'removed' AND verdict IN ({quoted(*sorted(ABSENT))}))
        AND observations.last_seen_at >= :first_at AND observations.first_seen_at <= :last_at
    GROUP BY verdict ORDER BY verdict
"""
_CRAWLS = f"""
    SELECT crawls.label, started_at, outcome, health FROM crawls
    WHERE kind = 'crawl' AND outcome != 'running' AND health != 'healthy'
        AND coalesce(finished_at, heartbeat_at) >= :first_at AND started_at <= :last_at
        AND store_id IN (SELECT store_id FROM posts WHERE {_IN_SCOPE})
    ORDER BY crawls.id
"""
