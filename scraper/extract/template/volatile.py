"""Learn the places in a body that vary by themselves: counters, clocks, rotating cards.

Input are sights of the same posts between which the store moved no date. A real edit happens once
(A, B, B); a place is volatile only if its words never stood still, or if they differed between two
fetches of one crawl. A mistake would lose an author's words, so in doubt nothing is learned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, NamedTuple

from scraper.exceptions import ExtractionError
from scraper.extract.dom import HEADINGS, visible_text
from scraper.extract.page.parsed_page import as_parsed
from scraper.extract.page.text import letters_only
from scraper.extract.post import find_post
from scraper.extract.template.dom_path import is_named
from scraper.extract.template.feed_words import FeedWords
from scraper.extract.template.learn import with_blocks
from scraper.extract.template.outline import Element, Outline
from scraper.extract.template.settle import SavedPage
from scraper.extract.template.shape import NUMBER, PRICE, fixed_words, shape_of
from scraper.items import Template, TemplateBlock
from scraper.timestamps import parse_timestamp

_LARGEST_SHARE: Final = 1 / 3  # of a body's letters
_STILL_SHARE: Final = 0.5  # of the letters; a page that changes more is another page or language
MOST_FIXED: Final = 12  # words of a line that an app prints around its number
_MOST_FIXED_OF_CARD: Final = 5
_LEAST_FIXED_OF_HEADING: Final = 3
MOST_WORDS: Final = 60  # of a rotating quote
_FEW_STILL: Final = 0.25  # posts on which a card stood still by chance, for each on which it varied
_STANDS_SIGHTS: Final = 3
_STANDS_FOR: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


class PageFetch(NamedTuple):
    """A post's page as fetched once, at `seen_at` (UTC). `is_control`: it was fetched again in the
    crawl of the sight before it, so that nobody can have edited it between the two. `is_unmoved`:
    by the store's dates nobody has, though other posts moved theirs."""

    page: SavedPage
    seen_at: str
    is_control: bool = False
    is_unmoved: bool = False


class _Place(NamedTuple):
    """A path below a body's element, and a shape where the path alone is not enough."""

    path: str
    shape: str


class _Line(NamedTuple):
    """A line by its path and look."""

    path: str
    look: str


@dataclass(frozen=True, slots=True)
class _Step:
    """From one sight of a post to the next, which can be compared."""

    before: int
    after: int
    is_control: bool
    is_unmoved: bool
    apart: timedelta


@dataclass(frozen=True, slots=True)
class _Record:
    """How a place behaved on one post: how often it varied between crawls, within one, and while
    the post's date stood still beside others that moved; how often, over how long, it stood still.
    `heading` is that of the block, which stood still."""

    changes: int
    controls: int
    unmoved: int
    still: int
    still_for: timedelta
    heading: str = ""

    @property
    def varied(self) -> bool:
        """Return whether no edit explains it: twice is no coincidence, once within a crawl or
        against the store's dates."""
        return self.controls + self.unmoved > 0 or (self.changes > 1 and not self.still)

    @property
    def stood(self) -> bool:
        """Return whether it never varied."""
        return self.still > 0 and not self.changes + self.controls + self.unmoved


