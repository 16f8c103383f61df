"""What alerts are about and what is sent: changes, incidents, messages. Frozen values, standard
library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Timing = Literal["at_once", "daily", "weekly"]
"""When an alert goes out: by itself, or in the channel's digest of a day or a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotice:
    """A change of a store's, as alerts look at it and tell it.

    `kind`, `severity` and `n_posts` are those of its group where it is in one (`group_id` is not
    0): then `summary` says what its members share, and `posts` holds titles of the first of them.
    `fields` are name, old and new value; `old_text` and `new_text` the texts on both sides, empty
    where there is none; `old` and `new` the numbers of their revisions, or 0. `health` and `reason`
    are the crawl's.
    """

    change_id: int
    store_id: int
    store: str
    crawl_id: int
    health: str
    reason: str
    post_id: int
    title: str
    url: str
    blog: str
    kind: str
    severity: str
    fields: tuple[tuple[str, str, str], ...]
    not_before: str
    not_after: str
    old: int
    new: int
    words_added: int
    words_removed: int
    similarity: float
    is_revert: bool
    group_id: int = 0
    n_posts: int = 1
    summary: str = ""
    posts: tuple[str, ...] = ()
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
