"""Posts: what one was when last seen, and what a new sight of it adds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from scraper.archive.statements import insert, quoted, to_json, update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.store.templates import NO_TEMPLATE
from scraper.history.fingerprints import content_hash, fields_hash, join_tags, title_key
from scraper.history.humanize import code_label
from scraper.history.reconcile import FEED, reconcile
from scraper.history.removal import ABSENT
from scraper.history.snapshots import Fields, Snapshot
from scraper.history.store_addresses import normalize_origin
from scraper.items import AUTHORED, CodeMention, FieldClaim, Link, NonPostLink, Origin, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post's row with its current revision. `lastmod`, `origin`, `extractor` and `template` are
    those of its last sight, `readings` each source's last word."""

    id: int
    blog_id: int
    label: str
    url: str
    article_id: str
    state: str
    revision_id: int
    revision_count: int
    last_seen_at: str
    lastmod: str
    origin: Origin
    extractor: str
    template: str
    fields: Fields
    fields_hash: str
    content_hash: str
    readings: tuple[FieldClaim, ...]


def load_post(connection: sqlite3.Connection, post_id: int) -> StoredPost:
    """Read a post with its current revision."""
    row = connection.execute(_LOAD, [post_id]).fetchone()
    return StoredPost(
        id=row[0],
        blog_id=row[1],
        label=row[2],
        url=row[3],
        article_id=row[4],
        state=row[5],
        revision_id=row[6],
        revision_count=row[7],
        last_seen_at=row[8],
        lastmod=row[21],
        origin=row[9],
        extractor=row[10],
        template=row[11],
        fields=fields_of(row[12:18]),
        fields_hash=row[18],
        content_hash=row[19],
        readings=parse_readings(row[20]),
    )


def load_snapshot(connection: sqlite3.Connection, revision_id: int, fields: Fields) -> Snapshot:
    """Read a revision's body, to be compared."""
    html, markdown, text = connection.execute(
        "SELECT html, markdown, text FROM contents JOIN revisions ON revisions.content_id = contents.id WHERE revisions.id = ?",
        [revision_id],
    ).fetchone()
    codes = connection.execute(
        """
        SELECT DISTINCT discount_codes.label FROM code_mentions JOIN discount_codes ON discount_codes.id = code_mentions.code_id
        WHERE code_mentions.revision_id = ? ORDER BY discount_codes.label
        """,
        [revision_id],
    ).fetchall()
    return Snapshot(
        fields=fields,
        html=html,
        markdown=markdown,
        text=text,
        codes=tuple(label for (label,) in codes),
    )


class Known(Protocol):
    """What was known of a post before a sight of it: the fields of its current revision, and each
    source's last word."""

    @property
    def fields(self) -> Fields: ...
    @property
    def readings(self) -> tuple[FieldClaim, ...]: ...


def observed_fields(post: Post, before: Known | None) -> Fields:
    """The fields of a sight, reconciled with what earlier sources said (see
    `history.reconcile`)."""

    def value(name: str, now: str) -> str:
        return (
            reconcile(name, str(getattr(before.fields, name)), before.readings, post.readings)
            if before
            else now
        )

    return Fields(
        title=value("title", post.title),
        author=value("author", post.author),
        published_at=value("published_at", post.published_at),
        excerpt=value("excerpt", post.excerpt),
        image_url=value("image_url", post.image_url),
        tags=join_tags(post.tags),
    )


def hashes(sight: Snapshot) -> tuple[str, str]:
    """What decides whether a sight is a revision of its own: the hash of the body and that of the
    fields."""
    return content_hash(sight.html, sight.markdown, sight.text), fields_hash(sight.fields)


def append_revision(
    crawl: CrawlContext, stored: StoredPost, post: Post, fields: Fields, *, capture_id: int, at: str
) -> int:
    """Add a revision after a post's last one and return its id."""
    number = stored.revision_count + 1
    update(crawl.connection, "posts", stored.id, revision_count=number)
    return add_revision(
        crawl,
        stored.id,
        post,
        fields,
        label=stored.label,
        number=number,
        capture_id=capture_id,
        at=at,
    )


def matching_hashes(
    connection: sqlite3.Connection, post_id: int, sight: Snapshot, addresses: Sequence[str]
) -> tuple[str, str]:
    """What decides whether a sight of a known post is a revision of its own: its hashes, or those
    of the revision that says the same of a store which has moved to another of its `addresses`
    since (see `history.addresses.normalize_origin`)."""
    own = hashes(sight)
    if len(addresses) < 2:
        return own
    there = hashes(normalize_origin(sight, addresses))
    for revision_id, body_hash, hash_of_fields in connection.execute(
        _CURRENT_FIRST, [post_id]
    ).fetchall():
        if (body_hash, hash_of_fields) == own:
            return own
        held = load_snapshot(connection, revision_id, load_fields(connection, revision_id))
        if hashes(normalize_origin(held, addresses)) == there:
            return body_hash, hash_of_fields
    return own