class _Post:
    """The sights of one post as outlines; sights in which no post is found are left out."""

    def __init__(self, sights: Sequence[PageFetch], template: Template) -> None:
        self.outlines: list[Outline] = []
        self.steps: list[_Step] = []
        self.feed = FeedWords(sight.page.entry for sight in sights)
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

    def places(self, known: Collection[_Place]) -> Iterator[tuple[_Place, _Record]]:
        """Yield the places in this post that may be learned, or that are known, and how they
        behaved."""
        paths = {path for outline in self.outlines for path in outline.by_path}
        for path in paths:
            if is_named(path) and (record := self.watch_path(path)):
                yield _Place(path, ""), record
        for place, looks in self._shapes(known).items():
            yield place, self._record(looks, is_shape=True)

    def watch_path(self, path: str) -> _Record | None:
        """How the elements at a path behaved all together; None where they varied, but hold words
        that stood still, a heading, or much of the author's prose."""
        found = [self._elements(outline, path) for outline in self.outlines]
        record = self._record([Counter(one.look for one in elements) for elements in found])
        if record.stood:
            return record
        heading = self._heading_if_noise(path)
        if heading is None or self._is_much(path) or _is_price_of_author(found):
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

    def swapped(self) -> tuple[dict[_Line, _Place], dict[_Line, _Place]]:
        """Return the lines that came, and those that went, while the post's date stood still."""
        came: dict[_Line, _Place] = {}
        went: dict[_Line, _Place] = {}
        for step in self.steps:
            if step.is_unmoved:
                before, after = (self._lines(self.outlines[at]) for at in (step.before, step.after))
                came |= {line: after[line] for line in after.keys() - before.keys()}
                went |= {line: before[line] for line in before.keys() - after.keys()}
        return came, went

    def _lines(self, outline: Outline) -> dict[_Line, _Place]:
        """The lines that an app may have written, with their places."""
        found: dict[_Line, _Place] = {}
        for unit in outline.all_units():
            shape = shape_of(visible_text(unit.node))
            is_line = unit.is_unit and not unit.is_heading and not self.feed.has(unit.words)
            if is_line and is_distinct(shape):
                found[_Line(unit.path, unit.look)] = _Place(unit.path, shape)
        return found

    def _shapes(self, known: Collection[_Place]) -> dict[_Place, list[Counter[str]]]:
        """The short lines with a number, and those at known places, by path and shape, with their
        words in each sight."""
        found: defaultdict[_Place, list[Counter[str]]] = defaultdict(
            lambda: [Counter() for _ in self.outlines]
        )
        for number, outline in enumerate(self.outlines):
            for unit in outline.all_units():
                if unit.is_unit and not self.feed.has(unit.words):
                    place = _Place(unit.path, shape_of(visible_text(unit.node)))
                    if place in known or _is_line_of_numbers(place.shape, unit):
                        found[place][number][unit.words] += 1
        return found

    def _stand_elsewhere(self, step: _Step, before: Counter[str], after: Counter[str]) -> bool:
        """Return whether the words of a path stand in the other sight too, under other paths."""
        if before and after:
            return False
        other = self.outlines[step.after if before else step.before]
        return (before or after).keys() <= {element.look for element in other.elements}

    def _record(self, looks: Sequence[Counter[str]], *, is_shape: bool = False) -> _Record:
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
        return _Record(changes, controls, unmoved, still, still_for)


def learn_volatile(posts: Sequence[Sequence[PageFetch]], template: Template) -> Template:
    """Add the places that vary by themselves to a store's template, and drop those that do so no
    more.

    Each of `posts` are sights of one post, oldest first, between which no date of the store moved.
    Returns the same template where nothing new was learned.
    """
    known = [block for block in template.blocks if block.learned_from == "sights"]
    others = [block for block in template.blocks if block.learned_from != "sights"]
    bare = with_blocks(template, others)
    seen = [post for sights in posts if len((post := _Post(sights, bare)).outlines) > 1]
    places = {_Place(block.path, block.text) for block in known if block.text}
    tallies: defaultdict[_Place, list[_Record]] = defaultdict(list)
    for post in seen:
        for place, record in post.places(places):
            tallies[place].append(record)
    volatile = [block for block in known if not _stands(tallies[_Place(block.path, block.text)])]
    found = [
        _block(place, records)
        for place, records in tallies.items()
        if _is_volatile(place, records)
        and not (place.shape == "" and any(post.holds_author(place.path) for post in seen))
    ]
    volatile = outermost_blocks([*volatile, *found, *_wandering(seen)])
    return template if set(volatile) == set(known) else with_blocks(template, [*others, *volatile])


