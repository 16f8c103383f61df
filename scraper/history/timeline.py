"""The history of a post as one reducer: a state and a sight give a state and events.

An edit is earned as a removal is. The store's own dates witness an edit: they move when its author
saves a post, and stand still when a theme, an app or the clock alter the page around it. Without a
witness a difference is pending: later crawls that see the same words again make it a change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from scraper.history.changes import ChangeKind
from scraper.history.reconcile import latest_claims
from scraper.history.removal import State
from scraper.history.witnesses import (
    NO_DATES,
    Dates,
    Witness,
    feed_moved,
    is_later,
    left_feed_behind,
    modified_moved,
    without_page_dates,
)
from scraper.items import FieldClaim, Origin

Cause = Literal["store", "rules", "theme", "file"]
"""What made a change: the store's people, other rules of ours, another theme, or a file."""

Version = tuple[str, str]
"""The hashes of body and fields: two sights with equal ones saw the same version."""

Standing = Literal["confirmed", "pending", "volatile"]
"""``confirmed``: the store changed the post. ``pending``: seen, and not confirmed yet.
``volatile``: it went again before anything confirmed it."""

TIMELINE_VERSION: Final = 5
"""The version of these rules: raise it where they would make another timeline of old sights."""

CONFIRM_SIGHTS: Final = 3
"""Without a witness, a difference is a change when so many crawls in a row saw it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A sight of a post: the page or file at `at` (UTC) held `version`.

    `rules` name the extractor and the template by which it was read; `language` is the page's.
    `dates_trusted` is False where the store's dates moved for nearly all posts at once. `is_return`
    says that the post showed this version before, and another one since.
    """

    at: str
    version: Version
    origin: Origin
    rules: tuple[str, str]
    url: str
    language: str = ""
    dates: Dates = NO_DATES
    dates_trusted: bool = True
    is_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A version that waits for confirmation: seen `sights` times in a row since `first_seen_at`, of
    `confirm_sights`; the version before it was last seen at `not_before`."""

    version: Version
    not_before: str
    first_seen_at: str
    sights: int
    confirm_sights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostState:
    """A post between two sights.

    `version`, `rules`, `language` and `dates` are those of the last sight of the current version,
    at `version_seen_at`; `origin` is ``observed`` if a crawl has seen it. `seen_at` is the last
    sight of any version, `absent_at` a later absence.
    """

    version: Version
    rules: tuple[str, str]
    origin: Origin
    url: str
    seen_at: str
    version_seen_at: str
    state: State = "live"
    language: str = ""
    dates: Dates = NO_DATES
    pending: Pending | None = None
    absent_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """The last pages of a post, read again at `at` (UTC) by other `rules`.

    These read `version` in the page of the current version, which was last seen at
    `version_seen_at`, and `waiting` in the page of a difference that waits (None if there is none,
    or its page was not read). `claims` are those of the pages up to that of `version`. What these
    rules read otherwise than those before is a change with this `cause`.
    """

    at: str
    version: Version
    rules: tuple[str, str]
    cause: Cause
    version_seen_at: str
    language: str = ""
    claims: tuple[FieldClaim, ...] = ()
    waiting: Version | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostEvent:
    """Something that happened to a post between `not_before` (empty: unknown) and `not_after`.

    ``revised`` leads from one version to another; its kind follows from comparing the two.
    """

    kind: ChangeKind | Literal["revised"]
    not_before: str
    not_after: str
    origin: Origin
    cause: Cause
    witness: Witness = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEvent:
    """A difference that began to wait (``pending``), was seen again (``seen``), or that ended:
    ``confirmed`` or ``volatile``."""

    kind: Literal["pending", "seen", "confirmed", "volatile"]
    pending: Pending


Event = PostEvent | PendingEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period in which every sight of a post showed one version: one of `versions`, which our
    rules of different days read on the same pages. `dates` are those of its first sight."""

    versions: frozenset[Version]
    first_seen_at: str
    last_seen_at: str
    dates: Dates = NO_DATES


def origin_of_cause(cause: Cause) -> Origin:
    """Who made a change of this cause."""
    if cause == "store":
        return "observed"
    return "imported" if cause == "file" else "technical"


def cause_of(origin: Origin) -> Cause:
    """What made a change that was read by the same rules as before."""
    return "file" if origin == "imported" else "store"


