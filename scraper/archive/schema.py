"""The tables, as migrations. A migration that was released is never edited: the next change of the
schema is a new one."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from scraper.archive.first_schema import INDEXES, SEARCH, TABLES, VIEWS
from scraper.archive.graph_schema import GRAPH
from scraper.archive.schedule_schema import ALERTS, SCHEDULE, TROUBLE

MIGRATIONS = Migrations("blogkeep")

APPLICATION_ID = 0x424B4550
"""Written into the file's header, so that a database of something else is known before anything is
read or written ("BKEP")."""


@MIGRATIONS()
def m001_tables(db: Database) -> None:
    """The archive as first released."""
    for statement in (*TABLES, *INDEXES, *SEARCH):
        db.execute(statement)


@MIGRATIONS()
def m002_views(db: Database) -> None:
    """Views for people."""
    for statement in VIEWS:
        db.execute(statement)


@MIGRATIONS()
def m003_templates(db: Database) -> None:
    """What was learned of a store's pages, by which version of it each post was read, and how well
    the pages of a crawl could be read."""
    for statement in _TEMPLATES:
        db.execute(statement)


@MIGRATIONS()
def m004_languages(db: Database) -> None:
    """A locale copy in another language is a post of its own, under the same article id."""
    db.execute("ALTER TABLE posts ADD COLUMN locale TEXT NOT NULL DEFAULT ''")
    db.execute("DROP INDEX posts_article")
    db.execute(
        "CREATE UNIQUE INDEX posts_article ON posts(store_id, article_id, locale) WHERE article_id != ''"
    )


@MIGRATIONS()
def m005_captures(db: Database) -> None:
    """What was answered is kept, in a file of its own, and a capture says as what it was read."""
    for statement in _CAPTURES:
        db.execute(statement)


@MIGRATIONS()
def m006_change_groups(db: Database) -> None:
    """Identical changes of one crawl as one group, what made a change, and which version of the
    rules told it."""
    for statement in _CHANGE_GROUPS:
        db.execute(statement)


@MIGRATIONS()
def m007_recrawl(db: Database) -> None:
    """What a recrawl is decided by, listings as periods, and what a crawl that was cut short needs
    to go on."""
    for statement in _RECRAWL:
        db.execute(statement)


@MIGRATIONS()
def m008_store_addresses(db: Database) -> None:
    """Where a store stands, and where it stood."""
    for statement in _STORE_ADDRESSES:
        db.execute(statement)


@MIGRATIONS()
def m009_graph(db: Database) -> None:
    """Which texts are alike, links that lead to no post, every revision's own links, and views of
    the graph."""
    for statement in GRAPH:
        db.execute(statement)


@MIGRATIONS()
def m010_schedule(db: Database) -> None:
    """What the runner tried, when a crawl was gone on with, and incidents that are no archived
    store's."""
    for statement in SCHEDULE:
        db.execute(statement)


@MIGRATIONS()
def m011_reading(db: Database) -> None:
    """What the reading room's stream of changes is narrowed by, in the order of time."""
    for column in ("kind", "severity", "store_id", "blog_id"):
        db.execute(f"CREATE INDEX changes_by_{column} ON changes({column}, not_after)")


@MIGRATIONS()
def m012_alerts(db: Database) -> None:
    """What was looked at for alerts, what is to be told to whom, and the messages that are on their
    way."""
    for statement in ALERTS:
        db.execute(statement)


@MIGRATIONS()
def m013_trouble(db: Database) -> None:
    """Which channels were told of which incidents, and messages that a channel would not have."""
    for statement in TROUBLE:
        db.execute(statement)


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

# `changes.group_id` stood in the first release without REFERENCES, which SQLite adds to no column
# that is there: `scrapy verify` looks.
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
