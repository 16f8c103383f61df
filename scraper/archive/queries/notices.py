"""What alerts report: the store's own changes that finished crawls found, and incidents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlite_utils import Database

from scraper.alerts.notices import ChangeNotice, IncidentNotice
from scraper.archive.queries.changes import read_changes, read_group_titles, read_texts
from scraper.archive.rows import read_rows
from scraper.history.changes import Change
from scraper.history.store_addresses import host_key

MAX_TITLES = 5
"""Titles reported of a group. Of posts that were removed together, all are reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCrawl:
    """A crawl that has ended. `hosts` are those of its store's current and former origins, without
    ``www.``, the current one first. `is_first_check` says that alerts have processed no crawl of
    the store yet."""

    id: int
    store_id: int
    store: str
    finished_at: str
    hosts: tuple[str, ...]
    is_first_check: bool


def unprocessed_crawls(db: Database) -> list[EndedCrawl]:
    """Read the ended crawls that alerts have not processed, oldest first."""
    return _read_crawls(db, _UNPROCESSED, [])


def crawls_after(db: Database, crawl_id: int) -> list[EndedCrawl]:
    """Read the ended crawls with an id above one that alerts have not processed, oldest first."""
    return _read_crawls(db, f"crawls.id > ? AND {_UNPROCESSED}", [crawl_id])


def crawls_since(db: Database, since: str, until: str) -> list[EndedCrawl]:
    """Read the crawls that ended in a period (UTC, `until` excluded), oldest first, whether alerts
    have processed them or not."""
    return _read_crawls(db, f"{_ENDED_AT} >= ? AND {_ENDED_AT} < ?", [since, until])


def notices_of_crawl(db: Database, crawl_id: int) -> Iterator[ChangeNotice]:
    """Read the store's own changes that a crawl found, in order, each member of a group by itself.

    The posts of a store's first crawl are not new and are left out.
    """
    ids = [change_id for (change_id,) in db.execute(_CHANGE_IDS, [crawl_id]).fetchall()]
    return (read_notice(db, change_id) for change_id in ids)


def read_notice(db: Database, change_id: int) -> ChangeNotice:
    """Read a change by its id with what alerts report beside it."""
    (change,) = read_changes(db, [change_id])
    texts = read_texts(db, change_id)
    values = {field.name: getattr(change, field.name) for field in fields(Change)}
    values |= {"kind": change.group_kind, "severity": change.group_severity}
    return ChangeNotice(
        **values,
        group_titles=_group_titles(db, change),
        old_text=texts.old,
        new_text=texts.new,
    )


def open_incident_notices(db: Database) -> list[IncidentNotice]:
    """Read the open incidents, oldest first."""
    sql = f"{_INCIDENT} WHERE closed_at IS NULL ORDER BY incidents.id"
    return read_rows(db, _incident, sql)


def channels_notified(db: Database, incident_id: int) -> frozenset[str]:
    """Return the channels that were notified when an incident was opened."""
    sql = "SELECT channel FROM alert_incidents WHERE incident_id = ? AND event = 'opened'"
    return frozenset(channel for (channel,) in db.execute(sql, [incident_id]))


def closed_incident_notices(db: Database) -> list[tuple[IncidentNotice, str]]:
    """Read the closed incidents, each with a channel that knows only of the opening.

    A channel whose message about the opening was dropped is left out.
    """
    found = []
    for incident_id, channel in db.execute(_UNREPORTED_CLOSINGS).fetchall():
        sql = f"{_INCIDENT} WHERE incidents.id = ?"
        (incident,) = read_rows(db, _incident, sql, [incident_id])
        found.append((incident, channel))
    return found


def _read_crawls(db: Database, where: str, values: Sequence[object]) -> list[EndedCrawl]:
    return read_rows(db, _ended_crawl, _CRAWLS.format(where=where), values)


def _ended_crawl(*, origins: str, is_first_check: int, **values: Any) -> EndedCrawl:
    return EndedCrawl(hosts=_hosts_of(origins), is_first_check=bool(is_first_check), **values)


def _group_titles(db: Database, change: Change) -> tuple[str, ...]:
    if not change.group_id:
        return ()
    limit = -1 if change.group_kind == "removed" else MAX_TITLES
    return read_group_titles(db, change.group_id, limit=limit)


def _incident(*, origins: str, **values: Any) -> IncidentNotice:
    return IncidentNotice(hosts=_hosts_of(origins), **values)


def _hosts_of(origins: str) -> tuple[str, ...]:
    """The distinct hosts of a JSON list of origins, without ``www.``."""
    return tuple(dict.fromkeys(host_key(origin) for origin in json.loads(origins)))


_ORIGINS = """(
    SELECT json_group_array(origin) FROM (
        SELECT origin FROM store_urls WHERE store_id = stores.id
        ORDER BY gone_at IS NOT NULL, id DESC
    )
)"""
# A killed crawl has no end of its own, so its last heartbeat counts.
_ENDED_AT = "coalesce(crawls.finished_at, crawls.heartbeat_at)"
_UNPROCESSED = "crawls.id NOT IN (SELECT crawl_id FROM alert_processed_crawls)"
_CRAWLS = f"""
    SELECT crawls.id, crawls.store_id, stores.name AS store, {_ENDED_AT} AS finished_at,
        {_ORIGINS} AS origins,
        NOT EXISTS (
            SELECT 1 FROM alert_processed_crawls
            JOIN crawls AS processed ON processed.id = alert_processed_crawls.crawl_id
            WHERE processed.store_id = stores.id
        ) AS is_first_check
    FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE crawls.kind = 'crawl' AND crawls.outcome != 'running' AND {{where}} ORDER BY crawls.id
"""
_CHANGE_IDS = """
    SELECT id FROM changes
    WHERE crawl_id = ? AND origin = 'observed' AND NOT (kind = 'created' AND not_before IS NULL)
    ORDER BY id
"""
_INCIDENT = f"""
    SELECT incidents.id AS incident_id, coalesce(stores.name, '') AS store, kind, subject, detail,
        opened_at, coalesce(closed_at, '') AS closed_at, {_ORIGINS} AS origins
    FROM incidents LEFT JOIN stores ON stores.id = incidents.store_id
"""
_UNREPORTED_CLOSINGS = """
    SELECT incidents.id, opening.channel
    FROM alert_incidents AS opening
    JOIN incidents ON incidents.id = opening.incident_id
    WHERE opening.event = 'opened' AND closed_at IS NOT NULL
        AND opening.message_id NOT IN (SELECT id FROM alert_messages WHERE state = 'dropped')
        AND NOT EXISTS (
            SELECT 1 FROM alert_incidents AS closing
            WHERE closing.incident_id = opening.incident_id
                AND closing.channel = opening.channel AND closing.event = 'closed'
        )
    ORDER BY incidents.id, opening.id
"""
