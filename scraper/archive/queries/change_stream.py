"""Changes as a stream: filtered, newest first, identical ones as one line, and how many there are
of each sort."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from scraper.archive.queries.reader import FieldRow
from scraper.archive.rows import read_rows
from scraper.exceptions import NoSuchChange

FACETS = ("store", "blog", "kind", "severity", "month", "field", "origin")
"""By what a stream can be narrowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which changes are meant; what is empty does not narrow.

    `blog` is the blog's label, `month` such as ``2026-03``, `field` one that changed. `origin` is
    ``observed`` unless asked otherwise: ``technical``, ``imported`` or ``all``. `first` takes in
    the posts of each store's first crawl, which were not new. Changes after crawl `after` up to
    crawl `until` are meant where these are given.
    """

    store: str = ""
    blog: str = ""
    kind: str = ""
    severity: str = ""
    month: str = ""
    field: str = ""
    origin: str = "observed"
    first: bool = False
    after: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamItem:
    """A change, or identical changes of one crawl where `group_id` is not 0: then `n_posts` posts
    changed so, and `summary` says how.

    `old` and `new` are the numbers of the revisions on both sides, 0 where there is none; times are
    UTC.
    """

    id: int
    store: str
    blog: str
    post_id: int
    title: str
    url: str
    kind: str
    severity: str
    origin: str
    cause: str
    not_before: str
    not_after: str
    old: int
    new: int
    words_added: int
    words_removed: int
    is_revert: bool
    group_id: int
    n_posts: int
    summary: str
    crawl_id: int
    fields: tuple[FieldRow, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPage:
    """A part of a stream; `older` is the mark from which it goes on, empty at its end."""

    items: tuple[StreamItem, ...]
    older: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRef:
    """A crawl between which and another one changes can be asked for."""

    id: int
    store: str
    kind: str
    started_at: str
    outcome: str
    health: str
    n_changed: int


def read_stream(
    connection: sqlite3.Connection, wanted: Filter, *, before: str = "", limit: int = 50
) -> StreamPage:
    """A page of changes, newest first, from the mark `before` on (see `StreamPage.older`)."""
    where, values = _conditions(wanted)
    if before:
        at, _, number = before.partition(" ")
        where.append("(changes.not_after, changes.id) < (?, ?)")
        values += [at, int(number) if number.isdigit() else 0]
    # Between two crawls of long ago, the order of time would lead through all that came later.
    sql = _STREAM.format(
        where=" AND ".join(where or ["1"]), index="INDEXED BY changes_crawl" if wanted.until else ""
    )
    items = read_rows(connection, _Told, sql, [*values, limit + 1])
    older = f"{items[limit - 1].not_after} {items[limit - 1].id}" if len(items) > limit else ""
    return StreamPage(items=tuple(_whole(item) for item in items[:limit]), older=older)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Identical changes of one crawl: how many posts they touched, and the first of these by number
    and title."""

    id: int
    summary: str
    n_posts: int
    posts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """What the page of changes shows beside its facets, of one moment."""

    stream: StreamPage
    crawls: list[CrawlRef]


class Cell(NamedTuple):
    """How many changes are alike by all facets, and by which labels of each."""

    labels: dict[str, tuple[str, ...]]
    is_first: bool
    crawl_id: int
    number: int


def read_changes(
    connection: sqlite3.Connection, wanted: Filter, *, before: str, limit: int
) -> ChangesPage:
    """The page of changes: see `read_stream` and `read_crawls`."""
    return ChangesPage(
        stream=read_stream(connection, wanted, before=before, limit=limit),
        crawls=read_crawls(connection, wanted.store),
    )


def read_cells(connection: sqlite3.Connection) -> tuple[Cell, ...]:
    """The numbers of changes by all facets at once: one walk over 60,000 takes 150 ms, worth
    keeping while the archive stays as it is."""
    names = dict(connection.execute("SELECT id, name FROM stores").fetchall())
    blogs = dict(connection.execute("SELECT id, label FROM blogs").fetchall())
    cells = []
    for (
        store,
        blog,
        kind,
        severity,
        month,
        origin,
        fields,
        is_first,
        crawl_id,
        number,
    ) in connection.execute(_CELLS):
        single = {
            "store": names[store],
            "blog": blogs[blog],
            "kind": kind,
            "severity": severity,
            "month": month,
            "origin": origin,
        }
        labels = {
            **{name: (label,) for name, label in single.items()},
            "field": tuple(json.loads(fields)),
        }
        cells.append(Cell(labels=labels, is_first=bool(is_first), crawl_id=crawl_id, number=number))
    return tuple(cells)


def read_group(connection: sqlite3.Connection, group_id: int, *, limit: int) -> Group:
    """A group by its number, with at most `limit` of its posts. Raises NoSuchChange."""
    row = connection.execute(
        "SELECT id, summary, n_posts FROM change_groups WHERE id = ?", [group_id]
    ).fetchone()
    if row is None:
        raise NoSuchChange(f"there is no group {group_id} of changes")
    posts = tuple((post, title) for post, title in connection.execute(_MEMBERS, [group_id, limit]))
    return Group(id=row[0], summary=row[1], n_posts=row[2], posts=posts)


