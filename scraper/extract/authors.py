"""Who wrote a post: structured data, microdata, or the by-line beside the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scraper.extract.page import Page
from scraper.extract.readings import Word, order_readings, plain
from scraper.extract.surroundings import Surroundings
from scraper.extract.text import one_line, squash
from scraper.items import FeedEntry, Reading

_BYLINE: Final = re.compile(
    r"""^(?: (?:\d{1,2}[.\s]+)? [^\W\d_]{3,10}\.? \s+ (?:\d{1,2},?\s+)? \d{4} \s* [|·•,–-]? \s+ (?=by\b) )?   # 3 January 2023 by X
      (?: (?:(?:article|posted|written|published|post|words)\s+)? by\b      # Posted by X on ...
           | (?:von|par|por|di|door)\b (?=\s+[A-ZÀ-Þ])                         # Por X
           | (?:geschrieben|verfasst)\s+von\b | (?:écrit|publié|rédigé)\s+par\b | (?:escrito|publicado)\s+por\b
           | (?:scritto|pubblicato)\s+da\b | (?:geschreven|geplaatst)\s+door\b
           | author\s*:
         ) \s*:?\s* (?:by\s+)? (?P<name>.*)$""",
    re.I | re.X,
)
_NAME_END: Final = re.compile(
    r"\s+(?:on|in|at|am|le|el|em|il|op|posted|published|updated)\b.*$|\s*[|•·/–—,(].*$|\s+-\s.*$|\s+\d.*$"
    r"|\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d.*$",
    re.I,
)
_NAME: Final = re.compile(r"^[^\W\d_][\w.'’&-]*(?:\s+[\w.'’&-]+){0,5}$")
_LONGEST: Final = 60


def read_authors(page: Page, around: Surroundings, entry: FeedEntry | None) -> list[Reading]:
    """Every source's word on the author: the feed, JSON-LD, microdata, the by-line, the meta element."""
    words: list[Word] = [("feed", entry.author, one_line(entry.author))] if entry is not None else []
    words += [("jsonld", name, name) for article in page.articles for name in [_person(article.get("author"))]]
    for near in around.in_place(around.authors):
        raw = one_line(near.node.text() or near.node.attributes.get("content") or "")
        spoken = _BYLINE.match(raw)
        words.append(("microdata", raw, _name(spoken["name"] if spoken else raw)))
    words += [("byline", raw, name) for raw, name in _bylines(around.lines)]
    meta = page.metas.get("author", "")
    if squash(meta) == squash(page.metas.get("og:site_name", "")):
        meta = ""  # themes put the shop's name there
    return order_readings("author", [*words, ("meta", meta, meta)])


def _person(author: object) -> str:
    if isinstance(author, list):
        author = author[0] if author else ""
    return plain(author.get("name") if isinstance(author, dict) else author)


def _bylines(lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        found = _BYLINE.match(line)
        if found is None:
            continue
        following = lines[number + 1] if not found["name"] and number + 1 < len(lines) else ""
        if name := _name(found["name"] or following):
            yield f"{line} {following}".strip(), name
            return


def _name(text: str) -> str:
    cut = _NAME_END.sub("", one_line(text)).strip(" .:")
    return cut if _NAME.match(cut) and len(cut) < _LONGEST else ""
