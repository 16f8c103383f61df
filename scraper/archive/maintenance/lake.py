"""What `blogkeep lake export` copies from the archive of a store, a query for each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlite_utils import Database

from scraper.archive.rows import named_rows


def read_lake_rows(db: Database, table: str, store: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table of the lake, of the store with that name, in order of its posts.
    Lists are JSON, times are text. Changes of a crawl that has not ended are left out: what looks
    like the store's edit may turn out to be the theme's when it ends."""
    return named_rows(db, f"{_OWN} {LAKE_QUERIES[table]}", {"store": store})


# The outer loop: the rows come in its order, and no text goes through a sorter. Without a limit
# SQLite leaves out the order of a subquery.
_OWN: Final = """
    WITH own AS MATERIALIZED (
        SELECT posts.id FROM posts JOIN stores ON stores.id = store_id
        WHERE stores.name = :store ORDER BY posts.id LIMIT -1
    )
"""
LAKE_QUERIES: Final = {
    "posts": """
        SELECT :store AS store, posts.id, blogs.handle AS blog, article_id, locale, posts.handle,
            posts.url, posts.title, author, authors, state, language,
            published_at, published_at AS published_text, modified_at, posts.first_seen_at,
            last_seen_at, last_changed_at, revision_id, revision_count, word_count, tags
        FROM own CROSS JOIN posts ON posts.id = own.id JOIN blogs ON blogs.id = blog_id
    """,
    "revisions": """
        SELECT :store AS store, revisions.id, post_id, number, origin, title, author, authors,
            published_at, published_at AS published_text, modified_at, excerpt, image_url, tags,
            word_count, hash AS content_hash, text, html, extractor, method, confidence,
            first_seen_at, last_seen_at
        FROM own CROSS JOIN revisions ON post_id = own.id
        JOIN contents ON contents.id = content_id
    """,
    "changes": """
        SELECT :store AS store, changes.id, post_id, blogs.handle AS blog, changes.kind, severity,
            origin, cause, standing, witness, from_revision_id, to_revision_id, not_before,
            not_after, words_added, words_removed, similarity, is_revert, group_id,
            (
                SELECT json_group_array(json_object(
                    'field', field, 'old_value', old_value, 'new_value', new_value
                ))
                FROM (SELECT * FROM change_fields WHERE change_id = changes.id ORDER BY id)
            ) AS fields
        FROM own CROSS JOIN changes ON post_id = own.id JOIN blogs ON blogs.id = blog_id
        JOIN crawls ON crawls.id = crawl_id
        WHERE outcome != 'running'
    """,
    "links": """
        SELECT :store AS store, links.id, from_post_id, to_post_id, url, kind, anchor, position,
            weight, first_seen_at, last_seen_at, gone_at
        FROM own CROSS JOIN links ON from_post_id = own.id
    """,
    "observations": """
        SELECT :store AS store, observations.id, post_id, revision_id, verdict, first_seen_at,
            last_seen_at, count
        FROM own CROSS JOIN observations ON post_id = own.id
    """,
}
"""By the name of the table in the lake."""
