"""The innermost blocks of sanitised markup; which of them come and go."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

_INLINE: Final = (
    r"(?:a|abbr|b|br|cite|code|del|em|i|img|ins|kbd|mark|q|s|small|span|strong|su[bp]|time|u)\b"
)
_TAG_END: Final = r'(?:[^<>"]|"[^"]*+")*+>'  # sanitised: attributes stand in double quotes
_EDGE: Final = re.compile(rf"(</?(?!{_INLINE})\w{_TAG_END}|\n)")
_WORD: Final = re.compile(rf"<{_TAG_END}|[^<\s]++|<")

_MOST_PAIRS: Final = 400
"""A page of which more than some twenty lines differ has changed as a whole."""

Block = tuple[str, ...]
"""The words of a block, or of a line in one, and its tags but those that end something."""


def find_volatile_blocks(sights: Iterable[tuple[int, Sequence[str]]]) -> Counter[Block]:
    """In how many crawls each block came to a page and went again, or went and came again, and the
    words alone by which it differs there. `sights` are the markup of posts at three sights in a
    row, between which no date moved, each with the crawl of the second."""
    crawls: defaultdict[Block, set[int]] = defaultdict(set)
    for crawl_id, three in sights:
        first, second, third = map(_blocks_of, three)
        for blocks, others in (
            (second - first - third, first - second),
            ((first & third) - second, second - first),
        ):
            for keys in _with_own_words(blocks, others):
                for key in keys:
                    crawls[key].add(crawl_id)
    crawls.pop((), None)
    return Counter({block: len(found) for block, found in crawls.items()})


def times_varied(before: str, after: str, volatile: Counter[Block]) -> list[int]:
    """In how many crawls each block that only one of two versions has varied, or the words alone
    by which it differs, as `find_volatile_blocks` says: a line that names its post varies on
    others in these."""
    old, new = _blocks_of(before), _blocks_of(after)
    return [
        volatile[block] or volatile[words]
        for blocks, others in ((old - new, new - old), (new - old, old - new))
        for block, words in _with_own_words(blocks, others)
    ]


def _with_own_words(blocks: set[Block], others: set[Block]) -> Iterator[tuple[Block, Block]]:
    """Blocks, each with its own words; with none where too many would be compared."""
    compared = others if len(blocks) * len(others) <= _MOST_PAIRS else set[Block]()
    return ((block, _own_words(block, compared)) for block in blocks)


def _own_words(block: Block, others: Iterable[Block]) -> Block:
    """The words between those with which a block begins and ends as the most similar of other
    blocks does; none where no other begins or ends so."""
    found: Block = ()
    for other in others:
        head = _count_shared(block, other)
        tail = _count_shared(block[head:][::-1], other[head:][::-1])
        if head + tail and (not found or len(block) - head - tail < len(found)):
            found = block[head : len(block) - tail]
    return found


def _count_shared(block: Block, other: Block) -> int:
    """With how many equal words two blocks begin."""
    pairs = zip(block, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _blocks_of(markup: str) -> set[Block]:
    """The edges are every second part."""
    blocks = (_WORD.findall(block) for block in _EDGE.split(markup)[::2])
    return {
        words
        for block in blocks
        if (words := tuple(word for word in block if not word.startswith("</")))
    }