def observe(
    state: PostState, seen: Sight, *, confirm_sights: int = CONFIRM_SIGHTS
) -> tuple[PostState, tuple[Event, ...]]:
    """The state of a post after one more sight of it, and what that sight showed, in the order in
    which a person would report it: restored, renamed, edited."""
    events: list[Event] = []
    if state.state == "removed":
        events.append(_event("restored", state.absent_at, seen))
    if seen.url and state.url and seen.url != state.url:
        events.append(_event("renamed", state.seen_at, seen))
    after, more = _see_version(state, seen, confirm_sights)
    after = replace(after, state="live", url=seen.url or state.url, seen_at=seen.at, absent_at="")
    return after, (*events, *more)


def first_state(seen: Sight, *, is_dated: bool = True) -> PostState:
    """The state of a post after its first sight; `is_dated`: it says when that was."""
    at = seen.at if is_dated else ""
    return PostState(
        version=seen.version,
        rules=seen.rules,
        origin=seen.origin,
        url=seen.url,
        seen_at=at,
        version_seen_at=at,
        language=seen.language,
        dates=seen.dates,
    )


def reread(state: PostState, page: Rereading) -> tuple[PostState, tuple[Event, ...]]:
    """The state of a post whose last pages other rules read again. What they read otherwise is
    nobody's edit; a difference that waited, and that they do not find, was none."""
    events = list[Event]()
    pending = state.pending
    if pending and page.waiting:
        pending = replace(pending, version=page.waiting)
    if pending and pending.version == page.version:
        events, pending = _end(pending, "volatile"), None
    if page.version != state.version:
        events.append(
            PostEvent(
                kind="revised",
                not_before=state.seen_at,
                not_after=page.at,
                origin=origin_of_cause(page.cause),
                cause=page.cause,
            )
        )
    after = replace(
        state,
        version=page.version,
        rules=page.rules,
        version_seen_at=page.version_seen_at,
        language=page.language,
        dates=replace(state.dates, claims=page.claims),
        pending=pending,
    )
    return after, tuple(events)


def is_past(origin: Origin, at: str, seen_at: str) -> bool:
    """Whether a sight enters the history before the last one, at `seen_at`: only what was imported
    does."""
    return origin == "imported" and at < seen_at


def place_past_sight(before: Period | None, after: Period, seen: Sight) -> tuple[PostEvent, ...]:
    """What a sight earlier than the last one adds to a history: a version that began and ended
    between two periods, if a date that the page carries moved with it. What the other sights
    reported stays as it is."""
    if any(period and seen.version in period.versions for period in (before, after)):
        return ()
    ends = modified_moved(seen.dates, after.dates, after.first_seen_at)
    if not ends and not (before and modified_moved(before.dates, seen.dates, seen.at)):
        return ()
    ended = PostEvent(
        kind="revised",
        not_before=seen.at,
        not_after=after.first_seen_at,
        origin=seen.origin,
        cause=cause_of(seen.origin),
        witness="modified",
    )
    if before is None:
        return (ended,)
    return replace(ended, not_before=before.last_seen_at, not_after=seen.at), ended


def _see_version(
    state: PostState, seen: Sight, confirm_sights: int
) -> tuple[PostState, list[Event]]:
    """What a sight says of the version: the same, another one, or one that waits."""
    if seen.version == state.version:
        # What a crawl has seen is no file's; its language is read where the version changes.
        origin: Origin = "observed" if state.origin == "observed" else seen.origin
        after = replace(_with_current(state, seen), origin=origin, language=state.language)
        return after, _end(state.pending, "volatile")
    witness = witness_of(state, seen)
    # The rules of what stands read what waits, too: others that read the same did not make it.
    is_waiting = state.pending is not None and state.pending.version == seen.version
    if state.rules != seen.rules and witness != "lastmod" and not is_waiting:
        return _replace_current(state, seen, _cause_of_rules(state, seen))
    if witness != "none":
        return _confirm(state, seen, witness)
    if state.origin == "imported" and seen.origin == "observed":
        return _replace_current(state, seen, "file")  # what a crawl reads comes before any file
    return _wait(state, seen, confirm_sights)


def _wait(state: PostState, seen: Sight, confirm_sights: int) -> tuple[PostState, list[Event]]:
    """A version that nothing witnesses waits until enough sights in a row show the same."""
    pending = state.pending
    if pending is None or pending.version != seen.version:
        return _begin_pending(state, seen, confirm_sights)
    needed = max(pending.confirm_sights, confirm_sights)
    again = replace(pending, sights=pending.sights + 1, confirm_sights=needed)
    if again.sights < needed:
        return replace(state, pending=again), [PendingEvent(kind="seen", pending=again)]
    if _is_contradicted(state, seen):
        return _replace_current(state, seen, "theme")
    return _confirm(state, seen, "sights")


