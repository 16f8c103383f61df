"""The sights of one post as outlines: where in its body words varied, and where they stood."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, NamedTuple

from scraper.exceptions import ExtractionError
from scraper.extract.dom import visible_text
from scraper.extract.page.parsed_page import as_parsed
from scraper.extract.page.text import letters_only
from scraper.extract.post import find_post
from scraper.extract.template.dom_path import is_named
from scraper.extract.template.feed_words import FeedWords
from scraper.extract.template.lines import (
    MOST_FIXED,
    is_distinct,
    is_line_of_numbers,
    is_one_sentence,
    is_price_of_author,
    words_of_line,
)
from scraper.extract.template.outline import Element, Outline, lists_of
from scraper.extract.template.records import Line, Place, Record
from scraper.extract.template.settle import SavedPage
from scraper.extract.template.shape import shape_of
from scraper.items import Template
from scraper.timestamps import parse_timestamp

_LARGEST_SHARE: Final = 1 / 3  # of a body's letters
_STILL_SHARE: Final = 0.5  # of the letters; a page that changes more is another page or language
_MOST_PAIRS: Final = 100  # of lines that came and lines that went
_DAY: Final = timedelta(days=1)


class PageFetch(NamedTuple):
    """A post's page as fetched once, at `seen_at` (UTC). `is_control`: it was fetched again in the
    crawl of the sight before it, so that nobody can have edited it between the two. `is_unmoved`:
    by the store's dates nobody has, though other posts moved theirs."""

    page: SavedPage
    seen_at: str
    is_control: bool = False
    is_unmoved: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """From one sight of a post to the next, which can be compared."""

    before: int
    after: int
    is_control: bool
    is_unmoved: bool
    apart: timedelta


