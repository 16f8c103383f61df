"""Learn the places in a body that vary by themselves: counters, clocks, rotating cards.

Input are sights of the same posts between which the store moved no date. A real edit happens once
(A, B, B); a place is volatile only if its words never stood still, or if they differed between two
fetches of one crawl. A mistake would lose an author's words, so in doubt nothing is learned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from scraper.extract.dom import HEADINGS
from scraper.extract.template.dom_path import named_paths
from scraper.extract.template.learn import with_blocks
from scraper.extract.template.lines import is_distinct
from scraper.extract.template.records import Place, Record, Turning
from scraper.extract.template.sights import PageFetch, PostSights
from scraper.items import Template, TemplateBlock

_FEW_STILL: Final = 0.25  # posts on which a card stood still by chance, for each on which it varied
_STANDS_SIGHTS: Final = 3
_STANDS_FOR: Final = timedelta(days=7)


def learn_volatile(posts: Sequence[Sequence[PageFetch]], template: Template) -> Template:
    """Add the places that vary by themselves to a store's template, and drop those that do so no
    more.

    Each of `posts` are sights of one post, oldest first, between which no date of the store moved.
    Returns the same template where nothing new was learned.
    """
    return _learn(_seen(posts, template), template)


def learn_from_unmoved(
    posts: Sequence[Sequence[PageFetch]], template: Template
) -> tuple[Template, dict[str, Turning]]:
    """As `learn_volatile`, from posts whose dates stand still beside others that moved; and what is
    known of the lines that came or went, by their paths."""
    seen = _seen(posts, template)
    return _learn(seen, template), _turning(seen)


def _seen(posts: Sequence[Sequence[PageFetch]], template: Template) -> list[PostSights]:
    others = [block for block in template.blocks if block.learned_from != "sights"]
    bare = with_blocks(template, others)
    return [post for sights in posts if len((post := PostSights(sights, bare)).outlines) > 1]


def _learn(seen: Sequence[PostSights], template: Template) -> Template:
    known = [block for block in template.blocks if block.learned_from == "sights"]
    others = [block for block in template.blocks if block.learned_from != "sights"]
    places = {Place(block.path, block.text) for block in known if block.text}
    tallies: defaultdict[Place, list[Record]] = defaultdict(list)
    for post in seen:
        for place, record in post.places(places):
            tallies[place].append(record)
    volatile = [block for block in known if not _stands(tallies[Place(block.path, block.text)])]
    wandering = _wandering(seen)
    around = {path for block in wandering for path in named_paths(block.path)}
    found = [
        _block(place, records)
        for place, records in tallies.items()
        if _is_volatile(place, records, wanders=place.path in around)
        and not (place.shape == "" and any(post.holds_author(place.path) for post in seen))
    ]
    volatile = outermost_blocks([*volatile, *found, *wandering])
    return template if set(volatile) == set(known) else with_blocks(template, [*others, *volatile])


def _wandering(posts: Sequence[PostSights]) -> list[TemplateBlock]:
    """The lines that came to one post and went from another while their dates stood still, or that
    came to one and went again, and went from another and came again: somebody who edits many posts
    does the same on all."""
    found: dict[Place, int] = {}
    for sights, lines_of in ((6, PostSights.returned), (4, PostSights.swapped)):
        sides = [lines_of(post) for post in posts]
        came = {line: place for lines, _ in sides for line, place in lines.items()}
        went = {line for _, lines in sides for line in lines}
        found |= {place: sights for line, place in came.items() if line in went}
    return [
        TemplateBlock(
            path=place.path, text=place.shape, learned_from="sights", pages=2, sights=found[place]
        )
        for place in sorted(found)
    ]


def _turning(posts: Sequence[PostSights]) -> dict[str, Turning]:
    words: defaultdict[str, set[str]] = defaultdict(set)
    arrived: defaultdict[str, set[str]] = defaultdict(set)
    departed: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        came, went = post.turned()
        for path in came.keys() | went.keys():
            words[path] |= came[path] | went[path]
            arrived[path] |= came[path] - went[path]
            departed[path] |= went[path] - came[path]
    return {
        path: Turning(frozenset(found), frozenset(arrived[path] & departed[path] - {""}))
        for path, found in words.items()
    }


def _is_volatile(place: Place, records: Sequence[Record], *, wanders: bool) -> bool:
    varied = [record for record in records if record.varied]
    still = sum(record.stood for record in records)
    if place.shape:
        if place.path.rpartition(" ")[2][:2] in HEADINGS:
            return not still and sum(one.controls > 0 or one.changes > 1 for one in varied) > 1
        if still and not is_distinct(place.shape):
            return False
        # Somebody who edits one line of many posts may be seen before the listings are, and so may
        # who sorts one list of many.
        is_sorted = len({one.order for one in varied}) == 1 and bool(varied[0].order)
        if (still >= len(varied) or is_sorted) and not any(
            one.controls + one.changes for one in varied
        ):
            return False
    else:
        if still > _FEW_STILL * len(varied) and not wanders:
            return False
        headings = Counter(record.heading for record in varied)
        varied = [record for record in varied if headings[record.heading] > 1 or not record.heading]
    return len(varied) > 1 or any(_is_proof(place, record) for record in varied)


def _is_proof(place: Place, record: Record) -> bool:
    """Return whether one post is enough: an author may correct one line twice, but not between two
    fetches."""
    if record.controls:
        return record.controls + record.changes > 1
    return not place.shape and record.changes > 2


def _stands(records: Sequence[Record]) -> bool:
    """Return whether a place stood still on every post for long enough to be the author's again."""
    return bool(records) and all(
        record.stood and record.still + 1 >= _STANDS_SIGHTS and record.still_for >= _STANDS_FOR
        for record in records
    )


def _block(place: Place, records: Sequence[Record]) -> TemplateBlock:
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
    unique: Mapping[Place, TemplateBlock] = {
        Place(block.path, block.text): block for block in reversed(blocks)
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
