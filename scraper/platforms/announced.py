"""Posts that pages announce where neither feed nor sitemap names them: in structured data, and as
links of a page that lists a blog."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.documents.markup_limits import limit_markup

_POST: Final = re.compile(r"(?:^|[/#:])(?:\w{0,40}Article|(?:Live)?BlogPosting)$")
_LIST: Final = re.compile(
    r"/(?:blogs?|news|newsroom|journal|magazine?|articles|stories|posts|insights|ratgeber|aktuelles"
    r"|actualites|noticias|notizie|nieuws)/?$",
    re.IGNORECASE,
)
_MOST_VALUES: Final = 5000
_MOST_DATA: Final = 2_000_000  # characters of one block
_MOST_LISTS: Final = 3


def posts_in_data(body: bytes, url: str) -> tuple[str, ...]:
    """The addresses of the posts that a page's JSON-LD lists (``Blog.blogPost``, an ``ItemList``),
    each once; the page's own is none. Raises TooMuchMarkup."""
    tree = LexborHTMLParser(limit_markup(body))
    found: list[str] = []
    for script in tree.css('script[type="application/ld+json"]'):
        text = script.text()
        with suppress(ValueError, RecursionError):
            found += _addresses(json.loads(text, strict=False)) if len(text) < _MOST_DATA else ()
    return _absolute(found, url)


def lists_of_posts(body: bytes, url: str) -> tuple[str, ...]:
    """The pages that a page links to and that list a blog, by the last part of their address.
    Raises TooMuchMarkup."""
    links = _links(body, url)
    return tuple(link for link in links if _LIST.search(urlsplit(link).path))[:_MOST_LISTS]


def posts_below(body: bytes, url: str) -> tuple[str, ...]:
    """The addresses in the folder of a page that lists a blog, as it links to them. Raises
    TooMuchMarkup."""
    folder = urlsplit(url).path.rstrip("/") + "/"
    return tuple(
        link
        for link in _links(body, url)
        if (path := urlsplit(link).path).startswith(folder) and path.rstrip("/") + "/" != folder
    )


def next_page(body: bytes, url: str) -> tuple[str, ...]:
    """The address of a list's next page, as its markup says; none for the last one. Raises
    TooMuchMarkup."""
    link = LexborHTMLParser(limit_markup(body)).css_first('link[rel~="next"], a[rel~="next"]')
    href = (link.attributes.get("href") or "").strip() if link is not None else ""
    return _absolute([href] if href else [], url)


def _addresses(data: object) -> Iterator[str]:
    waiting = deque([data])
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            kinds = item.get("@type")
            if any(map(_is_post, kinds if isinstance(kinds, list) else [kinds])):
                yield from _own_address(item)
            waiting.extend(value for value in item.values() if isinstance(value, (dict, list)))


def _is_post(kind: object) -> bool:
    return isinstance(kind, str) and _POST.search(kind) is not None


def _own_address(item: dict[str, object]) -> Iterator[str]:
    page = item.get("mainEntityOfPage")
    named = (item.get("url"), page.get("@id") if isinstance(page, dict) else page, item.get("@id"))
    yield from [name for name in named if isinstance(name, str) and name][:1]


def _links(body: bytes, url: str) -> tuple[str, ...]:
    tree = LexborHTMLParser(limit_markup(body))
    hrefs = ((link.attributes.get("href") or "").strip() for link in tree.css("a[href]"))
    return _absolute([href for href in hrefs if href[:1] not in ("", "#")], url)


def _absolute(hrefs: list[str], url: str) -> tuple[str, ...]:
    found: list[str] = []
    for href in hrefs:
        with suppress(ValueError):
            found.append(urljoin(url, href).partition("#")[0])
    return tuple(dict.fromkeys(each for each in found if each != url))
