"""Print crawls, changes and edges to a terminal, or as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scraper.archive.queries.changes import ChangeGroupRow, ChangeTexts, PendingChange
from scraper.archive.queries.crawls import CrawlRow
from scraper.archive.queries.posts import PostRow
from scraper.history.changes import CLAIMS, Change, claims_of
from scraper.history.diff.words import PARAGRAPH, TextDiff, diff_texts, shorten
from scraper.history.humanize import plural
from scraper.printable import printable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STYLES = {"added": "bold green", "removed": "strike red", "same": ""}
MARKS = {"added": ("{+", "+}"), "removed": ("[-", "-]"), "same": ("", "")}
"""Marks around words, as wdiff writes them: they stay where colours are not shown or copied."""


SEVERITIES = ("major", "minor", "trivial")

SAMPLES = 3
"""Posts listed of a group. Of a removal, all are listed."""


_Row = TypeVar("_Row", bound="DataclassInstance")


def visible(row: _Row) -> _Row:
    """Replace control characters in a row, because a store could send escape sequences to the
    terminal in its titles."""
    return replace(row, **{field.name: _visible(getattr(row, field.name)) for field in fields(row)})


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(_visible(part) for part in value)
    return visible(value) if is_dataclass(value) and not isinstance(value, type) else value


def print_crawl(out: Console, crawl: CrawlRow, totals: Sequence[str]) -> None:
    """Print the report of a crawl, or of an import of saved pages, which lists nothing and says
    nothing of the store's health: its counts, and how much the archive holds of the store."""
    crawl = visible(crawl)
    of_files = crawl.kind == "import" and crawl.health == "unknown"
    state = "imported" if of_files else f"{crawl.outcome}, {crawl.health}"
    table = Table(
        title=f"{crawl.store}: {state}",
        title_justify="left",
        show_header=False,
        box=None,
    )
    counts = {
        "listed": crawl.n_listed,
        "unchanged": crawl.n_not_modified,
        "read" if of_files else "fetched": crawl.n_fetched,
        "new": crawl.n_new,
        "changed": crawl.n_changed,
        "not confirmed": crawl.n_pending,
        "missing": crawl.n_missing,
        "blocked": crawl.n_blocked,
        "failed": crawl.n_error,
    }
    shown = [
        f"{count} {name}"
        for name, count in counts.items()
        if count or name == "read" or (name in {"listed", "fetched"} and not of_files)
    ]
    table.add_row("this import" if of_files else "this crawl", ", ".join(shown))
    table.add_row("the archive", ", ".join(totals))
    if crawl.reason:
        table.add_row("reason", crawl.reason)
    out.print(table)


def print_changes(
    out: Console,
    changes: Sequence[Change],
    read_texts: Callable[[Change], ChangeTexts],
    groups: Sequence[ChangeGroupRow] = (),
) -> None:
    """Print changes, most severe first, with the words added and removed.

    Each of `groups` is one entry with some of its posts; those that are not changes by the store
    come last.
    """
    titles: dict[int, list[str]] = {group.id: [] for group in groups}
    for change in changes:
        if change.group_id in titles:
            titles[change.group_id].append(change.title)
    ordered = sorted(groups, key=lambda group: SEVERITIES.index(group.severity))
    for group in ordered:
        if group.origin == "observed":
            _print_group(out, visible(group), titles[group.id])
    for change in changes:
        if change.group_id not in titles:
            _print_change(out, visible(change), read_texts)
    for group in ordered:
        if group.origin != "observed":
            _print_group(out, visible(group), titles[group.id])
    _print_tally(out, changes)


def _print_tally(out: Console, changes: Sequence[Change]) -> None:
    if not changes:
        out.print("no changes")
        return
    kinds = Counter(change.kind for change in changes)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    out.print(f"\n{plural(len(changes), 'change')}: {counts}")


def _print_change(
    out: Console,
    change: Change,
    read_texts: Callable[[Change], ChangeTexts],
) -> None:
    details = _join(_change_details(change))
    out.print(Text.assemble((change.kind, "bold"), "  ", change.title, "  ", (details, "dim")))
    for line in _change_lines(change, read_texts):
        out.print(indented(out, line))
    for claim in claims_of(change.fields):
        out.print(indented(out, Text(claim, style="italic")))


