"""Describe how a body was found, and the evidence for removing a block."""

from __future__ import annotations

from typing import Final

from scraper.extract.body.removal_rules import LEARNED_RULES
from scraper.items import Evidence, Post

METHODS: Final[dict[str, str]] = {
    "feed": "the element that says what the blog's feed says",
    "jsonld": "the element that says what the page's own structured data says",
    "microdata": "the element that the page marks as articleBody",
    "rich_text": "an element of the kind that themes put rich text into",
    "known_container": "an element with a name that themes give to an article's text",
    "density": "the innermost element with nearly all of the page's prose; no markup names one",
    "main": "the page's main part as a whole, for nothing narrower holds its prose",
    "template": "the element that holds the text on this store's pages, as was learned from them",
    "text_dump": "the lines between the title or by-line and the theme's pager or widgets",
}
"""Each method of finding a body (`Post.method`), for a person to read."""

_METHOD_EVIDENCE: Final[dict[str, str]] = {
    "feed": "feed",
    "jsonld": "structured data",
    "microdata": "markup",
    "rich_text": "markup",
    "known_container": "markup",
    "density": "density",
    "main": "density",
    "text_dump": "lines",
}
_TAUGHT: Final[dict[Evidence, str]] = {
    "feed": "template, feed",
    "jsonld": "template, structured data",
    "pages": "template, other pages",
    "sights": "template, sights",
}
_RULE_EVIDENCE: Final[dict[str, str]] = {
    "not_in_feed": "feed",
    **{rule: _TAUGHT[taught] for taught, rule in LEARNED_RULES.items()},
}
_BY_PLACE: Final = frozenset({"body", "outside_body"})


def describe_method(method: str) -> str:
    """Describe how a body was found; unknown methods by their name."""
    return METHODS.get(method, method)


def learned_from(rule: str, post: Post) -> str:
    """Return the evidence for the decision on a block: the body's own, a learned rule's, or the
    table of rules."""
    if rule not in _BY_PLACE:
        return _RULE_EVIDENCE.get(rule, "rules")
    if post.learned_from:
        return _TAUGHT[post.learned_from]
    return _METHOD_EVIDENCE.get(post.method, post.method)
