"""Changes as the archive stores them. This module alone reads the model `Change`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from scraper.archive.rows import iterate_rows, read_row, read_rows
from scraper.archive.statements import to_json
from scraper.exceptions import NoSuchChange
from scraper.history.changes import Change, FieldChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTexts:
    """The texts of the revisions before and after a change, empty where there is none."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroupRow:
    """Identical changes of one crawl."""

    id: int
    label: str
    kind: str
    severity: str
    origin: str
    cause: str
    n_posts: int
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """A post of a group, with its change."""

    post_id: int
    title: str
    change_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMembers:
    """A group of changes with the first of its posts."""

    id: int
    summary: str
    n_posts: int
    posts: tuple[GroupMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """A difference that nothing confirms yet: seen by `sights` crawls in a row since
    `first_seen_at` (UTC); the texts of both revisions, and their numbers. Of an image, whose
    revision stands, the texts are hash and address."""

    post_id: int
    title: str
    url: str
    not_before: str
    first_seen_at: str
    last_seen_at: str
    sights: int
    old_revision: int
    new_revision: int
    old_text: str
    new_text: str


def read_changes(connection: sqlite3.Connection | Database, ids: Sequence[int]) -> list[Change]:
    """Read changes by their ids, in the order of the ids."""
    changes = iterate_rows(connection, _change, _CHANGES, [to_json(ids)])
    by_id = {change.id: change for change in changes}
    return [by_id[change_id] for change_id in ids]


def changes_of_crawl(db: Database, crawl_id: int) -> list[Change]:
    """Read the changes that a crawl found, by severity, kind and post."""
    return _changes_where(db, "changes.crawl_id = :crawl_id", {"crawl_id": crawl_id})


def changes_between(db: Database, since: str, until: str, store: str = "") -> list[Change]:
    """Read the changes found in a period (UTC, `until` excluded), of one store (by name) or of
    all; the first sight of a post that stood already is none."""
    return _changes_where(
        db,
        "changes.not_after >= :since AND changes.not_after < :until"
        " AND :store IN ('', stores.name)"
        " AND NOT (changes.kind = 'created' AND changes.not_before IS NULL)",
        {"since": since, "until": until, "store": store},
    )


def pending_changes(db: Database, store: str) -> list[PendingChange]:
    """Read the differences of a store (by name) that wait for confirmation, oldest first, then
    those of images."""
    texts = read_rows(db, PendingChange, _PENDING.format(where="stores.name = ?"), [store])
    return [*texts, *read_rows(db, PendingChange, _PENDING_IMAGES, [store])]


def pending_change_of(connection: sqlite3.Connection, post_id: int) -> PendingChange | None:
    """Read the difference of a post that waits for confirmation, if there is one."""
    return read_row(connection, PendingChange, _PENDING.format(where="posts.id = ?"), [post_id])


def changes_of_post(connection: sqlite3.Connection, post_id: int, *, limit: int) -> list[Change]:
    """Read the last changes of a post, newest first."""
    return read_changes(connection, _read_ids(connection, _IDS_OF_POST, [post_id, limit]))


def read_texts(connection: sqlite3.Connection | Database, change_id: int) -> ChangeTexts:
    """Read the texts on both sides of a change."""
    (texts,) = read_rows(connection, ChangeTexts, _TEXTS, [change_id])
    return texts


def groups_of(changes: Iterable[Change]) -> list[ChangeGroupRow]:
    """Return the groups to which changes belong, in the order of the changes."""
    first_members: dict[int, Change] = {}
    for change in changes:
        if change.group_id:
            first_members.setdefault(change.group_id, change)
    return [_group(change) for change in first_members.values()]


def read_group(connection: sqlite3.Connection, group_id: int, *, limit: int) -> GroupMembers:
    """Read a group with at most `limit` of its posts. Raises NoSuchChange."""
    row = connection.execute(_GROUP, [group_id]).fetchone()
    if row is None:
        raise NoSuchChange(f"there is no group {group_id} of changes")
    summary, n_posts = row
    posts = tuple(read_rows(connection, GroupMember, _MEMBERS, [group_id, limit]))
    return GroupMembers(id=group_id, summary=summary, n_posts=n_posts, posts=posts)


def read_group_titles(db: Database, group_id: int, *, limit: int) -> tuple[str, ...]:
    """Read the titles of a group's posts in the order of its changes; all for a limit of -1."""
    return tuple(title for (title,) in db.execute(_TITLES, [group_id, limit]).fetchall())


def _change(*, fields: str, is_revert: int, **values: Any) -> Change:
    return Change(
        fields=tuple(FieldChange(**field) for field in json.loads(fields)),
        is_revert=bool(is_revert),
        **values,
    )


def _group(change: Change) -> ChangeGroupRow:
    return ChangeGroupRow(
        id=change.group_id,
        label=change.group_label,
        kind=change.group_kind,
        severity=change.group_severity,
        origin=change.origin,
        cause=change.cause,
        n_posts=change.n_posts,
        summary=change.summary,
    )


def _changes_where(db: Database, where: str, values: Mapping[str, object]) -> list[Change]:
    return read_changes(db, _read_ids(db, _IDS.format(where=where), values))


def _read_ids(connection: sqlite3.Connection | Database, sql: str, values: Any) -> list[int]:
    return [change_id for (change_id,) in connection.execute(sql, values)]


_CHANGES = """
    SELECT id, store_id, store, blog, blog_handle, post_id, post_title AS title, post_url AS url,
        crawl_id, crawl_health, crawl_reason, kind, severity, origin, cause, not_before, not_after,
        from_number AS old_revision, to_number AS new_revision, words_added, words_removed,
        similarity, is_revert, coalesce(group_id, 0) AS group_id, group_label, group_kind,
        group_severity, group_n_posts AS n_posts, group_summary AS summary, fields
    FROM change_details WHERE id IN (SELECT value FROM json_each(?))
"""
_IDS = """
    SELECT changes.id
    FROM changes
    JOIN posts ON posts.id = changes.post_id
    JOIN stores ON stores.id = changes.store_id
    WHERE {where}
    ORDER BY CASE changes.severity WHEN 'major' THEN 0 WHEN 'minor' THEN 1 ELSE 2 END,
        changes.kind, posts.label, changes.id
"""
_PENDING = """
    SELECT posts.id AS post_id, posts.title, posts.url, not_before, pending_changes.first_seen_at,
        pending_changes.last_seen_at, sights, old.number AS old_revision,
        new.number AS new_revision, old_content.text AS old_text, new_content.text AS new_text
    FROM pending_changes
    JOIN posts ON posts.id = pending_changes.post_id
    JOIN stores ON stores.id = posts.store_id
    JOIN revisions AS old ON old.id = from_revision_id
    JOIN contents AS old_content ON old_content.id = old.content_id
    JOIN revisions AS new ON new.id = to_revision_id
    JOIN contents AS new_content ON new_content.id = new.content_id
    WHERE {where} AND standing = 'pending' ORDER BY pending_changes.id
"""
_PENDING_IMAGES = """
    SELECT posts.id AS post_id, posts.title, posts.url, shown.last_seen_at AS not_before,
        seen.first_seen_at, seen.last_seen_at, seen.count AS sights, number AS old_revision,
        number AS new_revision, 'sha256:' || old.hash || ' ' || shown.url AS old_text,
        'sha256:' || new.hash || ' ' || seen.url AS new_text
    FROM post_images AS seen
    JOIN post_images AS shown ON shown.id = (
        SELECT id FROM post_images
        WHERE post_id = seen.post_id AND place = seen.place AND standing = 'confirmed'
        ORDER BY first_seen_at DESC, id DESC LIMIT 1
    )
    JOIN images AS old ON old.id = shown.image_id
    JOIN images AS new ON new.id = seen.image_id
    JOIN posts ON posts.id = seen.post_id
    JOIN stores ON stores.id = posts.store_id
    JOIN revisions ON revisions.id = posts.revision_id
    WHERE stores.name = ? AND seen.standing = 'pending' ORDER BY seen.id
"""
_IDS_OF_POST = "SELECT id FROM changes WHERE post_id = ? ORDER BY id DESC LIMIT ?"
_TEXTS = """
    SELECT coalesce(old_content.text, '') AS old, coalesce(new_content.text, '') AS new
    FROM changes
    LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
    LEFT JOIN contents AS old_content ON old_content.id = old.content_id
    LEFT JOIN revisions AS new ON new.id = changes.to_revision_id
    LEFT JOIN contents AS new_content ON new_content.id = new.content_id
    WHERE changes.id = ?
"""
_GROUP = "SELECT summary, n_posts FROM change_groups WHERE id = ?"
_MEMBERS = """
    SELECT posts.id AS post_id, posts.title, min(changes.id) AS change_id
    FROM changes JOIN posts ON posts.id = changes.post_id
    WHERE changes.group_id = ? GROUP BY posts.id ORDER BY posts.title, posts.id LIMIT ?
"""
_TITLES = """
    SELECT DISTINCT posts.title FROM changes JOIN posts ON posts.id = changes.post_id
    WHERE changes.group_id = ? ORDER BY changes.id LIMIT ?
"""
