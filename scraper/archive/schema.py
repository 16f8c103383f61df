"""The tables, as migrations. A migration that was released is never edited: the next change of the schema is a new one."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from scraper.archive.graph_schema import GRAPH

MIGRATIONS = Migrations("blogkeep")

APPLICATION_ID = 0x424B4550
"""Written into the file's header, so that a database of something else is known before anything is read or written ("BKEP")."""


@MIGRATIONS()
def m001_tables(db: Database) -> None:
    """The archive as first released."""
    for statement in (*_TABLES, *_INDEXES, *_SEARCH):
        db.execute(statement)


@MIGRATIONS()
def m002_views(db: Database) -> None:
    """Views for people."""
    for statement in _VIEWS:
        db.execute(statement)


@MIGRATIONS()
def m003_templates(db: Database) -> None:
    """What was learned of a store's pages, by which version of it each post was read, and how well the pages of a crawl could be read."""
    for statement in _TEMPLATES:
        db.execute(statement)


@MIGRATIONS()
def m004_languages(db: Database) -> None:
    """A locale copy in another language is a post of its own, under the same article id."""
    db.execute("ALTER TABLE posts ADD COLUMN locale TEXT NOT NULL DEFAULT ''")
    db.execute("DROP INDEX posts_article")
    db.execute("CREATE UNIQUE INDEX posts_article ON posts(store_id, article_id, locale) WHERE article_id != ''")


@MIGRATIONS()
def m005_captures(db: Database) -> None:
    """What was answered is kept, in a file of its own, and a capture says as what it was read."""
    for statement in _CAPTURES:
        db.execute(statement)


@MIGRATIONS()
def m006_change_groups(db: Database) -> None:
    """Identical changes of one crawl as one group, what made a change, and which version of the rules told it."""
    for statement in _CHANGE_GROUPS:
        db.execute(statement)


@MIGRATIONS()
def m007_recrawl(db: Database) -> None:
    """What a recrawl is decided by, listings as periods, and what a crawl that was cut short needs to go on."""
    for statement in _RECRAWL:
        db.execute(statement)


@MIGRATIONS()
def m008_store_addresses(db: Database) -> None:
    """Where a store stands, and where it stood."""
    for statement in _STORE_ADDRESSES:
        db.execute(statement)


@MIGRATIONS()
def m009_graph(db: Database) -> None:
    """Which texts are alike, links that lead to no post, every revision's own links, and views of the graph."""
    for statement in GRAPH:
        db.execute(statement)


@MIGRATIONS()
def m010_schedule(db: Database) -> None:
    """What the runner tried, when a crawl was gone on with, and incidents that are no archived store's."""
    for statement in _SCHEDULE:
        db.execute(statement)


@MIGRATIONS()
def m011_reading(db: Database) -> None:
    """What the reading room's stream of changes is narrowed by, in the order of time."""
    for column in ("kind", "severity", "store_id", "blog_id"):
        db.execute(f"CREATE INDEX changes_by_{column} ON changes({column}, not_after)")


@MIGRATIONS()
def m012_alerts(db: Database) -> None:
    """What was looked at for alerts, what is to be told to whom, and the messages that are on their way."""
    for statement in _ALERTS:
        db.execute(statement)