_CURRENT_FIRST = """
    SELECT revisions.id, contents.hash, revisions.fields_hash FROM revisions
    JOIN contents ON contents.id = revisions.content_id JOIN posts ON posts.id = revisions.post_id
    WHERE posts.id = ? ORDER BY revisions.id = posts.revision_id DESC, revisions.id DESC
"""
"""The revisions of a post: of two that differ in the address alone, the current one stands."""


def snapshot_of(post: Post, fields: Fields) -> Snapshot:
    """A sight as history compares it."""
    return Snapshot(
        fields=fields,
        html=post.html,
        markdown=post.markdown,
        text=post.text,
        codes=code_labels(post.codes),
    )


def revision_hashes(connection: sqlite3.Connection, post_id: int) -> set[tuple[str, str]]:
    """What the revisions of a post hold: the hash of the body and that of the fields of each."""
    rows = connection.execute(
        "SELECT contents.hash, fields_hash FROM revisions JOIN contents ON contents.id = content_id WHERE post_id = ?",
        [post_id],
    )
    return {(body_hash, hash_of_fields) for body_hash, hash_of_fields in rows}


FIELD_COLUMNS = "title, author, published_at, excerpt, image_url, tags"
"""The columns of `revisions` that hold its fields, in the order in which `fields_of` takes them."""


def fields_of(columns: Sequence[str]) -> Fields:
    """The fields of a revision from its columns. Raises ValueError for tags that are no JSON."""
    title, author, published_at, excerpt, image_url, tags = columns
    return Fields(
        title=title,
        author=author,
        published_at=published_at,
        excerpt=excerpt,
        image_url=image_url,
        tags=tuple(json.loads(tags)),
    )


def load_fields(connection: sqlite3.Connection, revision_id: int) -> Fields:
    """Read the fields of a revision."""
    return fields_of(
        connection.execute(
            f"SELECT {FIELD_COLUMNS} FROM revisions WHERE id = ?", [revision_id]
        ).fetchone()
    )


def code_labels(codes: Iterable[CodeMention]) -> tuple[str, ...]:
    """Codes as the archive labels them, to be compared with those of a stored revision."""
    return tuple(
        sorted(
            {
                code_label(mention.code, mention.kind, mention.value, mention.currency)
                for mention in codes
            }
        )
    )


def add_revision(
    crawl: CrawlContext,
    post_id: int,
    post: Post,
    fields: Fields,
    *,
    label: str,
    number: int,
    capture_id: int,
    at: str,
) -> int:
    """Write a distinct version of a post, its body where that is new, and its discount codes."""
    connection, tags = crawl.connection, to_json(fields.tags)
    revision_id = insert(
        connection,
        "revisions",
        label=f"{label} v{number}",
        post_id=post_id,
        number=number,
        content_id=_content_id(connection, post),
        fields_hash=fields_hash(fields),
        origin=crawl.origin,
        extractor=crawl.extractor,
        template=post.template or NO_TEMPLATE,
        method=post.method,
        confidence=post.confidence,
        capture_id=capture_id,
        title=fields.title,
        author=fields.author,
        published_at=fields.published_at,
        modified_at=post.modified_at,
        excerpt=fields.excerpt,
        image_url=fields.image_url,
        tags=tags,
        word_count=post.word_count,
        readings=to_json(map(asdict, post.readings)),
        self_links=to_json(map(asdict, post.self_links)),
        links=to_json(map(asdict, authored_links(post))),
        first_seen_at=at,
        last_seen_at=at,
    )
    _save_codes(crawl, post_id, revision_id, post.codes)
    return revision_id


def authored_links(post: Post) -> Iterator[Link | NonPostLink]:
    """What the author of a post linked; what the theme did is no part of a revision."""
    yield from (link for link in post.links if link.kind in AUTHORED)
    yield from post.non_post_links


def find_revision(
    connection: sqlite3.Connection, post_id: int, body_hash: str, hash_of_fields: str
) -> int | None:
    """The revision of a post that already holds exactly this, if it was so before."""
    row = connection.execute(
        """
        SELECT revisions.id FROM revisions JOIN contents ON contents.id = revisions.content_id
        WHERE revisions.post_id = ? AND contents.hash = ? AND revisions.fields_hash = ?
        """,
        [post_id, body_hash, hash_of_fields],
    ).fetchone()
    return int(row[0]) if row else None


def record_seen(
    crawl: CrawlContext,
    post_id: int,
    post: Post,
    fields: Fields,
    *,
    before: Iterable[FieldClaim],
    at: str,
    lastmod: str,
) -> None:
    """Note that a post was seen at `at`, by whom and by which rules, and what each source said
    last.

    What only a source knows that came later (a post that entered the feed) is shown, though its
    revision does not say it.
    """
    update(
        crawl.connection,
        "posts",
        post_id,
        state="live",
        last_seen_at=at,
        seen_lastmod=lastmod,
        seen_origin=crawl.origin,
        seen_extractor=crawl.extractor,
        seen_template=post.template or NO_TEMPLATE,
        **claim_columns(fields, latest_readings(post, before)),
    )


