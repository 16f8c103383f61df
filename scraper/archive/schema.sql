-- The archive, schema version 1. Migration m001_schema of archive/schema.py applies it.
-- Later changes of the schema are migrations after that one; this file is not edited for them.
--
-- Times are UTC, ISO 8601. A text that is unknown is '' or 'unknown', so that a facet shows a word
-- and a comparison needs no IS NULL.

-- Stores, and the crawls over them

CREATE TABLE stores (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL DEFAULT 'unknown',
    myshopify_domain TEXT NOT NULL DEFAULT 'unknown',
    shop_id TEXT NOT NULL DEFAULT 'unknown',
    utc_offset_s INTEGER,
    first_seen_at TEXT NOT NULL,
    last_good_crawl_id INTEGER REFERENCES crawls(id),
    full_discovery_at TEXT NOT NULL DEFAULT '',
    -- What the store's page for a missing address shows: a soft 404 shows the same.
    not_found_title TEXT NOT NULL DEFAULT '',
    not_found_heading TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE store_urls (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    origin TEXT NOT NULL,
    crawl_id INTEGER REFERENCES crawls(id),
    first_seen_at TEXT NOT NULL,
    gone_at TEXT
) STRICT;
CREATE UNIQUE INDEX store_urls_present ON store_urls(store_id) WHERE gone_at IS NULL;
CREATE INDEX store_urls_origin ON store_urls(origin);
CREATE INDEX store_urls_store ON store_urls(store_id);

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
) STRICT;

CREATE TABLE crawls (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    label TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    started_at TEXT NOT NULL,
    heartbeat_at TEXT NOT NULL,
    finished_at TEXT,
    resumed_at TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT 'running',
    health TEXT NOT NULL DEFAULT 'unknown',
    reason TEXT NOT NULL DEFAULT '',
    retry_at TEXT NOT NULL DEFAULT '',
    n_listed INTEGER NOT NULL DEFAULT 0,
    n_fetched INTEGER NOT NULL DEFAULT 0,
    n_not_modified INTEGER NOT NULL DEFAULT 0,
    n_new INTEGER NOT NULL DEFAULT 0,
    n_changed INTEGER NOT NULL DEFAULT 0,
    n_missing INTEGER NOT NULL DEFAULT 0,
    n_blocked INTEGER NOT NULL DEFAULT 0,
    n_error INTEGER NOT NULL DEFAULT 0,
    n_pending INTEGER NOT NULL DEFAULT 0,
    n_confident INTEGER NOT NULL DEFAULT 0,
    n_feed_checked INTEGER NOT NULL DEFAULT 0,
    n_feed_matched INTEGER NOT NULL DEFAULT 0,
    dates_moved TEXT NOT NULL DEFAULT 'singly',
    extractor TEXT NOT NULL,
    -- The template by which this crawl reads pages, set once: '' until then, 'none' without one.
    template TEXT NOT NULL DEFAULT '',
    -- The seal that covers what it wrote (archive.seals), once it has ended.
    seal_id INTEGER REFERENCES seals(id),
    -- By which version of history.timeline, and which setting of it, the crawl was written.
    timeline_version INTEGER NOT NULL DEFAULT 0,
    confirm_sights INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX crawls_store ON crawls(store_id, started_at);
CREATE INDEX crawls_unsealed ON crawls(store_id) WHERE seal_id IS NULL;
CREATE INDEX crawls_seal ON crawls(seal_id) WHERE seal_id IS NOT NULL;

-- Each covers the crawls of a store that ended since the one before, whose hash it names.
CREATE TABLE seals (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    label TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL,
    form INTEGER NOT NULL,
    origin TEXT NOT NULL,
    sealed_at TEXT NOT NULL,
    n_leaves INTEGER NOT NULL,
    root TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (store_id, number)
) STRICT;

-- What stays of a row that was erased: its leaf, so that the seal of its crawl can be checked.
CREATE TABLE tombstones (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    erased_table TEXT NOT NULL,
    leaf_hash TEXT NOT NULL,
    erased_at TEXT NOT NULL
) STRICT;
CREATE INDEX tombstones_crawl ON tombstones(crawl_id);

-- Stamps of an authority over the Merkle root of seals, one seal of each store.
CREATE TABLE timestamps (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    authority TEXT NOT NULL,
    stamped_at TEXT NOT NULL,
    root TEXT NOT NULL,
    -- The answer of the authority (RFC 3161), and the certificates that lead to its root.
    token BLOB NOT NULL,
    certificates TEXT NOT NULL,
    -- A proof of OpenTimestamps for the same root; empty unless asked for.
    ots_proof BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE stamped_seals (
    id INTEGER PRIMARY KEY,
    timestamp_id INTEGER NOT NULL REFERENCES timestamps(id),
    seal_id INTEGER NOT NULL REFERENCES seals(id),
    -- What leads from the hash of the seal to the stamped root: side and hash at each level.
    path TEXT NOT NULL,
    UNIQUE (timestamp_id, seal_id)
) STRICT;
CREATE INDEX stamped_seals_seal ON stamped_seals(seal_id);

-- What the sources of a store (sitemap, feed, index pages) list, as periods. `url` is the address
-- of the post, `page_url` the address as listed.
CREATE TABLE listings (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    url TEXT NOT NULL,
    page_url TEXT NOT NULL,
    source TEXT NOT NULL,
    source_url TEXT NOT NULL,
    lastmod TEXT NOT NULL DEFAULT '',
    first_seen_at TEXT NOT NULL,
    gone_at TEXT
) STRICT;
CREATE UNIQUE INDEX listings_open ON listings(store_id, source, page_url) WHERE gone_at IS NULL;
CREATE INDEX listings_url ON listings(url);

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    post_id INTEGER REFERENCES posts(id),
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    fetched_at TEXT NOT NULL,
    -- Where that time comes from: of a file of unknown date it is the time of the import.
    dated_by TEXT NOT NULL DEFAULT 'server',
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    body_hash TEXT NOT NULL DEFAULT '',
    body_bytes INTEGER NOT NULL DEFAULT 0,
    -- A row of the captures' own file, which SQLite cannot check: `blogkeep verify` does.
    body_id INTEGER,
    template TEXT NOT NULL DEFAULT 'none',
    -- What history.timeline was given of this page, so that `blogkeep verify` can replay it: the
    -- revision that it showed (NULL: it is no sight of the post), the date in the listings, and what
    -- the page claims of dates, feed, language and a new address ('': nothing new).
    revision_id INTEGER REFERENCES revisions(id),
    lastmod TEXT NOT NULL DEFAULT '',
    claims TEXT NOT NULL DEFAULT '',
    label TEXT GENERATED ALWAYS AS (id || ' ' || url) VIRTUAL
) STRICT;
CREATE INDEX captures_crawl ON captures(crawl_id, verdict);
CREATE INDEX captures_post ON captures(post_id) WHERE post_id IS NOT NULL;
CREATE UNIQUE INDEX captures_body ON captures(body_id) WHERE body_id IS NOT NULL;
CREATE INDEX captures_feeds ON captures(crawl_id) WHERE resource_type = 'feed';
CREATE INDEX captures_controls ON captures(crawl_id) WHERE resource_type = 'control';

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
) STRICT;

