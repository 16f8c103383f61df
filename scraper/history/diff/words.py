"""Word by word differences between two texts, computed from the same texts as the hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import LCSseq

from scraper.history.normal_form.text import normal_text

Operation = Literal["same", "added", "removed"]

PARAGRAPH = "¶"
"""The word that marks the end of a line."""

CONTEXT_WORDS = 8
"""Words shown on each side of a change in lists, messages and feeds."""

_MAX_CELLS = 800_000_000
"""Most cells of a comparison table, and of all tables of the lines of a text: at a bit a cell,
100 MB. A larger hunk counts as all removed and all added."""


@dataclass(slots=True)
class Cells:
    """The cells that the tables of a comparison may still have: however long two texts are, and
    however they differ, a comparison takes about as long as they take to read."""

    left: int = field(default_factory=lambda: _MAX_CELLS)

    def take(self, count: int) -> bool:
        """Whether there are so many, which are then taken."""
        if count > self.left:
            return False
        self.left -= count
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Consecutive words with one operation; `text` joins them by single spaces."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDiff:
    """Two texts compared: runs in reading order, counts of words added and removed, and similarity
    from 0 (nothing shared) to 1 (equal)."""

    runs: tuple[Run, ...]
    words_added: int
    words_removed: int
    similarity: float


def diff_texts(old: str, new: str) -> TextDiff:
    """Compare two texts by their words; white space separates words, so ``10`` and ``10 %`` differ.

    Lines are matched first, and words only within lines that differ: 50,000 words stay fast.
    """
    runs = _merge(_compare_lines(split_lines(old), split_lines(new)))
    count = {"same": 0, "added": 0, "removed": 0}
    for run in runs:
        count[run.operation] += sum(word != PARAGRAPH for word in run.text.split(" "))
    total = count["added"] + count["removed"] + 2 * count["same"]
    similarity = round(2 * count["same"] / total, 4) if total else 1.0
    return TextDiff(
        runs=runs, words_added=count["added"], words_removed=count["removed"], similarity=similarity
    )


def shorten(diff: TextDiff) -> Iterator[Run]:
    """The changed runs with at most `CONTEXT_WORDS` around each; ``…`` replaces the rest, and marks
    of line ends are dropped."""
    last = len(diff.runs) - 1
    for i, run in enumerate(diff.runs):
        words = [word for word in run.text.split() if word != PARAGRAPH]
        if run.operation == "same":
            words = around(words, CONTEXT_WORDS, first=i == 0, last=i == last)
        if words:
            yield Run(operation=run.operation, text=" ".join(words))


def around(words: list[str], context: int, *, first: bool, last: bool) -> list[str]:
    """The words of an unchanged run with at most `context` of them beside each change; ``first``
    and ``last`` say that no change stands before it, or after it."""
    if len(words) <= context or (len(words) <= 2 * context and not first and not last):
        return words
    if first:
        return ["…", *words[-context:]]
    if last:
        return [*words[:context], "…"]
    return [*words[:context], "…", *words[-context:]]


def split_lines(text: str) -> list[str]:
    """The lines of a text in normal form, blank ones left out."""
    return normal_text(text).splitlines()


def _compare_lines(a: list[str], b: list[str]) -> Iterator[Run]:
    cells = Cells()
    for same, old, new in hunks(a, b, Cells()):
        if same:
            yield Run(operation="same", text=" ".join(_words(old)))
            continue
        for one, other in _pairs(old, new):
            yield from compare_words(_words(one), _words(other), cells)


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The lines that are compared word by word: one with one where there are as many."""
    if len(old) == len(new):
        yield from (([one], [other]) for one, other in zip(old, new, strict=True))
    else:
        yield old, new


def compare_words(a: list[str], b: list[str], cells: Cells) -> Iterator[Run]:
    """The runs of two sequences of words, in reading order."""
    for same, old, new in hunks(a, b, cells):
        if same:
            yield Run(operation="same", text=" ".join(old))
            continue
        if old:
            yield Run(operation="removed", text=" ".join(old))
        if new:
            yield Run(operation="added", text=" ".join(new))


def hunks(a: list[str], b: list[str], cells: Cells) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Split two sequences into hunks, in order: whether they are equal, old and new items."""
    if not cells.take(len(a) * len(b)):
        yield from _hunks_of_ends(a, b, cells)
        return
    for same, codes in groupby(LCSseq.opcodes(a, b), key=lambda code: code.tag == "equal"):
        hunk = list(codes)
        yield (
            same,
            a[hunk[0].src_start : hunk[-1].src_end],
            b[hunk[0].dest_start : hunk[-1].dest_end],
        )


def _hunks_of_ends(
    a: list[str], b: list[str], cells: Cells
) -> Iterator[tuple[bool, list[str], list[str]]]:
    """The common beginning, the common end, and what lies between: compared if it is small enough,
    else one hunk."""
    head, tail = _count_ends(a, b)
    middle = a[head : len(a) - tail], b[head : len(b) - tail]
    if head:
        yield True, a[:head], b[:head]
    if len(middle[0]) * len(middle[1]) > cells.left:
        yield False, *middle
    else:
        yield from hunks(*middle, cells)
    if tail:
        yield True, a[-tail:], b[-tail:]


def _count_ends(a: list[str], b: list[str]) -> tuple[int, int]:
    """How many items two sequences have in common at the beginning, and then at the end."""
    head = _count_alike(a, b)
    return head, _count_alike(a[head:][::-1], b[head:][::-1])


def _count_alike(a: list[str], b: list[str]) -> int:
    return next(
        (i for i, (one, other) in enumerate(zip(a, b, strict=False)) if one != other),
        min(len(a), len(b)),
    )


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in (*line.split(), PARAGRAPH)]


def _merge(runs: Iterator[Run]) -> tuple[Run, ...]:
    """Join neighbouring runs of one operation; within neighbouring changes, removals come first."""
    merged: list[Run] = []
    for same, group in groupby(runs, key=lambda run: run.operation == "same"):
        neighbours = list(group)
        order: tuple[Operation, ...] = ("same",) if same else ("removed", "added")
        for operation in order:
            words = [run.text for run in neighbours if run.operation == operation]
            if words:
                merged.append(Run(operation=operation, text=" ".join(words)))
    return tuple(merged)
