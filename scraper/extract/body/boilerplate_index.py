"""Which elements of a page lie inside its boilerplate: header, sidebar, widgets, footer."""

from __future__ import annotations

from html import unescape

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate import boilerplate_rule
from scraper.extract.dom import ancestors_in_body
from scraper.extract.page.elements import PageElements
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import title_letters


class BoilerplateIndex:
    """Looks up, for the elements of one page, the rule by which an ancestor is boilerplate; each
    ancestor is tested once."""

    def __init__(self, page: ParsedPage, elements: PageElements) -> None:
        self._named = [
            title_letters(unescape(page.metas.get(name, ""))) for name in ("og:title", "title")
        ]
        self.titles = [
            node for node in elements.headings if node.tag != "h3" and self.names_page(node.text())
        ]
        """The headings, not of the third level, by which the page's own title begins."""
        self._rules: dict[int, str] = dict.fromkeys(_spine([*elements.mains, *self.titles]), "")

    def names_page(self, text: str) -> bool:
        """Return whether the page's own title begins with a text."""
        key = title_letters(text)
        return bool(key) and any(title.startswith(key) for title in self._named)

    def rule(self, node: LexborNode) -> str:
        """Return the rule of the outermost ancestor that is boilerplate, or an empty string."""
        chain: list[LexborNode] = []
        known = ""
        for ancestor in ancestors_in_body(node):
            if ancestor.mem_id in self._rules:
                known = self._rules[ancestor.mem_id]
                break
            chain.append(ancestor)
        for ancestor in reversed(chain):
            known = known or boilerplate_rule(ancestor, outside_body=True)
            self._rules[ancestor.mem_id] = known
        return known

    def own_rule(self, node: LexborNode) -> str:
        """Return the rule for the element itself.

        A wrapper of the post's title is no widget, whatever its class is.
        """
        return (
            "" if self._rules.get(node.mem_id) == "" else boilerplate_rule(node, outside_body=True)
        )


def _spine(nodes: list[LexborNode]) -> set[int]:
    """Return the elements around the main element or the post's title: they are layout, whatever
    their class names ("sidebar-left", "no-comment")."""
    found: set[int] = set()
    for node in nodes:
        if node.tag == "main":
            found.add(node.mem_id)
        for ancestor in ancestors_in_body(node):
            if ancestor.mem_id in found:
                break
            found.add(ancestor.mem_id)
    return found
