"""Compare each post's stored history with the one that its sights give, replayed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scraper.archive.rows import iterate_rows, read_rows
from scraper.archive.timelines.replay import ChangeFacts, PendingFacts, Replay, SightStep
from scraper.archive.timelines.steps import begin_replay
from scraper.archive.verify.hashes import SKIPPED, UNREADABLE
from scraper.archive.verify.links import theme_links_differ
from scraper.archive.write.post.revisions import parse_readings
from scraper.history.changes import FIXED_SEVERITY
from scraper.history.timeline import TIMELINE_VERSION, Cause, origin_of_cause


@dataclass(frozen=True, slots=True, kw_only=True)
class _PostRow:
    """A post's row; `is_skipped`: other rules of history wrote some of it."""

    id: int
    label: str
    state: str
    number: int
    last_seen_at: str
    lastmod: str
    extractor: str
    template: str
    readings: str
    is_skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChangeRow:
    kind: str
    old: str
    new: str
    not_before: str
    not_after: str
    witness: Any
    lastmod: str
    standing: str
    origin: str
    cause: str
    is_revert: int
    is_grouped: int

    @property
    def facts(self) -> ChangeFacts:
        """The change as a replay gives it."""
        kind = self.kind if self.kind in FIXED_SEVERITY else "revised"
        return ChangeFacts(
            kind=kind,
            old=self.old,
            new=self.new,
            not_before=self.not_before,
            not_after=self.not_after,
            witness=self.witness,
            lastmod=self.lastmod,
            is_revert=bool(self.is_revert),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ObservationRow:
    number: str
    first_seen_at: str
    last_seen_at: str
    count: int


def check_timelines(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str] | str | None]:
    """Replay the sights of every post, and check that its changes, pending differences,
    observations, links of the theme and present state are those that follow."""
    for post in iterate_rows(connection, _PostRow, _POSTS):
        if post.is_skipped:
            yield SKIPPED
            continue
        try:
            parse_readings(post.readings)
            problem = next(_problems(connection, post), "")
        except UNREADABLE:
            problem = "its sights or readings cannot be read"
        yield (post.label, problem) if problem else None


def _problems(connection: sqlite3.Connection, post: _PostRow) -> Iterator[str]:
    replay, steps, sights = begin_replay(connection, post.id)
    for _, step in steps:
        replay.take(step)
    yield from _changes_differ(read_rows(connection, _ChangeRow, _CHANGES, [post.id]), replay)
    yield from _pending_differ(connection, post.id, replay)
    yield from _observations_differ(connection, post.id, sights)
    yield from _state_differs(post, replay)
    if not replay.is_dated:
        return  # its links begin at the time of an import
    seen_at = sorted(sight.seen.at for sight in sights if sight.capture_id not in replay.past)
    removed_at = [facts.not_after for facts in replay.changes if facts.kind == "removed"]
    yield from theme_links_differ(connection, post.id, seen_at, removed_at)


def _changes_differ(rows: Iterable[_ChangeRow], replay: Replay) -> Iterator[str]:
    """Compare the stored changes with those of a replay; who made a change of a group is known from
    all of the group."""
    expected = defaultdict[ChangeFacts, list[Cause]](list)
    for facts, cause in zip(replay.changes, replay.causes, strict=True):
        expected[facts].append(cause)
    for row in rows:
        if not expected[row.facts]:
            yield f"its {_words(row.facts)} does not follow from its sights"
            continue
        cause = expected[row.facts].pop(0)
        is_same = (row.cause, row.origin) == (cause, origin_of_cause(cause))
        if row.standing != "confirmed" or not (is_same or row.is_grouped):
            yield f"its {_words(row.facts)} is stored as {row.standing}, {row.origin}, {row.cause}"
    for facts in (facts for facts, causes in expected.items() if causes):
        yield f"its sights give a change that is not stored: {_words(facts)}"


def _words(facts: ChangeFacts) -> str:
    versions = " to ".join(f"v{number}" for number in (facts.old, facts.new) if number)
    witness = "" if facts.witness == "none" else f", by {facts.witness}"
    witness += ", a return" if facts.is_revert else ""
    return (
        f"{facts.kind} {versions} between {facts.not_before or 'an unknown time'} "
        f"and {facts.not_after}{witness}"
    )


