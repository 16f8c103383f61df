"""Messages of alerts: a change, a digest of many, an incident, a test.

The words and the HTML stand in `templates/`; here are the values that fill them. Text that a store
wrote is cleaned and cut here, and escaped by the templates that end in ``.html``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from scraper.alerts.cleaning import clean, clean_url, one_line
from scraper.alerts.notices import ChangeNotice, IncidentNotice, Message
from scraper.alerts.payload import LONGEST_VALUE, change_as_values, change_links
from scraper.history.changes import CLAIMS, claims_of
from scraper.history.diff.words import Operation, Run, diff_texts, shorten
from scraper.history.humanize import FIELDS, INCIDENTS, KINDS, bracket, moment, plural
from scraper.printable import printable, single_line

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST_DIFF = 3000
"""Characters of a text's changed runs, and of a headline."""

LONGEST_TITLE = 120
LONGEST_HEAD = 500
SUBJECT = 160

FULL_CHANGES = 60
"""So many changes of a digest are shown with their fields, further ones without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A changed field as templates show it: its label and its runs of words."""

    label: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change as templates show it, every text cleaned and cut. `crawl_health` is empty for a
    healthy crawl."""

    headline: str
    store: str
    severity: str
    period: str
    crawl_health: str
    crawl_reason: str
    is_revert: bool
    fields: tuple[FieldView, ...]
    links: dict[str, str]


def render_change(change: ChangeNotice, *, web_url: str = "") -> Message:
    """A change, or a group of identical ones, as a message of its own. `web_url` is the address of
    the web interface, or empty."""
    return _render(
        "changes",
        subject=one_line(f"{change.store}: {headline(change)}", SUBJECT),
        values={"changes": [_view(change, web_url)]},
        changes=(change_as_values(change, web_url=web_url),),
    )


def render_digest(changes: Sequence[ChangeNotice], *, period: str, web_url: str = "") -> Message:
    """Many changes as one message, in their order. `period` ends the heading: which day or week, or
    which crawl."""
    stores = sorted({change.store for change in changes})
    names = ", ".join(stores[:3]) + (f" and {len(stores) - 3} more" if len(stores) > 3 else "")
    head = f"{plural(len(changes), 'change')} at {names}, {period}"
    views = [
        _view(change, web_url, with_fields=number < FULL_CHANGES)
        for number, change in enumerate(changes)
    ]
    return _render(
        "digest",
        subject=one_line(head, SUBJECT),
        values={"head": one_line(head, LONGEST_HEAD), "changes": views},
        changes=tuple(
            change_as_values(change, web_url=web_url, with_fields=number < FULL_CHANGES)
            for number, change in enumerate(changes)
        ),
    )


def render_incident(incident: IncidentNotice) -> Message:
    """An incident that was opened or, if it has a `closed_at`, resolved."""
    label = INCIDENTS.get(incident.kind, incident.kind)
    head = f"{incident.store or 'archive'}: {label}"
    if incident.closed_at:
        head += ": resolved"
    head = one_line(head, SUBJECT)
    columns = ("store", "kind", "subject", "detail", "opened_at", "closed_at")
    return _render(
        "incident",
        subject=head,
        values={
            "head": head,
            "detail": one_line(incident.detail, LONGEST_DIFF),
            "opened": moment(incident.opened_at),
            "closed": moment(incident.closed_at),
        },
        incident={
            "incident": incident.incident_id,
            **{name: getattr(incident, name) for name in columns},
        },
    )


def render_test(channel: str) -> Message:
    """A message that only tries a channel, by its name."""
    return _render("test", subject=f"Blogkeep: a test of {channel}", values={"channel": channel})


def render_mail_page(html: str) -> str:
    """A message's HTML as a complete document for a mail."""
    return _templates().get_template("mail.html").render(body=html)


