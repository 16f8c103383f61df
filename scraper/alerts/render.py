"""What alerts say: a change, a digest of many, or an incident, as plain text, as HTML and for a
machine.

All that a store wrote is cut, and escaped in HTML; what would be obeyed rather than shown (control
characters, marks that turn the direction of writing) is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from scraper.alerts.notices import ChangeNotice, IncidentNotice, Message
from scraper.history.diff.words import Operation, Run, diff_texts, shorten
from scraper.history.humanize import (
    CONTROL_CHARACTERS,
    FIELDS,
    INCIDENTS,
    KINDS,
    bracket,
    moment,
    plural,
)
from scraper.history.web_paths import change_path, post_path

LONGEST_VALUE = 300
"""Characters told of a field's value, or of a stretch of words."""

LONGEST_PASSAGES = 3000
"""Characters told of all that moved in a text."""

LONGEST_TITLE = 120
SUBJECT = 160

TOLD_WHOLE = 60
"""So many changes of a digest are told with their words, further ones by a line each."""

CONTEXT_WORDS = 8
_MARKS: dict[Operation, tuple[str, str]] = {
    "added": ("{+", "+}"),
    "removed": ("[-", "-]"),
    "same": ("", ""),
}
_TAGS: dict[Operation, tuple[str, str]] = {
    "added": ("<ins>", "</ins>"),
    "removed": ("<del>", "</del>"),
    "same": ("", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a change: what it is about, and its runs of words; `url` of one that is a link."""

    name: str
    runs: tuple[Run, ...] = ()
    url: str = ""


def render_change(news: ChangeNotice, *, room: str = "") -> Message:
    """A change, or a group of identical ones, as a message of its own; `room` is the reading room's
    address, or empty."""
    return Message(
        subject=_one_line(f"{news.store}: {headline(news)}", SUBJECT),
        text=_text([news], room),
        html=_html([news], room),
        changes=(change_as_values(news, room=room),),
    )


def render_digest(told: Sequence[ChangeNotice], *, what: str, room: str = "") -> Message:
    """Many changes as one message, in their order; `what` says of which day or week, or why they
    come together."""
    stores = sorted({news.store for news in told})
    named = ", ".join(stores[:3]) + (f" and {len(stores) - 3} more" if len(stores) > 3 else "")
    head = f"{plural(len(told), 'change')} at {named}, {what}"
    return Message(
        subject=_one_line(head, SUBJECT),
        text=f"{_one_line(head, 500)}\n\n{_text(told, room)}",
        html=f"<h1>{escape(_one_line(head, 500))}</h1>\n{_html(told, room)}",
        changes=tuple(
            change_as_values(news, room=room, whole=number < TOLD_WHOLE)
            for number, news in enumerate(told)
        ),
    )


def render_incident(trouble: IncidentNotice) -> Message:
    """An incident that was opened, or, where it says when it was closed, that is over."""
    what = INCIDENTS.get(trouble.kind, trouble.kind) + (": over" if trouble.closed_at else "")
    head = _one_line(f"{trouble.store or 'archive'}: {what}", SUBJECT)
    lines = [_one_line(trouble.detail, LONGEST_PASSAGES), f"Since {moment(trouble.opened_at)}."]
    if trouble.closed_at:
        lines.append(f"Over since {moment(trouble.closed_at)}.")
    machine = {
        name: getattr(trouble, name)
        for name in ("store", "kind", "subject", "detail", "opened_at", "closed_at")
    }
    return Message(
        subject=head,
        text="\n\n".join((head, *lines)) + "\n",
        html=f"<h1>{escape(head)}</h1>\n" + "".join(f"<p>{escape(line)}</p>\n" for line in lines),
        incident={"incident": trouble.incident_id} | machine,
    )


def headline(news: ChangeNotice) -> str:
    """A change in one line: what happened to which post."""
    if news.group_id:
        posts = ", ".join(_title(title) for title in news.posts)
        more = news.n_posts - len(news.posts)
        return f"{plural(news.n_posts, 'post')}: {_kind(news)} ({posts}{f' and {more} more' if more > 0 else ''})"
    return f"{_kind(news)}: {_title(news.title)}"


def links(news: ChangeNotice, room: str) -> dict[str, str]:
    """Where to look: the post, and in the reading room the comparison or the group."""
    found = (
        {"post": news.url}
        if news.url.startswith(("http://", "https://")) and not news.group_id
        else {}
    )
    if room:
        path = change_path(post_id=news.post_id, old=news.old, new=news.new, group_id=news.group_id)
        name = (
            "group"
            if news.group_id
            else "history"
            if path == post_path(news.post_id)
            else "comparison"
        )
        found[name] = room.rstrip("/") + path
    return found


def change_as_values(
    news: ChangeNotice, *, room: str = "", whole: bool = True
) -> dict[str, object]:
    """A change for a machine; without its words where it is not told `whole`."""
    told: dict[str, object] = {
        "change": news.change_id,
        "store": news.store,
        "kind": news.kind,
        "severity": news.severity,
        "posts": news.n_posts,
        "title": _clean(news.title, LONGEST_VALUE),
        "url": news.url,
        "not_before": news.not_before,
        "not_after": news.not_after,
        "words_added": news.words_added,
        "words_removed": news.words_removed,
        "links": links(news, room),
    }
    if news.group_id:
        told |= {"group": news.group_id, "summary": _clean(news.summary, LONGEST_VALUE)}
    if whole:
        fields = [
            (name, _clean(old, LONGEST_VALUE), _clean(new, LONGEST_VALUE))
            for name, old, new in news.fields
        ]
        told["fields"] = [{"field": name, "old": old, "new": new} for name, old, new in fields]
    return told


def _text(told: Sequence[ChangeNotice], room: str) -> str:
    parts = []
    for number, news in enumerate(told):
        lines = [
            _clean(headline(news), LONGEST_PASSAGES),
            *(_text_line(line) for line in _lines(news, room, whole=number < TOLD_WHOLE)),
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _html(told: Sequence[ChangeNotice], room: str) -> str:
    parts = []
    for number, news in enumerate(told):
        lines = "".join(
            f"<p>{_html_line(line)}</p>\n" for line in _lines(news, room, whole=number < TOLD_WHOLE)
        )
        parts.append(f"<h2>{escape(_clean(headline(news), LONGEST_PASSAGES))}</h2>\n{lines}")
    return "\n".join(parts)


def _lines(news: ChangeNotice, room: str, *, whole: bool) -> Iterator[_Line]:
    yield _Line(name=f"{news.store}, {news.severity}, {bracket(news.not_before, news.not_after)}")
    if news.health not in {"healthy", "unknown"}:
        yield _Line(name=f"the crawl that found it was {news.health}: {news.reason}")
    if news.is_revert:
        yield _Line(name="it reads again as it did before")
    if whole:
        yield from _words(news)
    for name, url in links(news, room).items():
        yield _Line(name=name, url=url)


def _words(news: ChangeNotice) -> Iterator[_Line]:
    """What moved, field by field; of a post that came or went, how it begins."""
    for name, old, new in news.fields:
        if name == "text":
            if news.old_text != news.new_text:
                yield _Line(
                    name="Text",
                    runs=_cut(shorten(diff_texts(news.old_text, news.new_text), CONTEXT_WORDS)),
                )
        elif name != "markup":
            yield _Line(name=FIELDS.get(name, name), runs=tuple(_sides(old, new)))
    if news.kind in {"created", "restored", "removed"} and not news.fields:
        operation: Operation = "removed" if news.kind == "removed" else "added"
        if text := news.old_text if news.kind == "removed" else news.new_text:
            yield _Line(
                name="It said" if news.kind == "removed" else "It says",
                runs=(Run(operation=operation, text=text),),
            )


def _sides(old: str, new: str) -> Iterator[Run]:
    if old:
        yield Run(operation="removed", text=old.replace("\n", ", "))
    if new:
        yield Run(operation="added", text=new.replace("\n", ", "))


def _cut(runs: Iterator[Run]) -> tuple[Run, ...]:
    """The first runs, as many as there is room for."""
    kept: list[Run] = []
    left = LONGEST_PASSAGES
    for run in runs:
        if left <= 0:
            return (*kept, Run(operation="same", text="… and more"))
        kept.append(run)
        left -= min(len(run.text), LONGEST_VALUE)
    return tuple(kept)


def _text_line(line: _Line) -> str:
    if line.url:
        return f"  {line.name}: {_address(line.url)}"
    words = " ".join(
        f"{_MARKS[run.operation][0]}{_one_line(run.text, LONGEST_VALUE)}{_MARKS[run.operation][1]}"
        for run in line.runs
    )
    return f"  {_one_line(line.name, LONGEST_VALUE)}" + (f": {words}" if words else "")


def _html_line(line: _Line) -> str:
    if line.url:
        return f'<a href="{escape(_address(line.url))}">{escape(line.name)}</a>'
    words = " ".join(
        f"{_TAGS[run.operation][0]}{escape(_one_line(run.text, LONGEST_VALUE))}{_TAGS[run.operation][1]}"
        for run in line.runs
    )
    return escape(_one_line(line.name, LONGEST_VALUE)) + (f": {words}" if words else "")


def _kind(news: ChangeNotice) -> str:
    return KINDS.get(news.kind, news.kind)


def _title(title: str) -> str:
    return _one_line(title, LONGEST_TITLE) or "(no title)"


def _address(url: str) -> str:
    return "".join(char for char in CONTROL_CHARACTERS.sub("", url) if not char.isspace())


def _one_line(text: str, longest: int) -> str:
    return " ".join(_clean(" ".join(text[: longest * 4].split()), longest).split())


def _clean(text: str, longest: int) -> str:
    text = CONTROL_CHARACTERS.sub("\ufffd", text[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
