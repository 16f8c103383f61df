"""Read the articles of a page's structured data (JSON-LD), bounded in size and depth."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from itertools import islice

_JSON = json.JSONDecoder(strict=False)
_ARTICLE_TYPES = {"Article", "BlogPosting", "NewsArticle"}
_MOST_JSON = 4_000_000  # bytes of a page's structured data; an article's has 10 to 100 KB
_MOST_BLOCKS = 200  # that differ
_MOST_OBJECTS, _MOST_VALUES = 100, 500  # of one block


def read_articles(
    source: bytes, metas: dict[str, str], canonical: str
) -> tuple[dict[str, object], ...]:
    """Return the articles in a page's JSON-LD, the page's own first.

    `source` is the page in UTF-8; `metas` and `canonical` show which article is its own.
    """
    return _own_first(list(_jsonld_articles(source)), metas, canonical)


def _jsonld_articles(source: bytes) -> Iterator[dict[str, object]]:
    position, left = source.find(b"application/ld+json"), _MOST_JSON
    read: set[bytes] = set()
    while len(read) < _MOST_BLOCKS:
        start = source.find(b">", position) + 1 if position >= 0 else 0
        end = source.find(b"</script", start)
        left -= end - start
        if start == 0 or end < 0 or left < 0:
            return
        if (block := source[start:end]) not in read:
            read.add(block)
            objects = islice(_flatten(_load_json(block.decode("utf-8", "replace"))), _MOST_OBJECTS)
            yield from (item for item in objects if _is_article(item))
        position = source.find(b"application/ld+json", end)


def _own_first(
    articles: list[dict[str, object]], metas: dict[str, str], canonical: str
) -> tuple[dict[str, object], ...]:
    """Return the page's own article before others (pasted into the body, or of a widget): by its
    address, else by its headline."""
    if len(articles) < 2:
        return tuple(articles)
    title = unescape(metas.get("og:title") or metas.get("title") or "").casefold()

    def foreign(article: dict[str, object]) -> tuple[bool, bool]:
        headline = _words(article.get("headline")).casefold().strip()
        page = article.get("mainEntityOfPage")
        address = _words(page.get("@id") if isinstance(page, dict) else page) or _words(
            article.get("url")
        )
        return canonical not in address, not headline or not title.startswith(headline)

    return tuple(sorted(articles, key=foreign))


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _load_json(text: str) -> object:
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        pass
    try:  # some themes escape the quotes of the whole block, or leave a comma before a bracket
        return _JSON.decode(re.sub(r",\s*([}\]])", r"\1", unescape(text)))
    except (ValueError, RecursionError):
        return None


def _flatten(data: object) -> Iterator[dict[str, object]]:
    """The objects of structured data, the outer ones first; lists within lists within lists are
    followed so far and no farther."""
    waiting = deque([data])
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.extend(
                item[key]
                for key in ("@graph", "mainEntity", "mainEntityOfPage")
                if isinstance(item.get(key), (dict, list))
            )


def _is_article(item: dict[str, object]) -> bool:
    kinds = item.get("@type")
    return any(
        kind in _ARTICLE_TYPES
        for kind in (kinds if isinstance(kinds, list) else [kinds])
        if isinstance(kind, str)
    )