def indented(out: Console, line: Text) -> Padding | Text:
    """A line below its heading; on a terminal its continuations are indented too."""
    if out.is_terminal:
        return Padding(line, (0, 0, 0, 4))
    return Text("    ").append_text(line)


def _print_group(out: Console, group: ChangeGroupRow, titles: Sequence[str]) -> None:
    details = _join([group.severity, _origin_label(group.origin)])
    out.print(Text.assemble((group.summary, "bold"), "  ", (details, "dim")))
    shown = titles if group.kind == "removed" else titles[:SAMPLES]
    for title in shown:
        out.print(Text(f"    {_visible(title)}"))
    if len(shown) < len(titles):
        out.print(Text(f"    and {len(titles) - len(shown)} more", style="dim"))


def print_missing(out: Console, posts: Sequence[PostRow]) -> None:
    """Print the posts that the crawl did not find."""
    if posts:
        out.print("\nmissing: removed unless a later crawl finds it again")
    for post in map(visible, posts):
        details = f"{post.url}, last seen {post.last_seen_at}"
        out.print(Text(f"    {post.title}  ").append(details, style="dim"))


def print_pending(out: Console, pending: Sequence[PendingChange], *, listed: bool) -> None:
    """Print how many differences wait for confirmation; if `listed`, each with its words."""
    if not pending:
        return
    hint = "" if listed else ": blogkeep changes --pending lists them"
    waiting = plural(len(pending), "difference")
    out.print(f"\nnot confirmed, as no date of the store moved: {waiting}{hint}")
    for row in map(visible, pending if listed else ()):
        details = f"seen {plural(row.sights, 'time')} since {row.first_seen_at}"
        out.print(Text(f"    {row.title}  ").append(details, style="dim"))
        if row.old_text != row.new_text:
            out.print(indented(out, passages(diff_texts(row.old_text, row.new_text))))


def passages(diff: TextDiff) -> Text:
    """Return the changed words with a few words around each, on one line."""
    line = Text()
    for run in shorten(diff):
        if run.operation == "same":
            line.append(run.text)
        else:
            line.append_text(_marked(run.operation, run.text))
        line.append(" ")
    return line


def full_text(diff: TextDiff) -> Text:
    """Return the full text with the changes marked, by paragraph."""
    text = Text()
    for run in diff.runs:
        paragraphs = run.text.split(PARAGRAPH)
        for number, paragraph in enumerate(paragraphs):
            if number:
                text.append("\n\n")
            if paragraph.strip():
                text.append_text(_marked(run.operation, paragraph)).append(" ")
    text.rstrip()
    return text


def field_line(field: str, old: str, new: str) -> Text:
    """Return a field with its old and new value."""
    line = Text(f"{field}:")
    for operation, value in (("removed", old), ("added", new)):
        if value:
            line.append(" ").append_text(_marked(operation, value.replace("\n", ", ")))
    return line


def _marked(operation: str, words: str) -> Text:
    before, after = MARKS[operation]
    return Text(f"{before}{' '.join(words.split())}{after}", style=STYLES[operation])


def _change_details(change: Change) -> Iterator[str]:
    yield change.severity
    if change.words_added or change.words_removed:
        yield f"+{change.words_added} -{change.words_removed} words"
    if any(field.field == "republished" for field in change.fields):
        yield "published as new"
    if change.is_revert:
        yield "reverted to an earlier revision"
    yield _origin_label(change.origin)


def _origin_label(origin: str) -> str:
    return "" if origin == "observed" else origin


def _join(details: Iterable[str]) -> str:
    return ", ".join(detail for detail in details if detail)


def _change_lines(change: Change, read_texts: Callable[[Change], ChangeTexts]) -> Iterator[Text]:
    if change.not_before:
        yield Text(f"between {change.not_before} and {change.not_after}", style="dim")
    for field in change.fields:
        if field.field == "text":
            texts = visible(read_texts(change))
            if texts.old != texts.new:
                yield passages(diff_texts(texts.old, texts.new))
        elif field.field not in {"markup", "republished", CLAIMS}:
            yield field_line(field.field, field.old, field.new)
