"""What the catalogue of a cluster copies from the archive of a store: its finished crawls, their
changes, and its incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from scraper.archive.rows import named_rows

CatalogueRow = Mapping[str, Any]
"""A row by column, as the catalogue's table of the same name has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRows:
    """Rows for the catalogue: crawls that have ended, their changes, and all incidents."""

    crawls: Sequence[CatalogueRow] = ()
    changes: Sequence[CatalogueRow] = ()
    incidents: Sequence[CatalogueRow] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStore:
    """A store as the catalogue has it, with its last crawl; texts are empty before the first one.
    Without an archive there is nothing to open."""

    name: str
    host: str
    has_archive: bool
    finished_at: str
    outcome: str
    health: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChange:
    """A change as the catalogue has it; `change_id` is its number in the archive of its store."""

    store: str
    change_id: int
    post_title: str
    kind: str
    severity: str
    not_before: str
    not_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIncident:
    """An open incident as the catalogue has it."""

    store: str
    kind: str
    opened_at: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueOverview:
    """What the catalogue says of all stores: how many there are, those that were asked for, the
    unhealthy first, open incidents from the oldest on, and the newest changes of the stores."""

    n_stores: int
    n_archives: int
    n_found: int
    stores: tuple[ListedStore, ...]
    incidents: tuple[ListedIncident, ...]
    changes: tuple[ListedChange, ...]


def read_catalogue_rows(db: Database, after_crawl_id: int) -> CatalogueRows:
    """Return the crawls after the one of an id and their changes. A crawl that has not ended is
    left out: what looks like the store's edit may turn out to be the theme's when it ends."""
    values = [after_crawl_id]
    return CatalogueRows(
        crawls=list(named_rows(db, _CRAWLS, values)),
        changes=list(named_rows(db, _CHANGES, values)),
        incidents=list(named_rows(db, _INCIDENTS)),
    )


_CRAWLS = """
    SELECT id AS crawl_id, label, started_at, coalesce(finished_at, '') AS finished_at, outcome,
        health, reason, n_listed, n_fetched, n_not_modified, n_new, n_changed, n_missing,
        n_blocked, n_error
    FROM crawls WHERE id > ? AND outcome != 'running' ORDER BY id
"""
_CHANGES = """
    SELECT changes.id AS change_id, changes.crawl_id, changes.label, posts.url AS post_url,
        posts.title AS post_title, changes.kind, severity, origin, cause, standing,
        coalesce(not_before, '') AS not_before, not_after, words_added, words_removed
    FROM changes JOIN crawls ON crawls.id = changes.crawl_id JOIN posts ON posts.id = post_id
    WHERE crawls.id > ? AND outcome != 'running' ORDER BY changes.id
"""
_INCIDENTS = """
    SELECT id AS incident_id, kind, subject, opened_at, closed_at, detail FROM incidents
"""
