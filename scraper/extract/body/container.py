"""Candidates for the element that holds the body, and the choice among known containers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import OTHER_POSTS, BoilerplateIndex
from scraper.extract.body.parts import BodyCandidate, join_parts
from scraper.extract.dom import (
    SHOWN,
    has_ancestor,
    is_inside,
    linked_size,
    self_and_ancestors,
    siblings_after,
    siblings_before,
    visible_size,
)
from scraper.extract.page.elements import PageElements, common_containers, other_containers
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only, one_line
from scraper.items import Evidence

# How themes name the element around `article.content`, best known first; compared with each class,
# lower case. Source: the table of themes (docs/explanation/shopify.md, 2.2), drawn from public
# theme sources and 1,069 saved pages.
_KNOWN: Final = re.compile(
    r"(?:article-template__content|(?:blog__)?(?:article|post|blog|entry)(?:-single|-detail"
    r"|-details|-post|-item|__entry)?(?:__|--|-|_)?"
    r"(?:content|body|text|desc|description|details-content|html|entry-content|rte)|user-content"
    r"|entry|story-content|single-content|"
    r"portfolio-single-content|post_?content_?text|article-?section-details"
    r"|article__section-details|rte-content)"
)
_RICH: Final = frozenset({"rte", "prose", "rich-text", "richtext", "rte-formatting", "wysiwyg"})
_SENTENCE: Final = 40  # characters
_WRITTEN: Final = 120  # characters of sentences that only an author writes
_WRITTEN_TAGS: Final = frozenset({"p", "blockquote"})
_INTRODUCTION: Final = re.compile(
    r"(?<![a-z])(?:intro(?:duction)?|lead|lede|standfirst|dek|deck|sub-?title|excerpt"
    r"|summary)(?![a-z])",
    re.I,
)
_RECIPE: Final = re.compile(
    r"(?<![a-z])(?:recipe|ingredients?|instructions?|directions|wprm|tasty-recipes"
    r"|mv-create)(?![a-z])",
    re.I,
)
_LONGEST_NAMES: Final = 400
_PROSE: Final = "p,li,blockquote,td"
_LONGEST_CARD: Final = 600  # characters
_SHORT: Final = 200  # letters
_FILM: Final = 40  # letters that a film or picture counts for in an element without text
_FULL_SHARE: Final = (
    0.3  # a better known container may hold this much less than the fullest, and no less
)


@dataclass(frozen=True, slots=True)
class BodyMatch:
    """The element that holds the body, how it was found, and how sure that is (0 to 1).

    `learned_from` is the evidence that its template was learned from. `may_hold_boilerplate` is set
    where density found the element, so that parts of the theme may be inside.
    """

    node: LexborNode
    method: str
    confidence: float
    learned_from: Evidence | None = None
    may_hold_boilerplate: bool = False


def list_candidates(page: ParsedPage, boilerplate: BoilerplateIndex) -> list[BodyCandidate]:
    """List the page's elements whose markup says that they hold an article's body.

    Elements in boilerplate are left out; those beside the main element (an announcement, a pop-up)
    count only where the main element holds none.
    """
    if page.body is None:
        return []
    found = _candidates(common_containers(page.body), boilerplate) or _candidates(
        other_containers(page.body), boilerplate
    )
    found = _without_foreign(_of_own_article(found, boilerplate), page.elements, boilerplate)
    mains = {main.mem_id for main in page.elements.mains}
    if not mains:
        return found
    within = [
        candidate
        for candidate in found
        if candidate.node.mem_id in mains or has_ancestor(candidate.node, mains)
    ]
    return within or found


def _of_own_article(
    found: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> list[BodyCandidate]:
    """Return the candidates in the article that holds the page's title, where articles of other
    posts follow it on the page."""
    own = {
        around.mem_id
        for title in boilerplate.titles
        for around in self_and_ancestors(title)
        if around.tag == "article"
    }
    within = [one for one in found if own and has_ancestor(one.node, own)]
    return within or found


def _without_foreign(
    found: list[BodyCandidate], elements: PageElements, boilerplate: BoilerplateIndex
) -> list[BodyCandidate]:
    """Return the candidates without those of another article, which stands below on the page under
    a first-level heading of its own, unless no other has a sentence."""
    title = next((one for one in boilerplate.titles if one.tag == "h1"), None)
    others = [one for one in elements.headings if one.tag == "h1"]
    if title is None or len(others) < 2 or len(found) < 2:
        return found
    around = {one.mem_id for one in self_and_ancestors(title)}
    inside = {one.node.mem_id for one in found}
    foreign: set[int] = set()
    for heading in others:
        if not boilerplate.names_page(heading.text()) and not has_ancestor(heading, inside):
            *_, branch = takewhile(lambda up: up.mem_id not in around, self_and_ancestors(heading))
            foreign.update(one.mem_id for one in (branch, *siblings_after(heading)))
    own = [one for one in found if one.node.mem_id not in foreign]
    own = [one for one in own if not has_ancestor(one.node, foreign)]
    return own if any(one.size >= _SENTENCE for one in own) else found


def _candidates(nodes: list[LexborNode], boilerplate: BoilerplateIndex) -> list[BodyCandidate]:
    """Return the known containers that may hold the body; none where each stands behind a heading
    that links to another post, and the page's own text before them."""
    known = [(node, tier) for node in nodes if (tier := _tier(node))]
    others = [node for node, _ in known if boilerplate.is_behind_link(node)]
    ids = {one.mem_id for one in others}
    own = _fitting([one for one in known if one[0].mem_id not in ids], boilerplate)
    if not others or (not own and boilerplate.leave_out_others(others)):
        return own
    return _fitting(known, boilerplate)


