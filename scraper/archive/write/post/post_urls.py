"""Whose post a page is, and the addresses under which posts stand and stood."""

from __future__ import annotations

import sqlite3
from typing import Literal, NamedTuple

from scraper.archive.statements import to_json
from scraper.archive.write.store.relocation import addresses_of
from scraper.history.fingerprints import title_key
from scraper.history.store_addresses import origin_variants
from scraper.items import Post

AddressKind = Literal["canonical", "alias"]
"""A post's own address, or another one under which it stands as well."""


def find_post(
    connection: sqlite3.Connection, store_id: int, post: Post, asked_url: str
) -> int | None:
    """Whose post this is: by article id, else by an address it bears or bore, else (address unknown
    until now) by its title.

    `asked_url` is the address that was asked for and redirected here, which makes it a former
    address of the same post.
    """
    by_id = posts_with_id(connection, store_id, post.article_id)
    if by_id:
        return next((row.id for row in by_id if same_language(row, post)), None)
    for url in dict.fromkeys((post.url, asked_url)):
        found = url and find_by_url(connection, store_id, url)
        # A page with an id of its own is not the post of another id that once stood at this
        # address.
        if found and not (post.article_id and _article_id(connection, found)):
            return found
    # A file without an address may be any post of that title; a page with one only a post whose
    # address was never learned.
    rows = connection.execute(
        "SELECT id FROM posts WHERE store_id = ? AND title_key = ? AND (url = '' OR ? = '') LIMIT 2",
        [store_id, title_key(post.title), post.url],
    ).fetchall()
    return int(rows[0][0]) if len(rows) == 1 else None


class Copy(NamedTuple):
    """A post that bears an article id; `locale` is that of the address by which it was first
    read."""

    id: int
    locale: str
    language: str
    url: str


def posts_with_id(connection: sqlite3.Connection, store_id: int, article_id: str) -> list[Copy]:
    """The posts that bear an article id: one, and one more for each language in which a copy of it
    was read."""
    # The last condition is what lets SQLite use the index, which leaves posts without an id out.
    sql = "SELECT id, locale, language, url FROM posts WHERE store_id = ? AND article_id = ? AND article_id != '' ORDER BY id"
    return [Copy(*row) for row in connection.execute(sql, [store_id, article_id])]


def same_language(copy: Copy, post: Post) -> bool:
    """Whether a page is the same post and no translation of it: its own address, or a market's copy
    in the same language."""
    ours, theirs = (
        language.partition("-")[0].lower() for language in (copy.language, post.language)
    )
    return copy.locale == post.locale or ours == theirs or ours in ("", "unknown") or not theirs


def localised_url(url: str, locale: str) -> str:
    """The address of a post's copy in a locale."""
    origin = "/".join(url.split("/", 3)[:3])
    return f"{origin}/{locale}{url.removeprefix(origin)}"


def find_by_url(connection: sqlite3.Connection, store_id: int, url: str) -> int | None:
    """The post that bears this address, or the last one that bore it, under any origin at which the
    store stood."""
    # CROSS has the address looked up first; SQLite would read all posts of the store.
    row = connection.execute(
        """
        SELECT post_urls.post_id FROM post_urls CROSS JOIN posts ON posts.id = post_urls.post_id
        WHERE post_urls.url IN (SELECT value FROM json_each(?)) AND posts.store_id = ?
        ORDER BY posts.url = post_urls.url DESC, post_urls.last_seen_at DESC LIMIT 1
        """,
        [to_json(origin_variants(url, addresses_of(connection, store_id))), store_id],
    ).fetchone()
    return int(row[0]) if row else None


def posts_redirected_to(connection: sqlite3.Connection, crawl_id: int, url: str) -> list[int]:
    """The posts whose addresses lead to this one, as far as this crawl has seen."""
    sql = "SELECT DISTINCT post_id FROM captures WHERE crawl_id = ? AND verdict = 'renamed' AND final_url = ? AND post_id IS NOT NULL"
    return [post_id for (post_id,) in connection.execute(sql, [crawl_id, url])]


def kind_of(connection: sqlite3.Connection, post_id: int, url: str) -> str:
    """What an address is to a post; empty where it is none of its."""
    row = connection.execute(
        "SELECT kind FROM post_urls WHERE post_id = ? AND url = ?", [post_id, url]
    ).fetchone()
    return str(row[0]) if row else ""


def save_address(
    connection: sqlite3.Connection, post_id: int, url: str, at: str, kind: AddressKind = "canonical"
) -> None:
    """Note that a post stood under an address at `at`: its own, or one beside it."""
    if not url:
        return
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (post_id, url) DO UPDATE SET kind = excluded.kind, last_seen_at = excluded.last_seen_at
        """,
        [post_id, url, kind, at, at],
    )


def bears_both(
    connection: sqlite3.Connection, crawl_id: int, post_id: int, own_url: str, url: str
) -> bool:
    """Whether a post stands under `url` besides its own address, and was not renamed: this crawl
    saw it at its own address as well, or the two stood side by side before and its own address was
    not answered otherwise."""
    seen = {verdict for (verdict,) in connection.execute(_ANSWERS, [crawl_id, post_id, own_url])}
    if seen:
        return seen == {"ok"}
    sql = "SELECT 1 FROM post_urls WHERE post_id = ? AND url = ? AND kind = 'alias'"
    return connection.execute(sql, [post_id, url]).fetchone() is not None


_ANSWERS = "SELECT verdict FROM captures WHERE crawl_id = ? AND post_id = ? AND url = ?"


def save_redirect(connection: sqlite3.Connection, post_id: int, target: str, at: str) -> None:
    """Note where a post's address leads now, unless that is another post's: a page found there
    without an id of its own is this post."""
    connection.execute(
        """
        INSERT INTO post_urls (post_id, url, kind, first_seen_at, last_seen_at)
        SELECT ?1, ?2, 'redirect', ?3, ?3 WHERE NOT EXISTS (SELECT 1 FROM post_urls WHERE url = ?2)
        """,
        [post_id, target, at],
    )


def _article_id(connection: sqlite3.Connection, post_id: int) -> str:
    return str(
        connection.execute("SELECT article_id FROM posts WHERE id = ?", [post_id]).fetchone()[0]
    )
