"""Who wrote a post: structured data, microdata, or the byline beside the title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scraper.extract.fields.bylines import (
    clean_name,
    name_in_byline,
    read_author_elements,
    read_byline_text,
    read_name_beside_date,
)
from scraper.extract.fields.claims import Claim, order_claims, plain
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
    claims: list[Claim] = (
        [("feed", entry.author, one_line(entry.author))] if entry is not None else []
    )
    names = [person for article in page.articles if (person := _person(article))]
    weak_names = [
        name for name in names if letters_only(name) in _DEFAULTS or letters_only(name) == site
    ]
    claims += [("jsonld", name, name) for name in names if name not in weak_names]
    for near in context.outside_boilerplate(context.authors):
        raw = one_line(near.node.text() or near.node.attributes.get("content") or "")
        claims.append(("microdata", raw, name_in_byline(raw) or clean_name(raw)))
    claims += [
        ("byline", raw, name)
        for raw, name in _bylines(
            context, frozenset({letters_only(title), letters_only(blog_handle)})
        )
    ]
    claims += [("jsonld", name, name) for name in weak_names]
    meta = page.metas.get("author", "")
    if letters_only(meta) == site:
        meta = ""  # themes put the shop's name there
    return order_claims("author", [*claims, ("meta", meta, meta)])


def _bylines(context: BodyContext, other_names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What a reader sees, the surest first; a name that only stands beside a date counts where
    nothing else is said."""
    found = [*read_byline_text(context.lines), *read_author_elements(context.parts)]
    yield from found or read_name_beside_date(context.parts, other_names)


def _person(article: dict[str, object]) -> str:
    """Return the author's name in any of the shapes that themes write; empty for an address or
    none."""
    name = _name_of(article.get("author") or article.get("creator"))
    return "" if name.startswith(("http://", "https://", "/", "#")) else name


def _name_of(author: object) -> str:
    if isinstance(author, list):
        return next((name for one in author if (name := _name_of(one))), "")
    if not isinstance(author, dict):
        return plain(author)
    halves = [half for key in ("givenName", "familyName") if (half := plain(author.get(key)))]
    return _name_of(author.get("name") or author.get("@value") or " ".join(halves))
