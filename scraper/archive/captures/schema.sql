-- The captures' file, schema version 1. Migration m001_schema of captures/schema.py applies it.
-- Later changes of the schema are migrations after that one; this file is not edited for them.

CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    body_hash TEXT NOT NULL,
    body_bytes INTEGER NOT NULL,
    header_bytes INTEGER NOT NULL,
    -- The answer that serves as dictionary. At most two deep: any answer opens in constant time.
    dictionary_id INTEGER REFERENCES answers(id),
    depth INTEGER NOT NULL CHECK (depth BETWEEN 0 AND 2),
    data BLOB NOT NULL
) STRICT;
CREATE INDEX answers_url ON answers(url) WHERE depth < 2;

-- The answer against which a store's pages of one kind are packed first.
CREATE TABLE dictionaries (
    id INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    answer_id INTEGER NOT NULL REFERENCES answers(id),
    UNIQUE (store, resource_type)
) STRICT;
