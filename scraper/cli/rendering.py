"""How crawls, changes and edges look on a terminal, and as plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scraper.archive.queries.reader import ChangeRow, CrawlRow, GroupRow, PostRow
from scraper.history.diff.words import PARAGRAPH, TextDiff, diff_texts, shorten
from scraper.history.humanize import CONTROL_CHARACTERS

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONTEXT_WORDS = 8
"""Words shown on each side of a change."""

STYLES = {"added": "bold green", "removed": "strike red", "same": ""}
MARKS = {"added": ("{+", "+}"), "removed": ("[-", "-]"), "same": ("", "")}
"""Where there is no colour, words carry the marks that wdiff made customary."""


SEVERITIES = ("major", "minor", "trivial")

SAMPLES = 3
"""Posts named of a group; of one that was removed, all are."""


_Row = TypeVar("_Row", bound="DataclassInstance")


def visible(row: _Row) -> _Row:
    """A row as it may be shown on a terminal: a store can put anything into its titles, and what it
    put there must not run."""
    return replace(row, **{field.name: _visible(getattr(row, field.name)) for field in fields(row)})


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return CONTROL_CHARACTERS.sub("\ufffd", value)
    if isinstance(value, tuple):
        return tuple(_visible(part) for part in value)
    return visible(value) if is_dataclass(value) and not isinstance(value, type) else value


def print_crawl(out: Console, crawl: CrawlRow, held: dict[str, int]) -> None:
    """The closing table of a crawl: what it counted, and what the archive holds of the store."""
    crawl = visible(crawl)
    table = Table(
        title=f"{crawl.store}: {crawl.outcome}, {crawl.health}",
        title_justify="left",
        show_header=False,
        box=None,
    )
    counted = {
        "listed": crawl.n_listed,
        "unchanged": crawl.n_not_modified,
        "fetched": crawl.n_fetched,
        "new": crawl.n_new,
        "changed": crawl.n_changed,
        "missing": crawl.n_missing,
        "blocked": crawl.n_blocked,
        "failed": crawl.n_error,
    }
    table.add_row(
        "this crawl",
        ", ".join(
            f"{number} {name}"
            for name, number in counted.items()
            if number or name in {"listed", "fetched"}
        ),
    )
    table.add_row("the archive", ", ".join(f"{number:,} {name}" for name, number in held.items()))
    if crawl.reason:
        table.add_row("why", crawl.reason)
    out.print(table)


def print_changes(
    out: Console, changes: Sequence[ChangeRow], groups: Sequence[GroupRow] = ()
) -> None:
    """Changes one under the other, gravest first, with the words that went and came; those of each
    group of `groups` as one line with some of its posts, and what was not the store's doing last.
    """
    grouped: dict[int, list[str]] = {group.id: [] for group in groups}
    kinds: Counter[str] = Counter()
    for change in changes:
        kinds[change.kind] += 1
        if change.group_id in grouped:
            grouped[change.group_id].append(change.post)
    ordered = sorted(groups, key=lambda group: SEVERITIES.index(group.severity))
    for group in ordered:
        if group.origin == "observed":
            _print_group(out, visible(group), grouped[group.id])
    for change in changes:
        if change.group_id not in grouped:
            _print_change(out, visible(change))
    for group in ordered:
        if group.origin != "observed":
            _print_group(out, visible(group), grouped[group.id])
    if changes:
        tally = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        out.print(f"\n{len(changes)} change{'s' if len(changes) != 1 else ''}: {tally}")
    else:
        out.print("nothing changed")


def _print_change(out: Console, change: ChangeRow) -> None:
    out.print(
        Text.assemble((change.kind, "bold"), "  ", change.post, "  ", (_asides(change), "dim"))
    )
    for line in _change_lines(out, change):
        out.print(
            Padding(line, (0, 0, 0, 4)) if out.is_terminal else Text("    ").append_text(line)
        )


def _print_group(out: Console, group: GroupRow, titles: Sequence[str]) -> None:
    out.print(
        Text.assemble(
            (group.summary, "bold"), "  ", (_tell([group.severity, _foreign(group.origin)]), "dim")
        )
    )
    shown = titles if group.kind == "removed" else titles[:SAMPLES]
    for title in shown:
        out.print(Text(f"    {_visible(title)}"))
    if len(shown) < len(titles):
        out.print(Text(f"    and {len(titles) - len(shown)} more", style="dim"))


def print_missing(out: Console, posts: Sequence[PostRow]) -> None:
    """Posts that were not found, and what that means so far."""
    if posts:
        out.print(
            "\nnot found this time; each counts as removed if the next good crawl does not find it either:"
        )
    for post in map(visible, posts):
        out.print(
            Text(f"    {post.title}  ").append(
                f"{post.url}, last seen {post.last_seen_at}", style="dim"
            )
        )


def passages(out: Console, diff: TextDiff) -> Text:
    """Only what changed, with a few words around it, on one line."""
    line = Text()
    for run in shorten(diff, CONTEXT_WORDS):
        if run.operation == "same":
            line.append(run.text)
        else:
            line.append_text(_marked(out, run.operation, run.text))
        line.append(" ")
    return line


def whole_text(out: Console, diff: TextDiff) -> Text:
    """The whole text with what changed in it, paragraph by paragraph."""
    text = Text()
    for run in diff.runs:
        paragraphs = run.text.split(PARAGRAPH)
        for number, paragraph in enumerate(paragraphs):
            if number:
                text.append("\n\n")
            if paragraph.strip():
                text.append_text(_marked(out, run.operation, paragraph)).append(" ")
    text.rstrip()
    return text


def field_line(out: Console, field: str, old: str, new: str) -> Text:
    """A field before and after."""
    line = Text(f"{field}:")
    for operation, value in (("removed", old), ("added", new)):
        if value:
            line.append(" ").append_text(_marked(out, operation, value.replace("\n", ", ")))
    return line


def _marked(out: Console, operation: str, words: str) -> Text:
    before, after = MARKS[operation] if not out.is_terminal else ("", "")
    return Text(f"{before}{' '.join(words.split())}{after}", style=STYLES[operation])


def _asides(change: ChangeRow) -> str:
    asides = [
        change.severity,
        f"+{change.words_added} -{change.words_removed} words"
        if change.words_added + change.words_removed
        else "",
    ]
    asides += [
        "published as new" if any(field.field == "republished" for field in change.fields) else ""
    ]
    asides += ["back to an earlier revision" if change.is_revert else "", _foreign(change.origin)]
    return _tell(asides)


def _foreign(origin: str) -> str:
    return "" if origin == "observed" else origin


def _tell(asides: Sequence[str]) -> str:
    return ", ".join(aside for aside in asides if aside)


def _change_lines(out: Console, change: ChangeRow) -> Iterator[Text]:
    if change.not_before:
        yield Text(f"between {change.not_before} and {change.not_after}", style="dim")
    for field in change.fields:
        if field.field == "text" and change.old_text != change.new_text:
            yield passages(out, diff_texts(change.old_text, change.new_text))
        elif field.field not in {"markup", "republished"}:
            yield field_line(out, field.field, field.old, field.new)
