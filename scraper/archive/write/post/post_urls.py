"""Find the post of a page, and record the present and former addresses of posts."""

from __future__ import annotations

import sqlite3
from typing import Literal, NamedTuple

from scraper.archive.statements import to_json
from scraper.archive.write.context import StoreContext
from scraper.history.fingerprints import title_key
from scraper.history.store_addresses import origin_variants
from scraper.items import Post, Verdict

AddressKind = Literal["canonical", "alias"]
"""A post's own address, or a second one that shows it too."""


def find_post(store: StoreContext, post: Post, asked_url: str) -> FoundPost:
    """Find the post that a page shows.

    A post is found by its article id, else by a present or former address, else (if its address was
    unknown until now) by its title. `asked_url` is the requested address; if it redirected here, it
    is a former address of the same post.
    """
    connection, store_id = store.connection, store.store_id
    copies = posts_with_id(connection, store_id, post.article_id) if post.article_id else []
    if copies:
        own = next((row.id for row in copies if same_language(row, post)), None)
        return FoundPost(own, copies)
    for url in dict.fromkeys((post.url, asked_url)):
        found = find_by_url(store, url) if url else None
        # A page with another article id is not the post that once had this address.
        if found and not (post.article_id and _article_id(connection, found)):
            return FoundPost(found, [])
    # A file without an address may be any post of that title; a page with one only a post whose
    # address is unknown.
    rows = connection.execute(
        "SELECT id FROM posts WHERE store_id = ? AND title_key = ? AND (url = '' OR ? = '') "
        "LIMIT 2",
        [store_id, title_key(post.title), post.url],
    )
    post_ids = [post_id for (post_id,) in rows]
    return FoundPost(post_ids[0] if len(post_ids) == 1 else None, [])


class Copy(NamedTuple):
    """A post with an article id; `locale` is that of the address at which it was first read."""

    id: int
    locale: str
    language: str
    url: str


def posts_with_id(connection: sqlite3.Connection, store_id: int, article_id: str) -> list[Copy]:
    """Return the posts with an article id: one, and one more for each language in which a copy of
    it was read."""
    # Only the last condition lets SQLite use the index, which omits posts without an id.
    rows = connection.execute(
        "SELECT id, locale, language, url FROM posts "
        "WHERE store_id = ? AND article_id = ? AND article_id != '' ORDER BY id",
        [store_id, article_id],
    )
    return [Copy(*row) for row in rows]


def same_language(copy: Copy, post: Post) -> bool:
    """Whether a page is the same post and not a translation: its own address, or a market's copy in
    the same language."""
    ours, theirs = (
        language.partition("-")[0].lower() for language in (copy.language, post.language)
    )
    return copy.locale == post.locale or ours == theirs or ours in ("", "unknown") or not theirs


def localised_url(url: str, locale: str) -> str:
    """Return the address of a post's copy in a locale."""
    origin = "/".join(url.split("/", 3)[:3])
    return f"{origin}/{locale}{url.removeprefix(origin)}"


class FoundPost(NamedTuple):
    """The id of the post that a page shows, None if it is new; and the posts with its article id,
    which in that case are copies in other languages."""

    id: int | None
    copies: list[Copy]


def find_by_url(store: StoreContext, url: str) -> int | None:
    """Return the id of the post with this address, or of the last one that had it, under any origin
    of the store; None if there is none."""
    # CROSS makes SQLite look up the address first; it would read all posts of the store.
    row = store.connection.execute(
        """
        SELECT post_urls.post_id FROM post_urls CROSS JOIN posts ON posts.id = post_urls.post_id
        WHERE post_urls.url IN (SELECT value FROM json_each(?)) AND posts.store_id = ?
        ORDER BY posts.url = post_urls.url DESC, post_urls.last_seen_at DESC LIMIT 1
        """,
        [to_json(origin_variants(url, store.addresses)), store.store_id],
    ).fetchone()
    (post_id,) = row or (None,)
    return post_id


def posts_redirected_to(connection: sqlite3.Connection, crawl_id: int, url: str) -> list[int]:
    """Return the ids of the posts whose addresses redirect to this one in this crawl."""
    rows = connection.execute(
        "SELECT DISTINCT post_id FROM captures WHERE crawl_id = ? AND verdict = 'renamed' "
        "AND final_url = ? AND post_id IS NOT NULL",
        [crawl_id, url],
    )
    return [post_id for (post_id,) in rows]


def kind_of(connection: sqlite3.Connection, post_id: int, url: str) -> str:
    """Return the kind of a post's address; empty if it is not one of its addresses."""
    row = connection.execute(
        "SELECT kind FROM post_urls WHERE post_id = ? AND url = ?", [post_id, url]
    ).fetchone()
    (kind,) = row or ("",)
    return str(kind)


def save_address(
    connection: sqlite3.Connection, post_id: int, url: str, at: str, kind: AddressKind = "canonical"
) -> None:
    """Record that an address showed a post at `at`."""
    if not url:
        return
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (post_id, url)
        DO UPDATE SET kind = excluded.kind, last_seen_at = excluded.last_seen_at
        """,
        [post_id, url, kind, at, at],
    )


def save_earlier_address(connection: sqlite3.Connection, post_id: int, url: str, at: str) -> None:
    """Record that an address showed a post at a time before the last sight; one that it never had
    since is a former one."""
    if not url:
        return
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        VALUES (?1, ?2, 'former', ?3, ?3)
        ON CONFLICT (post_id, url)
        DO UPDATE SET first_seen_at = min(first_seen_at, ?3), last_seen_at = max(last_seen_at, ?3)
        """,
        [post_id, url, at],
    )


def is_alias(
    connection: sqlite3.Connection, crawl_id: int, post_id: int, own_url: str, url: str
) -> bool:
    """Whether `url` shows a post besides its own address, so that it is not a rename: this crawl
    saw the post at its own address too, or `url` was an alias before and the own address has not
    been fetched."""
    seen = {verdict for (verdict,) in connection.execute(_ANSWERS, [crawl_id, post_id, own_url])}
    if seen:
        return seen == {"ok"}
    sql = "SELECT 1 FROM post_urls WHERE post_id = ? AND url = ? AND kind = 'alias'"
    return connection.execute(sql, [post_id, url]).fetchone() is not None


def answers_at(
    connection: sqlite3.Connection, crawl_id: int, post_id: int, url: str
) -> list[tuple[Verdict, bool]]:
    """Return what this crawl was answered at an address: the verdicts, and whether each was for
    that post. A control fetch is for none."""
    rows = connection.execute(
        "SELECT verdict, post_id IS ? FROM captures "
        "WHERE crawl_id = ? AND url = ? AND resource_type = 'post'",
        [post_id, crawl_id, url],
    )
    return [(verdict, bool(is_post)) for verdict, is_post in rows]


_ANSWERS = "SELECT verdict FROM captures WHERE crawl_id = ? AND post_id = ? AND url = ?"


def save_redirect(connection: sqlite3.Connection, post_id: int, target: str, at: str) -> None:
    """Record where a post's address redirects, unless that is another post's address: a page found
    there without an article id is this post."""
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        SELECT ?1, ?2, 'redirect', ?3, ?3
        WHERE NOT EXISTS (SELECT 1 FROM post_urls WHERE url = ?2)
        """,
        [post_id, target, at],
    )


def _article_id(connection: sqlite3.Connection, post_id: int) -> str:
    (article_id,) = connection.execute(
        "SELECT article_id FROM posts WHERE id = ?", [post_id]
    ).fetchone()
    return str(article_id)
