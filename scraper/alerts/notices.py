"""The values of alerts: changes and incidents to report, and the messages sent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

from scraper.history.changes import Change, FieldChange

Timing = Literal["at_once", "daily", "weekly"]
"""When an alert goes out: at once, or in the channel's daily or weekly digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotice(Change):
    """A change of a store with what alerts report beside it.

    If it belongs to a group, `kind` and `severity` are the group's, and `group_titles` are titles
    of its first posts. `old_text` and `new_text` are the texts of its revisions, empty if there is
    none. `web_path` is the path below which the web interface has the store's archive, empty where
    there is but one.
    """

    web_path: str = ""
    group_titles: tuple[str, ...] = ()
    old_text: str = field(default="", repr=False)
    new_text: str = field(default="", repr=False)

    def as_json(self) -> str:
        """This notice as JSON, which `of` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, text: str) -> Self:
        """The notice of a JSON text."""
        values = json.loads(text)
        fields = tuple(FieldChange(**field) for field in values.pop("fields"))
        titles = tuple(values.pop("group_titles"))
        return cls(**values, fields=fields, group_titles=titles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A change to report to a channel, with the name of the rule and the timing."""

    channel: str
    rule: str
    timing: Timing
    change: ChangeNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNotice:
    """An incident as alerts report it. `store` is empty if it concerns no archived store,
    `closed_at` while it is open; `subject` as in the table `incidents`; `hosts` as in
    `archive.queries.notices.EndedCrawl`."""

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
    """A message for a channel: the same content as `text`, as `html`, and as JSON values in
    `changes` or `incident`. `subject` is one line."""

    subject: str
    text: str
    html: str
    changes: tuple[dict[str, object], ...] = ()
    incident: dict[str, object] | None = None

    @property
    def content(self) -> str:
        """All but the subject, as JSON."""
        values = {name: value for name, value in asdict(self).items() if name != "subject"}
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def of(cls, subject: str, content: str) -> Self:
        """The message of a subject and a `content`."""
        values = json.loads(content)
        return cls(subject=subject, changes=tuple(values.pop("changes")), **values)
