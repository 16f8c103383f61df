"""The part of the schema that the graph added: tables of what is alike, and views (migration
m009)."""

from __future__ import annotations

from typing import Final

_LINKED: Final = "('inline', 'related_list')"
_SHOWN: Final = "('related_widget', 'older', 'newer', 'previous', 'next')"
_BETWEEN: Final = """
    FROM links
    JOIN posts AS source ON source.id = links.from_post_id
    JOIN posts AS target ON target.id = links.to_post_id
"""
_ENDS: Final = "source.title AS from_post, target.title AS to_post"
_URLS: Final = "source.url AS from_url, target.url AS to_url"

_TABLES: Final = (
    "ALTER TABLE links ADD COLUMN weight REAL NOT NULL DEFAULT 1.0",
    "ALTER TABLE revisions ADD COLUMN links TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE outlinks (
        id INTEGER PRIMARY KEY,
        from_post_id INTEGER NOT NULL REFERENCES posts(id),
        url TEXT NOT NULL,
        kind TEXT NOT NULL,
        anchor TEXT NOT NULL,
        position INTEGER NOT NULL,
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        gone_at TEXT
    ) STRICT
    """,
    "CREATE INDEX outlinks_from ON outlinks(from_post_id, gone_at)",
    "CREATE INDEX outlinks_url ON outlinks(url)",
    "CREATE INDEX links_copies ON links(from_post_id) WHERE kind = 'copy'",
    "CREATE INDEX posts_handle ON posts(handle)",
    "CREATE INDEX posts_title_anywhere ON posts(title_key)",
    "ALTER TABLE posts ADD COLUMN counted_revision_id INTEGER",
    "CREATE INDEX posts_uncounted ON posts(id) WHERE state != 'removed' AND revision_id IS NOT counted_revision_id",
    "CREATE INDEX posts_gone ON posts(id) WHERE state = 'removed' AND counted_revision_id IS NOT NULL",
    # What follows serves the comparison of texts alone and can be made anew from the revisions: it
    # is the one thing here that loses rows.
    """
    CREATE TABLE corpora (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        language TEXT NOT NULL,
        n_posts INTEGER NOT NULL DEFAULT 0,
        label TEXT GENERATED ALWAYS AS (store_id || ' ' || language) VIRTUAL,
        UNIQUE (store_id, language)
    ) STRICT
    """,
    """
    CREATE TABLE corpus_terms (
        id INTEGER PRIMARY KEY,
        corpus_id INTEGER NOT NULL REFERENCES corpora(id),
        term TEXT NOT NULL,
        n_posts INTEGER NOT NULL,
        UNIQUE (corpus_id, term)
    ) STRICT
    """,
    """
    CREATE TABLE signatures (
        id INTEGER PRIMARY KEY REFERENCES posts(id),
        corpus_id INTEGER NOT NULL REFERENCES corpora(id),
        revision_id INTEGER NOT NULL REFERENCES revisions(id),
        stage TEXT NOT NULL,
        terms TEXT NOT NULL DEFAULT '{}',
        sketch TEXT NOT NULL DEFAULT '[]'
    ) STRICT
    """,
    "CREATE INDEX signatures_stage ON signatures(stage)",
    "CREATE INDEX signatures_corpus ON signatures(corpus_id)",
    "CREATE INDEX signatures_revision ON signatures(revision_id)",
    """
    CREATE TABLE signature_terms (
        id INTEGER PRIMARY KEY,
        term_id INTEGER NOT NULL REFERENCES corpus_terms(id),
        post_id INTEGER NOT NULL REFERENCES signatures(id),
        weight INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX signature_terms_term ON signature_terms(term_id, post_id, weight)",
    """
    CREATE TABLE signature_runs (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        post_id INTEGER NOT NULL REFERENCES signatures(id)
    ) STRICT
    """,
    "CREATE INDEX signature_runs_run ON signature_runs(run, post_id)",
)

