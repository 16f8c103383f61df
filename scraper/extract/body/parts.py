"""A body that stands in several elements: what holds them, without what holds other posts too."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import OTHER_POSTS, BoilerplateIndex
from scraper.extract.dom import ancestors, has_ancestor, self_and_ancestors
from scraper.extract.template.dom_path import path_step

_SENTENCE: Final = 40  # characters
_SHORT: Final = 200  # letters
_MOST_PARTS: Final = 150
_MAIN_SHARE: Final = 0.9  # of all parts; one that holds so much is the article by itself
_SHARE_IN_MAIN: Final = 0.6  # where sections of the theme's own stand beside it
_SHARE_UNTITLED: Final = 0.5
_SHARE_OF_PARTS: Final = 0.8  # of what holds them, which the title does not stand in
_LONG: Final = 2000  # characters


@dataclass(frozen=True, slots=True)
class BodyCandidate:
    """An element that may hold the body; `tier` says how well its markup is known (1 best), `size`
    its visible characters."""

    node: LexborNode
    tier: int
    size: int


def join_parts(
    best: BodyCandidate, fitting: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> LexborNode | None:
    """Return what holds the parts of an article that stands in several containers alike, as theme
    sections make it, with the page's title above them."""
    if sum(one.size for one in fitting) < _SHORT:
        return None
    step, parent = path_step(best.node), best.node.parent
    written = [one for one in fitting if one.size >= _SENTENCE]
    parts = [one for one in written if path_step(one.node) == step or _is_child(one.node, parent)]
    around = {one.node.mem_id for one in written}
    outer = [one for one in written if not has_ancestor(one.node, around)]
    if 2 * sum(one.size for one in parts) < sum(one.size for one in outer):
        parts = outer  # each kind of a builder's block has a name of its own
    common = common_body([(one.node, one.size) for one in parts])
    if common is None:
        return None
    is_titled = any(_is_titled(common, title, boilerplate) for title in boilerplate.titles)
    return common if is_titled or _is_whole(common, parts, boilerplate) else None


def _is_titled(node: LexborNode, title: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether the page's title stands in an element, or beside it with no prose besides."""
    outer = {one.mem_id for one in self_and_ancestors(node)}
    around = next((one for one in ancestors(title) if one.mem_id in outer), node)
    return boilerplate.prose(around) == boilerplate.prose(node)


def _is_whole(
    common: LexborNode, parts: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> bool:
    """Return whether parts hold most prose of a long page whose title stands outside what holds
    them, or is a picture or in other words."""
    prose, around = sum(boilerplate.prose(part.node) for part in parts), boilerplate.prose(common)
    least = _SHARE_OF_PARTS if boilerplate.titles else _SHARE_UNTITLED
    return (
        prose >= _LONG
        and prose >= least * around
        and around >= _SHARE_UNTITLED * boilerplate.page_prose()
        and not (boilerplate.titles and any(part.node.css_first("h1") for part in parts))
    )


def _is_child(node: LexborNode, parent: LexborNode | None) -> bool:
    outer = node.parent
    return outer is not None and parent is not None and outer.mem_id == parent.mem_id


def common_body(parts: list[tuple[LexborNode, int]]) -> LexborNode | None:
    """Return the smallest element around parts of an article, each with its size; None where one
    of them is the article, or each is one of its own, or a card of another post."""
    sizes = [size for _, size in parts]
    share = max(sizes, default=0) / (sum(sizes) or 1)
    if not 1 < len(parts) <= _MOST_PARTS or share >= _MAIN_SHARE:
        return None
    chains = [list(self_and_ancestors(node)) for node, _ in parts]
    shared = set.intersection(*({one.mem_id for one in chain} for chain in chains))
    common = next((one for one in chains[0] if one.mem_id in shared), None)
    if common is None or common.tag in ("body", "html") or _is_one_of(common, parts):
        return None
    if common.tag == "main" and share >= _SHARE_IN_MAIN and sizes[-1] < max(sizes):
        return None  # what is short and follows the article may be the theme's
    branches = [
        one for chain in chains for one in takewhile(lambda up: up.mem_id not in shared, chain)
    ]
    if any(one.tag == "article" or one.css_first(OTHER_POSTS) for one in branches):
        return None
    return common


def _is_one_of(node: LexborNode, parts: list[tuple[LexborNode, int]]) -> bool:
    return any(part.mem_id == node.mem_id for part, _ in parts)
