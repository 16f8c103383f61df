"""How the places of a body behaved from sight to sight of one post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple


class Place(NamedTuple):
    """A path below a body's element, and a shape where the path alone is not enough."""

    path: str
    shape: str


class Line(NamedTuple):
    """A line by its path and look."""

    path: str
    look: str


class LineWords(NamedTuple):
    """The words of a line, without those of its post's address, and its shape without these, in
    brackets: a line of one word is not that word."""

    words: frozenset[str]
    shape: str


class Turning(NamedTuple):
    """The lines of a path that came or went though the dates of their posts stood still: all their
    `words`, and the words and shapes that came on one post and went from another."""

    words: frozenset[str]
    both_ways: frozenset[str]

    def holds(self, line: LineWords) -> bool:
        """Return whether a line says nothing that those do not: of one without words the whole is
        known, or nothing."""
        return (line.words <= self.words) if line.words else line.shape in self.both_ways

    def has_turned(self, line: LineWords) -> bool:
        """Return whether a line, or a word of it, came and went: somebody who replaces one line on
        many posts moves no word both ways."""
        return not self.both_ways.isdisjoint({*line.words, line.shape})


@dataclass(frozen=True, slots=True)
class Record:
    """How a place behaved on one post: how often it varied between crawls, within one, and while
    the post's date stood still beside others that moved; how often, over how long, it stood still.
    `heading` is that of the block, which stood still, `order` the last one of a list whose items
    did."""

    changes: int
    controls: int
    unmoved: int
    still: int
    still_for: timedelta
    heading: str = ""
    order: str = ""

    @property
    def varied(self) -> bool:
        """Return whether no edit explains it: twice is no coincidence, once within a crawl or
        against the store's dates."""
        return self.controls + self.unmoved > 0 or (self.changes > 1 and not self.still)

    @property
    def stood(self) -> bool:
        """Return whether it never varied."""
        return self.still > 0 and not self.changes + self.controls + self.unmoved
