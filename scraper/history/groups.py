"""Groups of changes: identical ones of one crawl, and what a theme did to many posts at once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from scraper.history.changes import CLAIMS, ChangeKind, FieldChange, Severity, severity_of
from scraper.history.timeline import Cause
from scraper.items import Origin

GROUP_MIN = 3
"""Fewer posts than this are reported one by one."""

THEME_MIN = 5
THEME_SHARE = 1 / 3
"""If a field disappears or appears on at least this many posts and this share of those that a crawl
read, and no text changed, the theme did it: nobody removes the tags from a third of a blog in one
day, post by post."""

SHOWN_FIELDS = ("author", "published_at", "excerpt", "image_url", "tags")
"""Fields that a theme may show or hide."""

LONGEST_SUMMARY = 200

SEVERAL: Literal["several"] = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A change from the archive. `emptied`: fields of `SHOWN_FIELDS` without a value after it;
    `filled`: those without a value before it."""

    id: int
    post_id: int
    kind: ChangeKind
    severity: Severity
    origin: Origin
    cause: Cause
    fields: tuple[FieldChange, ...]
    emptied: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """Changes that are reported as one: `kind` is their kind, or ``several``; `severity` is their
    highest. `origin` and `cause` overrule those of the single changes, which were stored before the
    others were known, and no change of a group is graver than it. `change_ids` are in the order
    given."""

    kind: ChangeKind | Literal["several"]
    severity: Severity
    origin: Origin
    cause: Cause
    n_posts: int
    summary: str
    change_ids: tuple[int, ...]


class _Key(NamedTuple):
    """Changes with the same `digest` form a group; `summary` describes it, without the count."""

    digest: bytes
    summary: str


class _KeyedChange(NamedTuple):
    """A change with its keys, without its texts: many are in memory at once."""

    id: int
    post_id: int
    kind: ChangeKind
    severity: Severity
    origin: Origin
    cause: Cause
    theme_key: _Key | None
    same_key: _Key | None


def form_groups(changes: Iterable[StoredChange], *, posts_read: int) -> list[ChangeGroup]:
    """Group the changes of one crawl, which read `posts_read` posts. Created posts never form a
    group, and most changes stay alone.

    Changes made by other rules or another template form one group for each cause. Fields that a
    theme stopped or began to show form a group of their own. All others form a group where kind,
    origin, fields and values are equal.
    """
    left = [_with_keys(change) for change in changes if change.kind != "created"]
    theme_min = max(THEME_MIN, posts_read * THEME_SHARE)
    steps: tuple[
        tuple[Callable[[_KeyedChange], _Key | None], float, Origin | None, Cause | None], ...
    ] = (
        (_cause_key, GROUP_MIN, None, None),
        (lambda keyed: keyed.theme_key, theme_min, "technical", "theme"),
        (lambda keyed: keyed.same_key, GROUP_MIN, None, None),
    )
    groups: list[ChangeGroup] = []
    for key_of, least, origin, cause in steps:
        found = _gather(left, key_of, least)
        groups += [
            _group(summary, members, origin=origin, cause=cause) for summary, members in found
        ]
        grouped = {member.id for _, members in found for member in members}
        left = [keyed for keyed in left if keyed.id not in grouped]
    return groups


def _with_keys(change: StoredChange) -> _KeyedChange:
    return _KeyedChange(
        change.id,
        change.post_id,
        change.kind,
        change.severity,
        change.origin,
        change.cause,
        _theme_key(change),
        _same_key(change),
    )


def _gather(
    keyed_changes: list[_KeyedChange], key_of: Callable[[_KeyedChange], _Key | None], least: float
) -> list[tuple[str, list[_KeyedChange]]]:
    members: dict[bytes, list[_KeyedChange]] = defaultdict(list)
    summaries: dict[bytes, str] = {}
    for keyed in keyed_changes:
        if key := key_of(keyed):
            members[key.digest].append(keyed)
            summaries[key.digest] = key.summary
    return [
        (summaries[digest], same)
        for digest, same in members.items()
        if len({keyed.post_id for keyed in same}) >= least
    ]


def _group(
    summary: str, members: list[_KeyedChange], *, origin: Origin | None, cause: Cause | None
) -> ChangeGroup:
    kinds = Counter(member.kind for member in members)
    n_posts = len({member.post_id for member in members})
    origin = origin or members[0].origin
    gravest = max((member.severity for member in members), key=get_args(Severity).index)
    return ChangeGroup(
        kind=members[0].kind if len(kinds) == 1 else SEVERAL,
        severity=severity_of(gravest, origin),
        origin=origin,
        cause=cause or members[0].cause,
        n_posts=n_posts,
        summary=f"{summary} on {n_posts} posts",
        change_ids=tuple(member.id for member in members),
    )


def _cause_key(keyed: _KeyedChange) -> _Key | None:
    if keyed.origin != "technical":
        return None
    summary = {"rules": "rules of extraction changed", "theme": "theme changed"}.get(
        keyed.cause, "rules or theme changed"
    )
    return _key(keyed.cause, summary=summary)


def _theme_key(change: StoredChange) -> _Key | None:
    """Key of a change in which fields only disappeared, or only appeared."""
    names = {field.field for field in change.fields}
    if change.origin != "observed" or not names or not names <= set(SHOWN_FIELDS):
        return None
    for direction, affected in (("no longer shows", change.emptied), ("now shows", change.filled)):
        if names <= affected:
            fields = ", ".join(sorted(names))
            return _key(direction, fields, summary=f"theme {direction} {fields}")
    return None


def _same_key(change: StoredChange) -> _Key | None:
    # What a claim becomes depends on the rest of the post too.
    fields = tuple(field for field in change.fields if field.field != CLAIMS)
    if change.kind == "renamed":
        fields = tuple(_moved_folder(field) for field in fields)
    values = [
        (field.field, field.old, field.new)
        for field in sorted(fields, key=lambda field: field.field)
    ]
    details = "; ".join(map(_value, fields))
    summary = f"{change.kind}: {details}" if details else change.kind
    return _key(change.kind, change.origin, json.dumps(values), summary=summary)


def _moved_folder(field: FieldChange) -> FieldChange:
    """The folders alone, where the last part of the URL is the same: so all posts of a renamed blog
    form one group."""
    old, new = (value.rpartition("/") for value in (field.old, field.new))
    if old[2] != new[2]:
        return field
    return FieldChange(field=field.field, old=f"{old[0]}/", new=f"{new[0]}/")


def _value(field: FieldChange) -> str:
    text = f"{field.field}: {field.old or 'nothing'} → {field.new or 'nothing'}"
    text = text.replace("\n", ", ")
    if len(text) > LONGEST_SUMMARY:
        return text[: LONGEST_SUMMARY - 1] + "…"
    return text


def _key(*parts: str, summary: str) -> _Key:
    return _Key(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest(), summary)
