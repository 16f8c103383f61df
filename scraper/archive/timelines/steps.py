"""The steps of a post's history: its sights, as the archive recorded them, and what happened to it
beside them."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from scraper.archive.rows import named_rows
from scraper.archive.statements import quoted
from scraper.archive.timelines.replay import Removal, Replay, SightStep, Step, Unseen
from scraper.archive.write.post.captures import parse_claims
from scraper.archive.write.post.revisions import parse_readings
from scraper.history.removal import ABSENT
from scraper.history.timeline import Rereading, Sight
from scraper.history.witnesses import Dates
from scraper.items import FieldClaim, Origin


class ReplayStart(NamedTuple):
    """A replay at the page that created its post, and the steps that follow, each with its place:
    the newest capture then, whether it came after that, and its crawl. `sights` are all sights."""

    replay: Replay
    steps: list[tuple[tuple[int, int, int], Step]]
    sights: list[SightStep]


def begin_replay(connection: sqlite3.Connection, post_id: int) -> ReplayStart:
    """Begin the replay of a post. Raises KeyError, ValueError or TypeError where rows are missing
    or damaged."""
    events = [_Event(**row) for row in named_rows(connection, _EVENTS, [post_id])]
    absences = tuple(Unseen(*row) for row in connection.execute(_ABSENCES, [post_id]))
    replay = Replay(absences, *_revisions(connection, post_id))
    pages = {row["id"]: row for row in named_rows(connection, _SIGHTS, [post_id])}
    (first_id,) = connection.execute(_FIRST, [post_id]).fetchone() or (0,)
    first = pages.pop(first_id)
    bound = next((event.not_before for event in events if event.kind == "created"), "")
    is_dated = first["number"] is not None
    replay.begin(_sight(**first), is_dated=is_dated, not_before=bound)
    sights = [_sight(**page) for page in pages.values() if page["number"] is not None]
    steps: list[tuple[tuple[int, int, int], Step]] = [
        ((sight.capture_id, 0, 0), sight) for sight in sights
    ]
    for row in named_rows(connection, _REREADINGS, [post_id]):
        steps.append(((row["capture_id"], 1, row["crawl_id"]), _rereading(**row)))
    steps += [
        ((event.capture_id, 1, event.crawl_id), Removal(event.not_after, _origin(event.crawl_kind)))
        for event in events
        if event.kind == "removed"
    ]
    steps.sort(key=lambda step: step[0])
    return ReplayStart(replay, steps, [*([_sight(**first)] if is_dated else []), *sights])


def _revisions(
    connection: sqlite3.Connection, post_id: int
) -> tuple[dict[str, tuple[FieldClaim, ...]], frozenset[tuple[str, str]]]:
    """What the page of each revision claims, and which lead to which by technical changes, where
    something of the post was imported."""
    if not connection.execute(_IMPORTED, [post_id]).fetchone():
        return {}, frozenset()
    claims = {
        str(number): parse_readings(column)
        for number, column in connection.execute(_CLAIMS, [post_id])
    }
    return claims, frozenset((old, new) for old, new in connection.execute(_TECHNICAL, [post_id]))


class _Event(NamedTuple):
    """A change that no sight explains alone; `capture_id` is the newest capture of the post up to
    its crawl."""

    kind: str
    crawl_id: int
    crawl_kind: str
    not_before: str
    not_after: str
    capture_id: int


def _origin(crawl_kind: str) -> Origin:
    return "imported" if crawl_kind == "import" else "observed"


def _sight(
    *,
    id: int,
    crawl_id: int,
    fetched_at: str,
    shown: int,
    kind: str,
    lastmod: str,
    claims: str,
    extractor: str,
    template: str,
    is_trusted: int,
    confirm_sights: int,
    **_: Any,
) -> SightStep:
    said = parse_claims(claims)
    seen = Sight(
        at=fetched_at,
        version=(str(shown), ""),
        origin=_origin(kind),
        rules=(extractor, template),
        url=said.url,
        language=said.language,
        dates=Dates(lastmod=lastmod, claims=said.witnesses),
        dates_trusted=bool(is_trusted),
    )
    return SightStep(id, crawl_id, seen, confirm_sights, said.url_before)


def _rereading(
    *,
    extracted_at: str,
    number: int,
    pending_number: int | None,
    extractor: str,
    template: str,
    kind: str,
    claims: str,
    **_: Any,
) -> Rereading:
    said = parse_claims(claims)
    return Rereading(
        at=extracted_at,
        version=(str(number), ""),
        rules=(extractor, template),
        cause="rules" if kind == "reextract" else "theme",
        version_seen_at="",
        language=said.language,
        claims=said.witnesses,
        waiting=(str(pending_number), "") if pending_number else None,
    )


_IMPORTED = """
    SELECT 1 FROM captures JOIN crawls ON crawls.id = captures.crawl_id
    WHERE captures.post_id = ? AND kind = 'import' LIMIT 1