-- Posts and their revisions. (verify compares definitions with the comments within: these stay.)

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    blog_id INTEGER NOT NULL REFERENCES blogs(id),
    article_id TEXT NOT NULL DEFAULT '',
    -- A locale copy in another language is a post of its own, under the same article id.
    locale TEXT NOT NULL DEFAULT '',
    label TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    author TEXT NOT NULL DEFAULT '',
    authors TEXT NOT NULL DEFAULT '[]',
    url TEXT NOT NULL DEFAULT '',
    handle TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'live',
    -- The looks (history.removal) since the last good page that did not find the post, and when
    -- the first of them was.
    absent_looks INTEGER NOT NULL DEFAULT 0,
    absent_since TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT 'unknown',
    published_at TEXT NOT NULL DEFAULT '',
    modified_at TEXT NOT NULL DEFAULT '',
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    last_changed_at TEXT NOT NULL,
    -- Who read the post last, and by which rules. A difference between two extractors or two
    -- templates is technical, not an edit.
    seen_origin TEXT NOT NULL,
    seen_extractor TEXT NOT NULL,
    seen_template TEXT NOT NULL DEFAULT 'none',
    -- The lastmod that the listings gave when the post was last read: the next crawl fetches the
    -- post where it differs.
    seen_lastmod TEXT NOT NULL DEFAULT '',
    readings TEXT NOT NULL DEFAULT '[]',
    -- Deferred: a post and its first revision refer to each other.
    revision_id INTEGER REFERENCES revisions(id) DEFERRABLE INITIALLY DEFERRED,
    revision_count INTEGER NOT NULL DEFAULT 0,
    word_count INTEGER NOT NULL DEFAULT 0,
    tags TEXT NOT NULL DEFAULT '[]',
    -- Whether the similarity index has the post as it stands.
    is_compared INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX posts_article ON posts(store_id, article_id, locale) WHERE article_id != '';
CREATE INDEX posts_store_state ON posts(store_id, state);
CREATE INDEX posts_store_changed ON posts(store_id, last_changed_at);
CREATE INDEX posts_absent ON posts(store_id) WHERE absent_looks > 0;
CREATE INDEX posts_title ON posts(store_id, title_key);
CREATE INDEX posts_title_anywhere ON posts(title_key);
CREATE INDEX posts_handle ON posts(handle);
CREATE INDEX posts_blog ON posts(blog_id);
CREATE INDEX posts_revision ON posts(revision_id);
CREATE INDEX posts_uncompared ON posts(store_id) WHERE is_compared = 0;
CREATE TRIGGER posts_changed AFTER UPDATE OF revision_id, url, language, state ON posts
WHEN OLD.is_compared AND (OLD.revision_id, OLD.url, OLD.language, OLD.state)
    IS NOT (NEW.revision_id, NEW.url, NEW.language, NEW.state)
