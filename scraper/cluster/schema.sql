-- The tables of a cluster in PostgreSQL. The jobs of the queue are procrastinate's, in a schema of
-- their own. Times that are compared with the server's clock are timestamps; those of archives are
-- the UTC text that archives hold.
CREATE SCHEMA blogkeep;

-- Channels of alerts, each as a file of stores with this channel alone.
CREATE TABLE blogkeep.channels (
    name text PRIMARY KEY,
    config text NOT NULL,
    -- Whether it is notified of incidents that concern no store, which are those of channels.
    takes_incidents boolean NOT NULL
);

CREATE TABLE blogkeep.stores (
    name text PRIMARY KEY,
    host text NOT NULL,
    -- A file of stores with this store alone, its defaults filled in, but for the channels that it
    -- names: they are edited without it.
    config text NOT NULL,
    channels text[] NOT NULL DEFAULT '{}',
    is_retired boolean NOT NULL DEFAULT false,
    -- The next run: its scheduled time, and when it may begin. Both are NULL while a run is queued
    -- or under way, and where no run follows.
    due_at timestamptz,
    next_at timestamptz,
    failed_runs integer NOT NULL DEFAULT 0,
    -- What plans are made from: see StoreHistory.
    first_due_at text NOT NULL DEFAULT '',
    complete_at text NOT NULL DEFAULT '',
    good_at text NOT NULL DEFAULT '',
    good_finished_at text NOT NULL DEFAULT '',
    retry_at text NOT NULL DEFAULT ''
);
CREATE VIEW blogkeep.store_files AS
SELECT name AS store, config || coalesce((
    SELECT string_agg(channels.config, '' ORDER BY channels.name) FROM blogkeep.channels
    WHERE channels.name = ANY (stores.channels)
), '') AS file
FROM blogkeep.stores;
CREATE INDEX stores_next ON blogkeep.stores (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE blogkeep.runs (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    store text NOT NULL REFERENCES blogkeep.stores,
    due_at timestamptz NOT NULL,
    try integer NOT NULL,
    outcome text NOT NULL DEFAULT 'queued',
    holder text NOT NULL DEFAULT '',
    fence bigint,
    queued_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    exit_code integer,
    crawl_id bigint,
    detail text NOT NULL DEFAULT '',
    UNIQUE (store, due_at, try)
);
CREATE INDEX runs_store ON blogkeep.runs (store, outcome, id);
CREATE INDEX runs_open ON blogkeep.runs (outcome, queued_at) WHERE ended_at IS NULL;
-- A due time is completed once.
CREATE UNIQUE INDEX runs_complete ON blogkeep.runs (store, due_at) WHERE outcome = 'complete';

-- Where the archive of a store is in the depot. `fence` grows with every claim and takeover:
-- whoever holds an older one may neither ask the store nor publish.
CREATE TABLE blogkeep.archives (
    store text PRIMARY KEY REFERENCES blogkeep.stores,
    generation bigint NOT NULL DEFAULT 0,
    key text NOT NULL DEFAULT '',
    fence bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT '',
    bytes bigint NOT NULL DEFAULT 0,
    published_at timestamptz
);

CREATE TABLE blogkeep.budget (
    name text PRIMARY KEY,
    state text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- The catalogue: what is asked across stores. Ids are those of the store's archive.
CREATE TABLE blogkeep.crawls (
    store text NOT NULL REFERENCES blogkeep.stores,
    crawl_id bigint NOT NULL,
    label text NOT NULL,
    started_at text NOT NULL,
    finished_at text NOT NULL,
    outcome text NOT NULL,
    health text NOT NULL,
    reason text NOT NULL,
    n_listed integer NOT NULL,
    n_fetched integer NOT NULL,
    n_not_modified integer NOT NULL,
    n_new integer NOT NULL,
    n_changed integer NOT NULL,
    n_missing integer NOT NULL,
    n_blocked integer NOT NULL,
    n_error integer NOT NULL,
    PRIMARY KEY (store, crawl_id)
);
CREATE INDEX crawls_time ON blogkeep.crawls (started_at);

CREATE TABLE blogkeep.changes (
    store text NOT NULL REFERENCES blogkeep.stores,
    change_id bigint NOT NULL,
    crawl_id bigint NOT NULL,
    label text NOT NULL,
    post_url text NOT NULL,
    post_title text NOT NULL,
    kind text NOT NULL,
    severity text NOT NULL,
    origin text NOT NULL,
    cause text NOT NULL,
    standing text NOT NULL,
    not_before text NOT NULL,
    not_after text NOT NULL,
    words_added integer NOT NULL,
    words_removed integer NOT NULL,
    PRIMARY KEY (store, change_id)
);
CREATE INDEX changes_time ON blogkeep.changes (not_after, store);

CREATE TABLE blogkeep.incidents (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    -- NULL, and without the id of an archive: an incident of a channel, its subject.
    store text REFERENCES blogkeep.stores,
    incident_id bigint,
    kind text NOT NULL,
    subject text NOT NULL,
    opened_at text NOT NULL,
    closed_at text,
    detail text NOT NULL,
    UNIQUE (store, incident_id)
);
CREATE INDEX incidents_open ON blogkeep.incidents (kind) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX incidents_channel ON blogkeep.incidents (kind, subject)
WHERE store IS NULL AND closed_at IS NULL;

-- The outbox: as the tables of an archive that have these names. Times are UTC text, to the second,
-- by the server's clock, but for `blogkeep alerts retry` and `drop`, which say their own. Alerts
-- are written in the transaction that writes their crawl.
CREATE TABLE blogkeep.alert_messages (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    channel text NOT NULL,
    timing text NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    -- A receiver recognises by it a message that is delivered twice.
    key text NOT NULL UNIQUE,
    subject text NOT NULL,
    content text NOT NULL,
    created_at text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at text NOT NULL,
    last_error text NOT NULL DEFAULT '',
    sent_at text
);
CREATE INDEX alert_messages_open ON blogkeep.alert_messages (state, channel, id)
WHERE state IN ('waiting', 'refused');

CREATE TABLE blogkeep.alerts (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    store text NOT NULL,
    crawl_id bigint NOT NULL,
    change_id bigint NOT NULL,
    channel text NOT NULL,
    rule text NOT NULL,
    timing text NOT NULL,
    -- What a digest says of the change, as JSON, for the archive is not at hand then; empty once it
    -- is in a message.
    notice text NOT NULL,
    created_at text NOT NULL,
    message_id bigint REFERENCES blogkeep.alert_messages,
    FOREIGN KEY (store, crawl_id) REFERENCES blogkeep.crawls
);
CREATE INDEX alerts_waiting ON blogkeep.alerts (channel, timing) WHERE message_id IS NULL;

CREATE TABLE blogkeep.alert_incidents (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL REFERENCES blogkeep.incidents,
    channel text NOT NULL,
    event text NOT NULL,
    created_at text NOT NULL,
    message_id bigint NOT NULL REFERENCES blogkeep.alert_messages,
    UNIQUE (incident_id, channel, event)
);