"""
_CLAIMS = "SELECT number, readings FROM revisions WHERE post_id = ?"
_TECHNICAL = """
    SELECT old.number || '', new.number || '' FROM changes
    JOIN revisions AS old ON old.id = from_revision_id
    JOIN revisions AS new ON new.id = to_revision_id
    WHERE changes.post_id = ? AND changes.origin = 'technical'
"""
_FIRST = "SELECT capture_id FROM revisions WHERE post_id = ? AND number = 1"
_EVENTS = """
    SELECT changes.kind, crawl_id, crawls.kind AS crawl_kind, not_after,
        iif(EXISTS (
            SELECT 1 FROM crawls AS earlier WHERE earlier.store_id = changes.store_id
                AND earlier.started_at = not_before
        ), not_before, '') AS not_before,
        (
            SELECT coalesce(max(id), 0) FROM captures
            WHERE captures.post_id = changes.post_id AND captures.crawl_id <= changes.crawl_id
        ) AS capture_id
    FROM changes JOIN crawls ON crawls.id = changes.crawl_id
    WHERE changes.post_id = ? AND changes.kind IN ('created', 'removed')
    ORDER BY changes.id
"""
_SIGHTS = """
    SELECT captures.id, captures.crawl_id, fetched_at, revisions.number,
        coalesce(revisions.number, 1) AS shown, crawls.kind, captures.lastmod, captures.claims,
        crawls.extractor, captures.template, max(crawls.confirm_sights, coalesce((
            SELECT pending_changes.confirm_sights FROM pending_changes
            WHERE pending_changes.post_id = captures.post_id
                AND fetched_at BETWEEN pending_changes.first_seen_at AND last_seen_at
        ), 0)) AS confirm_sights, dates_moved != 'untrusted' AS is_trusted
    FROM captures JOIN crawls ON crawls.id = captures.crawl_id
    LEFT JOIN revisions ON revisions.id = captures.revision_id
        AND revisions.post_id = captures.post_id
    WHERE captures.post_id = ? AND verdict = 'ok' ORDER BY captures.id
"""
_REREADINGS = """
    SELECT reextractions.capture_id, reextractions.crawl_id, extracted_at, revisions.number,
        pending.number AS pending_number, crawls.extractor, reextractions.template, crawls.kind,
        reextractions.claims
    FROM reextractions JOIN crawls ON crawls.id = reextractions.crawl_id
    JOIN revisions ON revisions.id = reextractions.revision_id
    LEFT JOIN revisions AS pending ON pending.id = pending_revision_id
    WHERE reextractions.post_id = ? ORDER BY reextractions.id
"""
_ABSENCES = f"""
    SELECT first_seen_at, last_seen_at FROM observations
    WHERE post_id = ? AND verdict IN ({quoted(*sorted(ABSENT), "renamed")})
"""