def _pending_differ(connection: sqlite3.Connection, post_id: int, replay: Replay) -> Iterator[str]:
    stored = [PendingFacts(*row) for row in connection.execute(_PENDING, [post_id])]
    if stored != replay.pending:
        both = zip(stored, replay.pending, strict=False)
        number = next((n for n, (a, b) in enumerate(both, 1) if a != b), 0)
        number = number or min(len(stored), len(replay.pending)) + 1
        yield f"its pending difference {number} is not the one that its sights give"


def _observations_differ(
    connection: sqlite3.Connection, post_id: int, sights: Iterable[SightStep]
) -> Iterator[str]:
    """Every sight is in one period, which begins and ends with one."""
    left = defaultdict[str, list[str]](list)
    for sight in sights:
        left[sight.seen.version[0]].append(sight.seen.at)
    for row in read_rows(connection, _ObservationRow, _OBSERVATIONS, [post_id]):
        times = left[row.number]
        within = sorted(at for at in times if row.first_seen_at <= at <= row.last_seen_at)
        within = within[: row.count]
        ends = (row.count, row.first_seen_at, row.last_seen_at)
        if not within or (len(within), within[0], within[-1]) != ends:
            yield (
                f"its observation of v{row.number} from {row.first_seen_at} to "
                f"{row.last_seen_at} is not that of its sights"
            )
            return
        for at in within:
            times.remove(at)
    for number, times in left.items():
        if times:
            yield f"its sight of v{number} at {times[0]} is in no observation"


def _state_differs(post: _PostRow, replay: Replay) -> Iterator[str]:
    state = replay.state
    if (post.state == "removed") != (state.state == "removed"):
        yield f"its state is {post.state}, its sights give {state.state}"
    absent = (period.last_seen_at >= state.seen_at for period in replay.absences)
    if post.state == "missing" and not any(absent):
        yield "its state is missing, and no answer since its last sight says so"
    if str(post.number) != state.version[0]:
        yield f"its current revision is v{post.number}, its sights give v{state.version[0]}"
    if state.seen_at and post.last_seen_at != state.seen_at:
        yield f"it was last seen at {state.seen_at}, not at {post.last_seen_at}"
    if post.lastmod != state.dates.lastmod:
        yield f"its date in the listings was {state.dates.lastmod}, not {post.lastmod}"
    if (post.extractor, post.template) != state.rules:
        yield "the rules that read it last are not those of its last sight"


_POSTS = f"""
    SELECT posts.id, posts.label, posts.state, current.number,
        posts.last_seen_at, seen_lastmod AS lastmod, seen_extractor AS extractor,
        seen_template AS template, posts.readings, EXISTS (
            SELECT 1 FROM captures JOIN crawls ON crawls.id = captures.crawl_id
            WHERE captures.post_id = posts.id AND timeline_version != {TIMELINE_VERSION}
        ) AS is_skipped
    FROM posts
    JOIN revisions AS current ON current.id = posts.revision_id
    ORDER BY posts.id
"""
_CHANGES = """
    SELECT changes.kind,
        coalesce(old.number, '') || '' AS old, coalesce(new.number, '') || '' AS new,
        coalesce(not_before, '') AS not_before, not_after, witness, lastmod, standing,
        changes.origin, changes.cause, is_revert, group_id IS NOT NULL AS is_grouped
    FROM changes
    LEFT JOIN revisions AS old ON old.id = from_revision_id
    LEFT JOIN revisions AS new ON new.id = to_revision_id
    WHERE changes.post_id = ? AND NOT (kind = 'image' AND from_revision_id IS to_revision_id)
    ORDER BY changes.id
"""
_PENDING = """
    SELECT old.number || '', new.number || '', not_before, pending_changes.first_seen_at, sights,
        standing
    FROM pending_changes JOIN revisions AS old ON old.id = from_revision_id
    JOIN revisions AS new ON new.id = to_revision_id
    WHERE pending_changes.post_id = ? ORDER BY pending_changes.id
"""
_OBSERVATIONS = """
    SELECT number || '' AS number, observations.first_seen_at, observations.last_seen_at, count
    FROM observations JOIN revisions ON revisions.id = revision_id
    WHERE observations.post_id = ? ORDER BY observations.first_seen_at, observations.id
"""
