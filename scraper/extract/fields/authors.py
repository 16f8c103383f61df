"""Who wrote a post: structured data, microdata, or the by-line beside the title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scraper.extract.fields.bylines import (
    clean_name,
    read_beside_date,
    read_credits,
    read_worded,
    spoken_name,
)
from scraper.extract.fields.claims import Word, order_readings, plain
from scraper.extract.page.context import BodyContext
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only, one_line
from scraper.items import FeedEntry, FieldClaim

# What a theme or an import wrote where nobody had named an author (squashed).
_DEFAULTS: Final = frozenset(
    {
        "admin",
        "administrator",
        "storeadmin",
        "owner",
        "storeowner",
        "shopify",
        "shopifyapi",
        "author",
        "webmaster",
    }
)


def read_authors(
    page: ParsedPage,
    around: BodyContext,
    entry: FeedEntry | None,
    *,
    blog_handle: str = "",
    title: str = "",
) -> list[FieldClaim]:
    """Every source's word on the author: the feed, JSON-LD, microdata, the by-line, the meta
    element.

    The shop's own name and a theme's default ("admin") in JSON-LD are weaker than what a reader
    sees. `title` and `blog_handle` tell what else may stand beside a date.
    """
    site = letters_only(page.metas.get("og:site_name", ""))
    words: list[Word] = (
        [("feed", entry.author, one_line(entry.author))] if entry is not None else []
    )
    spoken = [person for article in page.articles if (person := _person(article))]
    weak = [
        name for name in spoken if letters_only(name) in _DEFAULTS or letters_only(name) == site
    ]
    words += [("jsonld", name, name) for name in spoken if name not in weak]
    for near in around.in_place(around.authors):
        raw = one_line(near.node.text() or near.node.attributes.get("content") or "")
        words.append(("microdata", raw, spoken_name(raw) or clean_name(raw)))
    words += [
        ("byline", raw, name)
        for raw, name in _bylines(
            around, frozenset({letters_only(title), letters_only(blog_handle)})
        )
    ]
    words += [("jsonld", name, name) for name in weak]
    meta = page.metas.get("author", "")
    if letters_only(meta) == site:
        meta = ""  # themes put the shop's name there
    return order_readings("author", [*words, ("meta", meta, meta)])


def _bylines(around: BodyContext, other_names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a reader sees, the surest first; a name that only stands beside a date counts where
    nothing else is said."""
    found = [*read_worded(around.lines), *read_credits(around.parts)]
    yield from found or read_beside_date(around.parts, other_names)


def _person(article: dict[str, object]) -> str:
    """The author's name in any of the shapes that themes write; empty for an address or none."""
    name = _name_of(article.get("author") or article.get("creator"))
    return "" if name.startswith(("http://", "https://", "/", "#")) else name


def _name_of(author: object) -> str:
    if isinstance(author, list):
        return next((name for one in author if (name := _name_of(one))), "")
    if not isinstance(author, dict):
        return plain(author)
    halves = [half for key in ("givenName", "familyName") if (half := plain(author.get(key)))]
    return _name_of(author.get("name") or author.get("@value") or " ".join(halves))
