"""Reading the archive: the questions that commands ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from sqlite_utils import Database

from scraper.archive.queries.graph import LATEST, as_of
from scraper.archive.rows import make_row
from scraper.archive.statements import to_json
from scraper.archive.write.relocation import addresses_of, find_store_at, resembling
from scraper.archive.write.templates import load_template
from scraper.exceptions import NoArchive, NoSuchPost, NoSuchRevision, NoSuchStore
from scraper.history.fingerprints import title_key
from scraper.history.store_addresses import origin_variants, same_host
from scraper.items import StoreSeen, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow:
    """A post as it stands now."""

    id: int
    store: str
    label: str
    title: str
    url: str
    state: str
    revision_id: int
    revision_count: int
    last_seen_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRow:
    """A crawl, or an import, and what it counted."""

    id: int
    store: str
    label: str
    kind: str
    started_at: str
    finished_at: str | None
    outcome: str
    health: str
    reason: str
    n_listed: int
    n_fetched: int
    n_not_modified: int
    n_new: int
    n_changed: int
    n_missing: int
    n_blocked: int
    n_error: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field of a change, before and after."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change; `not_before` and `not_after` (UTC) are its bracket, the texts those of the
    revisions on both sides.

    `origin` and `cause` are those of its group, where it is in one; `group` is the group's label,
    or empty.
    """

    id: int
    store: str
    post: str
    url: str
    kind: str
    severity: str
    origin: str
    cause: str
    group_id: int | None
    group: str
    not_before: str | None
    not_after: str
    words_added: int
    words_removed: int
    similarity: float
    is_revert: bool
    fields: tuple[FieldRow, ...]
    old_text: str
    new_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
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
class RevisionRow:
    """A revision of a post, whole."""

    number: int
    origin: str
    title: str
    author: str
    published_at: str
    tags: str
    excerpt: str
    image_url: str
    first_seen_at: str
    last_seen_at: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRow:
    """An edge at a post: `direction` is ``out`` or ``in``; `title` is that of the post at the other
    end, or the anchor; `weight` is 1, or how alike the two are."""

    direction: str
    kind: str
    position: int
    title: str
    url: str
    anchor: str
    resolved: bool
    first_seen_at: str
    gone_at: str | None
    weight: float


def find_post(db: Database, asked: str) -> PostRow:
    """The one post that is meant by a number, a URL, a label (with its store or without), a handle
    or a title.

    Raises NoSuchPost for none or several.
    """
    addresses = to_json(_anywhere(db, asked.rstrip("/")))
    values = {"title_key": title_key(asked), "post_urls": addresses}
    rows = [
        row
        for sql in _POST_KEYS
        for row in db.execute(
            _POST + sql, [next((value for key, value in values.items() if key in sql), asked)]
        ).fetchall()
    ]
    found = {row[0]: row for row in rows}
    if not found:
        raise NoSuchPost(f"no post fits {asked!r}: give its URL, handle, label, number or title")
    if len(found) > 1:
        labels = ", ".join(sorted(row[2] for row in found.values())[:5])
        raise NoSuchPost(
            f"{len(found)} posts fit {asked!r}: {labels}; give the whole label or the URL"
        )
    (row,) = found.values()
    return make_row(PostRow, row)


def _anywhere(db: Database, url: str) -> tuple[str, ...]:
    """An address of a post under every origin at which its store stood."""
    known = find_store_at(db.conn, "/".join(url.split("/", 3)[:3])) if "://" in url else None
    return origin_variants(url, addresses_of(db.conn, known.id)) if known else (url,)


def last_crawl(db: Database, store: str = "") -> CrawlRow:
    """The newest crawl, of one store (by name) or of any. Raises NoArchive if there is none."""
    row = db.execute(
        _CRAWL + " WHERE ? IN ('', stores.name) ORDER BY crawls.id DESC LIMIT 1", [store]
    ).fetchone()
    if row is None:
        raise NoArchive("nothing was crawled yet" + (f" of {store}" if store else ""))
    return make_row(CrawlRow, row)


