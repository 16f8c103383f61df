"""The part of the schema that schedules and alerts added: runs, and what is told to whom
(migrations m010 and m012)."""

from __future__ import annotations

from typing import Final

# SQLite takes NOT NULL off no column that is there: the table is made anew. Nothing refers to it.
SCHEDULE: Final = (
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

ALERTS: Final = (
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

TROUBLE: Final = (
    """
    CREATE TABLE alert_incidents (
        id INTEGER PRIMARY KEY,
        incident_id INTEGER NOT NULL REFERENCES incidents(id),
        channel TEXT NOT NULL,
        event TEXT NOT NULL,
        noted_at TEXT NOT NULL,
        message_id INTEGER NOT NULL REFERENCES alert_messages(id),
        UNIQUE (incident_id, channel, event)
    ) STRICT
    """,
    "CREATE INDEX alert_incidents_message ON alert_incidents(message_id)",
    "CREATE INDEX alert_messages_refused ON alert_messages(channel, id) WHERE state = 'refused'",
)
