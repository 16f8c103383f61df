"""Two revisions of a post: fields first, then the text, inline or side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from datasette.utils.asgi import Response

from scraper.archive.queries import post_page as archive
from scraper.archive.queries.post_page import ChangeEvent
from scraper.history import humanize
from scraper.history.changes import Difference, compare
from scraper.history.diff.paragraphs import Paragraph, compare_paragraphs
from scraper.history.diff.words import Run
from scraper.web.page_context import PageContext, page

AROUND = 2
"""Paragraphs shown before and after each that changed; what is left out between is counted."""

LONGEST = 120_000
"""Characters of paragraphs on one page, each side counted."""

_WORDS = 2000
"""Words of the longest run in a piece of a paragraph."""

_MARKS = 12
"""Characters of the marks around a run."""

MOST_CHANGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Paragraphs in a row that did not change and are not shown."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The changes before and after the one between two revisions; None where there is none."""

    earlier: ChangeEvent | None
    later: ChangeEvent | None


@page
async def view(room: PageContext) -> Response:
    """The page; `?view=side` sets the sides beside each other, `?form=markdown` compares the text
    with its links, images and tables."""
    found = await room.query(
        archive.read_sides,
        room.part("post"),
        room.part("old"),
        room.part("new"),
        limit=MOST_CHANGES,
    )
    before, after = found.before, found.after
    form = room.arg("form") or (
        "markdown" if before.text == after.text and before.markdown != after.markdown else "text"
    )
    rows = compare_paragraphs(
        *(
            snapshot.markdown if form == "markdown" else snapshot.text
            for snapshot in (before, after)
        )
    )
    parts = split(rows if room.arg("whole") else fold(rows))
    part = min(max(room.number("part", 1), 1), len(parts))
    return await room.page(
        "comparison.html",
        post=found.post,
        old=found.old,
        new=found.new,
        difference=_ordered(compare(before, after)),
        rows=parts[part - 1],
        part=part,
        n_parts=len(parts),
        is_same=before.text == after.text,
        view="side" if room.arg("view") == "side" else "inline",
        form=form,
        whole=bool(room.arg("whole")),
        neighbours=neighbours(found.changes, found.old.number, found.new.number),
    )


def fold(rows: Sequence[Paragraph]) -> list[Paragraph | Skipped]:
    """The paragraphs that changed with a few around each; what lies between as a count."""
    near = {
        at + step
        for at, row in enumerate(rows)
        if row.status != "same"
        for step in range(-AROUND, AROUND + 1)
    }
    shown: list[Paragraph | Skipped] = []
    for at, row in enumerate(rows):
        if at in near:
            shown.append(row)
        elif shown and isinstance(shown[-1], Skipped):
            shown[-1] = Skipped(count=shown[-1].count + 1)
        else:
            shown.append(Skipped(count=1))
    return shown


def split(rows: Sequence[Paragraph | Skipped]) -> list[list[Paragraph | Skipped]]:
    """Paragraphs in parts of at most about `LONGEST` characters, marks counted in, a longer
    paragraph in pieces; at least one part."""
    parts: list[list[Paragraph | Skipped]] = [[]]
    size = 0
    for row in chain.from_iterable(map(_pieces, rows)):
        weight = (
            sum(_weight(run) for run in (*row.old, *row.new)) if isinstance(row, Paragraph) else 0
        )
        if size and size + weight > LONGEST:
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += weight
    return parts


def _pieces(row: Paragraph | Skipped) -> Iterator[Paragraph | Skipped]:
    """A paragraph, or, of one that is too long for a page, its words in pieces of the same fate."""
    if isinstance(row, Skipped):
        yield row
        return
    runs: list[Run] = []
    size = 0
    for run in chain.from_iterable(map(_short_runs, row.runs)):
        if runs and size + 2 * _weight(run) > LONGEST:
            yield replace(row, runs=tuple(runs))
            runs, size = [], 0
        runs.append(run)
        size += 2 * _weight(run)
    yield replace(row, runs=tuple(runs))


def _short_runs(run: Run) -> Iterator[Run]:
    words = run.text.split(" ")
    for start in range(0, len(words), _WORDS):
        yield Run(operation=run.operation, text=" ".join(words[start : start + _WORDS]))


def _weight(run: Run) -> int:
    return len(run.text) + _MARKS


def neighbours(changes: Sequence[ChangeEvent], old: int, new: int) -> Neighbours:
    """The change before and the change after the one from `old` to `new` among a post's changes,
    newest first, that have two sides."""
    compared = [
        change
        for change in reversed(changes)
        if change.old and change.new and change.old != change.new
    ]
    at = next(
        (i for i, change in enumerate(compared) if (change.old, change.new) == (old, new)), None
    )
    if at is None:
        return Neighbours(earlier=None, later=None)
    return Neighbours(
        earlier=compared[at - 1] if at else None,
        later=compared[at + 1] if at + 1 < len(compared) else None,
    )


def _ordered(difference: Difference | None) -> Difference | None:
    """Fields in the order in which a person asks; the text is shown below and its field left
    out."""
    if difference is None:
        return None
    order = list(humanize.FIELDS)
    fields = sorted(
        (field for field in difference.fields if field.field != "text"),
        key=lambda field: order.index(field.field),
    )
    return replace(difference, fields=tuple(fields))