def headline(change: ChangeNotice) -> str:
    """A change in one line: what happened to which post."""
    kind = KINDS.get(change.kind, change.kind)
    if not change.group_id:
        return f"{kind}: {_title(change.title)}"
    titles = ", ".join(_title(title) for title in change.group_titles)
    others = change.n_posts - len(change.group_titles)
    more = f" and {others} more" if others > 0 else ""
    return f"{plural(change.n_posts, 'post')}: {kind} ({titles}{more})"


def _title(title: str) -> str:
    return one_line(title, LONGEST_TITLE) or "(no title)"


def _render(
    template: str,
    *,
    subject: str,
    values: dict[str, Any],
    changes: tuple[dict[str, object], ...] = (),
    incident: dict[str, object] | None = None,
) -> Message:
    templates = _templates()
    return Message(
        subject=single_line(subject),
        text=printable(templates.get_template(f"{template}.txt").render(values)),
        html=printable(templates.get_template(f"{template}.html").render(values)),
        changes=changes,
        incident=incident,
    )


@cache
def _templates() -> Environment:
    # Imported at the first message: most commands need none, and Jinja2 takes 60 ms to load.
    from jinja2 import (  # noqa: PLC0415
        Environment,
        PackageLoader,
        StrictUndefined,
        select_autoescape,
    )

    return Environment(
        loader=PackageLoader("scraper.alerts"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _view(change: ChangeNotice, web_url: str, *, with_fields: bool = True) -> ChangeView:
    is_healthy = change.crawl_health in {"healthy", "unknown"}
    return ChangeView(
        headline=clean(headline(change), LONGEST_DIFF),
        store=one_line(change.store, LONGEST_VALUE),
        severity=change.severity,
        period=bracket(change.not_before, change.not_after),
        crawl_health="" if is_healthy else change.crawl_health,
        crawl_reason=one_line(change.crawl_reason, LONGEST_VALUE),
        is_revert=change.is_revert,
        fields=tuple(_fields(change)) if with_fields else (),
        links={name: clean_url(url) for name, url in change_links(change, web_url).items()},
    )


def _fields(change: ChangeNotice) -> Iterator[FieldView]:
    """What changed, field by field; the text itself of a post that was published or removed."""
    # Of a group, these are the fields of one post: its claim may stand elsewhere in another.
    for line in () if change.group_id else claims_of(change.fields):
        yield _field(CLAIMS, [Run(operation="same", text=line)])
    for field in change.fields:
        if field.field == "text":
            if change.old_text != change.new_text:
                diff = diff_texts(change.old_text, change.new_text)
                yield _field(field.field, _first_runs(shorten(diff)))
        elif field.field not in {"markup", CLAIMS}:
            yield _field(field.field, _old_and_new(field.old, field.new))
    if change.kind in {"created", "restored", "removed"} and not change.fields:
        yield from _full_text(change)


def _full_text(change: ChangeNotice) -> Iterator[FieldView]:
    operation: Operation = "added"
    text = change.new_text
    if change.kind == "removed":
        operation, text = "removed", change.old_text
    if text:
        yield _field("text", [Run(operation=operation, text=text)])


def _old_and_new(old: str, new: str) -> Iterator[Run]:
    if old:
        yield Run(operation="removed", text=old.replace("\n", ", "))
    if new:
        yield Run(operation="added", text=new.replace("\n", ", "))


def _first_runs(runs: Iterable[Run]) -> Iterator[Run]:
    """The first runs, up to `LONGEST_DIFF` characters."""
    left = LONGEST_DIFF
    for run in runs:
        if left <= 0:
            yield Run(operation="same", text="… and more")
            return
        yield run
        left -= min(len(run.text), LONGEST_VALUE)


def _field(name: str, runs: Iterable[Run]) -> FieldView:
    return FieldView(
        label=one_line(FIELDS.get(name, name), LONGEST_VALUE),
        runs=tuple(
            Run(operation=run.operation, text=one_line(run.text, LONGEST_VALUE)) for run in runs
        ),
    )
