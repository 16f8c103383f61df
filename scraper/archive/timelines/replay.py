"""Replay a post's history: from its sights, as `history.timeline` was given them, to the changes
and pending differences that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from scraper.history.timeline import (
    Cause,
    Event,
    PendingEvent,
    Period,
    PostState,
    Rereading,
    Sight,
    cause_of,
    first_state,
    is_past,
    observe,
    place_past_sight,
    reread,
)
from scraper.history.witnesses import Dates, Witness
from scraper.items import FieldClaim, Origin


class SightStep(NamedTuple):
    """A sight of a post, by the number of its capture, in a crawl in which so many of one
    difference confirm it. Where it has an address, the post had another one before it."""

    capture_id: int
    crawl_id: int
    seen: Sight
    confirm_sights: int
    url_before: str = ""


class Removal(NamedTuple):
    """A crawl that found a post gone, at `at` (UTC) at the latest, and removed it."""

    at: str
    origin: Origin


class Unseen(NamedTuple):
    """A period in which a post was found absent (UTC)."""

    first_seen_at: str
    last_seen_at: str


class ChangeFacts(NamedTuple):
    """What a timeline says of a change: `kind` is ``revised`` for one of the content, which
    `is_revert` if its new version was current before. Versions are numbers of revisions, empty
    where there is none; so is `not_before`."""

    kind: str
    old: str
    new: str
    not_before: str
    not_after: str
    witness: Witness
    lastmod: str
    is_revert: bool


class PendingFacts(NamedTuple):
    """What a timeline says of a difference that waited, or waits."""

    old: str
    new: str
    not_before: str
    first_seen_at: str
    sights: int
    standing: str


Step = SightStep | Rereading | Removal


@dataclass(slots=True)
class Replay:
    """A post's timeline, step by step. `claims` are what each version's page claims, and
    `technical` the pairs of versions that our rules of different days read on the same pages.
    `causes` belong to `changes`. `is_dated`: the page that created the post says when it was
    fetched. `past` are the captures whose sights entered the history before the last one."""

    absences: tuple[Unseen, ...]
    claims: Mapping[str, tuple[FieldClaim, ...]]
    technical: frozenset[tuple[str, str]]
    state: PostState = field(init=False)
    is_dated: bool = True
    changes: list[ChangeFacts] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    pending: list[PendingFacts] = field(default_factory=list)
    past: set[int] = field(default_factory=set)
    _sights: list[tuple[str, str]] = field(default_factory=list)
    _last_seen: dict[str, str] = field(default_factory=dict)

    def begin(self, first: SightStep, *, is_dated: bool, not_before: str) -> None:
        """Take the page that created the post, which was not there at `not_before`; `is_dated`: the
        page says when it was fetched."""
        seen = first.seen
        self.state = first_state(seen, is_dated=is_dated)
        self.is_dated, at = is_dated, self.state.seen_at
        self._last_seen[seen.version[0]] = at
        self._sights += [(at, seen.version[0])] if at else []
        cause, lastmod = cause_of(seen.origin), seen.dates.lastmod
        self._add("created", "", seen.version[0], not_before, seen.at, cause=cause, lastmod=lastmod)

    def take(self, step: Step) -> None:
        """Take the next step, in the order in which they were written."""
        if isinstance(step, SightStep):
            self._see(step)
        elif isinstance(step, Rereading):
            self._reread(step)
        else:
            self._remove(step)

    def _see(self, sight: SightStep) -> None:
        seen = sight.seen
        if self.state.seen_at and is_past(seen.origin, seen.at, self.state.seen_at):
            self._see_past(sight)
            return
        if not seen.dates.claims and not seen.language:  # nothing new
            dates = replace(self.state.dates, lastmod=seen.dates.lastmod)
            seen = replace(seen, dates=dates, language=self.state.language)
        seen = replace(seen, is_return=self._has_gone(seen.version[0]))
        before = replace(self.state, url=sight.url_before)
        if before.state == "removed":
            before = replace(before, absent_at=self._absent_until(seen.at))
        self.state, events = observe(before, seen, confirm_sights=sight.confirm_sights)
        self._last_seen[seen.version[0]] = seen.at
        self._sights.append((seen.at, seen.version[0]))
        self._take(events, before, seen.version[0], seen.dates.lastmod)

    def _has_gone(self, version: str) -> bool:
        return any(
            facts.kind == "revised" and facts.old == version for facts in self.changes
        ) or any(facts.standing == "volatile" and facts.new == version for facts in self.pending)

    def _see_past(self, sight: SightStep) -> None:
        seen, version = sight.seen, sight.seen.version[0]
        self.past.add(sight.capture_id)
        self._place(seen)
        self._sights.append((seen.at, version))
        self._last_seen[version] = max(self._last_seen.get(version, ""), seen.at)
        if seen.version == self.state.version:
            last = max(self.state.version_seen_at, seen.at)
            self.state = replace(self.state, version_seen_at=last)

    def _place(self, seen: Sight) -> None:
        """Take what a sight of an earlier time says of the versions around it, of those that
        were ever current."""
        current = {facts.new for facts in self.changes}
        around = [sight for sight in self._sights if sight[1] in current]
        before = max((sight for sight in around if sight[0] < seen.at), default=None)
        after = min(sight for sight in around if sight[0] > seen.at)
        events = place_past_sight(
            self._period(*before) if before else None, self._period(*after), seen
        )
        for event in events:
            sides = (seen.version[0], after[1])
            if before and event.not_after == seen.at:
                sides = (before[1], seen.version[0])
            bracket = (event.not_before, event.not_after)
            self._add("revised", *sides, *bracket, cause=event.cause, witness=event.witness)

    def _period(self, at: str, version: str) -> Period:
        """A version, seen at a time, with all that our rules read on its pages."""
        same, read = {version}, {version}
        known = {(facts.old, facts.new) for facts in self.changes} & self.technical
        while read:
            read = {new for old, new in known if old in read} - same
            same |= read
        return Period(
            versions=frozenset((number, "") for number in same),
            first_seen_at=at,
            last_seen_at=at,
            dates=Dates(claims=self.claims[version]),
        )

    def _reread(self, page: Rereading) -> None:
        before = self.state
        if page.cause == "theme" and before.rules[0] != page.rules[0]:
            page = replace(page, cause="rules")
        last = max(before.version_seen_at, self._last_seen.get(page.version[0], ""))
        if before.pending and page.waiting == page.version:
            last = max(last, self._last_seen[before.pending.version[0]])
        self.state, events = reread(before, replace(page, version_seen_at=last))
        self._take(events, before, page.version[0], before.dates.lastmod)
        pending = self.state.pending
        if pending:
            old, new = page.version[0], pending.version[0]
            self.pending[-1] = self.pending[-1]._replace(old=old, new=new)

    def _remove(self, removal: Removal) -> None:
        state, cause = self.state, cause_of(removal.origin)
        found = [period for period in self.absences if period.last_seen_at >= state.seen_at]
        since = min((period.first_seen_at for period in found), default=removal.at)
        self._add("removed", state.version[0], "", state.seen_at, since, cause=cause)
        if state.pending:
            self._end_pending("volatile", state.pending.sights)
        self.state = replace(state, state="removed", pending=None)

    def _absent_until(self, at: str) -> str:
        found = (period.last_seen_at for period in self.absences if period.last_seen_at <= at)
        return max(found, default="")

    def _take(
        self, events: tuple[Event, ...], before: PostState, version: str, lastmod: str
    ) -> None:
        old = before.version[0]
        for event in events:
            if isinstance(event, PendingEvent):
                self._take_pending(event, old)
                continue
            new = {"renamed": old, "restored": self.state.version[0]}.get(event.kind, version)
            self._add(
                event.kind,
                old,
                new,
                event.not_before,
                event.not_after,
                cause=event.cause,
                witness=event.witness,
                lastmod=lastmod,
            )

    def _add(
        self,
        kind: str,
        old: str,
        new: str,
        not_before: str,
        not_after: str,
        *,
        cause: Cause,
        witness: Witness = "none",
        lastmod: str = "",
    ) -> None:
        is_revert = kind == "revised" and any(
            facts.new == new and facts.kind != "restored" and facts.not_after < not_after
            for facts in self.changes
        )
        bracket = (not_before, not_after)
        self.changes.append(ChangeFacts(kind, old, new, *bracket, witness, lastmod, is_revert))
        self.causes.append(cause)

    def _take_pending(self, event: PendingEvent, old: str) -> None:
        pending = event.pending
        if event.kind == "pending":
            facts = PendingFacts(
                old, pending.version[0], pending.not_before, pending.first_seen_at, 1, "pending"
            )
            self.pending.append(facts)
        elif event.kind == "seen":
            self.pending[-1] = self.pending[-1]._replace(sights=pending.sights)
        else:
            self._end_pending(event.kind, pending.sights)

    def _end_pending(self, standing: str, sights: int) -> None:
        self.pending[-1] = self.pending[-1]._replace(standing=standing, sights=sights)
