"""Identical changes of one crawl as one group, and what a theme did to many posts at once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from scraper.history.attribution import Cause
from scraper.history.changes import ChangeKind, FieldChange, Severity
from scraper.items import Origin

GROUP_MIN = 3
"""Two posts that changed alike can as well be told one by one."""

THEME_MIN = 5
THEME_SHARE = 1 / 3
"""Where a field is lost, or is first shown, on so many posts and on this share of those that a
crawl read, no text being touched, the theme stopped or began to print it: nobody takes the tags off
a third of a blog in one day, post by post."""

SHOWN_FIELDS = ("author", "published_at", "excerpt", "image_url", "tags")
"""Fields that a theme may show or not."""

LONGEST_SUMMARY = 200

SEVERAL: Literal["several"] = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChange:
    """A change as the archive holds it. `emptied` are the fields of `SHOWN_FIELDS` without a value
    after it, `filled` those without one before it."""

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
    """Changes that are one: `kind` is theirs, or ``several``; `severity` the gravest of theirs;
    `origin` and `cause` overrule those that were told post by post, before the others were known.
    `change_ids` in the order given."""

    kind: ChangeKind | Literal["several"]
    severity: Severity
    origin: Origin
    cause: Cause
    n_posts: int
    summary: str
    change_ids: tuple[int, ...]


class _Key(NamedTuple):
    """What makes changes alike: `digest` is short whatever the words are; `told` is the summary
    without its count."""

    digest: bytes
    told: str


class _Sketch(NamedTuple):
    """What is remembered of a change while the others are read."""

    id: int
    post_id: int
    kind: ChangeKind
    severity: Severity
    origin: Origin
    cause: Cause
    shown: _Key | None
    same: _Key | None


def form_groups(changes: Iterable[StoredChange], *, posts_read: int) -> list[ChangeGroup]:
    """Group the changes of one crawl, which read `posts_read` posts. First sights never group, and
    most changes stand alone.

    What other rules or another template did is one group for each cause; what a theme stopped or
    began to show is its own; all else groups where kind, origin, fields and values are the same.
    """
    left = [_sketch(change) for change in changes if change.kind != "created"]
    theme_min = max(THEME_MIN, posts_read * THEME_SHARE)
    steps: tuple[
        tuple[Callable[[_Sketch], _Key | None], float, Origin | None, Cause | None], ...
    ] = (
        (_cause_key, GROUP_MIN, None, None),
        (lambda sketch: sketch.shown, theme_min, "technical", "theme"),
        (lambda sketch: sketch.same, GROUP_MIN, None, None),
    )
    groups: list[ChangeGroup] = []
    for key_of, least, origin, cause in steps:
        found = _gather(left, key_of, least)
        groups += [_group(told, members, origin=origin, cause=cause) for told, members in found]
        grouped = {member.id for _, members in found for member in members}
        left = [sketch for sketch in left if sketch.id not in grouped]
    return groups


def _sketch(change: StoredChange) -> _Sketch:
    return _Sketch(
        change.id,
        change.post_id,
        change.kind,
        change.severity,
        change.origin,
        change.cause,
        _shown_key(change),
        _same_key(change),
    )


def _gather(
    sketches: list[_Sketch], key_of: Callable[[_Sketch], _Key | None], least: float
) -> list[tuple[str, list[_Sketch]]]:
    members: dict[bytes, list[_Sketch]] = defaultdict(list)
    told: dict[bytes, str] = {}
    for sketch in sketches:
        if key := key_of(sketch):
            members[key.digest].append(sketch)
            told[key.digest] = key.told
    return [
        (told[digest], alike)
        for digest, alike in members.items()
        if len({sketch.post_id for sketch in alike}) >= least
    ]


def _group(
    told: str, members: list[_Sketch], *, origin: Origin | None, cause: Cause | None
) -> ChangeGroup:
    kinds = Counter(member.kind for member in members)
    n_posts = len({member.post_id for member in members})
    return ChangeGroup(
        kind=members[0].kind if len(kinds) == 1 else SEVERAL,
        severity=max((member.severity for member in members), key=get_args(Severity).index),
        origin=origin or members[0].origin,
        cause=cause or members[0].cause,
        n_posts=n_posts,
        summary=f"{told} on {n_posts} posts",
        change_ids=tuple(member.id for member in members),
    )


def _cause_key(sketch: _Sketch) -> _Key | None:
    if sketch.origin != "technical":
        return None
    told = {"rules": "rules of extraction changed", "theme": "theme changed"}.get(
        sketch.cause, "rules or theme changed"
    )
    return _key(sketch.cause, told=told)


def _shown_key(change: StoredChange) -> _Key | None:
    """The fields that all went, or all came, if nothing else moved."""
    names = {field.field for field in change.fields}
    if change.origin != "observed" or not names or not names <= set(SHOWN_FIELDS):
        return None
    for direction, which in (("no longer shows", change.emptied), ("now shows", change.filled)):
        if names <= which:
            fields = ", ".join(sorted(names))
            return _key(direction, fields, told=f"theme {direction} {fields}")
    return None


def _same_key(change: StoredChange) -> _Key | None:
    fields = change.fields
    if change.kind == "renamed":
        fields = tuple(_moved_folder(field) for field in fields)
    values = [
        (field.field, field.old, field.new)
        for field in sorted(fields, key=lambda field: field.field)
    ]
    words = "; ".join(_value(field) for field in fields)
    told = f"{change.kind}: {words}" if words else change.kind
    return _key(change.kind, change.origin, json.dumps(values), told=told)


def _moved_folder(field: FieldChange) -> FieldChange:
    """Of an address that kept its last part only the folder, so that posts of a blog that was
    renamed are alike."""
    old, new = (value.rpartition("/") for value in (field.old, field.new))
    if old[2] != new[2]:
        return field
    return FieldChange(field=field.field, old=f"{old[0]}/", new=f"{new[0]}/")


def _value(field: FieldChange) -> str:
    words = f"{field.field}: {field.old or 'nothing'} → {field.new or 'nothing'}".replace(
        "\n", ", "
    )
    return words if len(words) <= LONGEST_SUMMARY else words[: LONGEST_SUMMARY - 1] + "…"


def _key(*parts: str, told: str) -> _Key:
    return _Key(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest(), told)