BEGIN
    UPDATE posts SET is_compared = 0 WHERE id = NEW.id;
END;

CREATE TABLE post_urls (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    UNIQUE (post_id, url)
) STRICT;
CREATE INDEX post_urls_url ON post_urls(url);

-- Big text stands here alone, so that listing posts or revisions reads no body.
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    html TEXT NOT NULL,
    markdown TEXT NOT NULL,
    text TEXT NOT NULL,
    label TEXT GENERATED ALWAYS AS (substr(hash, 1, 12)) VIRTUAL
) STRICT;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    -- The crawl that wrote the row, as of observations.
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    number INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES contents(id),
    fields_hash TEXT NOT NULL,
    origin TEXT NOT NULL,
    extractor TEXT NOT NULL,
    template TEXT NOT NULL DEFAULT 'none',
    method TEXT NOT NULL,
    confidence REAL NOT NULL,
    -- Deferred: a revision and the first capture that shows it refer to each other.
    capture_id INTEGER NOT NULL REFERENCES captures(id) DEFERRABLE INITIALLY DEFERRED,
    title TEXT NOT NULL,
    author TEXT NOT NULL DEFAULT '',
    authors TEXT NOT NULL DEFAULT '[]',
    published_at TEXT NOT NULL DEFAULT '',
    modified_at TEXT NOT NULL DEFAULT '',
    excerpt TEXT NOT NULL DEFAULT '',
    image_url TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    word_count INTEGER NOT NULL DEFAULT 0,
    readings TEXT NOT NULL DEFAULT '[]',
    -- The author's links as the revision has them. `links` holds the same as periods; `blogkeep
    -- verify` compares the two.
    links TEXT NOT NULL DEFAULT '[]',
    self_links TEXT NOT NULL DEFAULT '[]',
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    UNIQUE (post_id, number)
) STRICT;
CREATE INDEX revisions_content ON revisions(content_id);
CREATE INDEX revisions_crawl ON revisions(crawl_id);

CREATE TABLE observations (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    revision_id INTEGER REFERENCES revisions(id),
    verdict TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX observations_post ON observations(post_id);
CREATE INDEX observations_crawl ON observations(crawl_id);

-- Images of posts

-- A distinct image: its bytes are the body of the capture that brought them first.
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    n_bytes INTEGER NOT NULL,
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    label TEXT GENERATED ALWAYS AS (substr(hash, 1, 12)) VIRTUAL
) STRICT;
CREATE INDEX images_capture ON images(capture_id);

-- A period in which an image of a post had these bytes. `place` is its address in normal form, `url`
-- the one that was asked last, `capture_id` the last answer, `lastmod` the post's date in the
-- listings by then. `standing` as in pending_changes.
CREATE TABLE post_images (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    image_id INTEGER NOT NULL REFERENCES images(id),
    place TEXT NOT NULL,
    url TEXT NOT NULL,
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    uploaded_at TEXT NOT NULL DEFAULT '',
    lastmod TEXT NOT NULL DEFAULT '',
    standing TEXT NOT NULL DEFAULT 'confirmed',
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX post_images_post ON post_images(post_id, place);
CREATE INDEX post_images_url ON post_images(url);
CREATE INDEX post_images_image ON post_images(image_id);

-- Images that are to be fetched; `crawl_id` is the last crawl that tried, `lastmod` the post's date
-- in the listings when the image was queued.
CREATE TABLE image_queue (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    post_id INTEGER NOT NULL REFERENCES posts(id),
    place TEXT NOT NULL,
    url TEXT NOT NULL,
    lastmod TEXT NOT NULL DEFAULT '',
    crawl_id INTEGER REFERENCES crawls(id),
    tries INTEGER NOT NULL DEFAULT 0,
    UNIQUE (post_id, place)
) STRICT;
CREATE INDEX image_queue_store ON image_queue(store_id, url);

CREATE TABLE discount_codes (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    value REAL NOT NULL,
    currency TEXT NOT NULL DEFAULT '',
    -- As history.humanize.code_label writes it, such as FERN15 (15 % off).
    label TEXT GENERATED ALWAYS AS (
        code || CASE kind
            WHEN 'percent' THEN printf(' (%g %% off)', value)
            WHEN 'amount' THEN printf(' (%g%s off)', value, rtrim(' ' || currency))
            WHEN 'free_shipping' THEN ' (free shipping)'
            ELSE ''
        END
    ) VIRTUAL,
    UNIQUE (store_id, code, kind, value, currency)
) STRICT;

CREATE TABLE code_mentions (
    id INTEGER PRIMARY KEY,
    code_id INTEGER NOT NULL REFERENCES discount_codes(id),
    post_id INTEGER NOT NULL REFERENCES posts(id),
    revision_id INTEGER NOT NULL REFERENCES revisions(id),
    snippet TEXT NOT NULL,
    UNIQUE (revision_id, code_id)
) STRICT;
CREATE INDEX code_mentions_post ON code_mentions(post_id);
CREATE INDEX code_mentions_code ON code_mentions(code_id);

-- Changes

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
) STRICT;
CREATE INDEX change_groups_crawl ON change_groups(crawl_id);

CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    blog_id INTEGER NOT NULL REFERENCES blogs(id),
    post_id INTEGER NOT NULL REFERENCES posts(id),
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- Of a change in a group, the group's: what looked like the store's edit on one post may turn
    -- out to be the theme's doing on all of them.
    origin TEXT NOT NULL,
    cause TEXT NOT NULL,
    from_revision_id INTEGER REFERENCES revisions(id),
    to_revision_id INTEGER REFERENCES revisions(id),
    not_before TEXT,
    not_after TEXT NOT NULL,
    lastmod TEXT NOT NULL DEFAULT '',
    words_added INTEGER NOT NULL DEFAULT 0,
    words_removed INTEGER NOT NULL DEFAULT 0,
    similarity REAL NOT NULL DEFAULT 1.0,
    is_revert INTEGER NOT NULL DEFAULT 0,
    group_id INTEGER REFERENCES change_groups(id),
    -- How sure it is that the store made the change, and what says so (history.timeline): a
    -- difference that is not confirmed is in pending_changes.
    standing TEXT NOT NULL DEFAULT 'confirmed',
    witness TEXT NOT NULL DEFAULT 'none',
    -- The words around the figures that further fetches of the same crawl each showed otherwise
    -- (history.diff.varying), so that `blogkeep verify` comes to the same change.
    moving TEXT NOT NULL DEFAULT '[]',
    -- The version of the comparison (history.changes.RULES_VERSION): `blogkeep verify` compares again only
    -- what today's version compared.
    rules_version INTEGER NOT NULL
) STRICT;
CREATE INDEX changes_crawl ON changes(crawl_id, kind);
CREATE INDEX changes_post ON changes(post_id);
CREATE INDEX changes_group ON changes(group_id) WHERE group_id IS NOT NULL;
CREATE INDEX changes_time ON changes(not_after);
-- One for each filter of the stream of changes, in the order of time.
CREATE INDEX changes_by_kind ON changes(kind, not_after);
CREATE INDEX changes_by_severity ON changes(severity, not_after);
CREATE INDEX changes_by_store_id ON changes(store_id, not_after);
CREATE INDEX changes_by_blog_id ON changes(blog_id, not_after);

-- Differences that were seen and that no date of the store witnessed. `standing` is 'pending', then
-- 'confirmed' (there is a change with the same bracket) or 'volatile' (it went again).
CREATE TABLE pending_changes (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    post_id INTEGER NOT NULL REFERENCES posts(id),
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    from_revision_id INTEGER NOT NULL REFERENCES revisions(id),
    to_revision_id INTEGER NOT NULL REFERENCES revisions(id),
    not_before TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    sights INTEGER NOT NULL DEFAULT 1,
    confirm_sights INTEGER NOT NULL,
    standing TEXT NOT NULL DEFAULT 'pending',
    ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX pending_changes_open ON pending_changes(post_id) WHERE standing = 'pending';
CREATE INDEX pending_changes_post ON pending_changes(post_id);
CREATE INDEX pending_changes_crawl ON pending_changes(crawl_id);

-- Posts whose last pages were read again by other rules: by a re-extraction, or before an edit was
-- compared with them. `capture_id` is the newest capture of the post then.
CREATE TABLE reextractions (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    post_id INTEGER NOT NULL REFERENCES posts(id),
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    revision_id INTEGER NOT NULL REFERENCES revisions(id),
    pending_revision_id INTEGER REFERENCES revisions(id),
    template TEXT NOT NULL,
    claims TEXT NOT NULL,
    extracted_at TEXT NOT NULL
) STRICT;
CREATE INDEX reextractions_post ON reextractions(post_id);

CREATE TABLE change_fields (
    id INTEGER PRIMARY KEY,
    change_id INTEGER NOT NULL REFERENCES changes(id),
    field TEXT NOT NULL,
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL
) STRICT;
CREATE INDEX change_fields_change ON change_fields(change_id, field);

-- The graph

CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    from_post_id INTEGER NOT NULL REFERENCES posts(id),
    to_post_id INTEGER REFERENCES posts(id),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    anchor TEXT NOT NULL,
    position INTEGER NOT NULL,
    -- Finds the edges that wait for a post: its address, or its title for a list without addresses.
    target_key TEXT NOT NULL,
    weight REAL NOT NULL DEFAULT 1.0,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    gone_at TEXT
) STRICT;
CREATE INDEX links_from ON links(from_post_id, gone_at);
CREATE INDEX links_to ON links(to_post_id);
CREATE INDEX links_target ON links(target_key);
CREATE INDEX links_copies ON links(from_post_id) WHERE kind = 'copy';
CREATE INDEX links_undirected ON links(from_post_id)
    WHERE kind IN ('previous', 'next') AND gone_at IS NULL;

CREATE TABLE non_post_links (
    id INTEGER PRIMARY KEY,
    from_post_id INTEGER NOT NULL REFERENCES posts(id),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    anchor TEXT NOT NULL,
    position INTEGER NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    gone_at TEXT
) STRICT;
CREATE INDEX non_post_links_from ON non_post_links(from_post_id, gone_at);
CREATE INDEX non_post_links_url ON non_post_links(url);

-- Schedule, incidents, alerts

CREATE TABLE schedule_runs (
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
) STRICT;
CREATE INDEX schedule_runs_host ON schedule_runs(host, started_at);
CREATE INDEX schedule_runs_crawl ON schedule_runs(crawl_id) WHERE crawl_id IS NOT NULL;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    -- NULL: an incident of no archived store, such as a full disk or a channel that refuses.
    store_id INTEGER REFERENCES stores(id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX incidents_store ON incidents(store_id, kind, closed_at);
CREATE INDEX incidents_open ON incidents(kind, subject) WHERE closed_at IS NULL;

CREATE TABLE alert_processed_crawls (
    id INTEGER PRIMARY KEY,
    crawl_id INTEGER NOT NULL UNIQUE REFERENCES crawls(id),
    processed_at TEXT NOT NULL
) STRICT;

CREATE TABLE alert_messages (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    timing TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    -- A receiver recognises by it a message that is delivered twice.
    key TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    last_error TEXT NOT NULL DEFAULT '',
    sent_at TEXT
) STRICT;
CREATE INDEX alert_messages_waiting ON alert_messages(channel, id) WHERE state = 'waiting';
CREATE INDEX alert_messages_refused ON alert_messages(channel, id) WHERE state = 'refused';

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    rule TEXT NOT NULL,
    timing TEXT NOT NULL,
    store_id INTEGER NOT NULL REFERENCES stores(id),
    crawl_id INTEGER NOT NULL REFERENCES crawls(id),
    change_id INTEGER NOT NULL REFERENCES changes(id),
    group_id INTEGER REFERENCES change_groups(id),
    created_at TEXT NOT NULL,
    message_id INTEGER REFERENCES alert_messages(id),
    UNIQUE (channel, change_id)
) STRICT;
CREATE UNIQUE INDEX alerts_group ON alerts(channel, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX alerts_waiting ON alerts(channel, timing) WHERE message_id IS NULL;
CREATE INDEX alerts_change ON alerts(change_id);
CREATE INDEX alerts_message ON alerts(message_id);

CREATE TABLE alert_incidents (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incidents(id),
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    created_at TEXT NOT NULL,
    message_id INTEGER NOT NULL REFERENCES alert_messages(id),
    UNIQUE (incident_id, channel, event)
) STRICT;
CREATE INDEX alert_incidents_message ON alert_incidents(message_id);

-- Damage: what neither a hash nor a seal covers is here a second time, so that SQLite's own check
-- (`blogkeep verify` runs it) finds a byte that was changed in either place. The condition is always
-- true; no query has it, so none is answered from these indexes.
CREATE INDEX stores_whole ON stores(
    id, platform, myshopify_domain, shop_id, utc_offset_s, first_seen_at, last_good_crawl_id,
    full_discovery_at, not_found_title, not_found_heading
) WHERE id > 0;
CREATE INDEX store_urls_whole ON store_urls(id, crawl_id, first_seen_at, gone_at) WHERE id > 0;
CREATE INDEX blogs_whole ON blogs(id, title, url, feed_url, first_seen_at) WHERE id > 0;
CREATE INDEX crawls_whole ON crawls(
    id, heartbeat_at, resumed_at, timeline_version, confirm_sights
) WHERE finished_at IS NOT NULL;
CREATE INDEX tombstones_whole ON tombstones(id, erased_table, erased_at) WHERE id > 0;
CREATE INDEX timestamps_whole ON timestamps(id, authority, token, certificates, ots_proof) WHERE id > 0;
CREATE INDEX listings_whole ON listings(
    id, store_id, page_url, source, source_url, lastmod, first_seen_at, gone_at
) WHERE id > 0;
CREATE INDEX templates_whole ON templates(
    id, number, fingerprint, learned_from, pages, bodies, blocks, first_seen_at, last_seen_at
) WHERE id > 0;
CREATE INDEX posts_whole ON posts(
    id, article_id, locale, title, author, authors, url, absent_looks, absent_since, language,
    published_at, modified_at, first_seen_at, last_seen_at, seen_origin, seen_extractor,
    seen_template, seen_lastmod, readings, revision_count, word_count, tags, is_compared
) WHERE id > 0;
CREATE INDEX post_urls_whole ON post_urls(id, kind, first_seen_at, last_seen_at) WHERE id > 0;
-- By `capture_id`, since a deferred reference is looked for when its row comes.
CREATE INDEX revisions_capture ON revisions(capture_id, first_seen_at, last_seen_at);
CREATE INDEX observations_whole ON observations(
    id, revision_id, verdict, first_seen_at, last_seen_at, count
) WHERE id > 0;
CREATE INDEX images_whole ON images(id, media_type, n_bytes) WHERE id > 0;
CREATE INDEX post_images_whole ON post_images(
    id, capture_id, uploaded_at, lastmod, standing, first_seen_at, last_seen_at, count
) WHERE id > 0;
CREATE INDEX image_queue_whole ON image_queue(id, lastmod, crawl_id, tries) WHERE id > 0;
CREATE INDEX code_mentions_whole ON code_mentions(id, snippet) WHERE id > 0;
CREATE INDEX change_groups_whole ON change_groups(
    id, store_id, kind, severity, origin, cause, n_posts, summary
) WHERE id > 0;
CREATE INDEX pending_changes_whole ON pending_changes(
    id, from_revision_id, to_revision_id, not_before, first_seen_at, last_seen_at, sights,
    confirm_sights, standing, ended_at
) WHERE id > 0;
CREATE INDEX reextractions_whole ON reextractions(
    id, crawl_id, capture_id, revision_id, pending_revision_id, template, claims, extracted_at
) WHERE id > 0;
CREATE INDEX links_whole ON links(
    id, url, kind, anchor, position, weight, first_seen_at, last_seen_at
) WHERE id > 0;
CREATE INDEX non_post_links_whole ON non_post_links(
    id, kind, anchor, position, first_seen_at, last_seen_at
) WHERE id > 0;
CREATE INDEX schedule_runs_whole ON schedule_runs(
    id, store, due_at, ended_at, outcome, exit_code, crawl_id, detail
) WHERE id > 0;
CREATE INDEX incidents_whole ON incidents(id, subject, opened_at, detail) WHERE id > 0;
CREATE INDEX alert_processed_crawls_whole ON alert_processed_crawls(
    id, processed_at
) WHERE id > 0;
CREATE INDEX alert_messages_whole ON alert_messages(
    id, channel, timing, state, subject, content, created_at, attempts, next_attempt_at,
    last_error, sent_at
) WHERE id > 0;
CREATE INDEX alerts_whole ON alerts(
    id, rule, timing, store_id, crawl_id, group_id, created_at
) WHERE id > 0;
CREATE INDEX alert_incidents_whole ON alert_incidents(id, created_at) WHERE id > 0;

-- Search. One index serves both the history (by revision) and the present (through
-- posts.revision_id). Revisions are only ever added, so rows are only ever added to it: no trigger,
-- no update.

CREATE VIEW revision_texts AS
SELECT revisions.id, revisions.title, revisions.author, revisions.tags, contents.text
FROM revisions JOIN contents ON contents.id = revisions.content_id;

CREATE VIRTUAL TABLE revisions_fts USING fts5(
    title, author, tags, text,
    content='revision_texts', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);

-- Views for people

CREATE VIEW current_posts AS
SELECT posts.id, stores.name AS store, blogs.handle AS blog, posts.title, posts.author,
    posts.published_at, posts.state, posts.url, posts.word_count, posts.revision_count,
    contents.markdown
FROM posts
JOIN stores ON stores.id = posts.store_id
JOIN blogs ON blogs.id = posts.blog_id
JOIN revisions ON revisions.id = posts.revision_id
JOIN contents ON contents.id = revisions.content_id;

-- A change with everything that people and programs read beside it: the one SELECT behind commands,
-- pages, feeds and alerts. A change that is in no group is a group of one post.
CREATE VIEW change_details AS
SELECT changes.id, changes.label, changes.store_id, stores.name AS store,
    stores.origin AS store_origin, changes.blog_id, blogs.label AS blog, blogs.handle AS blog_handle,
    changes.post_id, posts.title AS post_title, posts.url AS post_url,
    changes.crawl_id, crawls.health AS crawl_health, crawls.reason AS crawl_reason,
    changes.kind, changes.severity, changes.origin, changes.cause,
    coalesce(changes.not_before, '') AS not_before, changes.not_after, changes.lastmod,
    changes.kind = 'created' AND changes.not_before IS NULL AS is_initial,
    changes.from_revision_id, coalesce(old.number, 0) AS from_number,
    changes.to_revision_id, coalesce(new.number, 0) AS to_number,
    (
        SELECT json_group_array(json_object('field', field, 'old', old_value, 'new', new_value))
        FROM (
            SELECT field, old_value, new_value FROM change_fields
            WHERE change_id = changes.id ORDER BY id
        )
    ) AS fields,
    changes.words_added, changes.words_removed, changes.similarity, changes.is_revert,
    changes.group_id, coalesce(change_groups.label, '') AS group_label,
    coalesce(change_groups.kind, changes.kind) AS group_kind,
    coalesce(change_groups.severity, changes.severity) AS group_severity,
    coalesce(change_groups.n_posts, 1) AS group_n_posts,
    coalesce(change_groups.summary, '') AS group_summary
FROM changes
JOIN stores ON stores.id = changes.store_id
JOIN blogs ON blogs.id = changes.blog_id
JOIN posts ON posts.id = changes.post_id
JOIN crawls ON crawls.id = changes.crawl_id
LEFT JOIN change_groups ON change_groups.id = changes.group_id
LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
LEFT JOIN revisions AS new ON new.id = changes.to_revision_id;

CREATE VIEW timeline AS
SELECT changes.id, changes.not_before, changes.not_after, stores.name AS store,
    posts.title AS post, changes.kind, changes.severity, changes.origin, changes.cause,
    (
        SELECT json_group_array(field)
        FROM (SELECT field FROM change_fields WHERE change_id = changes.id ORDER BY id)
    ) AS fields,
    changes.words_added, changes.words_removed, changes.is_revert,
    coalesce(change_groups.summary, '') AS change_group, posts.url
FROM changes
JOIN stores ON stores.id = changes.store_id
JOIN posts ON posts.id = changes.post_id
LEFT JOIN change_groups ON change_groups.id = changes.group_id
ORDER BY changes.not_after DESC, changes.id DESC;

CREATE VIEW current_codes AS
SELECT code_mentions.id, discount_codes.code, discount_codes.kind, discount_codes.value,
    discount_codes.currency, posts.title AS post, code_mentions.snippet, posts.url
FROM code_mentions
JOIN discount_codes ON discount_codes.id = code_mentions.code_id
JOIN posts ON posts.revision_id = code_mentions.revision_id
WHERE posts.state = 'live';

CREATE VIEW related_posts AS
SELECT links.id, links.kind, source.title AS from_post,
    coalesce(target.title, links.anchor) AS to_post, links.anchor, links.position, links.url,
    target.id IS NOT NULL AS resolved, links.first_seen_at, links.last_seen_at, links.gone_at
FROM links
JOIN posts AS source ON source.id = links.from_post_id
LEFT JOIN posts AS target ON target.id = links.to_post_id;

CREATE VIEW related_by_theme AS
SELECT links.id, links.kind, source.title AS from_post, target.title AS to_post, links.position,
    links.anchor, links.first_seen_at, links.last_seen_at,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL
    AND links.kind IN ('related_widget', 'older', 'newer', 'previous', 'next');

CREATE VIEW related_by_author AS
SELECT links.id, links.kind, source.title AS from_post, target.title AS to_post, links.position,
    links.anchor, links.first_seen_at, links.last_seen_at,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL AND links.kind IN ('inline', 'related_list');

CREATE VIEW related_similar AS
SELECT links.id, links.kind, source.title AS from_post, target.title AS to_post, links.position,
    links.weight AS score, links.anchor AS shared_terms, links.first_seen_at,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL AND links.kind IN ('similar', 'copy');

CREATE VIEW near_copies AS
SELECT links.id, source.title AS from_post, target.title AS to_post,
    source_store.name AS from_store, target_store.name AS to_store, links.weight AS share,
    links.first_seen_at, source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
JOIN stores AS source_store ON source_store.id = source.store_id
JOIN stores AS target_store ON target_store.id = target.store_id
WHERE links.gone_at IS NULL AND links.kind = 'copy' AND links.from_post_id < links.to_post_id;

CREATE VIEW similar_unlinked AS
SELECT links.id, source.title AS from_post, target.title AS to_post, links.weight AS score,
    links.anchor AS shared_terms, source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL AND links.kind = 'similar'
    AND NOT EXISTS (
        SELECT 1 FROM links AS own
        WHERE own.from_post_id = links.from_post_id AND own.to_post_id = links.to_post_id
            AND own.kind IN ('inline', 'related_list')
    )
    AND NOT EXISTS (
        SELECT 1 FROM links AS own
        WHERE own.from_post_id = links.to_post_id AND own.to_post_id = links.from_post_id
            AND own.kind IN ('inline', 'related_list')
    );

CREATE VIEW linked_dissimilar AS
SELECT links.id, links.kind, source.title AS from_post, target.title AS to_post, links.anchor,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL AND links.kind IN ('inline', 'related_list')
    AND target.state != 'removed'
    -- Texts are only compared within a store and a language, and where comparing is on.
    AND source.store_id = target.store_id
    AND substr(source.language, 1, instr(source.language || '-', '-') - 1)
        = substr(target.language, 1, instr(target.language || '-', '-') - 1)
    AND EXISTS (
        SELECT 1 FROM links AS compared
        WHERE compared.from_post_id = links.from_post_id AND compared.kind = 'similar'
    )
    AND NOT EXISTS (
        SELECT 1 FROM links AS alike
        WHERE alike.from_post_id = links.from_post_id AND alike.to_post_id = links.to_post_id
            AND alike.kind IN ('similar', 'copy') AND alike.gone_at IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM links AS alike
        WHERE alike.from_post_id = links.to_post_id AND alike.to_post_id = links.from_post_id
            AND alike.kind IN ('similar', 'copy') AND alike.gone_at IS NULL
    );

CREATE VIEW widget_links_to_removed AS
SELECT links.id, links.kind, source.title AS from_post, target.title AS to_post, links.anchor,
    links.last_seen_at,
    (
        SELECT max(not_after) FROM changes WHERE post_id = target.id AND kind = 'removed'
    ) AS removed_at,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NULL
    AND links.kind IN ('related_widget', 'older', 'newer', 'previous', 'next')
    AND target.state = 'removed';

-- A link of an author is dead where its target is removed, where its target moved to another
-- address, or where no such post was ever seen.
CREATE VIEW dead_links AS
SELECT dead.id, dead.kind, stores.name AS store, source.title AS from_post,
    source.url AS from_url, dead.anchor, dead.url, dead.cause, dead.since,
    coalesce(better.title, '') AS suggested_post, coalesce(better.url, '') AS suggested_url
FROM (
    SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'removed' AS cause,
        max(links.first_seen_at, (
            SELECT max(not_after) FROM changes WHERE post_id = target.id AND kind = 'removed'
        )) AS since,
        (
            SELECT alike.to_post_id FROM links AS alike
            JOIN posts AS other ON other.id = alike.to_post_id
            WHERE alike.from_post_id = target.id AND alike.kind IN ('similar', 'copy')
                AND other.state != 'removed' AND other.store_id = target.store_id
                AND other.id != links.from_post_id
            ORDER BY alike.kind, coalesce(alike.gone_at, '9') DESC, alike.weight DESC,
                alike.position
            LIMIT 1
        ) AS better_id
    FROM links JOIN posts AS target ON target.id = links.to_post_id
    WHERE links.gone_at IS NULL AND target.state = 'removed'
        AND links.kind IN ('inline', 'related_list')
    UNION ALL
    SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'renamed',
        max(links.first_seen_at, coalesce((
            SELECT max(not_after) FROM changes JOIN change_fields ON change_id = changes.id
            WHERE post_id = target.id AND changes.kind = 'renamed' AND field = 'url'
                AND old_value = links.url
        ), '')),
        target.id
    FROM links JOIN posts AS target ON target.id = links.to_post_id
    JOIN post_urls ON post_urls.post_id = target.id AND post_urls.url = links.url
        AND post_urls.kind = 'former'
    WHERE links.gone_at IS NULL AND target.state != 'removed'
        AND links.kind IN ('inline', 'related_list')
    UNION ALL
    SELECT links.id, links.kind, links.from_post_id, links.anchor, links.url, 'unknown',
        links.first_seen_at,
        (
            SELECT other.id FROM posts AS other
            JOIN posts AS source ON source.id = links.from_post_id
            WHERE other.store_id = source.store_id AND other.state != 'removed'
                AND other.handle != ''
                -- No LIKE: a handle may hold its wildcards.
                AND substr(links.url, -length(other.handle) - 1) = '/' || other.handle COLLATE NOCASE
            ORDER BY other.id LIMIT 1
        )
    FROM links
    WHERE links.gone_at IS NULL AND links.to_post_id IS NULL AND links.url != ''
        AND links.kind IN ('inline', 'related_list')
) AS dead
JOIN posts AS source ON source.id = dead.from_post_id AND source.state != 'removed'
JOIN stores ON stores.id = source.store_id
LEFT JOIN posts AS better ON better.id = dead.better_id;

CREATE VIEW post_degrees AS
SELECT posts.id, stores.name AS store, blogs.handle AS blog, posts.title, posts.state,
    (
        SELECT count(DISTINCT from_post_id) FROM links
        WHERE to_post_id = posts.id AND gone_at IS NULL AND from_post_id != posts.id
            AND kind IN ('inline', 'related_list', 'related_widget')
    ) AS in_degree,
    (
        SELECT count(DISTINCT to_post_id) FROM links
        JOIN posts AS target ON target.id = to_post_id AND target.state != 'removed'
        WHERE from_post_id = posts.id AND gone_at IS NULL AND to_post_id != posts.id
            AND kind IN ('inline', 'related_list', 'related_widget')
    ) AS out_degree,
    posts.url
FROM posts
JOIN stores ON stores.id = posts.store_id
JOIN blogs ON blogs.id = posts.blog_id;

CREATE VIEW edge_events AS
SELECT links.id, links.first_seen_at AS at, 'added' AS event, links.kind,
    source.title AS from_post, target.title AS to_post, links.anchor,
    source.url AS from_url, target.url AS to_url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
UNION ALL
SELECT links.id, links.gone_at, 'removed', links.kind, source.title, target.title, links.anchor,
    source.url, target.url
FROM links
JOIN posts AS source ON source.id = links.from_post_id
JOIN posts AS target ON target.id = links.to_post_id
WHERE links.gone_at IS NOT NULL;
