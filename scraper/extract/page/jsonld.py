"""Read the articles of a page's structured data (JSON-LD), bounded in size and depth."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from itertools import islice

# In any letters; begun with a sign, for which a page is searched ten times as fast.
_TYPE = re.compile(rb"\+(?<=(?i:application/ld)\+)(?i:json)")
_ESCAPED = re.compile(rb"&#(?<=(?i:application/ld)&#)(?i:x2B|43);(?=(?i:json))")
_JSON = json.JSONDecoder(strict=False)
_ARTICLE_TYPE = re.compile(r"(?:^|[/#:])(?:\w{0,40}Article|(?:Live)?BlogPosting)$")
_MOST_JSON = 4_000_000  # bytes of a page's structured data; an article's has 10 to 100 KB
_MOST_BLOCKS = 200  # that differ
_MOST_OBJECTS, _MOST_VALUES = 100, 500  # of one block
_WHOLE = ("@graph", "@included", "mainEntity", "mainEntityOfPage")
_INNER = (*_WHOLE, "hasPart", "subjectOf", "blogPost")  # of the last three, one: more are a listing
_PEOPLE = ("author", "creator")
_PAGES = frozenset({"WebPage", "ItemPage"})
# Templates of old hide their scripts from browsers that are older still.
_WRAPPING = re.compile(r"\s*+(?://|/\*)?\s*+(?:<!--|<!\[CDATA\[|-->|\]\]>)\s*+(?:\*/)?|\s*+;\s*+")
# Quotes that a template did not escape end a value too early for JSON, not for this: a value ends
# where another key or the object's end follows. Those around keys and values may be single ones.
_KEY = "[\"']?{}[\"']?\\s{{0,9}}:\\s{{0,9}}"
_BROKEN_ARTICLE = re.compile(
    _KEY.format("@type") + r"[\"'](?P<kind>\w{0,40}Article|BlogPosting)[\"']"
)
_BROKEN_FIELD = re.compile(
    _KEY.format("(?P<key>headline|datePublished|dateModified)")
    + r"(?P<quote>[\"'])(?P<value>[^\n]{0,400}?)(?P=quote)"
    r"(?=\s{0,99}+(?:,?\s{0,99}+[\"']?[@\w-]{1,40}[\"']?\s{0,99}+:|,?\s{0,99}+[}\]]|$))"
)
_BROKEN_AUTHOR = re.compile(
    _KEY.format("author") + r"(?:\[\s{0,9})?(?:\{[^{}]{0,400}?" + _KEY.format("name") + ")?"
    r"(?P<quote>[\"'])(?P<name>(?:(?!(?P=quote))[^\n]){1,200})(?P=quote)"
)


def read_articles(
    source: bytes, metas: dict[str, str], canonical: str
) -> tuple[tuple[dict[str, object], ...], dict[str, object]]:
    """Return the articles in a page's JSON-LD, the page's own first, and, where it has none, what
    it says of the page itself.

    `source` is the page in UTF-8; `metas` and `canonical` show which article is its own.
    """
    objects = list(_jsonld_objects(source))
    named = {key: item for item in objects if (key := _words(item.get("@id"))) and len(item) > 1}
    articles = [_resolved(item, named) for item in objects if _is_article(item)]
    pages = [] if articles else [item for item in objects if _is_page(item, canonical)]
    return _own_first(articles, metas, canonical), _resolved(pages[0], named) if pages else {}


def _jsonld_objects(source: bytes) -> Iterator[dict[str, object]]:
    read: set[bytes] = set()
    left = _MOST_JSON
    if (found := _TYPE.search(source)) is None:
        source = _ESCAPED.sub(b"+", source)  # some systems escape the sign wherever they write it
        found = _TYPE.search(source)
    while found is not None and len(read) < _MOST_BLOCKS:
        start = source.find(b">", found.end()) + 1
        end = source.find(b"</script", start)
        left -= end - start
        if start == 0 or end < 0 or left < 0:
            return
        if (block := source[start:end]) not in read:
            read.add(block)
            yield from islice(_flatten(_load_json(block.decode("utf-8", "replace"))), _MOST_OBJECTS)
        found = _TYPE.search(source, end)


def _resolved(article: dict[str, object], named: dict[str, dict[str, object]]) -> dict[str, object]:
    """Return an article whose authors stand in it, not in another object that they refer to."""
    people = {key: _refer(article[key], named) for key in _PEOPLE if key in article}
    return {**article, **people}


def _refer(value: object, named: dict[str, dict[str, object]]) -> object:
    if isinstance(value, list):
        return [_refer(one, named) for one in value[:_MOST_OBJECTS]]
    if isinstance(value, dict) and "name" not in value:
        return named.get(_words(value.get("@id")), value)
    return named.get(value, value) if isinstance(value, str) else value


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
        value = _JSON.decode(text)
        return _JSON.decode(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        pass
    bare = _without_wrapping(text)
    # Some themes escape the quotes of the whole block, or leave a comma before a bracket.
    for repaired in (bare, re.sub(r",\s*+([}\]])", r"\1", unescape(bare))):
        try:
            return _decode_all(repaired)
        except (ValueError, RecursionError):
            continue
    return _salvage(text)


def _without_wrapping(text: str) -> str:
    """A block without the comment or CDATA marks around its data."""
    start = 0
    while found := _WRAPPING.match(text, start):
        start = found.end()
    end = max(text.rfind("}"), text.rfind("]", 0, text.rfind("]]>") if "]]>" in text else None))
    return text[start : end + 1].strip()


def _decode_all(text: str) -> object:
    """Decode one value, or several that stand one behind the other."""
    values: list[object] = []
    at = 0
    while at < len(text) and len(values) < _MOST_OBJECTS:
        value, at = _JSON.raw_decode(text, at)
        values.append(value)
        at += len(text[at : at + 99]) - len(text[at : at + 99].lstrip(" \t\r\n,;"))
    return values[0] if len(values) == 1 else values


def _salvage(text: str) -> object:
    """Read the fields of an article from data that is no JSON."""
    article = _BROKEN_ARTICLE.search(text)
    if article is None:
        return None
    fields: dict[str, object] = {"@type": article["kind"]}
    for found in _BROKEN_FIELD.finditer(text):
        fields.setdefault(found["key"], re.sub(r"\\(?=[\"'])", "", found["value"]))
    if author := _BROKEN_AUTHOR.search(text):
        fields["author"] = author["name"]
    return fields


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
            inner = [(key, item[key]) for key in _INNER if isinstance(item.get(key), (dict, list))]
            waiting.extend(
                one for key, one in inner if key in _WHOLE or isinstance(one, dict) or len(one) == 1
            )


def _is_article(item: dict[str, object]) -> bool:
    return any(map(_ARTICLE_TYPE.search, kinds_of(item)))


def _is_page(item: dict[str, object], canonical: str) -> bool:
    """Return whether an object is the page itself: a blog's index or a home page, of which many
    systems say more, has another address."""
    addresses = {_words(item.get(key)).partition("#")[0] for key in ("url", "@id")} - {""}
    return addresses == {canonical} and not _PAGES.isdisjoint(kinds_of(item))


def kinds_of(item: dict[str, object]) -> list[str]:
    """Return the types of an object of structured data."""
    kinds = item.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return [kind for kind in listed if isinstance(kind, str)]
