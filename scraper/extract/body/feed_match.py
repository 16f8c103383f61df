"""Compare a page with the author's words that a feed entry, or structured data, quotes: where they
stand, and whether they are all of the post."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.parts import BodyCandidate
from scraper.extract.body.trim import Removal
from scraper.extract.dom import child_elements, children, self_and_ancestors, visible_text
from scraper.extract.page.text import letters_only, one_line
from scraper.extract.template.dom_path import path_step
from scraper.extract.template.shape import without_amounts
from scraper.items import FeedEntry

_RUN: Final = 20  # letters; so many in a row are no coincidence
_TAG: Final = re.compile(r"<[^<>]*>")
_SENTENCE: Final = 40  # letters
_CODE: Final = frozenset({"script", "style", "noscript", "template"})
_TEXT_BLOCKS: Final = frozenset(
    {"p", "li", "ul", "ol", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "td", "th", "pre"}
    | {"dl", "dt", "dd", "figure", "figcaption"}
)


def feed_letters(entry: FeedEntry | None) -> str:
    """Return the letters of a feed entry's body, as `letters_only`; empty where it has none."""
    if entry is None or not entry.content_html:
        return ""
    tree = LexborHTMLParser(entry.content_html)
    return letters_only(visible_text(tree.body)) if tree.body is not None else ""


def feed_claims(entry: FeedEntry | None) -> dict[str, str]:
    """Return what a feed entry claims of its post, by field: of the body as `claim_on_body` does,
    when it was published in UTC, the others as served. Its time of modification is left out: the
    listings have that too."""
    if entry is None:
        return {}
    claims = {
        "title": entry.title,
        "author": entry.author,
        "published_at": entry.published_at,
        "excerpt": entry.summary_html,
        "body": claim_on_body(entry),
    }
    return {field: claim for field, claim in claims.items() if claim}


def claim_on_body(entry: FeedEntry | None) -> str:
    """Return what a feed entry claims of its post's body; empty where it has none: a hash of the
    words without prices and measures, which may be in the visitor's currency and units, and one of
    all words. Attributes do not count: the address of an image may vary from fetch to fetch."""
    if entry is None or not entry.content_html:
        return ""
    words = " ".join(_TAG.sub(" ", entry.content_html).split())
    return _digest(without_amounts(words)) + _digest(words)


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def share_held(letters: str, author_letters: str) -> float:
    """Return the share of an author's runs of letters that stand in other letters."""
    runs = [author_letters[at : at + _RUN] for at in range(0, len(author_letters), _RUN)]
    return sum(run in letters for run in runs) / len(runs)


def holds_most(letters: str, author_letters: str) -> bool:
    """Return whether at least half of what an author wrote stands in other letters."""
    return share_held(letters, author_letters) >= 0.5


def goes_on(container: LexborNode, quoted: str, boilerplate: BoilerplateIndex) -> bool:
    """Return whether the author's text goes on in a container before or behind the letters that are
    quoted of it: then the quotation is an excerpt, or older than the page, and no measure.

    What goes on stands in the quotation's own last block, or in blocks like its own beside them; a
    theme's block has a wrapper of another name.
    """
    scope = smallest_containing(container, quoted)
    while (
        scope is not None
        and scope.mem_id != container.mem_id
        and (scope.tag in _TEXT_BLOCKS or letters_only(visible_text(scope)) == quoted)
    ):
        scope = scope.parent
    return scope is not None and any(
        _is_prose(block, letters, boilerplate) for block, letters in _beyond(scope, quoted)
    )


def candidate_with_letters(candidates: list[BodyCandidate], letters: str) -> LexborNode | None:
    """Return the innermost candidate whose letters equal `letters`, or None."""
    found = None
    for candidate in candidates:
        if (
            0.9 * len(letters) <= candidate.size <= 1.2 * len(letters) + 40
            and letters_only(visible_text(candidate.node)) == letters
        ):
            found = candidate.node
    return found


