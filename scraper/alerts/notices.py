"""What alerts are about and what is sent: changes, incidents, messages. Frozen values, standard
library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from scraper.history.changes import Change

Timing = Literal["at_once", "daily", "weekly"]
"""When an alert goes out: by itself, or in the channel's digest of a day or a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotice(Change):
    """A change of a store with what alerts report beside it.

    If it belongs to a group, `kind` and `severity` are the group's, and `group_titles` are titles
    of its first posts. `old_text` and `new_text` are the texts of its revisions, empty if there is
    none.
    """

    group_titles: tuple[str, ...] = ()
    old_text: str = field(default="", repr=False)
    new_text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """That a channel is to be told of a change, by which rule, and when."""

    channel: str
    rule: str
    timing: Timing
    news: ChangeNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNotice:
    """An incident, as alerts tell it: `store` is empty for one of no archived store, `closed_at`
    while it stands open; `subject` as in the table `incidents`; `hosts` as in
    `archive.alerts.news.EndedCrawl`."""

    incident_id: int
    store: str
    kind: str
    subject: str
    detail: str
    opened_at: str
    closed_at: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is sent: `text` and `html` say the same, `changes` or `incident` say it for a
    machine. `subject` is one line."""

    subject: str
    text: str
    html: str
    changes: tuple[dict[str, object], ...] = ()
    incident: dict[str, object] | None = None