class PostSights:
    """The sights of one post as outlines; sights in which no post is found are left out."""

    def __init__(self, sights: Sequence[PageFetch], template: Template) -> None:
        self.outlines: list[Outline] = []
        self.steps: list[_Step] = []
        self.feed = FeedWords(sight.page.entry for sight in sights)
        self.url = sights[0].page.url
        last: PageFetch | None = None
        for sight in sights:
            outline = outline_of(sight.page, template)
            if outline is None:
                last = None
                continue
            self.outlines.append(outline)
            if last and _is_same_page(*self.outlines[-2:]):
                apart = parse_timestamp(sight.seen_at) - parse_timestamp(last.seen_at)
                at = len(self.outlines) - 1
                self.steps.append(_Step(at - 1, at, sight.is_control, sight.is_unmoved, apart))
            last = sight

    def places(self, known: Collection[Place]) -> Iterator[tuple[Place, Record]]:
        """Yield the places in this post that may be learned, or that are known, and how they
        behaved."""
        paths = {path for outline in self.outlines for path in outline.by_path}
        for path in paths:
            if is_named(path) and (record := self.watch_path(path)):
                yield Place(path, ""), record
        for place, looks in self._shapes(known).items():
            yield place, self._record(looks, is_shape=True)
        yield from self._shuffled()

    def _shuffled(self) -> Iterator[tuple[Place, Record]]:
        """Yield the items of lists that held the same ones in another order."""
        orders: defaultdict[tuple[str, frozenset[str]], list[str]] = defaultdict(
            lambda: [""] * len(self.outlines)
        )
        lists = dict[tuple[str, frozenset[str]], Sequence[Element]]()
        for number, outline in enumerate(self.outlines):
            for items in lists_of([unit for unit in outline.all_units() if unit.is_unit]):
                words = [item.words for item in items]
                key = items[0].path, frozenset(words)
                orders[key][number], lists[key] = "\n".join(words), items
        for key, found in orders.items():
            record = self._record(
                [Counter([order] if order else []) for order in found], is_shape=True
            )
            if record.varied and not any(self.feed.has(item.words) for item in lists[key]):
                for item in lists[key]:
                    shape = shape_of(visible_text(item.node))
                    yield Place(item.path, shape), replace(record, order=found[-1])

    def watch_path(self, path: str) -> Record | None:
        """How the elements at a path behaved all together; None where they varied, but hold words
        that stood still, a heading, or much of the author's prose."""
        found = [self._elements(outline, path) for outline in self.outlines]
        record = self._record([Counter(one.look for one in elements) for elements in found])
        if record.stood:
            return record
        heading = self._heading_if_noise(path)
        if heading is None or self._is_much(path) or is_price_of_author(found):
            return None
        return replace(record, heading=heading)

    def holds_author(self, path: str) -> bool:
        """Return whether an element at a path has the words of the feed's entry."""
        return any(
            self.feed.has(element.words)
            for outline in self.outlines
            for element in self._elements(outline, path)
        )

    @staticmethod
    def _elements(outline: Outline, path: str) -> list[Element]:
        return [outline.elements[at] for at in outline.by_path.get(path, ())]

    def _is_much(self, path: str) -> bool:
        return any(
            sum(len(letters_only(one.words)) for one in self._elements(outline, path))
            > _LARGEST_SHARE * outline.letters
            for outline in self.outlines
        )

    def _heading_if_noise(self, path: str) -> str | None:
        """Return the heading of the block at a path (empty without one) if all else in it varied.

        Of several cards some may be there each time.
        """
        units = [
            {
                unit.own_words or unit.look: unit
                for at in outline.by_path[path]
                for unit in outline.units(at)
            }
            for outline in self.outlines
            if path in outline.by_path
        ]
        everything = {words: unit for sight in units for words, unit in sight.items()}
        standing = set(everything).intersection(*units) if len(units) > 1 else set()
        varied = [unit for words, unit in everything.items() if words not in standing]
        if not any(not unit.is_heading for unit in varied or everything.values()):
            return None
        still = [everything[words] for words in standing]
        are_cards = all(unit.is_linked for unit in varied) and bool(varied)
        if any(not unit.is_heading and not (are_cards and unit.is_linked) for unit in still):
            return None
        return letters_only(" ".join(sorted(unit.words for unit in still if unit.is_heading)))

    def swapped(self) -> tuple[dict[Line, Place], dict[Line, Place]]:
        """Return the lines that came, and those that went, while the post's date stood still."""
        came: dict[Line, Place] = {}
        went: dict[Line, Place] = {}
        for one, other in self._unmoved():
            before, after = dict(one), dict(other)
            came |= {line: after[line] for line in after.keys() - before.keys()}
            went |= {line: before[line] for line in before.keys() - after.keys()}
        return came, went

    def returned(self) -> tuple[dict[Line, Place], dict[Line, Place]]:
        """Return the lines that came and went again, and those that went and came again; no
        sentence in which a word differed."""
        standing = set.intersection(*map(_lines_of, self.outlines))
        pages = [dict(self._lines(outline, standing)) for outline in self.outlines]
        came: dict[Line, Place] = {}
        went: dict[Line, Place] = {}
        both: tuple[dict[Line, Place], dict[Line, Place]] = {}, {}
        for step in self.steps:
            before, after = pages[step.before], pages[step.after]
            added, gone = _only_in(after, before), _only_in(before, after)
            both[0].update({line: place for line, place in gone.items() if line in came})
            both[1].update({line: place for line, place in added.items() if line in went})
            came |= {line: place for line, place in added.items() if line not in went}
            went |= {line: place for line, place in gone.items() if line not in came}
        return both

    def turned(self) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
        """Return the words and shapes of the short lines that came, and those of them that went,
        while the post's date stood still, by path."""
        came: defaultdict[str, set[str]] = defaultdict(set)
        went: defaultdict[str, set[str]] = defaultdict(set)
        for pages in self._unmoved():
            before, after = (Counter(place for _, place in page) for page in pages)
            for found, lines in ((came, after - before), (went, before - after)):
                for path, shape in lines:
                    line = words_of_line(shape, self.url)
                    if len(line.words) <= MOST_FIXED:
                        found[path] |= {*line.words, line.shape}
        return came, went

    def _unmoved(self) -> Iterator[tuple[list[tuple[Line, Place]], list[tuple[Line, Place]]]]:
        """Yield the lines of two sights between which the post's date stood still, without those
        that stand in the other one too, under another name."""
        for step in self.steps:
            if step.is_unmoved:
                before, after = (
                    list(self._lines(self.outlines[at])) for at in (step.before, step.after)
                )
                yield _without_renamed(before, after), _without_renamed(after, before)

    def _lines(
        self, outline: Outline, standing: Collection[Line] = ()
    ) -> Iterator[tuple[Line, Place]]:
        """Yield the lines that an app may have written, with their places, but those standing."""
        for unit in outline.all_units():
            line = Line(unit.path, unit.look)
            if line in standing or not unit.is_unit or self.feed.has(unit.words):
                continue
            shape = shape_of(visible_text(unit.node))
            if is_distinct(shape):
                yield line, Place(unit.path, shape)

    def _shapes(self, known: Collection[Place]) -> dict[Place, list[Counter[str]]]:
        """The short lines with a number, and those at known places, by path and shape, with their
        words in each sight."""
        found: defaultdict[Place, list[Counter[str]]] = defaultdict(
            lambda: [Counter() for _ in self.outlines]
        )
        for number, outline in enumerate(self.outlines):
            for unit in outline.all_units():
                if unit.is_unit and not self.feed.has(unit.words):
                    place = Place(unit.path, shape_of(visible_text(unit.node)))
                    if place in known or is_line_of_numbers(place.shape, unit):
                        found[place][number][unit.words] += 1
        return found

    def _stand_elsewhere(self, step: _Step, before: Counter[str], after: Counter[str]) -> bool:
        """Return whether the words of a path stand in the other sight too, under other paths."""
        if before and after:
            return False
        other = self.outlines[step.after if before else step.before]
        return (before or after).keys() <= {element.look for element in other.elements}

    def _record(self, looks: Sequence[Counter[str]], *, is_shape: bool = False) -> Record:
        changes = controls = unmoved = still = 0
        still_for = timedelta()
        for step in self.steps:
            before, after = looks[step.before], looks[step.after]
            if not (before and after if is_shape else before or after):
                continue
            if not is_shape and self._stand_elsewhere(step, before, after):
                continue  # an id or a class that is another at each fetch
            if not before & after:
                controls += step.is_control
                unmoved += step.is_unmoved
                changes += not (step.is_control or step.is_unmoved)
            elif not step.is_control and not (is_shape and step.apart < _DAY):
                # What counts days stands still for one.
                still += 1
                still_for += step.apart
        return Record(changes, controls, unmoved, still, still_for)