def _wandering(posts: Sequence[_Post]) -> list[TemplateBlock]:
    """The lines that came to one post and went from another while their dates stood still: somebody
    who edits many posts replaces the same line by the same other one on all."""
    swapped = [post.swapped() for post in posts]
    came = {line: place for came, _ in swapped for line, place in came.items()}
    went = {line: place for _, went in swapped for line, place in went.items()}
    places = sorted({place for line, place in came.items() if line in went})
    return [
        TemplateBlock(path=place.path, text=place.shape, learned_from="sights", pages=2, sights=4)
        for place in places
    ]


def outline_of(saved: SavedPage, template: Template) -> Outline | None:
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


def is_distinct(shape: str) -> bool:
    """Return whether a line's shape is its own: it has a word, and not too many."""
    words = fixed_words(shape)
    return len(words) <= MOST_WORDS and any(len(word) > 1 for word in words)


def _is_line_of_numbers(shape: str, unit: Element) -> bool:
    """Return whether a shape is that of a short line around a number or date. A price in an unnamed
    line may be the author's, in the visitor's currency; "Step 3" is an author's heading."""
    fixed = len(fixed_words(shape))
    if fixed > MOST_FIXED or (unit.is_heading and fixed < _LEAST_FIXED_OF_HEADING):
        return False
    return NUMBER in shape or (PRICE in shape and is_named(unit.path) and not unit.is_heading)


def _is_price_of_author(sights: Sequence[Sequence[Element]]) -> bool:
    """Return whether only a price varies, by itself or in a sentence, but not on a product's card:
    the author's own is shown in the visitor's currency by some themes."""
    shapes = {shape_of(one.words) for elements in sights for one in elements if not one.is_linked}
    return (
        len(shapes) == 1
        and PRICE in (shape := shapes.pop())
        and not 0 < len(fixed_words(shape)) <= _MOST_FIXED_OF_CARD
    )


def _is_volatile(place: _Place, records: Sequence[_Record]) -> bool:
    varied = [record for record in records if record.varied]
    still = sum(record.stood for record in records)
    if place.shape:
        if place.path.rpartition(" ")[2][:2] in HEADINGS:
            return not still and sum(one.controls > 0 or one.changes > 1 for one in varied) > 1
        if still and not is_distinct(place.shape):
            return False
        # Somebody who edits one line of many posts may be seen before the listings are.
        if still >= len(varied) and not any(one.controls + one.changes for one in varied):
            return False
    else:
        if still > _FEW_STILL * len(varied):
            return False
        headings = Counter(record.heading for record in varied)
        varied = [record for record in varied if headings[record.heading] > 1 or not record.heading]
    return len(varied) > 1 or any(_is_proof(place, record) for record in varied)


def _is_proof(place: _Place, record: _Record) -> bool:
    """Return whether one post is enough: an author may correct one line twice, but not between two
    fetches."""
    if record.controls:
        return record.controls + record.changes > 1
    return not place.shape and record.changes > 2


def _stands(records: Sequence[_Record]) -> bool:
    """Return whether a place stood still on every post for long enough to be the author's again."""
    return bool(records) and all(
        record.stood and record.still + 1 >= _STANDS_SIGHTS and record.still_for >= _STANDS_FOR
        for record in records
    )


def _block(place: _Place, records: Sequence[_Record]) -> TemplateBlock:
    varied = [record for record in records if record.varied]
    return TemplateBlock(
        path=place.path,
        text=place.shape,
        learned_from="sights",
        pages=len(varied),
        sights=sum(record.changes + record.controls + record.still + 1 for record in varied),
    )


def outermost_blocks(blocks: Sequence[TemplateBlock]) -> list[TemplateBlock]:
    """Drop the places that lie at or below another's path; of one found twice the first stays."""
    unique: Mapping[_Place, TemplateBlock] = {
        _Place(block.path, block.text): block for block in reversed(blocks)
    }
    whole = {block.path for block in blocks if not block.text}
    return sorted(
        (
            block
            for block in unique.values()
            if not any(
                block.path.startswith(f"{path} ") or (block.text and block.path == path)
                for path in whole
            )
        ),
        key=lambda block: (block.path, block.text),
    )