_VIEWS: Final = (
    f"""
    CREATE VIEW related_shown AS
    SELECT links.id, links.kind, {_ENDS}, links.position, links.anchor, links.first_seen_at, links.last_seen_at, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind IN {_SHOWN}
    """,
    f"""
    CREATE VIEW related_linked AS
    SELECT links.id, links.kind, {_ENDS}, links.position, links.anchor, links.first_seen_at, links.last_seen_at, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind IN {_LINKED}
    """,
    f"""
    CREATE VIEW related_alike AS
    SELECT links.id, links.kind, {_ENDS}, links.position, links.weight AS score, links.anchor AS words, links.first_seen_at, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind IN ('similar', 'copy')
    """,
    f"""
    CREATE VIEW near_copies AS
    SELECT links.id, {_ENDS}, source_store.name AS from_store, target_store.name AS to_store, links.weight AS share, links.first_seen_at,
        {_URLS}
    {_BETWEEN}
    JOIN stores AS source_store ON source_store.id = source.store_id
    JOIN stores AS target_store ON target_store.id = target.store_id
    WHERE links.gone_at IS NULL AND links.kind = 'copy' AND links.from_post_id < links.to_post_id
    """,
    f"""
    CREATE VIEW alike_unlinked AS
    SELECT links.id, {_ENDS}, links.weight AS score, links.anchor AS words, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind = 'similar'
        AND NOT EXISTS (
            SELECT 1 FROM links AS own
            WHERE own.from_post_id = links.from_post_id AND own.to_post_id = links.to_post_id AND own.kind IN {_LINKED}
        )
        AND NOT EXISTS (
            SELECT 1 FROM links AS own
            WHERE own.from_post_id = links.to_post_id AND own.to_post_id = links.from_post_id AND own.kind IN {_LINKED}
        )
    """,
    f"""
    CREATE VIEW linked_unlike AS
    SELECT links.id, links.kind, {_ENDS}, links.anchor, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind IN {_LINKED} AND target.state != 'removed'
        AND EXISTS (
            SELECT 1 FROM signatures AS ours JOIN signatures AS theirs ON theirs.id = links.to_post_id
            WHERE ours.id = links.from_post_id AND ours.corpus_id = theirs.corpus_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM links AS alike WHERE alike.from_post_id = links.from_post_id AND alike.to_post_id = links.to_post_id
                AND alike.kind IN ('similar', 'copy') AND alike.gone_at IS NULL
        )
        AND NOT EXISTS (
            SELECT 1 FROM links AS alike WHERE alike.from_post_id = links.to_post_id AND alike.to_post_id = links.from_post_id
                AND alike.kind IN ('similar', 'copy') AND alike.gone_at IS NULL
        )
    """,
    f"""
    CREATE VIEW shown_gone AS
    SELECT links.id, links.kind, {_ENDS}, links.anchor, links.last_seen_at,
        (SELECT max(not_after) FROM changes WHERE post_id = target.id AND kind = 'removed') AS removed_at, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NULL AND links.kind IN {_SHOWN} AND target.state = 'removed'
    """,
    # A link of an author is dead where its target is removed, where its target gave that address
    # up, or where no such post was ever seen.
    """
    CREATE VIEW dead_links AS
    SELECT dead.id, dead.kind, stores.name AS store, source.title AS from_post, source.url AS from_url, dead.anchor, dead.url, dead.cause,
        dead.since, coalesce(better.title, '') AS suggested_post, coalesce(better.url, '') AS suggested_url
    FROM (
        SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'removed' AS cause,
            max(links.first_seen_at, (SELECT max(not_after) FROM changes WHERE post_id = target.id AND kind = 'removed')) AS since,
            (
                SELECT alike.to_post_id FROM links AS alike JOIN posts AS other ON other.id = alike.to_post_id
                WHERE alike.from_post_id = target.id AND alike.kind IN ('similar', 'copy') AND other.state != 'removed'
                    AND other.store_id = target.store_id AND other.id != links.from_post_id
                ORDER BY alike.kind, coalesce(alike.gone_at, '9') DESC, alike.weight DESC, alike.position LIMIT 1
            ) AS better_id
        FROM links JOIN posts AS target ON target.id = links.to_post_id
        WHERE links.gone_at IS NULL AND target.state = 'removed' AND links.kind IN ('inline', 'related_list')
        UNION ALL
        SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'renamed',
            max(links.first_seen_at, coalesce((
                SELECT max(not_after) FROM changes JOIN change_fields ON change_id = changes.id
                WHERE post_id = target.id AND changes.kind = 'renamed' AND field = 'url' AND old_value = links.url
            ), '')), target.id
        FROM links JOIN posts AS target ON target.id = links.to_post_id
        JOIN post_urls ON post_urls.post_id = target.id AND post_urls.url = links.url AND post_urls.kind = 'former'
        WHERE links.gone_at IS NULL AND target.state != 'removed' AND links.kind IN ('inline', 'related_list')
        UNION ALL
        SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'unknown', links.first_seen_at, (
            SELECT other.id FROM posts AS other JOIN posts AS source ON source.id = links.from_post_id
            WHERE other.store_id = source.store_id AND other.state != 'removed' AND other.handle != ''
                AND links.url LIKE '%/' || other.handle ORDER BY other.id LIMIT 1
        )
        FROM links WHERE links.gone_at IS NULL AND links.to_post_id IS NULL AND links.url != ''
            AND links.kind IN ('inline', 'related_list')
    ) AS dead
    JOIN posts AS source ON source.id = dead.from_post_id AND source.state != 'removed'
    JOIN stores ON stores.id = source.store_id
    LEFT JOIN posts AS better ON better.id = dead.better_id
    """,
    """
    CREATE VIEW post_degrees AS
    SELECT posts.id, stores.name AS store, blogs.handle AS blog, posts.title, posts.state,
        (SELECT count(DISTINCT from_post_id) FROM links WHERE to_post_id = posts.id AND gone_at IS NULL AND from_post_id != posts.id
            AND kind IN ('inline', 'related_list', 'related_widget')) AS in_degree,
        (SELECT count(DISTINCT to_post_id) FROM links JOIN posts AS target ON target.id = to_post_id AND target.state != 'removed'
            WHERE from_post_id = posts.id AND gone_at IS NULL AND to_post_id != posts.id
            AND kind IN ('inline', 'related_list', 'related_widget')) AS out_degree,
        posts.url
    FROM posts JOIN stores ON stores.id = posts.store_id JOIN blogs ON blogs.id = posts.blog_id
    """,
    f"""
    CREATE VIEW edge_events AS
    SELECT links.id, links.first_seen_at AS at, 'came' AS event, links.kind, {_ENDS}, links.anchor, {_URLS}
    {_BETWEEN}
    UNION ALL
    SELECT links.id, links.gone_at, 'went', links.kind, {_ENDS}, links.anchor, {_URLS}
    {_BETWEEN}
    WHERE links.gone_at IS NOT NULL
    """,
)

GRAPH: Final = (*_TABLES, *_VIEWS)
