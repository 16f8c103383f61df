"""What finished crawls have found that alerts may tell: what the store itself did, and neither what
our rules nor a file did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.alerts.notices import ChangeNotice
from scraper.history.store_addresses import host_key

TITLES = 5
"""Titles told of a group; of posts that were removed together, all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCrawl:
    """A crawl that has ended; `hosts` are those at which its store stands or stood, without
    ``www.``, its present one first."""

    id: int
    store_id: int
    store: str
    finished_at: str
    hosts: tuple[str, ...]
    is_first_look: bool


def unprocessed_crawls(db: Database) -> list[EndedCrawl]:
    """Ended crawls that alerts have not looked at, oldest first. Of a store of which they looked at
    none, `is_first_look` is true."""
    return _crawls(db, "crawls.id NOT IN (SELECT crawl_id FROM alert_processed_crawls)", [])


def crawls_since(db: Database, since: str, until: str) -> list[EndedCrawl]:
    """Crawls that ended in a span of time (UTC, `until` excluded), oldest first, whether alerts
    have looked at them or not."""
    return _crawls(db, f"{_ENDED_AT} >= ? AND {_ENDED_AT} < ?", [since, until])


def notices_of_crawl(db: Database, crawl_id: int) -> Iterator[ChangeNotice]:
    """What a crawl found that the store did, in the order in which it was found; each member of a
    group by itself. The posts of a store's first crawl are not new."""
    changes = [change_id for (change_id,) in db.execute(_NEWS_IDS, [crawl_id]).fetchall()]
    return (read_notices(db, change_id) for change_id in changes)


def read_notices(db: Database, change_id: int) -> ChangeNotice:
    """A change as alerts tell it, by its number."""
    *values, fields, is_revert, old_text, new_text = db.execute(_NEWS, [change_id]).fetchone()
    names = [
        name
        for name in ChangeNotice.__dataclass_fields__
        if name not in {"fields", "is_revert", "posts", "old_text", "new_text"}
    ]
    known = dict(zip(names, values, strict=True))
    return ChangeNotice(
        **known,
        fields=tuple((name, old, new) for name, old, new in json.loads(fields)),
        is_revert=bool(is_revert),
        posts=_titles(db, known["group_id"], known["kind"]),
        old_text=old_text,
        new_text=new_text,
    )


def hosts_of(origins: str) -> tuple[str, ...]:
    """The hosts of a JSON list of origins, as `ORIGINS` gives it, each once and without
    ``www.``."""
    return tuple(dict.fromkeys(host_key(origin) for origin in json.loads(origins)))


def _titles(db: Database, group_id: int, kind: str) -> tuple[str, ...]:
    limit = -1 if kind == "removed" else TITLES
    return (
        tuple(title for (title,) in db.execute(_TITLES, [group_id, limit]).fetchall())
        if group_id
        else ()
    )


def _crawls(db: Database, where: str, values: list[str]) -> list[EndedCrawl]:
    rows = db.execute(_CRAWLS.format(where=where), values).fetchall()
    return [
        EndedCrawl(
            id=row[0],
            store_id=row[1],
            store=row[2],
            finished_at=row[3],
            hosts=hosts_of(row[4]),
            is_first_look=bool(row[5]),
        )
        for row in rows
    ]


ORIGINS = """
    (SELECT json_group_array(origin) FROM (SELECT origin FROM store_urls WHERE store_id = stores.id ORDER BY gone_at IS NOT NULL, id DESC))
"""
"""Where a store stands and stood, its present origin first, as a JSON list."""

# A crawl that was killed has no end of its own: its last sign of life is.
_ENDED_AT = "coalesce(crawls.finished_at, crawls.heartbeat_at)"
_CRAWLS = f"""
    SELECT crawls.id, crawls.store_id, stores.name, {_ENDED_AT},
        {ORIGINS},
        NOT EXISTS (
            SELECT 1 FROM alert_processed_crawls
            JOIN crawls AS processed ON processed.id = alert_processed_crawls.crawl_id
            WHERE processed.store_id = stores.id
        )
    FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE crawls.kind = 'crawl' AND crawls.outcome != 'running' AND {{where}} ORDER BY crawls.id
"""
_NEWS_IDS = """
    SELECT changes.id FROM changes WHERE changes.crawl_id = ? AND changes.origin = 'observed'
        AND NOT (changes.kind = 'created' AND changes.not_before IS NULL)
    ORDER BY changes.id
"""
_NEWS = """
    SELECT changes.id, changes.store_id, stores.name, changes.crawl_id, crawls.health, crawls.reason, changes.post_id, posts.title,
        posts.url, blogs.handle, coalesce(change_groups.kind, changes.kind), coalesce(change_groups.severity, changes.severity),
        coalesce(changes.not_before, ''), changes.not_after, coalesce(old.number, 0), coalesce(new.number, 0), changes.words_added,
        changes.words_removed, changes.similarity, coalesce(changes.group_id, 0), coalesce(change_groups.n_posts, 1),
        coalesce(change_groups.summary, ''),
        (SELECT json_group_array(json_array(field, old_value, new_value)) FROM change_fields WHERE change_id = changes.id),
        changes.is_revert, coalesce(old_content.text, ''), coalesce(new_content.text, '')
    FROM changes
    JOIN stores ON stores.id = changes.store_id
    JOIN crawls ON crawls.id = changes.crawl_id
    JOIN posts ON posts.id = changes.post_id
    JOIN blogs ON blogs.id = changes.blog_id
    LEFT JOIN change_groups ON change_groups.id = changes.group_id
    LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
    LEFT JOIN contents AS old_content ON old_content.id = old.content_id
    LEFT JOIN revisions AS new ON new.id = changes.to_revision_id
    LEFT JOIN contents AS new_content ON new_content.id = new.content_id
    WHERE changes.id = ?
"""
_TITLES = """
    SELECT DISTINCT posts.title FROM changes JOIN posts ON posts.id = changes.post_id
    WHERE changes.group_id = ? ORDER BY changes.id LIMIT ?
"""