def count_facets(cells: Iterable[Cell], wanted: Filter) -> dict[str, list[tuple[str, int]]]:
    """How many changes there are of each sort, by facet, most first; months newest first. A facet's
    own choice does not narrow it."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    chosen = {name: getattr(wanted, name) for name in FACETS}
    chosen["origin"] = "" if wanted.origin == "all" else wanted.origin
    for cell in cells:
        if (
            (cell.is_first and not wanted.first)
            or cell.crawl_id <= wanted.after
            or (wanted.until and cell.crawl_id > wanted.until)
        ):
            continue
        misses = {
            name for name, choice in chosen.items() if choice and choice not in cell.labels[name]
        }
        for name in FACETS:
            if misses <= {name}:
                for label in cell.labels[name]:
                    counts[name][label] += cell.number
    return {
        name: sorted(count.items(), key=_months_first if name == "month" else _most_first)
        for name, count in counts.items()
    }


def read_crawls(
    connection: sqlite3.Connection, store: str = "", *, limit: int = 100
) -> list[CrawlRef]:
    """The last crawls and imports, of one store (by name) or of all, newest first."""
    return read_rows(connection, CrawlRef, _CRAWLS, [store, store, limit])


def _conditions(wanted: Filter) -> tuple[list[str], list[str | int]]:
    where: list[str] = (
        [] if wanted.first else ["NOT (changes.kind = 'created' AND changes.not_before IS NULL)"]
    )
    values: list[str | int] = []
    asked: dict[str, str | int] = {
        "changes.store_id = (SELECT id FROM stores WHERE name = ?)": wanted.store,
        "changes.blog_id = (SELECT id FROM blogs WHERE label = ?)": wanted.blog,
        "changes.kind = ?": wanted.kind,
        "changes.severity = ?": wanted.severity,
        "changes.origin = ?": "" if wanted.origin == "all" else wanted.origin,
        "changes.id IN (SELECT change_id FROM change_fields WHERE field = ?)": wanted.field,
        "changes.crawl_id > ?": wanted.after,
        "changes.crawl_id <= ?": wanted.until,
    }
    for condition, value in asked.items():
        if value:
            where.append(condition)
            values.append(value)
    if wanted.month:
        where.append("changes.not_after >= ? AND changes.not_after < ?")
        values += [wanted.month, f"{wanted.month}~"]
    return where, values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told(StreamItem):
    told: str = "[]"


def _whole(told: _Told) -> StreamItem:
    fields = tuple(
        FieldRow(field=name, old=old, new=new) for name, old, new in json.loads(told.told)
    )
    values = {name: getattr(told, name) for name in StreamItem.__dataclass_fields__}
    return StreamItem(**{**values, "fields": fields, "is_revert": bool(told.is_revert)})


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _months_first(counted: tuple[str, int]) -> tuple[int, ...]:
    return tuple(-ord(char) for char in counted[0])


# Of a group the last change stands for all: the index by group finds it at once.
_STREAM = """
    SELECT changes.id, stores.name, blogs.label, changes.post_id, posts.title, posts.url, coalesce(change_groups.kind, changes.kind),
        coalesce(change_groups.severity, changes.severity), changes.origin,
        changes.cause, coalesce(changes.not_before, ''), changes.not_after, coalesce(old.number, 0),
        coalesce(new.number, 0), changes.words_added, changes.words_removed, changes.is_revert, coalesce(changes.group_id, 0),
        coalesce(change_groups.n_posts, 1), coalesce(change_groups.summary, ''), changes.crawl_id, '',
        (SELECT json_group_array(json_array(field, old_value, new_value)) FROM change_fields WHERE change_id = changes.id)
    FROM (
        SELECT changes.id AS chosen FROM changes {index} LEFT JOIN change_groups ON change_groups.id = changes.group_id
        WHERE {where}
            AND (changes.group_id IS NULL OR changes.id = (SELECT max(id) FROM changes AS others WHERE others.group_id = changes.group_id))
        ORDER BY changes.not_after DESC, changes.id DESC LIMIT ?
    )
    JOIN changes ON changes.id = chosen
    JOIN stores ON stores.id = changes.store_id
    JOIN blogs ON blogs.id = changes.blog_id
    JOIN posts ON posts.id = changes.post_id
    LEFT JOIN change_groups ON change_groups.id = changes.group_id
    LEFT JOIN revisions AS old ON old.id = changes.from_revision_id
    LEFT JOIN revisions AS new ON new.id = changes.to_revision_id
    ORDER BY changes.not_after DESC, changes.id DESC
"""
_MEMBERS = """
    SELECT DISTINCT posts.id, posts.title FROM changes JOIN posts ON posts.id = changes.post_id
    WHERE changes.group_id = ? ORDER BY posts.title, posts.id LIMIT ?
"""
_CELLS = """
    SELECT changes.store_id, changes.blog_id, changes.kind, changes.severity, substr(changes.not_after, 1, 7),
        changes.origin, (SELECT json_group_array(field) FROM change_fields WHERE change_id = changes.id),
        changes.kind = 'created' AND changes.not_before IS NULL,
        changes.crawl_id, count(*)
    FROM changes GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
_CRAWLS = """
    SELECT crawls.id, stores.name, kind, started_at, outcome, health, n_changed
    FROM crawls JOIN stores ON stores.id = crawls.store_id
    WHERE ? = '' OR stores.name = ? ORDER BY crawls.id DESC LIMIT ?
"""
