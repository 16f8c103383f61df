"""What must hold between the rows of an archive: each rule is a query that finds nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple


class IntegrityRule(NamedTuple):
    """`sql` selects the rows that break the rule: a label, and what is wrong. `table` is the table
    whose rows are checked."""

    name: str
    table: str
    sql: str


def check_rule(
    rule: IntegrityRule,
) -> Callable[[sqlite3.Connection], Iterator[tuple[str, str] | None]]:
    """Return the check of a rule."""

    def check(connection: sqlite3.Connection) -> Iterator[tuple[str, str] | None]:
        found = 0
        for label, what in connection.execute(rule.sql):
            found += 1
            yield str(label), str(what)
        (count,) = connection.execute(f"SELECT count(*) FROM {rule.table}").fetchone()
        for _ in range(count - found):
            yield None

    return check


_PERIODS = " UNION ALL ".join(
    f"SELECT '{table} ' || id, 'first seen ' || first_seen_at || ', last seen earlier, ' "
    f"|| last_seen_at FROM {table} WHERE first_seen_at > last_seen_at"
    for table in (
        "posts",
        "post_urls",
        "revisions",
        "observations",
        "links",
        "templates",
        "pending_changes",
        "post_images",
    )
)
_LABELS = " UNION ALL ".join(
    f"SELECT label, count(*) || ' rows of {table} have this label' FROM {table} "
    "GROUP BY label HAVING count(*) > 1"
    for table in (
        "blogs",
        "crawls",
        "posts",
        "revisions",
        "changes",
        "change_groups",
        "pending_changes",
        "templates",
        "schedule_runs",
        "alert_messages",
    )
)

_TIMES = (
    IntegrityRule("labels are unique", "posts", _LABELS),
    IntegrityRule("periods run forward", "observations", _PERIODS),
    IntegrityRule(
        "brackets run forward",
        "changes",
        """
        SELECT label, 'its bracket runs from ' || not_before || ' back to ' || not_after
        FROM changes WHERE not_before > not_after
        """,
    ),
    IntegrityRule(
        "links run forward",
        "links",
        """
        SELECT 'links ' || id, 'gone at ' || gone_at || ', seen later, at ' || last_seen_at
        FROM links WHERE gone_at < last_seen_at
        """,
    ),
    IntegrityRule(
        "listings run forward",
        "listings",
        """
        SELECT 'listings ' || id, 'gone at ' || gone_at || ', seen later, ' || first_seen_at
        FROM listings WHERE gone_at < first_seen_at
        """,
    ),
    IntegrityRule(
        "crawls, runs and incidents end after their start",
        "crawls",
        """
        SELECT label, 'it ended before it started' FROM crawls WHERE finished_at < started_at
        UNION ALL
        SELECT 'incidents ' || id, 'it was closed before it was opened'
        FROM incidents WHERE closed_at < opened_at
        UNION ALL
        SELECT 'schedule_runs ' || label, 'it ended before it started'
        FROM schedule_runs WHERE ended_at < started_at
        """,
    ),
)

_POSTS = (
    IntegrityRule(
        "the origin of a store is its last one",
        "store_urls",
        """
        SELECT name, 'its origin is ' || origin || ', store_urls has ' || coalesce(
            (SELECT origin FROM store_urls WHERE store_id = stores.id AND gone_at IS NULL), 'none'
        ) FROM stores
        WHERE origin IS NOT (
                SELECT origin FROM store_urls WHERE store_id = stores.id
                ORDER BY gone_at IS NULL DESC, id DESC LIMIT 1
            )
            OR NOT EXISTS (
                SELECT 1 FROM store_urls WHERE store_id = stores.id AND gone_at IS NULL
            )
        UNION ALL
        SELECT 'store_urls ' || id, 'gone at ' || gone_at || ', first seen later, ' || first_seen_at
        FROM store_urls WHERE gone_at < first_seen_at
        """,
    ),
    IntegrityRule(
        "the current revision belongs to the post",
        "posts",
        """
        SELECT posts.label, 'its current revision is '
            || coalesce('one of another post, ' || revisions.label, 'missing')
        FROM posts LEFT JOIN revisions ON revisions.id = revision_id
        WHERE revisions.post_id IS NOT posts.id
        """,
    ),
    IntegrityRule(
        "posts match their current revision",
        "posts",
        """
        SELECT posts.label, 'its title, tags or word count are not those of its current revision'
        FROM posts JOIN revisions ON revisions.id = revision_id
        WHERE posts.title IS NOT revisions.title OR posts.tags IS NOT revisions.tags
            OR posts.word_count IS NOT revisions.word_count
        """,
    ),
    IntegrityRule(
        "the current revision is the last one observed",
        "posts",
        # A re-extraction of the last observation is current too, though nobody observed it; and a
        # difference that was never confirmed may have been seen last. A file of unknown date is no
        # observation.
        """
        SELECT posts.label, 'its last observation is of another revision than its current one'
        FROM posts JOIN revisions ON revisions.id = posts.revision_id
        WHERE revisions.origin != 'technical' AND posts.revision_id IS NOT (
            SELECT revision_id FROM observations
            WHERE post_id = posts.id AND revision_id IS NOT NULL
            ORDER BY last_seen_at DESC, id DESC LIMIT 1
        ) AND NOT EXISTS (
            SELECT 1 FROM pending_changes
            WHERE post_id = posts.id AND from_revision_id = posts.revision_id
                AND last_seen_at = posts.last_seen_at
        ) AND NOT EXISTS (
            SELECT 1 FROM captures WHERE captures.id = revisions.capture_id
                AND dated_by = 'unknown'
        )
        """,
    ),
    IntegrityRule(
        "the address of a post is in post_urls",
        "posts",
        """
        SELECT label, 'its address ' || url || ' is not in post_urls' FROM posts
        WHERE url != '' AND NOT EXISTS (
            SELECT 1 FROM post_urls WHERE post_id = posts.id AND post_urls.url = posts.url
        )
        """,
    ),
    IntegrityRule(
        "revisions are numbered without a gap",
        "revisions",
        """
        SELECT posts.label, 'it counts ' || revision_count || ' revisions, has '
            || count(revisions.id) || ', the last is number ' || max(number)
        FROM posts JOIN revisions ON revisions.post_id = posts.id GROUP BY posts.id
        HAVING revision_count != count(revisions.id) OR revision_count != max(number)
            OR min(number) != 1
        """,
    ),
    IntegrityRule(
        "revisions are numbered as they were found",
        "revisions",
        """
        SELECT label, 'its number is ' || number || ', that of the one before ' || before FROM (
            SELECT label, number,
                lag(number, 1, 0) OVER (PARTITION BY post_id ORDER BY id) AS before
            FROM revisions
        ) WHERE number <= before OR substr(label, -length(number) - 2) != ' v' || number
        """,
    ),
    IntegrityRule(
        "no two revisions of a post are equal",
        "revisions",
        """
        SELECT min(label), 'it is stored twice' FROM revisions
        GROUP BY post_id, content_id, fields_hash HAVING count(*) > 1
        """,
    ),
    IntegrityRule(
        "consecutive observations differ and do not overlap",
        "observations",
        """
        SELECT 'observations ' || id, CASE
            WHEN same THEN 'it equals the period before' ELSE 'it overlaps the period before'
        END
        FROM (
            SELECT id,
                (revision_id, verdict) IS (lag(revision_id) OVER post, lag(verdict) OVER post)
                    AS same,
                first_seen_at < lag(last_seen_at) OVER post AS overlaps
            FROM observations WINDOW post AS (PARTITION BY post_id ORDER BY first_seen_at, id)
        ) WHERE same OR overlaps
        """,
    ),
    IntegrityRule(
        "observations are of the post's own revisions",
        "observations",
        """
        SELECT 'observations ' || observations.id, 'its revision belongs to another post'
        FROM observations JOIN revisions ON revisions.id = revision_id
        WHERE revisions.post_id != observations.post_id
        UNION ALL
        SELECT 'observations ' || id, 'its count is below 1' FROM observations WHERE count < 1
        """,
    ),
)

_CHANGES = (
    IntegrityRule(
        "the state of a post matches its removals",
        "posts",
        """
        SELECT posts.label, 'its state is ' || state || ', against its last removal or restoration'
        FROM posts WHERE (state = 'removed') != coalesce((
            SELECT kind = 'removed' FROM changes
            WHERE post_id = posts.id AND kind IN ('removed', 'restored') ORDER BY id DESC LIMIT 1
        ), 0)
        """,
    ),
    IntegrityRule(
        "a post is created once",
        "posts",
        """
        SELECT posts.label, 'it is created ' || count(changes.id) || ' times'
        FROM posts LEFT JOIN changes ON changes.post_id = posts.id AND changes.kind = 'created'
        GROUP BY posts.id HAVING count(changes.id) != 1
        """,
    ),
    IntegrityRule(
        "changes are between revisions of their post",
        "changes",
        """
        SELECT changes.label, 'one of its revisions belongs to another post' FROM changes
        JOIN revisions ON revisions.id IN (from_revision_id, to_revision_id)
        WHERE revisions.post_id != changes.post_id
        """,
    ),
    IntegrityRule(
        "differences wait at the current revision",
        "pending_changes",
        """
        SELECT pending_changes.label, 'it waits at another revision than the current one, or at a '
            || 'post that is ' || posts.state
        FROM pending_changes JOIN posts ON posts.id = post_id
        WHERE standing = 'pending'
            AND (from_revision_id IS NOT posts.revision_id OR to_revision_id = posts.revision_id
                OR posts.state = 'removed')
        """,
    ),
    IntegrityRule(
        "confirmed differences became changes",
        "pending_changes",
        """
        SELECT label, 'there is no change with its bracket' FROM pending_changes
        WHERE standing = 'confirmed' AND NOT EXISTS (
            SELECT 1 FROM changes WHERE changes.post_id = pending_changes.post_id
                AND changes.not_before = pending_changes.not_before
                AND changes.not_after = pending_changes.first_seen_at
        )
        """,
    ),
    IntegrityRule(
        "images are the bytes of their capture",
        "images",
        """
        SELECT 'images ' || images.id, 'the body of its capture has another hash or size'
        FROM images JOIN captures ON captures.id = images.capture_id
        WHERE (hash, n_bytes) IS NOT (body_hash, body_bytes)
        """,
    ),
    IntegrityRule(
        "an image of a post is one at a time",
        "post_images",
        """
        SELECT 'post_images ' || id, 'it overlaps the period before' FROM (
            SELECT id, first_seen_at < lag(last_seen_at) OVER place AS overlaps
            FROM post_images WHERE standing = 'confirmed'
            WINDOW place AS (PARTITION BY post_id, place ORDER BY first_seen_at, id)
        ) WHERE overlaps
        UNION ALL
        SELECT 'post_images ' || min(id), 'two differences wait' FROM post_images
        WHERE standing = 'pending' GROUP BY post_id, place HAVING count(*) > 1
        """,
    ),
    IntegrityRule(
        "changes of a post's content have fields",
        "changes",
        """
        SELECT label, 'it has no row in change_fields' FROM changes
        WHERE kind NOT IN ('created', 'removed', 'restored')
            AND NOT EXISTS (SELECT 1 FROM change_fields WHERE change_id = changes.id)
        """,
    ),
    IntegrityRule(
        "changes have the origin and cause of their group",
        "changes",
        """
        SELECT changes.label, 'its origin is ' || changes.origin || ', its cause ' || changes.cause
            || ', its group has ' || change_groups.origin || ', ' || change_groups.cause
        FROM changes JOIN change_groups ON change_groups.id = changes.group_id
        WHERE (changes.origin, changes.cause) IS NOT (change_groups.origin, change_groups.cause)
        """,
    ),
    IntegrityRule(
        "groups match their changes",
        "change_groups",
        """
        SELECT change_groups.label, 'it counts ' || n_posts || ' posts of crawl '
            || change_groups.crawl_id || ', and has ' || count(DISTINCT post_id) || ' of crawl '
            || coalesce(max(changes.crawl_id), 0)
        FROM change_groups LEFT JOIN changes ON changes.group_id = change_groups.id
        GROUP BY change_groups.id
        HAVING n_posts != count(DISTINCT post_id)
            OR min(changes.crawl_id) IS NOT change_groups.crawl_id
            OR max(changes.crawl_id) IS NOT change_groups.crawl_id
        """,
    ),
)

_ALERTS = (
    IntegrityRule(
        "the state of a message matches its content",
        "alert_messages",
        """
        SELECT label, CASE
            WHEN state NOT IN ('waiting', 'refused', 'sent', 'dropped')
                THEN 'its state is ' || state
            WHEN (content = '') != (state IN ('sent', 'dropped'))
                THEN 'it is ' || state || ', and its content is ' || CASE content
                    WHEN '' THEN 'deleted' ELSE 'not deleted'
                END
            ELSE 'it is ' || state || ', and was sent at ' || coalesce(sent_at, 'no time')
        END
        FROM alert_messages
        WHERE state NOT IN ('waiting', 'refused', 'sent', 'dropped')
            OR (content = '') != (state IN ('sent', 'dropped'))
            OR (sent_at IS NULL) = (state = 'sent')
        """,
    ),
    IntegrityRule(
        "alerts are in a message or wait for a digest",
        "alerts",
        """
        SELECT 'alerts ' || alerts.id, CASE
            WHEN message_id IS NULL THEN 'it is to be sent at once, and is in no message'
            WHEN alert_messages.channel != alerts.channel
                THEN 'it is in a message for ' || alert_messages.channel
            ELSE 'its crawl is not in alert_processed_crawls'
        END
        FROM alerts LEFT JOIN alert_messages ON alert_messages.id = message_id
        WHERE (message_id IS NULL AND alerts.timing = 'at_once')
            OR alert_messages.channel != alerts.channel
            OR crawl_id NOT IN (SELECT crawl_id FROM alert_processed_crawls)
        """,
    ),
    IntegrityRule(
        "messages have an alert or an incident",
        "alert_messages",
        """
        SELECT label, 'it has neither alert nor incident' FROM alert_messages
        WHERE id NOT IN (SELECT message_id FROM alerts WHERE message_id IS NOT NULL)
            AND id NOT IN (SELECT message_id FROM alert_incidents)
        """,
    ),
)

RULES = (*_TIMES, *_POSTS, *_CHANGES, *_ALERTS)