def read_template(db: Database, origin: str) -> Template | None:
    """The template by which the pages of the store at `origin` were read last, or None."""
    known = find_store_at(db.conn, origin)
    return load_template(db.conn, known.id) if known else None


def store_addresses(db: Database, origin: str) -> tuple[str, ...]:
    """The origins at which the store at `origin`, or the one that left it last, stood, its present
    one last; none if it is not known."""
    known = find_store_at(db.conn, origin)
    return addresses_of(db.conn, known.id) if known else ()


def stores_resembling(db: Database, store: StoreSeen) -> tuple[str, ...]:
    """The origins of archived stores, elsewhere, whose number or permanent domain a store bears."""
    return tuple(
        known.origin
        for known in resembling(db.conn, store)
        if not same_host(known.origin, store.origin)
    )


def move_found(db: Database, crawl_id: int) -> tuple[str, str] | None:
    """From where to where a crawl found that its store has moved, or None."""
    row = db.execute(_MOVE, [crawl_id]).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def read_crawl(db: Database, crawl_id: int) -> CrawlRow:
    """A crawl by its number. Raises NoArchive if there is none of it."""
    row = db.execute(_CRAWL + " WHERE crawls.id = ?", [crawl_id]).fetchone()
    if row is None:
        raise NoArchive(f"there is no crawl {crawl_id}")
    return make_row(CrawlRow, row)


def find_store(db: Database, asked: str) -> str:
    """The name of the store that is meant by its name or address. Raises NoSuchStore."""
    row = db.execute(
        "SELECT name FROM stores WHERE ?1 IN (name, origin)", [asked.rstrip("/")]
    ).fetchone()
    if row is None and (known := find_store_at(db.conn, asked.rstrip("/"))):
        return known.name
    if row is None:
        names = ", ".join(
            name
            for (name,) in db.execute("SELECT name FROM stores ORDER BY name LIMIT 5").fetchall()
        )
        raise NoSuchStore(f"no store {asked!r} is archived here; there is {names or 'none'}")
    return str(row[0])


def stores_meant(db: Database, asked: str) -> list[tuple[int, str]]:
    """Number and name of the store that is meant by its name or address, or of all where nothing is
    said. Raises NoSuchStore."""
    name = find_store(db, asked) if asked else ""
    return [
        (row[0], row[1])
        for row in db.execute(
            "SELECT id, name FROM stores WHERE ? IN ('', name) ORDER BY id", [name]
        ).fetchall()
    ]


def count_complete_crawls(db: Database, origin: str) -> int:
    """How many crawls of the store at an origin came to a complete end."""
    sql = """
        SELECT count(*) FROM crawls JOIN stores ON stores.id = crawls.store_id
        WHERE stores.origin = ? AND outcome = 'complete' AND kind = 'crawl'
    """
    return int(db.execute(sql, [origin]).fetchone()[0])


class Changes(Sequence[ChangeRow]):
    """Changes in their order, each read when it is looked at: the texts on both sides of 20,000
    edits take 400 MB."""

    def __init__(self, db: Database, ids: Sequence[int]) -> None:
        self._db = db
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> ChangeRow: ...
    @overload
    def __getitem__(self, at: slice) -> Changes: ...
    def __getitem__(self, at: int | slice) -> ChangeRow | Changes:
        if isinstance(at, slice):
            return Changes(self._db, self._ids[at])
        row = self._db.execute(_CHANGE, [self._ids[at]]).fetchone()
        return make_row(
            ChangeRow, (*row[:15], bool(row[15]), _fields(row[16]), row[17] or "", row[18] or "")
        )


def changes_of_crawl(db: Database, crawl_id: int) -> Changes:
    """What one crawl found changed, gravest first."""
    return _changes(db, "changes.crawl_id = ?", [crawl_id])


def changes_between(db: Database, since: str, until: str, store: str = "") -> Changes:
    """What was found changed in a span of time (UTC, `until` excluded), of one store (by name) or
    of all."""
    where = "changes.not_after >= ? AND changes.not_after < ? AND ? IN ('', stores.name)"
    return _changes(db, where, [since, until, store])