def _without_renamed(
    lines: Sequence[tuple[Line, Place]], others: Sequence[tuple[Line, Place]]
) -> list[tuple[Line, Place]]:
    same, looks = {line for line, _ in others}, {line.look for line, _ in others}
    return [(line, place) for line, place in lines if line in same or line.look not in looks]


def _lines_of(outline: Outline) -> set[Line]:
    return {Line(unit.path, unit.look) for unit in outline.all_units()}


def _only_in(lines: dict[Line, Place], others: dict[Line, Place]) -> dict[Line, Place]:
    """Return the lines that the other sight does not have, in these words or in like ones; none
    where too much differs to be a line that varies."""
    own, looks = lines.keys() - others.keys(), [one.look for one in others.keys() - lines.keys()]
    if len(own) * len(looks) > _MOST_PAIRS:
        return {}
    return {
        line: lines[line]
        for line in own
        if not any(line.look == look or is_one_sentence(line.look, look) for look in looks)
    }


def outline_of(saved: SavedPage, template: Template) -> Outline | None:
    """Outline the body of a page without what leaves it; None where no post is found."""
    try:
        page = as_parsed(saved.html, url=saved.url, charset=saved.charset)
        container, removals = find_post(page, feed_entry=saved.entry, template=template)
    except ExtractionError:
        return None
    return Outline(container, {node.mem_id for node, _ in removals})


def _is_same_page(before: Outline, after: Outline) -> bool:
    """Return whether most of the letters are in both: a page in another language, or in place of
    the post, shows nothing of what varies within it."""
    ours, theirs = (
        Counter(unit.own_words for unit in outline.all_units()) for outline in (before, after)
    )
    common = sum(len(letters_only(words)) * count for words, count in (ours & theirs).items())
    return common >= _STILL_SHARE * min(before.letters, after.letters)
