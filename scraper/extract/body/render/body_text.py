"""Render a body's element: as sanitised HTML, and as text without the author's list of related
posts, which becomes links."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from scraper.extract.body.clean import remove
from scraper.extract.body.links import LinkCollector
from scraper.extract.body.render.related_list import RelatedList, find_related_list
from scraper.extract.body.render.sanitize import prepare, sanitise
from scraper.extract.dom import siblings_after
from scraper.extract.page.text import html_to_text, letters_only, one_line


@dataclass(frozen=True, slots=True)
class RenderedBody:
    """The author's complete body, sanitised; the same without the list of related posts; and that
    as plain text."""

    html: str
    html_without_related: str
    text: str


def render_body(
    container: LexborNode, links: LinkCollector, *, title: str, base: str
) -> RenderedBody:
    """Render the body's element, which changes on the way, and collect its links in `links`.

    `base` is the page's address.
    """
    prepare(container, base)
    html = sanitise(container.inner_html or "")
    related = find_related_list(container, html)
    without_related = html
    if related is not None:
        _collect_related(links, related, base, title)
        without_related = _without_list(container, html, related)
    for node in container.css("a[href]"):
        links.add_authored(node.attributes.get("href") or "", "inline", node.text(), base)
    return RenderedBody(html, without_related, _without_title(html_to_text(without_related), title))


def _collect_related(links: LinkCollector, related: RelatedList, base: str, title: str) -> None:
    for item in related.items:
        if item.href:
            links.add_authored(item.href, "related_list", item.title, base)
        else:
            links.add_title(item.title, title, letters_only(item.title), letters_only(title))


def _without_list(container: LexborNode, html: str, related: RelatedList) -> str:
    """Return the sanitised body without the related list, whose elements leave the tree.

    A list that ends the body is cut off the end of `html`: then only the list is sanitised again.
    """
    tail = sanitise(_tail(container, related))
    remove([(node, "related_list") for node in related.nodes])
    if tail and html.endswith(tail):
        return html[: -len(tail)].rstrip()
    return sanitise(container.inner_html or "")


def _tail(container: LexborNode, related: RelatedList) -> str:
    """Return the list's markup where it ends the body, else an empty string."""
    first = related.nodes[0]
    if first.parent is None or first.parent.mem_id != container.mem_id:
        return ""
    listed = {member.mem_id for member in related.nodes}
    parts: list[str] = []
    for node in (first, *siblings_after(first)):
        if node.mem_id not in listed and not (
            node.is_text_node and not (node.text() or "").strip()
        ):
            return ""
        parts.append(node.html or "")
    return "".join(parts)


def _without_title(text: str, title: str) -> str:
    """Return the text without a first line that only repeats the title."""
    first, _, rest = text.partition("\n")
    return rest.strip("\n") if title and rest and one_line(first) == one_line(title) else text