_TABLES = (
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

_INDEXES = (
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

_SEARCH = (
    """
    CREATE VIEW revision_texts AS
    SELECT revisions.id, revisions.title, revisions.author, revisions.tags, contents.text
    FROM revisions JOIN contents ON contents.id = revisions.content_id
    """,
    # One index answers both questions: over all history by revision, and over what stands now through posts.revision_id.
    # Revisions are only ever added, so the index is only ever added to: no trigger, no update, nothing for a rebuild to lose.
    """
    CREATE VIRTUAL TABLE revisions_fts USING fts5(
        title, author, tags, text,
        content='revision_texts', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )
    """,
)

_VIEWS = (
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

_TEMPLATES = (
    """
    CREATE TABLE templates (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        label TEXT NOT NULL UNIQUE,
        number INTEGER NOT NULL,
        version TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        learned_from TEXT NOT NULL,
        pages INTEGER NOT NULL,
        bodies TEXT NOT NULL,
        blocks TEXT NOT NULL,
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL,
        UNIQUE (store_id, version)
    ) STRICT
    """,
    "ALTER TABLE posts ADD COLUMN seen_template TEXT NOT NULL DEFAULT 'none'",
    "ALTER TABLE revisions ADD COLUMN template TEXT NOT NULL DEFAULT 'none'",
    "ALTER TABLE crawls ADD COLUMN n_sure INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE crawls ADD COLUMN n_checked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE crawls ADD COLUMN n_agreed INTEGER NOT NULL DEFAULT 0",
)

_CAPTURES = (
    "ALTER TABLE captures ADD COLUMN body_id INTEGER",
    "ALTER TABLE captures ADD COLUMN wanted TEXT NOT NULL DEFAULT 'unknown'",
    "ALTER TABLE captures ADD COLUMN template TEXT NOT NULL DEFAULT 'none'",
    "CREATE UNIQUE INDEX captures_body ON captures(body_id) WHERE body_id IS NOT NULL",
    "CREATE INDEX captures_feeds ON captures(crawl_id) WHERE wanted = 'feed'",
)

# `changes.group_id` stood in the first release without REFERENCES, which SQLite adds to no column that is there: `scrapy verify` looks.
_CHANGE_GROUPS = (
    """
    CREATE TABLE change_groups (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL UNIQUE,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        origin TEXT NOT NULL,
        cause TEXT NOT NULL,
        n_posts INTEGER NOT NULL,
        summary TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX change_groups_crawl ON change_groups(crawl_id)",
    "ALTER TABLE changes ADD COLUMN cause TEXT NOT NULL DEFAULT 'unknown'",
    "ALTER TABLE changes ADD COLUMN rules INTEGER NOT NULL DEFAULT 1",
    "CREATE INDEX changes_group ON changes(group_id) WHERE group_id IS NOT NULL",
    "DROP VIEW timeline",
    """
    CREATE VIEW timeline AS
    SELECT changes.id, changes.not_before, changes.not_after, stores.name AS store, posts.title AS post, changes.kind, changes.severity,
        coalesce(change_groups.origin, changes.origin) AS origin, coalesce(change_groups.cause, changes.cause) AS cause,
        changes.fields, changes.words_added, changes.words_removed, changes.is_revert, coalesce(change_groups.summary, '') AS change_group,
        posts.url
    FROM changes
    JOIN stores ON stores.id = changes.store_id
    JOIN posts ON posts.id = changes.post_id
    LEFT JOIN change_groups ON change_groups.id = changes.group_id
    ORDER BY changes.not_after DESC, changes.id DESC
    """,
)

_RECRAWL = (
    """
    CREATE TABLE listings_as_periods (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        url TEXT NOT NULL,
        page_url TEXT NOT NULL,
        source TEXT NOT NULL,
        source_url TEXT NOT NULL,
        lastmod TEXT NOT NULL DEFAULT '',
        first_seen_at TEXT NOT NULL,
        gone_at TEXT
    ) STRICT
    """,
    # What the last crawl that heard a kind of source no longer heard from it is gone.
    """
    INSERT INTO listings_as_periods
    SELECT id, store_id, url, page_url, source, source_url, lastmod, first_seen_at,
        CASE WHEN last_crawl_id < (
            SELECT max(last_crawl_id) FROM listings AS others WHERE others.store_id = listings.store_id AND others.source = listings.source
        ) THEN last_seen_at END
    FROM listings
    """,
    "DROP TABLE listings",
    "ALTER TABLE listings_as_periods RENAME TO listings",
    "CREATE UNIQUE INDEX listings_open ON listings(store_id, source, page_url) WHERE gone_at IS NULL",
    "CREATE INDEX listings_url ON listings(url)",
    "CREATE INDEX links_undirected ON links(from_post_id) WHERE kind IN ('previous', 'next') AND gone_at IS NULL",
    "ALTER TABLE posts ADD COLUMN seen_lastmod TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE changes ADD COLUMN lastmod TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE stores ADD COLUMN walked_at TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE stores ADD COLUMN not_found_title TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE stores ADD COLUMN not_found_heading TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE crawls ADD COLUMN extractor TEXT NOT NULL DEFAULT 'unknown'",
    "ALTER TABLE crawls ADD COLUMN template TEXT NOT NULL DEFAULT ''",
)

_STORE_ADDRESSES = (
    """
    CREATE TABLE store_urls (
        id INTEGER PRIMARY KEY,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        origin TEXT NOT NULL,
        crawl_id INTEGER REFERENCES crawls(id),
        first_seen_at TEXT NOT NULL,
        gone_at TEXT
    ) STRICT
    """,
    "INSERT INTO store_urls (store_id, origin, first_seen_at) SELECT id, origin, first_seen_at FROM stores ORDER BY id",
    "CREATE UNIQUE INDEX store_urls_present ON store_urls(store_id) WHERE gone_at IS NULL",
    "CREATE INDEX store_urls_origin ON store_urls(origin)",
    "CREATE INDEX store_urls_store ON store_urls(store_id)",
)

# SQLite takes NOT NULL off no column that is there: the table is made anew. Nothing refers to it.
_SCHEDULE = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL UNIQUE,
        store TEXT NOT NULL,
        host TEXT NOT NULL,
        due_at TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        outcome TEXT NOT NULL DEFAULT 'running',
        exit_code INTEGER,
        crawl_id INTEGER REFERENCES crawls(id),
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX runs_host ON runs(host, started_at)",
    "CREATE INDEX runs_crawl ON runs(crawl_id) WHERE crawl_id IS NOT NULL",
    "ALTER TABLE crawls ADD COLUMN resumed_at TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE incidents_of_all (
        id INTEGER PRIMARY KEY,
        store_id INTEGER REFERENCES stores(id),
        kind TEXT NOT NULL,
        subject TEXT NOT NULL DEFAULT '',
        opened_at TEXT NOT NULL,
        closed_at TEXT,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "INSERT INTO incidents_of_all SELECT id, store_id, kind, '', opened_at, closed_at, detail FROM incidents",
    "DROP TABLE incidents",
    "ALTER TABLE incidents_of_all RENAME TO incidents",
    "CREATE INDEX incidents_store ON incidents(store_id, kind, closed_at)",
    "CREATE INDEX incidents_open ON incidents(kind, subject) WHERE closed_at IS NULL",
)

_ALERTS = (
    """
    CREATE TABLE alert_crawls (
        id INTEGER PRIMARY KEY,
        crawl_id INTEGER NOT NULL UNIQUE REFERENCES crawls(id),
        looked_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE alert_messages (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL UNIQUE,
        channel TEXT NOT NULL,
        timing TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        key TEXT NOT NULL UNIQUE,
        subject TEXT NOT NULL,
        content TEXT NOT NULL,
        made_at TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        next_try_at TEXT NOT NULL,
        last_error TEXT NOT NULL DEFAULT '',
        sent_at TEXT
    ) STRICT
    """,
    """
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY,
        channel TEXT NOT NULL,
        rule TEXT NOT NULL,
        timing TEXT NOT NULL,
        store_id INTEGER NOT NULL REFERENCES stores(id),
        crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        change_id INTEGER NOT NULL REFERENCES changes(id),
        group_id INTEGER REFERENCES change_groups(id),
        noted_at TEXT NOT NULL,
        message_id INTEGER REFERENCES alert_messages(id),
        UNIQUE (channel, change_id)
    ) STRICT
    """,
    "CREATE UNIQUE INDEX alerts_group ON alerts(channel, group_id) WHERE group_id IS NOT NULL",
    "CREATE INDEX alerts_waiting ON alerts(channel, timing) WHERE message_id IS NULL",
    "CREATE INDEX alerts_change ON alerts(change_id)",
    "CREATE INDEX alerts_message ON alerts(message_id)",
    "CREATE INDEX alert_messages_waiting ON alert_messages(channel, id) WHERE state = 'waiting'",
)