def latest_readings(post: Post, before: Iterable[FieldClaim]) -> tuple[FieldClaim, ...]:
    """Each source's last word after a sight: `before` are those before it."""
    now = post.readings
    # A post that is not in the feed is just older than its newest thirty: the feed's last word
    # stands. Every other source was silenced.
    in_feed = any(reading.source == FEED for reading in now)
    return now if in_feed else (*now, *(reading for reading in before if reading.source == FEED))


def claim_columns(fields: Fields, told: tuple[FieldClaim, ...]) -> dict[str, str]:
    """The columns of a post that follow from each source's last word."""
    return {
        "author": fields.author or _last_word(told, "author"),
        "published_at": fields.published_at or _last_word(told, "published_at"),
        "readings": to_json(map(asdict, told)),
    }


def parse_readings(column: str) -> tuple[FieldClaim, ...]:
    """The readings in a column."""
    return tuple(FieldClaim(**claim) for claim in json.loads(column))


def _last_word(readings: Iterable[FieldClaim], field: str) -> str:
    return next(
        (reading.value for reading in readings if reading.field == field and reading.value), ""
    )


def was_observed(connection: sqlite3.Connection, post_id: int, revision_id: int) -> bool:
    """Whether a revision of a post ever stood, which a file's copy kept beside never did."""
    # By the post, for which there is an index: by the revision alone, every edit would read all
    # observations there are.
    sql = "SELECT 1 FROM observations WHERE post_id = ? AND revision_id = ? LIMIT 1"
    return connection.execute(sql, [post_id, revision_id]).fetchone() is not None


def last_absence(connection: sqlite3.Connection, post_id: int) -> str | None:
    """When a post was last found gone."""
    row = connection.execute(
        f"SELECT max(last_seen_at) FROM observations WHERE post_id = ? AND verdict IN ({quoted(*sorted(ABSENT), 'renamed')})",
        [post_id],
    ).fetchone()
    return str(row[0]) if row[0] else None


def record_observation(
    connection: sqlite3.Connection, post_id: int, revision_id: int | None, verdict: str, at: str
) -> None:
    """Note that a post was seen so, or why it was not: the last period goes on, or a new one
    begins."""
    row = connection.execute(
        "SELECT id, revision_id, verdict FROM observations WHERE post_id = ? ORDER BY id DESC LIMIT 1",
        [post_id],
    ).fetchone()
    if row and (row[1], row[2]) == (revision_id, verdict):
        connection.execute(
            "UPDATE observations SET last_seen_at = ?, count = count + 1 WHERE id = ?", [at, row[0]]
        )
    else:
        insert(
            connection,
            "observations",
            post_id=post_id,
            revision_id=revision_id,
            verdict=verdict,
            first_seen_at=at,
            last_seen_at=at,
        )


def set_current(
    connection: sqlite3.Connection,
    post_id: int,
    revision_id: int,
    *,
    fields: Fields,
    post: Post,
    at: str,
) -> None:
    """Make a revision the post as it stands now."""
    update(
        connection,
        "posts",
        post_id,
        revision_id=revision_id,
        title=fields.title,
        title_key=title_key(fields.title),
        modified_at=post.modified_at,
        language=post.language or "unknown",
        word_count=post.word_count,
        tags=to_json(fields.tags),
        last_changed_at=at,
    )


def _content_id(connection: sqlite3.Connection, post: Post) -> int:
    body_hash = content_hash(post.html, post.markdown, post.text)
    row = connection.execute("SELECT id FROM contents WHERE hash = ?", [body_hash]).fetchone()
    if row:
        return int(row[0])
    return insert(
        connection,
        "contents",
        hash=body_hash,
        html=post.html,
        markdown=post.markdown,
        text=post.text,
    )


def _save_codes(
    crawl: CrawlContext, post_id: int, revision_id: int, codes: Iterable[CodeMention]
) -> None:
    for mention in codes:
        key = (crawl.store_id, mention.code, mention.kind, mention.value, mention.currency)
        crawl.connection.execute(
            "INSERT OR IGNORE INTO discount_codes (store_id, code, kind, value, currency) VALUES (?, ?, ?, ?, ?)",
            key,
        )
        crawl.connection.execute(
            """
            INSERT OR IGNORE INTO code_mentions (code_id, post_id, revision_id, snippet)
            SELECT id, ?, ?, ? FROM discount_codes WHERE store_id = ? AND code = ? AND kind = ? AND value = ? AND currency = ?
            """,
            [post_id, revision_id, mention.snippet, *key],
        )


_LOAD = """
    SELECT posts.id, posts.blog_id, posts.label, posts.url, posts.article_id, posts.state, posts.revision_id, posts.revision_count,
        posts.last_seen_at, posts.seen_origin, posts.seen_extractor, posts.seen_template,
        revisions.title, revisions.author, revisions.published_at, revisions.excerpt, revisions.image_url, revisions.tags,
        revisions.fields_hash, contents.hash, posts.readings, posts.seen_lastmod
    FROM posts
    JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    WHERE posts.id = ?
"""