def smallest_containing(root: LexborNode, letters: str) -> LexborNode | None:
    """Return the innermost element that holds `letters` in one run, or None."""
    if not letters or letters not in letters_only(visible_text(root)):
        return None
    node = root
    while True:
        inner = next(
            (
                child
                for child in child_elements(node)
                if len(child.text()) >= len(letters)
                and letters in letters_only(visible_text(child))
            ),
            None,
        )
        if inner is None or inner.tag in ("p", "span", "h1", "h2", "h3", "a"):
            return node
        node = inner


def outside_feed(container: LexborNode, words: str) -> list[Removal]:
    """Return the children of a container that stand wholly before or after the feed's words
    (letters only) within it, and differ in kind from those that hold them."""
    pieces = [(child, letters_only(visible_text(child))) for child in child_elements(container)]
    whole = letters_only(visible_text(container))
    start = whole.find(words)
    if start < 0 or "".join(piece for _, piece in pieces) != whole:
        return []
    outside, kinds, position = [], set(), 0
    for child, piece in pieces:
        if position + len(piece) > start and position < start + len(words):
            kinds.add(_kind(child))
        elif piece:
            outside.append(child)
        position += len(piece)
    return [(child, "not_in_feed") for child in outside if _kind(child) not in kinds]


def _beyond(scope: LexborNode, quoted: str) -> Iterator[tuple[LexborNode, int]]:
    """Yield the blocks of a scope that hold letters outside the quoted ones, and stand where blocks
    of the quotation do, with the number of those letters."""
    texts = list(_texts(scope))
    start = "".join(letters for _, letters in texts).find(quoted)
    end = start + len(quoted)
    steps: set[str] = set()
    outside: dict[int, tuple[LexborNode, LexborNode, int]] = {}
    at = 0
    for node, letters in texts:
        inside = max(0, min(at + len(letters), end) - max(at, start))
        at += len(letters)
        branch = _branch(node, scope)
        if inside:
            steps.add(_kind(branch))
        if inside < len(letters):
            block = _block(node, scope)
            _, _, before = outside.get(block.mem_id, (block, branch, 0))
            outside[block.mem_id] = (block, branch, before + len(letters) - inside)
    for block, branch, count in outside.values():
        if _kind(branch) in steps:
            yield block, count


def _texts(scope: LexborNode) -> Iterator[tuple[LexborNode, str]]:
    """Yield the texts below an element that hold letters, in order, each with its parent."""
    waiting = [scope]
    while waiting:
        node = waiting.pop()
        if node.is_text_node:
            if node.parent is not None and (letters := letters_only(node.text() or "")):
                yield node.parent, letters
        elif node.is_element_node and node.tag not in _CODE:
            waiting += reversed(list(children(node)))


def _branch(node: LexborNode, scope: LexborNode) -> LexborNode:
    """Return the child of a scope around a node; the scope itself for a text of its own."""
    branch = scope
    for around in takewhile(lambda one: one.mem_id != scope.mem_id, self_and_ancestors(node)):
        branch = around
    return branch


def _kind(branch: LexborNode) -> str:
    return "text" if branch.tag in _TEXT_BLOCKS else path_step(branch)


def _block(node: LexborNode, scope: LexborNode) -> LexborNode:
    within = takewhile(lambda one: one.mem_id != scope.mem_id, self_and_ancestors(node))
    return next((one for one in within if one.tag in _TEXT_BLOCKS), node)


def _is_prose(block: LexborNode, letters: int, boilerplate: BoilerplateIndex) -> bool:
    """Return whether what a block says beyond the quotation is a sentence of an author."""
    if letters < _SENTENCE or boilerplate.own_rule(block) or boilerplate.rule(block):
        return False
    linked = sum(len(one_line(link.text())) for link in block.css("a"))
    return linked * 2 < len(one_line(block.text()))
