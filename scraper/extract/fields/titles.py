"""The post's title: never the blog's name, never with the shop's name behind it."""

from __future__ import annotations

import re
from html import unescape

from scraper.extract.fields.claims import SourceValue, order_claims, plain
from scraper.extract.page.context import BodyContext
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import one_line, title_letters
from scraper.extract.vocabulary.not_names import BLOG_NAMES
from scraper.items import FeedEntry, FieldClaim

_LONGEST = 300
_BLOG_NAME = re.compile(rf"^\W*+(?:{BLOG_NAMES})\W*+$", re.I)
_WORD = re.compile(r"\w{3,}")
_TAIL = re.compile(r"^(?P<head>.*\S)\s+[|–—·•-]\s+(?P<tail>[^|–—·•]{2,60})$")
# A theme put the shop's name behind a title that is empty.
_ONLY_TAIL = re.compile(r"^[|–—·•-]\s[^|–—·•]{2,60}$")


def read_titles(
    page: ParsedPage, context: BodyContext, blog_handle: str, entry: FeedEntry | None
) -> list[FieldClaim]:
    """Return every source's claim on the title: the feed; a heading, or JSON-LD, that another
    source bears out; then each by itself."""
    graph, document = _head_titles(page)
    article = page.articles[0] if page.articles else {}
    headline = plain(article.get("headline") or article.get("name"))
    headings = _title_headings(context, title_letters(blog_handle))
    agreed = [
        heading
        for heading in headings
        if _agrees(heading, (headline, graph), document, page.canonical)
    ][:1] or _low_headings(context, graph or document)
    claims: list[SourceValue] = (
        [("feed", entry.title, one_line(entry.title))] if entry is not None else []
    )
    claims += [("heading", heading, heading) for heading in agreed]
    if _agrees(headline, (graph, *headings), document, page.canonical):
        claims.append(("jsonld", headline, headline))
    # A heading that only begins as the page's own name does holds a date or a label besides.
    lone = [
        heading
        for heading in headings[:1]
        if not agreed and not (graph and title_letters(heading).startswith(title_letters(graph)))
    ]
    named: list[SourceValue] = [
        ("opengraph", page.metas.get("og:title", ""), graph),
        ("jsonld", headline, headline),
        ("title", page.metas.get("title", ""), document),
    ]
    is_weak = bool(lone) and (
        _names_address(graph or document, page.canonical)
        or _is_weak(lone[0], context, blog_handle)
        or _is_of_another(lone[0], graph, document)
    )
    shown: list[SourceValue] = [("heading", heading, heading) for heading in lone]
    return order_claims("title", claims + (named + shown if is_weak else shown + named))


def _is_of_another(heading: str, graph: str, document: str) -> bool:
    """Return whether two sources agree on a title with which a heading shares no word: it names a
    section."""
    title = set(_WORD.findall(graph.casefold()))
    is_agreed = bool(graph) and title_letters(document).startswith(title_letters(graph))
    return is_agreed and len(title) > 1 and title.isdisjoint(_WORD.findall(heading.casefold()))


def _is_weak(heading: str, context: BodyContext, blog_handle: str) -> bool:
    """Return whether a heading that no other source bears out is hardly the title: it stands in the
    author's text, or names the blog."""
    key = title_letters(heading)
    if _BLOG_NAME.match(heading) or all(
        near.inside for near in context.headings if title_letters(near.node.text()) == key
    ):
        return True
    front = f"/blogs/{blog_handle}"
    return any(
        title_letters(near.node.text()) == key
        and (near.node.attributes.get("href") or "").partition("?")[0].rstrip("/").endswith(front)
        for near in (context.anchors if blog_handle else ())
    )


def _low_headings(context: BodyContext, name: str) -> list[str]:
    """Return the third-level heading above the body that says what the page is called: in themes
    whose first level names the shop or the blog."""
    key = title_letters(name)
    texts = (
        one_line(near.node.text())
        for near in context.outside_boilerplate(context.headings)
        if near.node.tag == "h3"
    )
    return [text for text in texts if (own := title_letters(text)) and key.startswith(own)][:1]


def _title_headings(context: BodyContext, blog: str) -> list[str]:
    """Return the headings that may be the title: first-level ones first, near ones before far ones;
    the blog's name is none."""
    inside = [
        heading
        for heading in context.headings
        if heading.inside
        and (
            heading.node.tag == "h1"
            or (heading.node.tag == "h2" and context.boilerplate.names_page(heading.node.text()))
        )
    ]
    near = [
        heading
        for heading in context.outside_boilerplate(context.headings)
        if heading.node.tag != "h3"
    ]
    ranked = sorted(
        near + inside[:1],
        key=lambda heading: (heading.node.tag or "", heading.inside, heading.distance),
    )
    texts = [one_line(heading.node.text()) for heading in ranked]
    return [
        text
        for text in dict.fromkeys(texts)
        if text and title_letters(text) != blog and len(text) < _LONGEST
    ]


def _agrees(text: str, named: tuple[str, ...], document: str, canonical: str) -> bool:
    """Return whether another source says the same: structured data, the document's title, or the
    address, which was made from the title."""
    key = title_letters(text)
    if not key:
        return False
    return (
        key in {title_letters(name) for name in named if name}
        or title_letters(document).startswith(key)
        or _names_address(text, canonical)
    )


def _names_address(text: str, canonical: str) -> bool:
    """Return whether the page's address was made from these words."""
    key = title_letters(text)
    handle = title_letters(canonical.rstrip("/").rpartition("/")[2].removesuffix(".html"))
    # Handles of 2013 to 2016 begin with a number.
    return bool(key) and key in (handle, handle.lstrip("0123456789"))


def _head_titles(page: ParsedPage) -> tuple[str, str]:
    """The titles for other sites and of the document, without the shop's name. A
    document's that has nothing before the name is none, unless the other, to which no theme adds
    a name, says the same."""
    site, title = page.metas.get("og:site_name", ""), page.metas.get("title", "")
    graph = one_line(unescape(page.metas.get("og:title", "")))
    document = "" if title != graph and _ONLY_TAIL.match(title) else title
    return _without_shop(graph, site, page.origin), _without_shop(document, site, page.origin)


def _without_shop(title: str, site: str, origin: str) -> str:
    """A page's title without the shop's name behind it, as the page or its host spells it."""
    if site and len(title) > len(site) and title.casefold().endswith(site.casefold()):
        head = title[: -len(site)]
        cut = re.sub(r"(?<!\s)\s*+[|–—·•:-]\s*+$", "", head)
        return cut if cut != head else title
    found = _TAIL.match(title)
    if found and title_letters(found["tail"]) in _host_names(origin):
        return found["head"]
    return title


def _host_names(origin: str) -> set[str]:
    """Return the parts of a host's name, letters only: the shop's is often one of them."""
    host = origin.rpartition("//")[2].partition(":")[0]
    return {title_letters(part) for part in host.split(".")[:-1]} | {title_letters(host)}
