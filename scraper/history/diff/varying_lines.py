"""Lines of a post that never stood still, whatever they say: an app's, and the words and pictures
that a theme puts among those of the author. What else differs beside them is the edit.

No word of an author's may be lost: a line varies only where others stood in versions that nothing
confirmed, and another one stands there now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from scraper.history.diff.blocks import Block, split_blocks, words_of
from scraper.history.diff.varying import READINGS, beside_figures, claims_something
from scraper.history.diff.words import hunks
from scraper.history.snapshots import Snapshot

_T = TypeVar("_T")
_SAME: Final = 0.5
"""Two lines that share more of their words are one sentence in which words differ; a version that
shares less of the lines is another page, or another language."""


def beside_varying(before: Snapshot, after: Snapshot, varied: Sequence[Snapshot]) -> Snapshot:
    """A version with what varies in it as the next one has it. `varied` are versions that were seen
    before it and went again; all are in normal form."""
    if not varied:
        return before
    texts, htmls = zip(*((one.text, one.html) for one in varied), strict=True)
    text = _beside_varying(beside_figures(before.text, after.text, texts), after.text, texts)
    return replace(before, text=text, html=_beside_varying(before.html, after.html, htmls))


def _beside_varying(old: str, new: str, varied: Iterable[str]) -> str:
    """The same of text, by its lines, or of sanitised markup, by its innermost blocks."""
    parts = [split_blocks(version) for version in (old, new, *varied)]
    lines, now, *seen = ([*map(words_of, found[::2])] for found in parts)
    written = dict(zip((*now, *lines), (*parts[1][::2], *parts[0][::2]), strict=True))
    steady = [written.get(line) or " ".join(line) for line in _steady(lines, now, seen)]
    return "".join((*map("".join, zip(steady, parts[0][1::2], strict=False)), steady[-1]))


def _steady(
    old: Sequence[Block], new: Sequence[Block], varied: Sequence[Sequence[Block]]
) -> list[Block]:
    """The old lines, with those that vary, or their words that do, as the new ones."""
    steady, readings = list(old), _readings(old, varied)
    places = Counter(line for version in (old, *varied) for line in set(version))
    for at, other in _in_place(old, new):
        before, now, seen = old[at], new[other], readings[at]
        is_shuffled = _is_in_another_order(before, now, seen)
        if not is_shuffled and _is_sentence(before, (now, *seen)):
            steady[at] = _steady_words(before, now, seen)
        elif is_shuffled or now in seen or _never_stood(before, seen, places):
            steady[at] = now
    return steady


def _is_in_another_order(line: Block, new: Block, seen: Iterable[Block]) -> bool:
    order = sorted(line)
    return sorted(new) == order and any(one != line and sorted(one) == order for one in seen)


def _is_sentence(line: Block, others: Sequence[Block]) -> bool:
    """Whether a line has words, most of which the others have too; a row of pictures has none."""
    longest = max(map(len, (line, *others)))
    return any(not word.startswith("<") for word in line) and all(
        _count_common(line, other) > _SAME * longest for other in others
    )


def _never_stood(line: Block, seen: Sequence[Block], places: Counter[Block]) -> bool:
    """Whether a line had so many readings, all of them in this place alone: where a list stands in
    another order, its lines are the author's."""
    counts = Counter((line, *seen))
    return len(counts) >= READINGS and all(places[one] <= counts[one] for one in counts)


def _steady_words(old: Block, new: Block, varied: Sequence[Block]) -> Block:
    if claims_something(" ".join(old)):
        return old
    steady, readings = list(old), _readings(old, varied)
    for at, other in _in_place(old, new):
        if len({old[at], *readings[at]}) >= READINGS:
            steady[at] = new[other]
    return tuple(steady)


def _readings(old: Sequence[_T], varied: Iterable[Sequence[_T]]) -> list[list[_T]]:
    """What stood in the place of each item in those versions that are of the same page."""
    found: list[list[_T]] = [[] for _ in old]
    for version in varied:
        if _count_common(old, version) >= _SAME * len(old):
            for at, other in _in_place(old, version):
                found[at].append(version[other])
    return found


def _in_place(old: Sequence[_T], new: Sequence[_T]) -> Iterator[tuple[int, int]]:
    """The places of items that others take, between equal ones and as many as before."""
    at = other = 0
    for is_same, before, after in hunks(list(old), list(new)):
        if not is_same and len(before) == len(after):
            yield from ((at + number, other + number) for number in range(len(before)))
        at, other = at + len(before), other + len(after)


def _count_common(one: Sequence[_T], other: Sequence[_T]) -> int:
    return sum((Counter(one) & Counter(other)).values())
