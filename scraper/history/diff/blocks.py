"""The innermost blocks of sanitised markup; which of them come and go."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

_INLINE: Final = (
    r"(?:a|abbr|b|br|cite|code|del|em|i|img|ins|kbd|mark|q|s|small|span|strong|su[bp]|time|u)\b"
)
_TAG_END: Final = r'(?:[^<>"]|"[^"]*+")*+>'  # sanitised: attributes stand in double quotes
_EDGE: Final = re.compile(rf"(</?(?!{_INLINE})\w{_TAG_END}|\n)")
_WORD: Final = re.compile(rf"<{_TAG_END}|[^<\s]++|<")

Block = tuple[str, ...]
"""The words of a block, or of a line in one, and its tags but those that end something."""


def find_volatile_blocks(sights: Iterable[tuple[int, Sequence[str]]]) -> Counter[Block]:
    """In how many crawls each block came to a page and went again, or went and came again. `sights`
    are the markup of posts at three sights in a row, between which no date moved, each with the
    crawl of the second."""
    crawls: defaultdict[Block, set[int]] = defaultdict(set)
    for crawl_id, three in sights:
        first, second, third = map(_blocks_of, three)
        for block in (second - first - third) | ((first & third) - second):
            crawls[block].add(crawl_id)
    return Counter({block: len(found) for block, found in crawls.items()})


def differing_blocks(before: str, after: str) -> set[Block]:
    """The blocks that only one of two versions has."""
    return _blocks_of(before) ^ _blocks_of(after)


def _blocks_of(markup: str) -> set[Block]:
    """The edges are every second part."""
    blocks = (_WORD.findall(block) for block in _EDGE.split(markup)[::2])
    return {
        words
        for block in blocks
        if (words := tuple(word for word in block if not word.startswith("</")))
    }
