"""Who wrote a post: structured data, microdata, or the byline beside the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scraper.author_names import join_authors, split_authors, without_role
from scraper.extract.fields.bylines import (
    PHRASES,
    clean_name,
    name_in_byline,
    read_author_elements,
    read_byline_text,
)
from scraper.extract.fields.claims import SourceValue, order_claims, plain
from scraper.extract.fields.months import base_language
from scraper.extract.fields.names_beside_dates import read_name_beside_date
from scraper.extract.page.context import BodyContext
from scraper.extract.page.jsonld import kinds_of
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only, one_line
from scraper.extract.vocabulary.bylines import BY_OF_LANGUAGE
from scraper.extract.vocabulary.not_names import OFFICE_PREFIXES, OFFICES
from scraper.items import FeedEntry, FieldClaim

_MAIL: Final = re.compile(r"(?<![^\s<(\[,;:])[^\s@<>()\[\],;:]{1,64}+@[\w.-]{1,255}+")
_PHRASE: Final = re.compile(rf"^\s*+(?:mailto:|(?:{PHRASES})\s*+:?\s*+)", re.I)
# Before two names only: "Von" alone may be the first half of one.
_BY: Final = {
    language: re.compile(rf"^\s*+(?:{word})\s++(?=\S+\s+\S)", re.I)
    for language, word in BY_OF_LANGUAGE.items()
}
_MOST_AUTHORS: Final = 20
_LISTED: Final = ("@list", "@set", "itemListElement", "item")
_METAS: Final = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "citation_author",
)
_OFFICE: Final = re.compile(rf"(?:{OFFICE_PREFIXES}[\s-]?){{0,3}}(?:{OFFICES})", re.I)
_UNFILLED: Final = re.compile(r"undefined|null|none|(?-i:nan|NaN)|n/a|\d+", re.I)
# What a theme or an import wrote where nobody had named an author.
_DEFAULT: Final = re.compile(
    "(?:store ?)?(?:admin(?:istrator)?|owner)|author|webmaster|editor|shopify ?(?:api)?", re.I
)


def read_authors(
    page: ParsedPage,
    context: BodyContext,
    entry: FeedEntry | None,
    *,
    blog_handle: str = "",
    title: str = "",
) -> list[FieldClaim]:
    """Return every source's claim on the author: the feed, JSON-LD, microdata, the byline, the meta
    element.

    The shop's own name and a theme's default ("admin") in JSON-LD are weaker than what a reader
    sees. `title` and `blog_handle` may stand beside a date and name no author.
    """
    site = letters_only(page.metas.get("og:site_name", ""))
    claims: list[SourceValue] = (
        [("feed", entry.author, one_line(entry.author))] if entry is not None else []
    )
    names = [person for article in page.articles if (person := _persons(article, page.language))]
    weak_names = [name for name in names if _DEFAULT.fullmatch(name) or letters_only(name) == site]
    claims += [("jsonld", name, name) for name in names if name not in weak_names]
    claims += [("microdata", raw, name) for raw, name in _microdata(context, page.language)]
    claims += [
        ("byline", raw, _named(name))
        for raw, name in _bylines(
            context, frozenset({letters_only(title), letters_only(blog_handle)}), page.language
        )
    ]
    claims += [("jsonld", name, name) for name in weak_names]
    metas = [page.metas[name] for name in _METAS if name in page.metas]
    metas += filter(None, (_labelled(page, number) for number in "12"))
    # Themes put the shop's name there.
    named = [(meta, _named(_bare_name(meta))) for meta in metas if letters_only(meta) != site]
    claims += [("meta", raw, name) for raw, name in named]
    claims += [("jsonld", name, name) for name in _of_page(page) if letters_only(name) != site]
    return order_claims("author", claims)


def _of_page(page: ParsedPage) -> Iterator[str]:
    """Yield the person whom structured data of the page itself names as its author: a house there
    is often who built the site."""
    author = page.described.get("author")
    if isinstance(author, dict) and kinds_of(author) == ["Person"]:
        name = _persons(page.described, page.language)
        if not _DEFAULT.fullmatch(name):
            yield name


def _labelled(page: ParsedPage, number: str) -> str:
    """Return the author's name in a card's line of label and value, as WordPress writes them."""
    label = page.metas.get(f"twitter:label{number}", "")
    return name_in_byline(f"{label} {page.metas.get(f'twitter:data{number}', '')}", page.language)


def _named(name: str) -> str:
    """A name that a reader sees; the bare name of an office is none."""
    return "" if _OFFICE.fullmatch(name) else name


def _microdata(context: BodyContext, language: str) -> list[tuple[str, str]]:
    """Return what each author's element says; several in one place are one claim of all names."""
    found: list[tuple[str, str]] = []
    place = 0
    for near in context.outside_boilerplate(context.authors):
        named = near.node.css_first("[itemprop=name]") or near.node
        raw = one_line(named.text() or named.attributes.get("content") or "")
        name = _named(name_in_byline(raw, language) or clean_name(raw))
        around = near.node.parent.mem_id if near.node.parent is not None else 0
        if found and name and around == place and name not in split_authors(found[-1][1]):
            before, names = found.pop()
            raw, name = f"{before} {raw}", join_authors([*split_authors(names), name])
        found.append((raw, name))
        place = around
    return found


def _bylines(
    context: BodyContext, other_names: frozenset[str], language: str
) -> Iterator[tuple[str, str]]:
    """What a reader sees, the surest first; a name that only stands beside a date counts where
    nothing else is said."""
    found = [
        *read_byline_text(context.lines, language),
        *read_author_elements(context.parts, language),
    ]
    found.sort(key=lambda byline: -len(split_authors(byline[1])))
    yield from found or read_name_beside_date(context.parts, other_names)


def _persons(article: dict[str, object], language: str) -> str:
    """Return the authors' names in any of the shapes that themes write; empty for addresses or
    none."""
    names = _names_of(article.get("author") or article.get("creator"))
    bare = (without_role(_bare_name(one, language)) for one in names)
    return join_authors(list(dict.fromkeys(filter(None, bare))))


def _names_of(author: object) -> Iterator[str]:
    """Yield the names in structured data, which may be a list, of persons or of names."""
    waiting = [author]
    for _ in range(_MOST_AUTHORS):
        if not waiting:
            return
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting = one[:_MOST_AUTHORS] + waiting
        elif isinstance(one, dict):
            halves = [half for key in ("givenName", "familyName") if (half := plain(one.get(key)))]
            listed = next(filter(None, map(one.get, _LISTED)), None) or [
                one[key] for key in one if key.isdigit()
            ]
            name = one.get("name")
            if halves and isinstance(name, str) and not _bare_name(name):
                name = ""  # a mail address
            value = name or one.get("@value") or listed or " ".join(halves)
            waiting.insert(0, value)
        else:
            yield plain(one)


def _bare_name(name: str, language: str = "") -> str:
    """A name without "By" before it, in English or the page's language, and without mail addresses;
    empty for a link, a number, and what a template says of no name."""
    if name.startswith(("http://", "https://", "/", "#")):
        return ""
    if _UNFILLED.fullmatch(name):
        return ""
    by = _BY.get(base_language(language))
    bare = _PHRASE.sub("", by.sub("", name) if by else name)
    return _MAIL.sub("", bare).strip(" ,;<>()[]")
