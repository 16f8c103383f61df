"""Replay a post's history: from its sights, as `history.timeline` was given them, to the changes
and pending differences that follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from scraper.history.timeline import (
    Cause,
    Event,
    Observation,
    PendingEvent,
    PostState,
    Rereading,
    cause_of,
    is_past,
    observe,
    reread,
)
from scraper.history.witnesses import Witness
from scraper.items import Origin


class Sight(NamedTuple):
    """An observation of a post, by the number of its capture, in a crawl in which so many of one
    difference confirm it."""

    capture_id: int
    crawl_id: int
    seen: Observation
    confirm_sights: int


class Removal(NamedTuple):
    """A crawl that found a post gone, at `at` (UTC) at the latest, and removed it."""

    at: str
    origin: Origin


class Unseen(NamedTuple):
    """A period in which a post was found absent (UTC)."""

    first_seen_at: str
    last_seen_at: str


class ChangeFacts(NamedTuple):
    """What a timeline says of a change: `kind` is ``revised`` for one of the content. Versions are
    numbers of revisions, empty where there is none; so is `not_before`."""

    kind: str
    old: str
    new: str
    not_before: str
    not_after: str
    witness: Witness
    lastmod: str


class PendingFacts(NamedTuple):
    """What a timeline says of a difference that waited, or waits."""

    old: str
    new: str
    not_before: str
    first_seen_at: str
    sights: int
    standing: str


Step = Sight | Rereading | Removal


@dataclass(slots=True)
class Replay:
    """A post's timeline, step by step. `renamed_at` are the times of the sights that showed the
    post at another address; `causes` belong to `changes`. `past` are the sights that entered the
    history before the last one, by crawl and time: what they changed is not replayed."""

    absences: tuple[Unseen, ...]
    renamed_at: frozenset[str]
    state: PostState = field(init=False)
    changes: list[ChangeFacts] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    pending: list[PendingFacts] = field(default_factory=list)
    past: set[tuple[int, str]] = field(default_factory=set)
    _last_seen: dict[str, str] = field(default_factory=dict)
    _renames: int = 0

    def begin(self, first: Sight, *, is_dated: bool, not_before: str) -> None:
        """Take the page that created the post, which was not there at `not_before`; `is_dated`: the
        page says when it was fetched."""
        seen = first.seen
        at = seen.at if is_dated else ""
        self.state = PostState(
            version=seen.version,
            rules=seen.rules,
            origin=seen.origin,
            url="0",
            seen_at=at,
            version_seen_at=at,
            language=seen.language,
            dates=seen.dates,
        )
        self._last_seen[seen.version[0]] = at
        cause, lastmod = cause_of(seen.origin), seen.dates.lastmod
        self._add("created", "", seen.version[0], not_before, seen.at, cause=cause, lastmod=lastmod)

    def take(self, step: Step) -> None:
        """Take the next step, in the order in which they were written."""
        if isinstance(step, Sight):
            self._see(step)
        elif isinstance(step, Rereading):
            self._reread(step)
        else:
            self._remove(step)

    def _see(self, sight: Sight) -> None:
        seen = sight.seen
        if self.state.seen_at and is_past(seen.origin, seen.at, self.state.seen_at):
            self._see_past(sight)
            return
        if seen.at in self.renamed_at:
            self._renames += 1
        if not seen.dates.claims and not seen.language:  # nothing new
            dates = replace(self.state.dates, lastmod=seen.dates.lastmod)
            seen = replace(seen, dates=dates, language=self.state.language)
        seen = replace(seen, url=str(self._renames))
        before = self.state
        if before.state == "removed":
            before = replace(before, absent_at=self._absent_until(seen.at))
        self.state, events = observe(before, seen, confirm_sights=sight.confirm_sights)
        self._last_seen[seen.version[0]] = seen.at
        self._take(events, before, seen.version[0], seen.dates.lastmod)

    def _see_past(self, sight: Sight) -> None:
        at, version = sight.seen.at, sight.seen.version
        self.past.add((sight.crawl_id, at))
        self._last_seen[version[0]] = max(self._last_seen.get(version[0], ""), at)
        if version == self.state.version:
            last = max(self.state.version_seen_at, at)
            self.state = replace(self.state, version_seen_at=last)

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
        if pending and page.waiting:
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
        self.changes.append(ChangeFacts(kind, old, new, not_before, not_after, witness, lastmod))
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
