"""Two texts compared paragraph by paragraph: same, reworded, added, removed or moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeAlias

from rapidfuzz.distance import Indel

from scraper.history.diff.words import Cells, Run, compare_words, hunks, split_lines

ParagraphStatus = Literal["same", "reworded", "added", "removed", "moved_away", "moved_here"]

_Pair: TypeAlias = tuple[int | None, int | None]

REWORDED = 0.4
"""Two paragraphs less similar than this are a removed and an added one, not a reworded one."""

MOVED = 0.8
"""Two paragraphs at least this similar, at different places, are one that moved."""

_MOVED_WORDS = 4
"""Shorter paragraphs never count as moved: a heading such as "Method" occurs in many places."""

_MOST_CELLS = 11_000_000_000
"""Most cells of the tables in which the paragraphs of all hunks are compared each with each, and as
many to find those that moved. Beyond it the paragraphs of a hunk are paired in order, and only
equal ones count as moved: 50,000 words in 170 paragraphs that all differ are within it."""

_PAIR_WORDS = 300
"""A pair of paragraphs takes as long to compare as if each had so many words more."""

_LONG = 2_000
"""A paragraph of more words is compared by its sentences first, and matched by its words in any
order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph with its runs of words, old and new, in reading order. The two places of a moved
    paragraph share `move`, a number counted from 1; it is 0 for all others."""

    status: ParagraphStatus
    runs: tuple[Run, ...]
    move: int = 0

    @property
    def old(self) -> tuple[Run, ...]:
        """Its runs in the old text; empty for a paragraph that is not in it."""
        if self.status in {"added", "moved_here"}:
            return ()
        return tuple(run for run in self.runs if run.operation != "added")

    @property
    def new(self) -> tuple[Run, ...]:
        """Its runs in the new text; empty for a paragraph that is not in it."""
        if self.status in {"removed", "moved_away"}:
            return ()
        return tuple(run for run in self.runs if run.operation != "removed")


@dataclass(slots=True)
class _Gap:
    """A hunk in which two texts differ: line ranges, and the pairs of lines (or a line without a
    partner) in reading order."""

    old: range
    new: range
    pairs: list[_Pair]


def compare_paragraphs(old: str, new: str) -> tuple[Paragraph, ...]:
    """Compare two texts line by line, in the reading order of the new one. A paragraph, a list item
    and a table row are one line each."""
    a, b = split_lines(old), split_lines(new)
    hunks_found: list[_Gap | list[Paragraph]] = []
    cells = Cells(_MOST_CELLS)
    at_old = at_new = 0
    for same, lines_old, lines_new in hunks(a, b, Cells()):
        if same:
            hunks_found.append(
                [Paragraph(status="same", runs=_single_run(line)) for line in lines_old]
            )
        else:
            span_old, span_new = (
                range(at_old, at_old + len(lines_old)),
                range(at_new, at_new + len(lines_new)),
            )
            hunks_found.append(
                _Gap(old=span_old, new=span_new, pairs=_align(a, b, span_old, span_new, cells))
            )
        at_old, at_new = at_old + len(lines_old), at_new + len(lines_new)
    moves = _find_moves(a, b, [gap for gap in hunks_found if isinstance(gap, _Gap)])
    return tuple(_paragraphs(a, b, hunks_found, moves))


def _align(a: Sequence[str], b: Sequence[str], old: range, new: range, cells: Cells) -> list[_Pair]:
    """Pair the paragraphs of a hunk, in order, with the greatest total similarity
    (Needleman-Wunsch, gaps at no cost)."""
    words_old, words_new = [a[i].split() for i in old], [b[j].split() for j in new]
    if not cells.take(_weight(words_old) * _weight(words_new)):
        return list(_pair_in_order(a, b, old, new))
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores = [[_similarity(one, other, REWORDED) for other in words_new] for one in words_old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(
                best[i + 1][j],
                best[i][j + 1],
                scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0,
            )
    pairs: list[_Pair] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if (
            i < len(old)
            and j < len(new)
            and scores[i][j]
            and best[i][j] == scores[i][j] + best[i + 1][j + 1]
        ):
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or best[i][j] == best[i + 1][j]):
            pairs.append((old[i], None))
            i += 1
        else:
            pairs.append((None, new[j]))
            j += 1
    return pairs


def _weight(paragraphs: Iterable[Sequence[str]]) -> int:
    """What a hunk of paragraphs costs to compare; times that of others, the cells of all pairs."""
    return sum(len(words) + _PAIR_WORDS for words in paragraphs)


def _pair_in_order(a: Sequence[str], b: Sequence[str], old: range, new: range) -> Iterator[_Pair]:
    for i, j in zip_longest(old, new):
        if i is not None and j is not None and _similarity(a[i].split(), b[j].split(), REWORDED):
            yield i, j
            continue
        if i is not None:
            yield i, None
        if j is not None:
            yield None, j


def _find_moves(a: Sequence[str], b: Sequence[str], gaps: Sequence[_Gap]) -> dict[int, int]:
    """Line in the old text -> line in the new text, of each moved paragraph."""
    removed = [
        i
        for gap in gaps
        for i, j in gap.pairs
        if i is not None and j is None and len(a[i].split()) >= _MOVED_WORDS
    ]
    added = [
        j
        for gap in gaps
        for i, j in gap.pairs
        if j is not None and i is None and len(b[j].split()) >= _MOVED_WORDS
    ]
    waiting: dict[str, list[int]] = defaultdict(list)
    for j in reversed(added):
        waiting[b[j]].append(j)
    moves = {i: waiting[a[i]].pop() for i in removed if waiting.get(a[i])}
    left_old = [i for i in removed if i not in moves]
    taken = set(moves.values())
    left_new = [j for j in added if j not in taken]
    return moves | _nearest(a, b, left_old, left_new)


def _nearest(
    a: Sequence[str], b: Sequence[str], old: Sequence[int], new: Sequence[int]
) -> dict[int, int]:
    new_words = {j: b[j].split() for j in new}
    old_words = {i: a[i].split() for i in old}
    if _weight(old_words.values()) * _weight(new_words.values()) > _MOST_CELLS:
        return {}
    found = sorted(
        (-score, i, j)
        for i in old
        for j in new
        if (score := _similarity(old_words[i], new_words[j], MOVED))
    )
    moves: dict[int, int] = {}
    for _, i, j in found:
        if i not in moves and j not in moves.values():
            moves[i] = j
    return moves


def _paragraphs(
    a: Sequence[str],
    b: Sequence[str],
    hunks_found: Sequence[_Gap | list[Paragraph]],
    moves: dict[int, int],
) -> Iterator[Paragraph]:
    numbers = {place: number for number, place in enumerate(sorted(moves), start=1)}
    sources = {j: i for i, j in moves.items()}
    cells = Cells()
    for hunk in hunks_found:
        if isinstance(hunk, list):
            yield from hunk
            continue
        for i, j in hunk.pairs:
            if i is not None and j is not None:
                yield Paragraph(status="reworded", runs=_runs(a[i], b[j], cells))
            elif i in moves:
                yield Paragraph(
                    status="moved_away", runs=_runs(a[i], b[moves[i]], cells), move=numbers[i]
                )
            elif i is not None:
                yield Paragraph(status="removed", runs=_single_run(a[i], "removed"))
            elif j in sources:
                yield Paragraph(
                    status="moved_here",
                    runs=_runs(a[sources[j]], b[j], cells),
                    move=numbers[sources[j]],
                )
            elif j is not None:
                yield Paragraph(status="added", runs=_single_run(b[j], "added"))


def _runs(old: str, new: str, cells: Cells) -> tuple[Run, ...]:
    return tuple(_compare_sentences(old.split(), new.split(), cells))


def _similarity(a: Sequence[str], b: Sequence[str], least: float) -> float:
    """Similarity of two paragraphs, from 0 to 1; 0 where it is less than `least`."""
    if 2 * min(len(a), len(b)) < least * (len(a) + len(b)):
        return 0.0  # the lengths alone rule it out
    if max(len(a), len(b)) <= _LONG:
        return float(Indel.normalized_similarity(a, b, score_cutoff=least))
    share = 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b))
    if share < least:
        return 0.0
    return share


def _compare_sentences(old: list[str], new: list[str], cells: Cells) -> Iterator[Run]:
    if max(len(old), len(new)) <= _LONG:
        yield from compare_words(old, new, cells)
        return
    for same, removed, added in hunks(_sentences(old), _sentences(new), cells):
        if same:
            yield Run(operation="same", text=" ".join(removed))
        else:
            yield from compare_words(" ".join(removed).split(), " ".join(added).split(), cells)


def _sentences(words: Sequence[str]) -> list[str]:
    ends = [i for i, word in enumerate(words, start=1) if word.endswith((".", "!", "?", ":"))]
    return [
        " ".join(words[start:end])
        for start, end in zip([0, *ends], [*ends, len(words)], strict=True)
        if start < end
    ]


def _single_run(
    line: str, operation: Literal["same", "added", "removed"] = "same"
) -> tuple[Run, ...]:
    return (Run(operation=operation, text=" ".join(line.split())),)
