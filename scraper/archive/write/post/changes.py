"""Changes: something the store did to a post, with its bracket and its fields."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.archive.statements import insert, to_json
from scraper.archive.write.context import CrawlContext
from scraper.history.changes import (
    FIXED_SEVERITY,
    RULES_VERSION,
    ChangeKind,
    Difference,
    FieldChange,
    severity_of,
)
from scraper.history.diff.varying import Places
from scraper.history.timeline import Cause, PostEvent, cause_of
from scraper.history.witnesses import Witness
from scraper.items import Origin


def record_difference(
    crawl: CrawlContext,
    post_id: int,
    difference: Difference,
    *,
    origin: Origin,
    cause: Cause,
    not_before: str,
    at: str,
    lastmod: str,
    from_revision: int,
    to_revision: int,
    witness: Witness = "none",
    moving: Places = frozenset(),
) -> None:
    """Write how a post's new revision differs from the one before it, `at` being the end of the
    bracket."""
    change_id = _insert_change(
        crawl,
        post_id,
        difference.kind,
        severity=severity_of(difference.severity, origin),
        origin=origin,
        cause=cause,
        from_revision_id=from_revision,
        to_revision_id=to_revision,
        not_before=not_before or None,
        not_after=at,
        lastmod=lastmod,
        words_added=difference.words_added,
        words_removed=difference.words_removed,
        similarity=difference.similarity,
        witness=witness,
        moving=to_json(sorted(moving)),
        is_revert=_WAS_CURRENT,
    )
    _insert_fields(crawl, change_id, difference.fields)


def record_event(
    crawl: CrawlContext,
    post_id: int,
    kind: ChangeKind,
    *,
    not_before: str | None,
    at: str,
    lastmod: str = "",
    from_revision: int | None = None,
    to_revision: int | None = None,
    fields: Sequence[FieldChange] = (),
) -> None:
    """Write a change that is in no revision: created, renamed, removed, restored."""
    change_id = _insert_change(
        crawl,
        post_id,
        kind,
        severity=FIXED_SEVERITY[kind],
        origin=crawl.origin,
        cause=cause_of(crawl.origin),
        from_revision_id=from_revision,
        to_revision_id=to_revision,
        not_before=not_before,
        not_after=at,
        lastmod=lastmod,
    )
    _insert_fields(crawl, change_id, fields)


def record_image_change(
    crawl: CrawlContext,
    post_id: int,
    event: PostEvent,
    field: FieldChange,
    *,
    lastmod: str,
    is_revert: bool,
) -> None:
    """Write that an image of a post has other bytes under its address; the revision stays."""
    (revision_id,) = crawl.connection.execute(
        "SELECT revision_id FROM posts WHERE id = ?", [post_id]
    ).fetchone()
    change_id = _insert_change(
        crawl,
        post_id,
        "image",
        severity="minor",
        origin=event.origin,
        cause=event.cause,
        from_revision_id=revision_id,
        to_revision_id=revision_id,
        not_before=event.not_before or None,
        not_after=event.not_after,
        lastmod=lastmod,
        is_revert=str(int(is_revert)),
        witness=event.witness,
    )
    _insert_fields(crawl, change_id, (field,))


# Whether the revision was the current one of the post before. A file's copy that was only stored
# beside newer revisions never was, nor one that waited for confirmation in vain; the change of a
# restored post is written just before.
_WAS_CURRENT = """EXISTS (
    SELECT 1 FROM changes AS earlier
    WHERE earlier.post_id = :post_id AND earlier.to_revision_id = :to_revision_id
        AND earlier.kind != 'restored' AND earlier.not_after < :not_after
)"""


def has_gone(crawl: CrawlContext, revision_id: int | None) -> bool:
    """Whether a revision, if there is one, was seen and went again: another one became current in
    its place, or nothing had confirmed it."""
    if revision_id is None:
        return False
    (found,) = crawl.connection.execute(_HAS_GONE, [revision_id]).fetchone()
    return bool(found)


_HAS_GONE = """
    SELECT EXISTS (
        SELECT 1 FROM revisions JOIN changes USING (post_id)
        WHERE revisions.id = ?1 AND from_revision_id = ?1 AND to_revision_id != ?1
        UNION ALL
        SELECT 1 FROM revisions JOIN pending_changes USING (post_id)
        WHERE revisions.id = ?1 AND to_revision_id = ?1 AND standing = 'volatile'
    )
"""


def _insert_change(
    crawl: CrawlContext,
    post_id: int,
    kind: ChangeKind,
    *,
    is_revert: str = "0",
    **columns: object,
) -> int:
    """Write a change, of which `is_revert` is an expression of SQL; returns its id."""
    values = {
        "store_id": crawl.store_id,
        "crawl_id": crawl.crawl_id,
        "kind": kind,
        "rules_version": RULES_VERSION,
        **columns,
    }
    cursor = crawl.connection.execute(
        f"""
        INSERT INTO changes (label, blog_id, post_id, is_revert, {", ".join(values)})
        SELECT label || ' change ' || (SELECT count(*) + 1 FROM changes WHERE post_id = posts.id)
            || ', ' || :kind, blog_id, id, {is_revert}, {", ".join(f":{name}" for name in values)}
        FROM posts WHERE id = :post_id
        """,
        {**values, "post_id": post_id},
    )
    return int(cursor.lastrowid or 0)


def _insert_fields(crawl: CrawlContext, change_id: int, fields: Sequence[FieldChange]) -> None:
    for field in fields:
        insert(
            crawl.connection,
            "change_fields",
            change_id=change_id,
            field=field.field,
            old_value=field.old,
            new_value=field.new,
        )
