"""A comparison's paragraphs for pages: unchanged ones folded, headings known, long ones split into
parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, groupby

from selectolax.lexbor import LexborHTMLParser

from scraper.documents.markup_limits import is_written_plainly
from scraper.history.diff.paragraphs import Paragraph
from scraper.history.diff.words import Run

CONTEXT_PARAGRAPHS = 2
"""Unchanged paragraphs shown before and after each changed one."""

MAX_PART_CHARS = 120_000
"""Characters of both versions on one page. A longer comparison is split into parts."""

MAX_RUN_WORDS = 2000
"""Words of a run in a piece of a paragraph that is split."""

MARKUP_CHARS = 12
"""Characters of the tags around a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Consecutive unchanged paragraphs that are shown on a click; `rows` is empty if there are too
    many of them for a part."""

    count: int
    rows: tuple[Paragraph, ...] = ()


_Row = Paragraph | Skipped


def collapse_unchanged(rows: Sequence[Paragraph]) -> list[_Row]:
    """Return the changed paragraphs with a few around each; the others are counted and folded."""
    near = {
        index + offset
        for index, row in enumerate(rows)
        if row.status != "same"
        for offset in range(-CONTEXT_PARAGRAPHS, CONTEXT_PARAGRAPHS + 1)
    }
    shown: list[_Row] = []
    for is_shown, group in groupby(enumerate(rows), key=lambda pair: pair[0] in near):
        found = tuple(row for _, row in group)
        if is_shown:
            shown.extend(found)
        else:
            fits = sum(map(_row_length, found)) <= MAX_PART_CHARS // 4
            shown.append(Skipped(count=len(found), rows=found if fits else ()))
    return shown


def headings_of(*bodies: str) -> frozenset[str]:
    """The texts of the headings in some HTML bodies that are written plainly. That of a picture has
    none: it would be as empty as one version of a paragraph that was added."""
    plain = filter(is_written_plainly, bodies)
    found = chain.from_iterable(LexborHTMLParser(body).css("h1,h2,h3,h4,h5,h6") for body in plain)
    return frozenset(" ".join(heading.text().split()) for heading in found) - {""}


def is_heading(row: Paragraph, headings: Set[str]) -> bool:
    """Whether a paragraph, as text or Markdown, is one of some headings in either version."""
    versions = (" ".join(run.text for run in runs) for runs in (row.old, row.new))
    return any(" ".join(text.lstrip("#").split()) in headings for text in versions)


def split(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Split paragraphs into parts of about `MAX_PART_CHARS`, tags included; at least one part.

    A longer paragraph is split into pieces.
    """
    parts: list[list[_Row]] = [[]]
    size = 0
    for row in chain.from_iterable(map(_pieces, rows)):
        length = _row_length(row)
        if size and size + length > MAX_PART_CHARS:
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += length
    return parts


def _pieces(row: _Row) -> Iterator[_Row]:
    """Yield a paragraph, or its words in pieces if it is too long for a page."""
    if isinstance(row, Skipped):
        yield row
        return
    runs: list[Run] = []
    size = 0
    for run in chain.from_iterable(map(_short_runs, row.runs)):
        if runs and size + 2 * _run_length(run) > MAX_PART_CHARS:
            yield replace(row, runs=tuple(runs))
            runs, size = [], 0
        runs.append(run)
        size += 2 * _run_length(run)
    yield replace(row, runs=tuple(runs))


def _short_runs(run: Run) -> Iterator[Run]:
    words = run.text.split(" ")
    for start in range(0, len(words), MAX_RUN_WORDS):
        yield Run(operation=run.operation, text=" ".join(words[start : start + MAX_RUN_WORDS]))


def _row_length(row: _Row) -> int:
    if isinstance(row, Skipped):
        return sum(map(_row_length, row.rows))
    return sum(_run_length(run) for run in (*row.old, *row.new))


def _run_length(run: Run) -> int:
    return len(run.text) + MARKUP_CHARS
