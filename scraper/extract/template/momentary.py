"""What differs between two fetches of a page in one crawl is nobody's edit: where a date moved, it
leaves the page and the one before it, so that the edit is reported alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from scraper.extract.dom import visible_text
from scraper.extract.template.dom_path import is_named
from scraper.extract.template.feed_words import FeedWords
from scraper.extract.template.learn import with_blocks
from scraper.extract.template.lines import (
    MOST_FIXED,
    MOST_WORDS,
    is_distinct,
    is_one_sentence,
    is_similar,
    words_of_line,
)
from scraper.extract.template.outline import Element, Outline, is_item, lists_of
from scraper.extract.template.records import LineWords, Turning
from scraper.extract.template.settle import SavedPage
from scraper.extract.template.shape import NUMBER, fixed_words, shape_of
from scraper.extract.template.sights import outline_of
from scraper.extract.template.volatile import outermost_blocks
from scraper.items import Template, TemplateBlock

_Parts: TypeAlias = Sequence[tuple[Sequence[Element], Sequence[Element]]]
"""Where two pages differ: the units of each."""


class Comparison(NamedTuple):
    """The store's template with what varied at the moment, and whether anything did.
    `is_older_copy`: the second fetch shows somewhere what stood there before the edit, and nothing
    proves that it was made after it, which `is_newer` says."""

    template: Template
    varied: bool = False
    is_older_copy: bool = False
    is_newer: bool = False


def find_momentary(
    before: SavedPage,
    page: SavedPage,
    control: SavedPage,
    template: Template,
    turning: Mapping[str, Turning] = MappingProxyType({}),
) -> Comparison:
    """Compare a page whose date moved with a second fetch of it; `before` is the page that showed
    the version before, `turning` what is known of lines, by path."""
    sights = [block for block in template.blocks if block.learned_from == "sights"]
    others = [block for block in template.blocks if block.learned_from != "sights"]
    bare = with_blocks(template, others)
    outlines = [outline_of(saved, bare) for saved in (before, page, control)]
    if None in outlines:
        return Comparison(template)
    old, new, again = (_units(outline) for outline in outlines if outline)
    known = [unit for unit in new if any(_is_at(unit, block) for block in sights)]
    is_newer = _shows_edit(old, new, again, FeedWords((page.entry,)))
    elsewhere = [_elsewhere(units, sights) for units in (old, new, again)]
    varying, is_older_copy = _varying(*elsewhere, is_newer=is_newer)
    varied = bool(varying)
    parts = _parts(old, new)
    varying += [*known, *_turned(parts, turning, page.url)]
    feed = FeedWords((before.entry, page.entry))
    units = (*varying, *_counterparts(parts, varying))
    found = {_block(unit) for unit in units if _may_go(unit, feed)}
    drawn = _drawn((old, new, again), {(block.path, block.text) for block in (*sights, *found)})
    found |= {_block(unit) for unit in drawn if _may_go(unit, feed)}
    blocks = outermost_blocks([*sights, *sorted(found, key=lambda block: block.text)])
    if set(blocks) != set(sights):
        template = with_blocks(template, [*others, *blocks])
    return Comparison(template, varied, is_older_copy, is_newer)


def _shows_edit(
    old: Sequence[Element], new: Sequence[Element], again: Sequence[Element], feed: FeedWords
) -> bool:
    """Return whether a second fetch shows new words of the author's, by the feed or in a sentence
    that else stands as before: then it is no older copy."""
    before, shown = {unit.look for unit in old}, {unit.look for unit in again}
    gone = [unit for unit in old if unit.look not in shown and _count_fixed(unit) > MOST_FIXED]
    added = [unit for unit in new if unit.look not in before and unit.look in shown]
    return any(
        feed.has(unit.words)
        or any(_is_reworded(unit, other) for other in gone if other.path == unit.path)
        for unit in added
    )


def _is_reworded(unit: Element, other: Element) -> bool:
    """Return whether two units are one sentence in which words differ, and not its figures."""
    return shape_of(unit.words) != shape_of(other.words) and is_similar(unit.words, other.words)


def _varying(
    old: Sequence[Element], new: Sequence[Element], again: Sequence[Element], *, is_newer: bool
) -> tuple[list[Element], bool]:
    """Return what differs between two fetches, of both, and whether the second one shows somewhere
    what stood there before: unless it is newer it may be an older copy, so that is no proof."""
    known = {unit.look for unit in old}
    varying = [unit for group in _shuffled(old, new, again) for unit in group]
    settled = {id(unit) for unit in varying}
    is_older_copy = False
    for part in _parts(new, again):
        ours, theirs = ([unit for unit in units if id(unit) not in settled] for units in part)
        if not (ours or theirs):
            continue
        is_new = theirs and not any(unit.look in known for unit in theirs)
        if not is_newer and not (is_new and _are_alike(ours, theirs)):
            is_older_copy = True
        elif not any(is_one_sentence(a.words, b.words) for a in ours for b in theirs):
            varying += [*ours, *theirs]
    return varying, is_older_copy


def _are_alike(ours: Sequence[Element], theirs: Sequence[Element]) -> bool:
    """Return whether two fetches have the same elements at a place, or items of one list."""
    paths = [unit.path for unit in ours], [unit.path for unit in theirs]
    are_items = all(is_item(unit) for unit in (*ours, *theirs))
    return paths[0] == paths[1] or (are_items and set(paths[0]) == set(paths[1]))


def _shuffled(
    old: Sequence[Element], new: Sequence[Element], again: Sequence[Element]
) -> Iterator[list[Element]]:
    """Yield the lists, and rows of links, that stand in another order at each fetch, in all three
    pages."""
    before = lists_of(old)
    for ours in lists_of(new):
        for theirs in lists_of(again):
            if _common(ours, theirs) == _common(theirs, ours):
                continue
            earlier = [items for items in before if _common(items, theirs)]
            if not any(_is_same_order(items, theirs) for items in earlier):
                yield from (ours, theirs, *earlier)


def _turned(parts: _Parts, turning: Mapping[str, Turning], url: str) -> Iterator[Element]:
    """Yield what came or went and says only what such lines say on other posts: a line in the place
    of another, or one that is known as a whole, for an author may use their words too."""
    for pages in parts:
        for path in turning.keys() & {unit.path for units in pages for unit in units}:
            went, came = (_said(units, path, turning[path], url) for units in pages)
            lines = [line for _, line in (*went, *came)]
            turns = len(went) == len(came) and any(map(turning[path].has_turned, lines))
            for unit, line in (*went, *came):
                if turns or line.shape in turning[path].both_ways:
                    yield unit


def _said(
    units: Sequence[Element], path: str, known: Turning, url: str
) -> list[tuple[Element, LineWords]]:
    """Return the units at a path of which nothing but such words is said, with their words."""
    lines = [
        (unit, words_of_line(shape_of(visible_text(unit.node)), url))
        for unit in units
        if unit.path == path
    ]
    return [(unit, line) for unit, line in lines if known.holds(line)]


def _drawn(
    pages: Sequence[Sequence[Element]], known: Collection[tuple[str, str]]
) -> Iterator[Element]:
    """Yield the items that come and go with a list that holds others at each fetch: at least half
    of those in it are known to, by their words, and stand on one page or two of the three."""
    places = [{(unit.path, shape_of(unit.words)) for unit in page} for page in pages]
    coming = places[0].union(*places[1:]) - places[0].intersection(*places[1:])
    drawn = {(path, shape) for path, shape in known if NUMBER not in shape}
    for page in pages:
        for items in lists_of(page):
            found = {(unit.path, shape_of(unit.words)): unit for unit in items}
            if 2 * len(drawn & found.keys()) >= len(items):
                yield from (found[place] for place in found.keys() & coming)


def _common(items: Sequence[Element], others: Sequence[Element]) -> list[str]:
    looks = {unit.look for unit in others}
    return [unit.look for unit in items if unit.look in looks]


def _is_same_order(items: Sequence[Element], others: Sequence[Element]) -> bool:
    common = _common(items, others)
    return 2 * len(common) >= len(items) and common == _common(others, items)


def _elsewhere(units: Sequence[Element], sights: Sequence[TemplateBlock]) -> list[Element]:
    """Return the units outside of the places that are known to vary."""
    return [unit for unit in units if not any(_is_at(unit, block) for block in sights)]


def _is_at(unit: Element, block: TemplateBlock) -> bool:
    """Return whether a unit is, or lies in, a place that is known to vary."""
    if block.text:
        return unit.path == block.path and shape_of(unit.words) == block.text
    return unit.path == block.path or unit.path.startswith(f"{block.path} ")


def _units(outline: Outline) -> list[Element]:
    return [unit for unit in outline.all_units() if unit.is_unit]


def _parts(a: Sequence[Element], b: Sequence[Element]) -> _Parts:
    looks = [unit.look for unit in a], [unit.look for unit in b]
    opcodes = SequenceMatcher(None, *looks, autojunk=False).get_opcodes()
    return [(a[i:j], b[k:m]) for name, i, j, k, m in opcodes if name != "equal"]


def _count_fixed(unit: Element) -> int:
    return len(fixed_words(shape_of(unit.words)))


def _counterparts(parts: _Parts, varying: Sequence[Element]) -> Iterator[Element]:
    """Yield what stood before where something varies now; in doubt nothing."""
    nodes = {id(unit) for unit in varying}
    looks = {unit.look for unit in varying}
    places = {(unit.path, shape_of(unit.words)) for unit in varying}
    for before, after in parts:
        edited = [unit for unit in after if id(unit) not in nodes]
        opposite = _opposite(before, after)
        for unit in before:
            other = opposite.get(id(unit))
            stands_opposite = (
                other is not None
                and id(other) in nodes
                and not any(is_similar(unit.words, new_unit.words) for new_unit in edited)
            )
            if unit.look in looks or (unit.path, shape_of(unit.words)) in places or stands_opposite:
                yield unit


def _opposite(before: Sequence[Element], after: Sequence[Element]) -> dict[int, Element]:
    """Return what stands for each unit now: the one at the same path, of several in turn, where
    there are as many."""
    now: defaultdict[str, list[Element]] = defaultdict(list)
    then: defaultdict[str, list[Element]] = defaultdict(list)
    for units, by_path in ((before, then), (after, now)):
        for unit in units:
            by_path[unit.path].append(unit)
    return {
        id(unit): other
        for path, units in then.items()
        if len(units) == len(now[path])
        for unit, other in zip(units, now[path], strict=True)
    }


def _may_go(unit: Element, feed: FeedWords) -> bool:
    shape = shape_of(unit.words)
    is_known_by = is_distinct(shape) or (
        is_named(unit.path) and len(fixed_words(shape)) <= MOST_WORDS
    )
    return is_known_by and not feed.has(unit.words)


def _block(unit: Element) -> TemplateBlock:
    shape = shape_of(visible_text(unit.node))
    return TemplateBlock(path=unit.path, text=shape, learned_from="sights", pages=1, sights=2)
