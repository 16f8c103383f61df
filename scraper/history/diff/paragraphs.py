"""Two texts side by side, paragraph by paragraph: what stayed, what was reworded, what came, what
went and what only moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeAlias

from rapidfuzz.distance import Indel

from scraper.history.diff.words import Run, compare_words, hunks, split_lines

Fate = Literal["same", "reworded", "added", "removed", "moved_away", "moved_here"]

_Pair: TypeAlias = tuple[int | None, int | None]

REWORDED = 0.4
"""Paragraphs of which less is alike are two paragraphs, not one that was reworded."""

MOVED = 0.8
"""A paragraph of which so much turns up elsewhere has moved there."""

_MOVED_WORDS = 4
"""Fewer words turn up anywhere: a heading "Method" that went and one that came are no move."""

_MOST_PAIRS = 30_000
"""Pairs of paragraphs of one stretch, or of the whole, that are held against each other word by
word; past it they are paired in their order, and looked for elsewhere letter for letter only."""

_LONG = 2_000
"""Words past which a paragraph is compared by its sentences first, and known again by its words in
any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph before and after: its runs of words in reading order, those of both sides. `move`
    is the number, counted from 1, that the two places of one moved paragraph share, else 0."""

    fate: Fate
    runs: tuple[Run, ...]
    move: int = 0

    @property
    def old(self) -> tuple[Run, ...]:
        """What stood in the old text, empty where the paragraph stood nowhere in it."""
        return (
            ()
            if self.fate in {"added", "moved_here"}
            else tuple(run for run in self.runs if run.operation != "added")
        )

    @property
    def new(self) -> tuple[Run, ...]:
        """What stands in the new text, empty where the paragraph stands nowhere in it."""
        return (
            ()
            if self.fate in {"removed", "moved_away"}
            else tuple(run for run in self.runs if run.operation != "removed")
        )


@dataclass(slots=True)
class _Gap:
    """A stretch in which two texts differ, and the pairs of places, or single places, in reading
    order."""

    old: range
    new: range
    pairs: list[_Pair]


def compare_paragraphs(old: str, new: str) -> tuple[Paragraph, ...]:
    """Compare two texts by their lines, in the reading order of the new one: paragraphs, list items
    and rows of tables are a line each."""
    a, b = split_lines(old), split_lines(new)
    stretches: list[_Gap | list[Paragraph]] = []
    at_old = at_new = 0
    for same, lines_old, lines_new in hunks(a, b):
        if same:
            stretches.append([Paragraph(fate="same", runs=_whole(line)) for line in lines_old])
        else:
            span_old, span_new = (
                range(at_old, at_old + len(lines_old)),
                range(at_new, at_new + len(lines_new)),
            )
            stretches.append(
                _Gap(old=span_old, new=span_new, pairs=_align(a, b, span_old, span_new))
            )
        at_old, at_new = at_old + len(lines_old), at_new + len(lines_new)
    moves = _find_moves(a, b, [gap for gap in stretches if isinstance(gap, _Gap)])
    return tuple(_tell(a, b, stretches, moves))


def _align(a: Sequence[str], b: Sequence[str], old: range, new: range) -> list[_Pair]:
    """Which paragraph of a stretch became which, in order, by the most that can be kept (Needleman
    and Wunsch, gaps at no cost)."""
    if len(old) * len(new) > _MOST_PAIRS:
        return list(_pair_in_order(a, b, old, new))
    words_old, words_new = [a[i].split() for i in old], [b[j].split() for j in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_similarity(one, other, REWORDED) for other in words_new] for one in words_old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(
                best[i + 1][j],
                best[i][j + 1],
                alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0,
            )
    pairs: list[_Pair] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if (
            i < len(old)
            and j < len(new)
            and alike[i][j]
            and best[i][j] == alike[i][j] + best[i + 1][j + 1]
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


def _pair_in_order(a: Sequence[str], b: Sequence[str], old: range, new: range) -> Iterator[_Pair]:
    for i, j in zip_longest(old, new):
        if i is not None and j is not None and _similarity(a[i].split(), b[j].split(), REWORDED):
            yield i, j
        else:
            yield from ((i, None),) if i is not None else ()
            yield from ((None, j),) if j is not None else ()


def _find_moves(a: Sequence[str], b: Sequence[str], gaps: Sequence[_Gap]) -> dict[int, int]:
    """Places of the old text whose paragraph stands elsewhere in the new one, and where."""
    went = [
        i
        for gap in gaps
        for i, j in gap.pairs
        if i is not None and j is None and len(a[i].split()) >= _MOVED_WORDS
    ]
    came = [
        j
        for gap in gaps
        for i, j in gap.pairs
        if j is not None and i is None and len(b[j].split()) >= _MOVED_WORDS
    ]
    waiting: dict[str, list[int]] = defaultdict(list)
    for j in reversed(came):
        waiting[b[j]].append(j)
    moves = {i: waiting[a[i]].pop() for i in went if waiting.get(a[i])}
    left_old = [i for i in went if i not in moves]
    left_new = [j for j in came if j not in set(moves.values())]
    if len(left_old) * len(left_new) <= _MOST_PAIRS:
        moves |= _nearest(a, b, left_old, left_new)
    return moves


def _nearest(
    a: Sequence[str], b: Sequence[str], old: Sequence[int], new: Sequence[int]
) -> dict[int, int]:
    words = {j: b[j].split() for j in new}
    found = sorted(
        (-score, i, j)
        for i in old
        for own in (a[i].split(),)
        for j in new
        if (score := _similarity(own, words[j], MOVED))
    )
    moves: dict[int, int] = {}
    for _, i, j in found:
        if i not in moves and j not in moves.values():
            moves[i] = j
    return moves


def _tell(
    a: Sequence[str],
    b: Sequence[str],
    stretches: Sequence[_Gap | list[Paragraph]],
    moves: dict[int, int],
) -> Iterator[Paragraph]:
    numbers = {place: number for number, place in enumerate(sorted(moves), start=1)}
    sources = {j: i for i, j in moves.items()}
    for stretch in stretches:
        if isinstance(stretch, list):
            yield from stretch
            continue
        for i, j in stretch.pairs:
            if i is not None and j is not None:
                yield Paragraph(fate="reworded", runs=_runs(a[i], b[j]))
            elif i in moves:
                yield Paragraph(fate="moved_away", runs=_runs(a[i], b[moves[i]]), move=numbers[i])
            elif i is not None:
                yield Paragraph(fate="removed", runs=_whole(a[i], "removed"))
            elif j in sources:
                yield Paragraph(
                    fate="moved_here", runs=_runs(a[sources[j]], b[j]), move=numbers[sources[j]]
                )
            elif j is not None:
                yield Paragraph(fate="added", runs=_whole(b[j], "added"))


def _runs(old: str, new: str) -> tuple[Run, ...]:
    return tuple(_compare_sentences(old.split(), new.split()))


def _similarity(a: Sequence[str], b: Sequence[str], least: float) -> float:
    """How much of two paragraphs is alike, from 0 to 1; 0 for what is less than `least`."""
    if 2 * min(len(a), len(b)) < least * (len(a) + len(b)):
        return 0.0  # not even if the shorter one stood in the longer word for word
    if max(len(a), len(b)) <= _LONG:
        return float(Indel.normalized_similarity(a, b, score_cutoff=least))
    share = 2 * (Counter(a) & Counter(b)).total() / (len(a) + len(b))
    return share if share >= least else 0.0


def _compare_sentences(old: list[str], new: list[str]) -> Iterator[Run]:
    if max(len(old), len(new)) <= _LONG:
        yield from compare_words(old, new)
        return
    for same, went, came in hunks(_sentences(old), _sentences(new)):
        if same:
            yield Run(operation="same", text=" ".join(went))
        else:
            yield from compare_words(" ".join(went).split(), " ".join(came).split())


def _sentences(words: Sequence[str]) -> list[str]:
    ends = [i for i, word in enumerate(words, start=1) if word.endswith((".", "!", "?", ":"))]
    return [
        " ".join(words[start:end])
        for start, end in zip([0, *ends], [*ends, len(words)], strict=True)
        if start < end
    ]


def _whole(line: str, operation: Literal["same", "added", "removed"] = "same") -> tuple[Run, ...]:
    return (Run(operation=operation, text=" ".join(line.split())),)
