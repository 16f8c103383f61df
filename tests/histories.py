"""What an archive holds of a store, to be held against another archive of the same store."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import rows

HISTORY = {
    "posts": (
        "SELECT url, article_id, label, title, author, state, published_at, revision_count, "
        "word_count, tags, seen_lastmod FROM posts"
    ),
    "post_urls": (
        "SELECT label, post_urls.url, kind FROM post_urls JOIN posts ON posts.id = post_id"
    ),
    "contents": "SELECT hash, html, markdown, text FROM contents",
    "revisions": """
        SELECT revisions.label, number, hash, fields_hash, origin, extractor, template, method,
            confidence, title, author, published_at, excerpt, image_url, tags,
            word_count, readings, self_links
        FROM revisions JOIN contents ON contents.id = content_id
    """,
    "versions": """
        SELECT revisions.label, number, hash, fields_hash, origin, extractor, title, author,
            published_at, excerpt, image_url, tags, word_count, readings, self_links
        FROM revisions JOIN contents ON contents.id = content_id
    """,
    "observations": (
        "SELECT label, verdict, count FROM observations JOIN posts ON posts.id = post_id"
    ),
    "changes": (
        "SELECT label, kind, severity, origin, words_added, words_removed, similarity, "
        "is_revert, lastmod FROM changes"
    ),
    "links": """
        SELECT source.label, target.label, links.url, kind, anchor, position, target_key,
            gone_at IS NULL
        FROM links JOIN posts AS source ON source.id = from_post_id
        LEFT JOIN posts AS target ON target.id = to_post_id
        WHERE kind NOT IN ('similar', 'copy')
    """,  # what is alike is as of the day on which it was compared
    "non_post_links": (
        "SELECT label, non_post_links.url, kind, anchor, position, gone_at IS NULL "
        "FROM non_post_links "
        "JOIN posts ON posts.id = from_post_id"
    ),
    "codes": (
        "SELECT code, kind, value, currency, label, snippet FROM code_mentions "
        "JOIN discount_codes ON discount_codes.id = code_id"
    ),
    "listings": "SELECT url, page_url, source, lastmod, gone_at IS NULL FROM listings",
    "templates": "SELECT version, fingerprint, learned_from, pages, bodies, blocks FROM templates",
    "crawls": """
        SELECT kind, outcome, health, reason, n_listed, n_fetched, n_not_modified, n_new, n_changed,
            n_missing, n_blocked, n_error, n_confident, n_feed_checked, n_feed_matched,
            extractor, template
        FROM crawls
    """,
    "answers": (
        "SELECT url, final_url, http_status, verdict FROM captures WHERE post_id IS NOT NULL"
    ),
    "search": (
        "SELECT label FROM revisions JOIN revisions_fts_docsize ON revisions_fts_docsize.id = "
        "revisions.id"
    ),
}
"""All that an archive holds but for times, numbers of rows, and the listings that were asked for
once more."""


def history(db: Path, origin: str) -> dict[str, list[str]]:
    return {
        name: sorted(str(row).replace(origin, "") for row in rows(db, sql))
        for name, sql in HISTORY.items()
    }