def _fitting(
    known: list[tuple[LexborNode, int]], boilerplate: BoilerplateIndex
) -> list[BodyCandidate]:
    return [
        BodyCandidate(node, tier, visible_size(node) or _shown_size(node))
        for node, tier in known
        if not boilerplate.rule(node)
        and boilerplate.own_rule(node) != "comments"
        and not _is_card(node, boilerplate)
        and not boilerplate.is_item(node)
        and not boilerplate.is_before_title(node)
    ]


def _is_card(node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element is a teaser of another post: a few words and a heading that links
    there."""
    link = node.css_first(OTHER_POSTS)
    return (
        link is not None
        and len(node.text()) < _LONGEST_CARD
        and not boilerplate.names_page(link.text())
    )


def is_known_container(node: LexborNode) -> bool:
    """Return whether an element's markup says that it holds an article's body."""
    return _tier(node) > 0


def _tier(node: LexborNode) -> int:
    attributes = node.attributes
    if node.tag in (
        "html",
        "body",
        "input",
        "a",
        "meta",
        "link",
        "script",
        "img",
        "span",
        "button",
        "form",
        "h1",
        "h2",
        "p",
    ):
        return 0
    if "articleBody" in (attributes.get("itemprop") or ""):
        return 1
    return _name_tier(attributes.get("class") or "", attributes.get("id") or "")


@lru_cache(maxsize=4096)
def _name_tier(classes: str, identifier: str) -> int:
    names = classes.lower().split()
    if _RICH.intersection(names):
        return 2
    if any(_KNOWN.fullmatch(name) for name in (*names, identifier.lower())):
        return 3
    return 0


def _shown_size(node: LexborNode) -> int:
    """Return the size of an element without text as if in letters: a film or picture may be all of
    a post."""
    return _FILM * len(node.css(SHOWN))


def choose_candidate(
    candidates: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> BodyMatch | None:
    """Choose the best known container that is not much emptier than the fullest, or the innermost
    one inside it."""
    fullest = max(candidates, key=lambda candidate: candidate.size, default=None)
    for tier in (1, 2, 3) if fullest is not None else ():
        fitting = [candidate for candidate in candidates if candidate.tier == tier]
        best = _best(fitting)
        if best is None or fullest is None or not _is_full_enough(best, fullest, boilerplate):
            continue
        inner = _narrow(best, candidates, boilerplate)
        node = join_parts(inner, fitting, boilerplate) or _widen(inner.node, boilerplate)
        node = _with_own_parts(node, boilerplate)
        return BodyMatch(
            node,
            {1: "microdata", 2: "rich_text", 3: "known_container"}[inner.tier],
            {1: 0.95, 2: 0.9, 3: 0.85}[inner.tier],
            may_hold_boilerplate=node.mem_id != inner.node.mem_id,
        )
    return None


def _best(fitting: list[BodyCandidate]) -> BodyCandidate | None:
    """Return the fullest candidate; of short ones the first, for a post of two lines stands before
    the teasers of other posts."""
    fullest = max(fitting, key=lambda candidate: candidate.size, default=None)
    if fullest is None or fullest.size >= _SHORT:
        return fullest
    return next(
        (
            candidate
            for candidate in fitting
            if _exceeds_title(candidate) and not is_inside(fullest.node, candidate.node)
        ),
        fullest,
    )


def _exceeds_title(candidate: BodyCandidate) -> bool:
    """Return whether a container shows more than the page's title, which some themes print as rich
    text too."""
    return candidate.size > sum(visible_size(heading) for heading in candidate.node.css("h1"))


def _is_full_enough(
    best: BodyCandidate, fullest: BodyCandidate, boilerplate: BoilerplateIndex
) -> bool:
    """Return whether a better known container holds the body; else an author pasted it into his own
    (a ``.prose`` from a chat window)."""
    if is_inside(best.node, fullest.node):
        return prose_outside(best.node, fullest.node, boilerplate) < _WRITTEN
    return best.size >= fullest.size * _FULL_SHARE


def _narrow(
    best: BodyCandidate, candidates: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> BodyCandidate:
    """Prefer a container as well known that lies within, if nothing is written beside it (wrappers
    of wrappers)."""
    if _name_tier(best.node.attributes.get("class") or "", "") == 2:
        return best  # rich text is what `article.content` stands in; what is inside was pasted
    within = [
        candidate
        for candidate in candidates
        if candidate.tier <= best.tier
        and candidate.size
        and candidate is not best
        and is_inside(candidate.node, best.node)
    ]
    inner = max(within, key=lambda candidate: (candidate.tier == 1, candidate.size), default=best)
    if inner is best or prose_outside(inner.node, best.node, boilerplate) >= _WRITTEN:
        return best
    return inner


def _widen(node: LexborNode, boilerplate: BoilerplateIndex) -> LexborNode:
    """A container inside an author's own paragraphs was pasted by him: its parent is the body."""
    while (parent := node.parent) is not None and parent.tag not in ("body", "main", "html"):
        if _written_beside(node, boilerplate) < _WRITTEN:
            break
        node = parent
    article = node.parent
    # A stray end tag may end the article, too; beside a whole one the shop may say a sentence.
    if article is not None and article.tag == "article" and article.parent is not None:
        beside = _written_beside(article, boilerplate)
        is_cut = beside >= _WRITTEN and beside * 2 >= boilerplate.prose(article)
        return article.parent if is_cut else node
    return node


def _written_beside(node: LexborNode, boilerplate: BoilerplateIndex) -> int:
    """Return how many characters of paragraphs stand beside an element."""
    beside = (*siblings_before(node), *siblings_after(node))
    return sum(_prose_length(one, boilerplate) for one in beside if one.tag in _WRITTEN_TAGS)


def _with_own_parts(node: LexborNode, boilerplate: BoilerplateIndex) -> LexborNode:
    """Return the parent of a body's element, where an introduction stands before it or a recipe
    behind it, each in an element of its own, as its name says."""
    parent = node.parent
    if parent is None or parent.tag in ("body", "html") or node.tag == "main":
        return node
    before = (one for one in siblings_before(node) if _is_part(one, _INTRODUCTION, boilerplate))
    after = (one for one in siblings_after(node) if _is_part(one, _RECIPE, boilerplate))
    return parent if next(before, None) or next(after, None) else node


def _is_part(node: LexborNode, names: re.Pattern[str], boilerplate: BoilerplateIndex) -> bool:
    """Return whether an element is named so, and says what neither links elsewhere nor is quoted
    from the body, as a theme's excerpt is."""
    if not node.is_element_node or node.tag not in ("div", "section", "p"):
        return False
    classes = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    if not names.search(classes[:_LONGEST_NAMES]) or node.css_first(OTHER_POSTS) is not None:
        return False
    text = one_line(node.text())
    linked = linked_size(node)
    return (
        len(text) >= _SENTENCE
        and linked * 2 < len(text)
        and not boilerplate.own_rule(node)
        and not _is_excerpt(node, letters_only(text))
    )


def _is_excerpt(node: LexborNode, letters: str) -> bool:
    parent = node.parent
    return parent is not None and letters_only(parent.text()).count(letters[:_SHORT]) > 1


def prose_outside(inner: LexborNode, outer: LexborNode, boilerplate: BoilerplateIndex) -> int:
    """Count the characters of sentences in an element outside an inner one, without boilerplate."""
    # By the other way, from each up to the root, lists nested 10,000 deep took a second.
    inside = {node.mem_id for node in inner.css(_PROSE)} - {inner.mem_id}
    return sum(
        _prose_length(node, boilerplate) for node in outer.css(_PROSE) if node.mem_id not in inside
    )


def _prose_length(node: LexborNode, boilerplate: BoilerplateIndex) -> int:
    """Return the length of an element's text if an author may have written it: a sentence, not
    mostly links, no boilerplate; else 0."""
    text = one_line(node.text())
    if len(text) < _SENTENCE or boilerplate.own_rule(node) or boilerplate.rule(node):
        return 0
    linked = linked_size(node)
    return len(text) if linked * 2 < len(text) else 0
