"""Who wrote a post: structured data, microdata, or the byline beside the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scraper.author_names import join_authors, split_authors, without_role
from scraper.extract.fields.bylines import (
    clean_name,
    name_in_byline,
    read_author_elements,
    read_byline_text,
    read_name_beside_date,
)
from scraper.extract.fields.claims import SourceValue, order_claims, plain
from scraper.extract.page.context import BodyContext
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only, one_line
from scraper.extract.vocabulary.bylines import BY, BYLINE_BEFORE_NAME
from scraper.items import FeedEntry, FieldClaim

_MAIL: Final = re.compile(r"(?<![^\s<(\[,;:])[^\s@<>()\[\],;:]{1,64}+@[\w.-]{1,255}+")
_BY: Final = re.compile(
    r"^\s*+(?:mailto:|(?:(?:posted|written|published)\s+)?by\b\s*+:?\s*+)", re.I
)
# Before two names only: "Von" alone may be the first half of one.
_BY_IN: Final = {
    language: re.compile(
        rf"{_BY.pattern}|^\s*+(?:(?:{BYLINE_BEFORE_NAME[languages]})\s*+:?\s*+"
        rf"|(?:{word})\s++(?=\S+\s+\S))",
        re.I,
    )
    for languages, word in BY.items()
    for language in languages.split(", ")
}
_MOST_AUTHORS: Final = 20
_METAS: Final = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "citation_author",
)
_OFFICES: Final = frozenset({"admin", "administrator", "owner", "author", "webmaster", "editor"})
# What a theme or an import wrote where nobody had named an author (squashed).
_DEFAULTS: Final = _OFFICES | {"storeadmin", "storeowner", "shopify", "shopifyapi"}
_NOBODY: Final = _OFFICES | {
    *("siteadmin", "siteadministrator", "websiteadmin", "shopadmin", "blogadmin", "webadmin"),
    *("administrateur", "administrador", "amministratore", "beheerder", "administratör"),
    *("администратор", "админ", "管理者", "管理员", "管理員", "관리자"),
}


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
    weak_names = [
        name for name in names if letters_only(name) in _DEFAULTS or letters_only(name) == site
    ]
    claims += [("jsonld", name, name) for name in names if name not in weak_names]
    claims += [("microdata", raw, name) for raw, name in _microdata(context)]
    claims += [
        ("byline", raw, _named(name))
        for raw, name in _bylines(
            context, frozenset({letters_only(title), letters_only(blog_handle)})
        )
    ]
    claims += [("jsonld", name, name) for name in weak_names]
    metas = [page.metas[name] for name in _METAS if name in page.metas]
    # Themes put the shop's name there.
    named = [(meta, _named(_bare_name(meta))) for meta in metas if letters_only(meta) != site]
    return order_claims("author", [*claims, *(("meta", raw, name) for raw, name in named)])


def _named(name: str) -> str:
    """A name that a reader sees; the bare name of an office is none."""
    return "" if letters_only(name) in _NOBODY else name


def _microdata(context: BodyContext) -> list[tuple[str, str]]:
    """Return what each author's element says; several in one place are one claim of all names."""
    found: list[tuple[str, str]] = []
    place = 0
    for near in context.outside_boilerplate(context.authors):
        named = near.node.css_first("[itemprop=name]") or near.node
        raw = one_line(named.text() or named.attributes.get("content") or "")
        name = _named(name_in_byline(raw) or clean_name(raw))
        around = near.node.parent.mem_id if near.node.parent is not None else 0
        if found and name and around == place and name not in split_authors(found[-1][1]):
            before, names = found.pop()
            raw, name = f"{before} {raw}", join_authors([*split_authors(names), name])
        found.append((raw, name))
        place = around
    return found


def _bylines(context: BodyContext, other_names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a reader sees, the surest first; a name that only stands beside a date counts where
    nothing else is said."""
    found = [*read_byline_text(context.lines), *read_author_elements(context.parts)]
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
            listed = one.get("@list") or one.get("itemListElement") or one.get("item")
            name = one.get("name")
            if halves and isinstance(name, str) and not _bare_name(name):
                name = ""  # a mail address
            value = name or one.get("@value") or listed or " ".join(halves)
            waiting.insert(0, value)
        else:
            yield plain(one)


def _bare_name(name: str, language: str = "") -> str:
    """A name without "By" before it, in English or the page's language, and without mail addresses;
    empty for a link."""
    if name.startswith(("http://", "https://", "/", "#")):
        return ""
    by = _BY_IN.get(language.partition("-")[0].lower())
    return _MAIL.sub("", (by.sub("", name) if by else _BY.sub("", name))).strip(" ,;<>()[]")