def _begin_pending(state: PostState, seen: Sight, needed: int) -> tuple[PostState, list[Event]]:
    begun = Pending(
        version=seen.version,
        not_before=state.version_seen_at,
        first_seen_at=seen.at,
        sights=1,
        confirm_sights=needed,
    )
    events = [*_end(state.pending, "volatile"), PendingEvent(kind="pending", pending=begun)]
    return replace(state, pending=begun), events


def _confirm(state: PostState, seen: Sight, witness: Witness) -> tuple[PostState, list[Event]]:
    """The store's own change, or, where one of the two sights is a file, an imported one."""
    # A date that stood still until now says that nothing was edited up to the last sight.
    not_before = state.seen_at if witness == "lastmod" else state.version_seen_at
    is_file = "imported" in {state.origin, seen.origin}
    return _revise(state, seen, "file" if is_file else "store", not_before, witness)


def _replace_current(state: PostState, seen: Sight, cause: Cause) -> tuple[PostState, list[Event]]:
    """Another version that nobody at the store made."""
    return _revise(state, seen, cause, state.seen_at)


def _revise(
    state: PostState, seen: Sight, cause: Cause, not_before: str, witness: Witness = "none"
) -> tuple[PostState, list[Event]]:
    """Another version becomes the current one. Where it waited, its bracket is that of its first
    sight."""
    not_after, pending = seen.at, state.pending
    ended = _end(pending, "volatile")
    if pending and pending.version == seen.version:
        not_before, not_after = pending.not_before, pending.first_seen_at
        ended = _end(replace(pending, sights=pending.sights + 1), "confirmed")
    revised = PostEvent(
        kind="revised",
        not_before=not_before,
        not_after=not_after,
        origin=origin_of_cause(cause),
        cause=cause,
        witness=witness,
    )
    return _with_current(state, seen), [*ended, revised]


def _with_current(state: PostState, seen: Sight) -> PostState:
    dates = replace(seen.dates, claims=latest_claims(state.dates.claims, seen.dates.claims))
    if seen.origin == "imported" and not dates.lastmod:  # a file may say nothing of the listings
        dates = replace(dates, lastmod=state.dates.lastmod)
    return replace(
        state,
        version=seen.version,
        rules=seen.rules,
        origin=seen.origin,
        language=seen.language,
        version_seen_at=seen.at,
        dates=dates,
        pending=None,
    )


def _end(pending: Pending | None, kind: Literal["confirmed", "volatile"]) -> list[Event]:
    return [PendingEvent(kind=kind, pending=pending)] if pending else []


def _cause_of_rules(state: PostState, seen: Sight) -> Cause:
    if "imported" in {state.origin, seen.origin}:
        return "file"
    return "theme" if state.rules[0] == seen.rules[0] else "rules"


def witness_of(state: PostState, seen: Sight) -> Witness:
    """What the store itself says of an edit since the last sight of the current version."""
    before, now = state.dates, seen.dates
    if seen.dates_trusted and is_later(before.lastmod or state.seen_at, now.lastmod):
        return "lastmod"
    # A store that shows every visitor his own language does so in its feed too; and where its
    # listings or the page are an older copy, so may the feed be.
    is_older_copy = seen.is_return or (now.lastmod and is_later(now.lastmod, before.lastmod))
    if not is_older_copy and feed_moved(before, now) and _is_same_language(state, seen):
        return "feed"
    if now.lastmod and seen.origin == "observed":
        now = without_page_dates(now)
    if seen.dates_trusted and modified_moved(before, now, seen.at, since=state.version_seen_at):
        return "modified"
    return "none"


def _is_contradicted(state: PostState, seen: Sight) -> bool:
    """Whether the difference cannot be the author's, however long it stands: the page speaks
    another language, or no longer agrees with a feed that stood still."""
    return not _is_same_language(state, seen) or left_feed_behind(state.dates, seen.dates)


def _is_same_language(state: PostState, seen: Sight) -> bool:
    before, now = (one.language.partition("-")[0].casefold() for one in (state, seen))
    return before == now


def _event(kind: ChangeKind, not_before: str, seen: Sight) -> PostEvent:
    return PostEvent(
        kind=kind,
        not_before=not_before,
        not_after=seen.at,
        origin=seen.origin,
        cause=cause_of(seen.origin),
    )
