-- The tables of a cluster in PostgreSQL. The jobs of the queue are procrastinate's, in a schema of
-- their own. Times that are compared with the server's clock are timestamps; those of archives are
-- the UTC text that archives hold.
CREATE SCHEMA blogkeep;

CREATE TABLE blogkeep.stores (
    name text PRIMARY KEY,
    host text NOT NULL,
    -- A file of stores with this store alone, its defaults filled in.
    config text NOT NULL,
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

-- Where the archive of a store is in the depot. `fence` grows with every claim and takeover: whoever
-- holds an older one may neither ask the store nor publish.
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
    store text NOT NULL REFERENCES blogkeep.stores,
    incident_id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    opened_at text NOT NULL,
    closed_at text,
    detail text NOT NULL,
    PRIMARY KEY (store, incident_id)
);
CREATE INDEX incidents_open ON blogkeep.incidents (kind) WHERE closed_at IS NULL;