def groups_of(db: Database, changes: Sequence[ChangeRow]) -> list[GroupRow]:
    """The groups to which changes belong, in the order of the changes."""
    ids = dict.fromkeys(change.group_id for change in changes if change.group_id is not None)
    sql = "SELECT id, label, kind, severity, origin, cause, n_posts, summary FROM change_groups WHERE id = ?"
    return [
        make_row(GroupRow, row)
        for group_id in ids
        for row in db.execute(sql, [group_id]).fetchall()
    ]


def missing_posts(db: Database, store: str) -> list[PostRow]:
    """Posts of a store (by name) that the last healthy crawl did not find; the next one decides
    whether they are removed."""
    rows = db.execute(
        _POST + " stores.name = ? AND posts.state = 'missing' ORDER BY posts.label", [store]
    ).fetchall()
    return [make_row(PostRow, row) for row in rows]


def read_revision(db: Database, post: PostRow, number: int) -> RevisionRow:
    """A revision of a post by its number. Raises NoSuchRevision."""
    row = db.execute(_REVISION, [post.id, number]).fetchone()
    if row is None:
        raise NoSuchRevision(f"{post.label} has no revision {number}: it has {post.revision_count}")
    return make_row(RevisionRow, row)


def revision_numbers(db: Database, post: PostRow) -> list[int]:
    """The numbers of a post's revisions in the order in which they were last current, the present
    one last, seen so or read so anew."""
    rows = db.execute(
        """
        SELECT revisions.number, observations.id AS place FROM observations JOIN revisions ON revisions.id = observations.revision_id
        WHERE observations.post_id = ?1
        UNION ALL SELECT number, 9e99 FROM revisions WHERE id = ?2
        ORDER BY place
        """,
        [post.id, post.revision_id],
    ).fetchall()
    numbers = [number for number, _ in rows]
    return [number for i, number in enumerate(numbers) if i == 0 or numbers[i - 1] != number]


def related_posts(
    db: Database, post: PostRow, kinds: tuple[str, ...] = (), on: str = ""
) -> list[EdgeRow]:
    """The edges at a post, out and in, by kind and position, as they stand or as they stood on a
    day; `kinds` keeps only those.

    Raises UsageProblem for what is no day.
    """
    rows = db.execute(_EDGES, [post.id, as_of(on) if on else LATEST]).fetchall()
    edges = [make_row(EdgeRow, row) for row in rows]
    return [edge for edge in edges if not kinds or edge.kind in kinds]


def count_rows(db: Database, crawl: CrawlRow) -> dict[str, int]:
    """How much of a crawl's store the archive holds, by kind of thing, for a person to read."""
    return {
        name: int(db.execute(sql, [crawl.store]).fetchone()[0]) for name, sql in _COUNTS.items()
    }


def _changes(db: Database, where: str, values: list[object]) -> Changes:
    return Changes(
        db, [change_id for (change_id,) in db.execute(_CHANGE_IDS.format(where=where), values)]
    )


def _fields(told: str) -> tuple[FieldRow, ...]:
    return tuple(FieldRow(field=field, old=old, new=new) for field, old, new in json.loads(told))


