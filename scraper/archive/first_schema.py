"""The schema as first released: tables, indexes, search and views (migrations m001 and m002)."""

from __future__ import annotations

from typing import Final

TABLES: Final = (
    """
    CREATE TABLE stores (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        origin TEXT NOT NULL UNIQUE,
        platform TEXT NOT NULL DEFAULT 'unknown',
        myshopify_domain TEXT NOT NULL DEFAULT 'unknown',
        shop_id TEXT NOT NULL DEFAULT 'unknown',
        utc_offset_s INTEGER,
        first_seen_at TEXT NOT NULL,
        last_good_crawl_id INTEGER REFERENCES crawls(id)
    ) STRICT
    """,
    """
    CREATE TABLE blogs (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        label TEXT NOT NULL UNIQUE,
        handle TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        url TEXT NOT NULL DEFAULT '',
        feed_url TEXT NOT NULL DEFAULT '',
        first_seen_at TEXT NOT NULL,
        UNIQUE (store_id, handle)
    ) STRICT
    """,
    """
    CREATE TABLE crawls (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        label TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        started_at TEXT NOT NULL,
        heartbeat_at TEXT NOT NULL,
        finished_at TEXT,
        outcome TEXT NOT NULL DEFAULT 'running',
        health TEXT NOT NULL DEFAULT 'unknown',
        reason TEXT NOT NULL DEFAULT '',
        n_listed INTEGER NOT NULL DEFAULT 0,
        n_fetched INTEGER NOT NULL DEFAULT 0,
        n_not_modified INTEGER NOT NULL DEFAULT 0,
        n_new INTEGER NOT NULL DEFAULT 0,
        n_changed INTEGER NOT NULL DEFAULT 0,
        n_missing INTEGER NOT NULL DEFAULT 0,
        n_blocked INTEGER NOT NULL DEFAULT 0,
        n_error INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        post_id INTEGER REFERENCES posts(id),
        url TEXT NOT NULL,
        final_url TEXT NOT NULL,
        http_status INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        detail TEXT NOT NULL DEFAULT '',
        fetched_at TEXT NOT NULL,
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        body_hash TEXT NOT NULL DEFAULT '',
        body_bytes INTEGER NOT NULL DEFAULT 0,
        label TEXT GENERATED ALWAYS AS (id || ' ' || url) VIRTUAL
    ) STRICT
    """,
    """
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        blog_id INTEGER NOT NULL REFERENCES blogs(id),
        article_id TEXT NOT NULL DEFAULT '',
        label TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        title_key TEXT NOT NULL,
        author TEXT NOT NULL DEFAULT '',
        url TEXT NOT NULL DEFAULT '',
        handle TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'live',
        language TEXT NOT NULL DEFAULT 'unknown',
        published_at TEXT NOT NULL DEFAULT '',
        modified_at TEXT NOT NULL DEFAULT '',
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        last_changed_at TEXT NOT NULL,
        seen_origin TEXT NOT NULL,
        seen_extractor TEXT NOT NULL,
        readings TEXT NOT NULL DEFAULT '[]',
        revision_id INTEGER REFERENCES revisions(id) DEFERRABLE INITIALLY DEFERRED,
        revision_count INTEGER NOT NULL DEFAULT 0,
        word_count INTEGER NOT NULL DEFAULT 0,
        tags TEXT NOT NULL DEFAULT '[]'
    ) STRICT
    """,
    """
    CREATE TABLE post_urls (
        id INTEGER PRIMARY KEY,
        post_id INTEGER NOT NULL REFERENCES posts(id),
        url TEXT NOT NULL,
        kind TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        UNIQUE (post_id, url)
    ) STRICT
    """,
    """
    CREATE TABLE listings (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        url TEXT NOT NULL,
        page_url TEXT NOT NULL,
        source TEXT NOT NULL,
        source_url TEXT NOT NULL,
        lastmod TEXT NOT NULL DEFAULT '',
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        last_crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        UNIQUE (store_id, page_url, source)
    ) STRICT
    """,
    """
    CREATE TABLE contents (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        html TEXT NOT NULL,
        markdown TEXT NOT NULL,
        text TEXT NOT NULL,
        label TEXT GENERATED ALWAYS AS (substr(hash, 1, 12)) VIRTUAL
    ) STRICT
    """,
    """
    CREATE TABLE revisions (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL UNIQUE,
        post_id INTEGER NOT NULL REFERENCES posts(id),
        number INTEGER NOT NULL,
        content_id INTEGER NOT NULL REFERENCES contents(id),
        fields_hash TEXT NOT NULL,
        origin TEXT NOT NULL,
        extractor TEXT NOT NULL,
        method TEXT NOT NULL,
        confidence REAL NOT NULL,
        capture_id INTEGER NOT NULL REFERENCES captures(id),
        title TEXT NOT NULL,
        author TEXT NOT NULL DEFAULT '',
        published_at TEXT NOT NULL DEFAULT '',
        modified_at TEXT NOT NULL DEFAULT '',
        excerpt TEXT NOT NULL DEFAULT '',
        image_url TEXT NOT NULL DEFAULT '',
        tags TEXT NOT NULL DEFAULT '[]',
        word_count INTEGER NOT NULL DEFAULT 0,
        readings TEXT NOT NULL DEFAULT '[]',
        self_links TEXT NOT NULL DEFAULT '[]',
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        UNIQUE (post_id, number)
    ) STRICT
    """,
    """
    CREATE TABLE sightings (
        id INTEGER PRIMARY KEY,
        post_id INTEGER NOT NULL REFERENCES posts(id),
        revision_id INTEGER REFERENCES revisions(id),
        verdict TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        times INTEGER NOT NULL DEFAULT 1
    ) STRICT
    """,
    """
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL UNIQUE,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        blog_id INTEGER NOT NULL REFERENCES blogs(id),
        post_id INTEGER NOT NULL REFERENCES posts(id),
        crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        origin TEXT NOT NULL,
        fields TEXT NOT NULL DEFAULT '[]',
        from_revision_id INTEGER REFERENCES revisions(id),
        to_revision_id INTEGER REFERENCES revisions(id),
        not_before TEXT,
        not_after TEXT NOT NULL,
        words_added INTEGER NOT NULL DEFAULT 0,
        words_removed INTEGER NOT NULL DEFAULT 0,
        similarity REAL NOT NULL DEFAULT 1.0,
        is_revert INTEGER NOT NULL DEFAULT 0,
        group_id INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE change_fields (
        id INTEGER PRIMARY KEY,
        change_id INTEGER NOT NULL REFERENCES changes(id),
        field TEXT NOT NULL,
        old_value TEXT NOT NULL,
        new_value TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE links (
        id INTEGER PRIMARY KEY,
        from_post_id INTEGER NOT NULL REFERENCES posts(id),
        to_post_id INTEGER REFERENCES posts(id),
        url TEXT NOT NULL,
        kind TEXT NOT NULL,
        anchor TEXT NOT NULL,
        position INTEGER NOT NULL,
        target_key TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        gone_at TEXT
    ) STRICT
    """,
    """
    CREATE TABLE discount_codes (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        code TEXT NOT NULL,
        kind TEXT NOT NULL,
        value REAL NOT NULL,
        currency TEXT NOT NULL DEFAULT '',
        label TEXT GENERATED ALWAYS AS (code || ' ' || kind || ' ' || value) VIRTUAL,
        UNIQUE (store_id, code, kind, value, currency)
    ) STRICT
    """,
    """
    CREATE TABLE code_mentions (
        id INTEGER PRIMARY KEY,
        code_id INTEGER NOT NULL REFERENCES discount_codes(id),
        post_id INTEGER NOT NULL REFERENCES posts(id),
        revision_id INTEGER NOT NULL REFERENCES revisions(id),
        snippet TEXT NOT NULL,
        UNIQUE (revision_id, code_id)
    ) STRICT
    """,
    """
    CREATE TABLE incidents (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        kind TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        closed_at TEXT,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
)

INDEXES: Final = (
    "CREATE UNIQUE INDEX posts_article ON posts(store_id, article_id) WHERE article_id != ''",
    "CREATE INDEX posts_store_state ON posts(store_id, state)",
    "CREATE INDEX posts_title ON posts(store_id, title_key)",
    "CREATE INDEX posts_blog ON posts(blog_id)",
    "CREATE INDEX posts_revision ON posts(revision_id)",
    "CREATE INDEX post_urls_url ON post_urls(url)",
    "CREATE INDEX listings_crawl ON listings(last_crawl_id, url)",
    "CREATE INDEX captures_crawl ON captures(crawl_id, verdict)",
    "CREATE INDEX captures_post ON captures(post_id) WHERE post_id IS NOT NULL",
    "CREATE INDEX crawls_store ON crawls(store_id, started_at)",
    "CREATE INDEX revisions_content ON revisions(content_id)",
    "CREATE INDEX sightings_post ON sightings(post_id)",
    "CREATE INDEX changes_crawl ON changes(crawl_id, kind)",
    "CREATE INDEX changes_post ON changes(post_id)",
    "CREATE INDEX changes_time ON changes(not_after)",
    "CREATE INDEX change_fields_change ON change_fields(change_id)",
    "CREATE INDEX links_from ON links(from_post_id, gone_at)",
    "CREATE INDEX links_to ON links(to_post_id)",
    "CREATE INDEX links_target ON links(target_key)",
    "CREATE INDEX code_mentions_post ON code_mentions(post_id)",
    "CREATE INDEX code_mentions_code ON code_mentions(code_id)",
    "CREATE INDEX incidents_store ON incidents(store_id, kind, closed_at)",
)

SEARCH: Final = (
    """
    CREATE VIEW revision_texts AS
    SELECT revisions.id, revisions.title, revisions.author, revisions.tags, contents.text
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    """,
    # One index answers both questions: over all history by revision, and over what stands now
    # through posts.revision_id. Revisions are only ever added, so the index is only ever added to:
    # no trigger, no update, nothing for a rebuild to lose.
    """
    CREATE VIRTUAL TABLE revisions_fts USING fts5(
        title, author, tags, text,
        content='revision_texts', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )
    """,
)

VIEWS: Final = (
    """
    CREATE VIEW current_posts AS
    SELECT posts.id, stores.name AS store, blogs.handle AS blog, posts.title, posts.author, posts.published_at, posts.state, posts.url,
        posts.word_count, posts.revision_count, contents.markdown
    FROM posts
    JOIN stores ON stores.id = posts.store_id
    JOIN blogs ON blogs.id = posts.blog_id
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    """,
    """
    CREATE VIEW timeline AS
    SELECT changes.id, changes.not_before, changes.not_after, stores.name AS store, posts.title AS post, changes.kind, changes.severity,
        changes.origin, changes.fields, changes.words_added, changes.words_removed, changes.is_revert, posts.url
    FROM changes
    JOIN stores ON stores.id = changes.store_id
    JOIN posts ON posts.id = changes.post_id
    ORDER BY changes.not_after DESC, changes.id DESC
    """,
    """
    CREATE VIEW related_posts AS
    SELECT links.id, links.kind, source.title AS from_post, coalesce(target.title, links.anchor) AS to_post, links.anchor, links.position,
        links.url, target.id IS NOT NULL AS resolved, links.first_seen_at, links.last_seen_at, links.gone_at
    FROM links
    JOIN posts AS source ON source.id = links.from_post_id
    LEFT JOIN posts AS target ON target.id = links.to_post_id
    """,
    """
    CREATE VIEW codes_today AS
    SELECT code_mentions.id, discount_codes.code, discount_codes.kind, discount_codes.value, discount_codes.currency, posts.title AS post,
        code_mentions.snippet, posts.url
    FROM code_mentions
    JOIN discount_codes ON discount_codes.id = code_mentions.code_id
    JOIN posts ON posts.revision_id = code_mentions.revision_id
    WHERE posts.state = 'live'
    """,
)