_POST = """
    SELECT posts.id, stores.name, posts.label, posts.title, posts.url, posts.state, posts.revision_id, posts.revision_count,
        posts.last_seen_at
    FROM posts JOIN stores ON stores.id = posts.store_id WHERE
"""
_POST_KEYS = (
    " posts.id = CASE WHEN ?1 NOT GLOB '*[^0-9]*' THEN CAST(?1 AS INTEGER) END",
    " posts.id IN (SELECT post_id FROM post_urls WHERE url IN (SELECT value FROM json_each(?)))",
    " posts.label = ?",
    " posts.label IN (SELECT name || ': ' || ? FROM stores)",
    " posts.handle = ?",
    " posts.title_key = ?",
)
_MOVE = """
    SELECT before.origin, here.origin FROM store_urls AS here JOIN store_urls AS before ON before.id = (
        SELECT max(id) FROM store_urls WHERE store_id = here.store_id AND id < here.id
    ) WHERE here.crawl_id = ?
"""
_CRAWL = """
    SELECT crawls.id, stores.name, crawls.label, crawls.kind, started_at, finished_at, outcome, health, reason, n_listed, n_fetched,
        n_not_modified, n_new, n_changed, n_missing, n_blocked, n_error
    FROM crawls JOIN stores ON stores.id = crawls.store_id
"""
_CHANGE = """
    SELECT changes.id, stores.name, posts.title, posts.url, changes.kind, changes.severity,
        changes.origin, changes.cause, change_groups.id,
        coalesce(change_groups.label, ''), not_before, not_after, words_added, words_removed, similarity, is_revert,
        (SELECT json_group_array(json_array(field, old_value, new_value)) FROM change_fields WHERE change_id = changes.id),
        CASE WHEN words_added + words_removed > 0 THEN old_content.text END,
        CASE WHEN words_added + words_removed > 0 THEN new_content.text END
    FROM changes
    JOIN posts ON posts.id = changes.post_id
    JOIN stores ON stores.id = changes.store_id
    LEFT JOIN change_groups ON change_groups.id = changes.group_id
    LEFT JOIN revisions AS old_revision ON old_revision.id = changes.from_revision_id
    LEFT JOIN contents AS old_content ON old_content.id = old_revision.content_id
    LEFT JOIN revisions AS new_revision ON new_revision.id = changes.to_revision_id
    LEFT JOIN contents AS new_content ON new_content.id = new_revision.content_id
    WHERE changes.id = ?
"""
_CHANGE_IDS = """
    SELECT changes.id FROM changes JOIN posts ON posts.id = changes.post_id JOIN stores ON stores.id = changes.store_id
    WHERE {where}
    ORDER BY CASE changes.severity WHEN 'major' THEN 0 WHEN 'minor' THEN 1 ELSE 2 END, changes.kind, posts.label, changes.id
"""
_REVISION = """
    SELECT revisions.number, revisions.origin, revisions.title, author, published_at, tags, excerpt, image_url, first_seen_at, last_seen_at,
        contents.text, contents.html
    FROM revisions JOIN contents ON contents.id = revisions.content_id WHERE post_id = ? AND number = ?
"""
_STOOD = "links.first_seen_at <= ?2 AND (gone_at IS NULL OR gone_at > ?2)"
_EDGES = f"""
    SELECT 'out', links.kind, links.position, coalesce(posts.title, links.anchor), coalesce(posts.url, links.url), links.anchor,
        posts.id IS NOT NULL, links.first_seen_at, links.gone_at, links.weight
    FROM links LEFT JOIN posts ON posts.id = links.to_post_id WHERE from_post_id = ?1 AND {_STOOD}
    UNION ALL
    SELECT 'in', links.kind, links.position, posts.title, posts.url, links.anchor, 1, links.first_seen_at, links.gone_at, links.weight
    FROM links JOIN posts ON posts.id = links.from_post_id WHERE to_post_id = ?1 AND {_STOOD}
    ORDER BY 1 DESC, 2, 3
"""
_COUNTS = {
    "blogs": "SELECT count(*) FROM blogs JOIN stores ON stores.id = store_id WHERE stores.name = ?",
    "posts": "SELECT count(*) FROM posts JOIN stores ON stores.id = store_id WHERE stores.name = ?",
    "words": "SELECT coalesce(sum(word_count), 0) FROM posts JOIN stores ON stores.id = store_id WHERE stores.name = ?",
    "links between posts": """
        SELECT count(*) FROM links JOIN posts ON posts.id = from_post_id JOIN stores ON stores.id = posts.store_id
        WHERE stores.name = ? AND gone_at IS NULL AND kind NOT IN ('similar', 'copy')
    """,
    "discount codes": "SELECT count(*) FROM discount_codes JOIN stores ON stores.id = store_id WHERE stores.name = ?",
}
