"""Learn what a store's article pages share, and use it: which element holds the body, which blocks
inside it are the theme's.

The idea is published: take the element most like the feed's text, make it a rule, keep the rule
that holds on most pages, and learn the blocks inside it that never carry the author's words as
exclusions (BlogForever, WIMS 2014).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.container import Found
from scraper.extract.dom import child_elements, children, visible_text
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only
from scraper.extract.template.dom_path import (
    elements_at,
    is_named,
    join_path,
    numbered_path,
    step,
    unnumbered,
)
from scraper.items import Evidence, Template, TemplateBlock, TemplateBody

MIN_PAGES: Final = 2
"""A path that holds the body on fewer pages is no template."""

_FEW: Final = 4  # pages; what only repeats must repeat on so many, what the author's words disprove on MIN_PAGES
NEARLY_ALL: Final = 0.8
_WHOLE: Final = 0.6  # of an element's letters; some themes tell an article's beginning only
_CONFIDENCE: Final[dict[Evidence, float]] = {"feed": 0.99, "jsonld": 0.98, "pages": 0.96}
_FRAMED: Final = 0.7
_SILENT: Final = frozenset({"script", "style", "noscript", "template"})
_MOST_ELEMENTS: Final = 5000


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to learn from: where its body was found, and the author's words (squashed) where
    something tells them."""

    page: ParsedPage
    places: BoilerplateIndex
    found: Found
    words: str
    told_by: Evidence

    @property
    def root(self) -> LexborNode:
        """The page's body element."""
        assert self.page.body is not None, "a body was found in it"
        return self.page.body


@dataclass(slots=True)
class _Tally:
    """On which pages the blocks at one path were the theme's or the author's, by the letters they
    hold."""

    theme: Counter[str] = field(default_factory=Counter)
    author: Counter[str] = field(default_factory=Counter)
    evidence: Evidence = "pages"


def learn_template(samples: Sequence[Sample]) -> Template | None:
    """Learn from the article pages of one store; None where no two of them hold their bodies in the
    same place."""
    by_path = _by_path(samples)
    shared = {path: pages for path, pages in by_path.items() if len(pages) >= MIN_PAGES}
    if not shared:
        return None
    bodies = [_learn_body(path, pages, samples) for path, pages in shared.items()]
    bodies.sort(key=lambda body: (-body.pages, -_CONFIDENCE[body.learned_from], body.path))
    blocks = [block for pages in shared.values() for block in _learn_blocks(pages)]
    merged = _merged(blocks)
    return Template(
        version=_digest(
            *(body.path for body in bodies), "", *(f"{block.path} {block.text}" for block in merged)
        ),
        fingerprint=_digest(*sorted(body.path for body in bodies)),
        bodies=tuple(bodies),
        blocks=tuple(merged),
        pages=len(samples),
    )


def _by_path(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    """The samples by the path to their body, with its number where the theme wraps other things
    alike (cards of other posts).

    Pages on which the body has no twin count as those where it is the first; where the numbers
    disagree, they say nothing.
    """
    numbered: defaultdict[str, defaultdict[str, list[Sample]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for sample in samples:
        path = numbered_path(sample.found.node, sample.root)
        numbered[unnumbered(path)][path].append(sample)
    found: dict[str, list[Sample]] = {}
    for path, kinds in numbered.items():
        first = f"{path} (1)"
        agreed = (
            next(iter(kinds)) if len(kinds) == 1 else first if set(kinds) == {path, first} else path
        )
        found[agreed] = [sample for pages in kinds.values() for sample in pages]
    return found


def find_by_template(root: LexborNode, template: Template) -> Found | None:
    """The element that holds the body of a page by what was learned; None where no learned path
    leads to a text or a picture."""
    for body in template.bodies:
        nodes = [node for node in elements_at(root, body.path) if _shows_something(node)]
        if nodes:
            node = (
                max(nodes, key=lambda node: len(visible_text(node))) if len(nodes) > 1 else nodes[0]
            )
            return Found(
                node,
                "template",
                _FRAMED if body.framed else _CONFIDENCE[body.learned_from],
                body.learned_from,
                body.framed,
            )
    return None


def fits(template: Template, samples: Sequence[Sample], share: float = NEARLY_ALL) -> bool:
    """Whether a template still leads to the bodies of nearly all pages, or of a share of them;
    after a change of theme to none."""
    return sum(
        find_by_template(sample.root, template) is not None for sample in samples
    ) >= share * len(samples)


def theme_blocks(
    container: LexborNode, template: Template
) -> Iterator[tuple[LexborNode, TemplateBlock]]:
    """The outermost elements inside a body's element that the template knows as the theme's."""
    if not template.blocks:
        return
    known: defaultdict[str, list[TemplateBlock]] = defaultdict(list)
    for block in template.blocks:
        known[block.path].append(block)
    waiting = [(child, step(child)) for child in child_elements(container)]
    while waiting:
        node, path = waiting.pop()
        fitting = [
            block
            for block in known.get(path, ())
            if not block.text or block.text == letters_only(visible_text(node))
        ]
        if fitting:
            yield node, fitting[0]
        elif any(other.startswith(f"{path} ") for other in known):
            waiting += [(child, join_path(path, step(child))) for child in child_elements(node)]


def _learn_body(path: str, pages: Sequence[Sample], samples: Sequence[Sample]) -> TemplateBody:
    """What the author's words prove holds wherever the path leads; what only a page's markup
    suggested, where it was found so."""
    evidence = _best_evidence(pages)
    holds = len(pages)
    if evidence != "pages":
        holds = sum(
            any(map(_shows_something, elements_at(sample.root, path))) for sample in samples
        )
    framed = evidence == "pages" and sum(sample.found.framed for sample in pages) * 2 > len(pages)
    return TemplateBody(path=path, framed=framed, learned_from=evidence, pages=holds)


def _best_evidence(pages: Sequence[Sample]) -> Evidence:
    """The best word that at least `MIN_PAGES` of the pages have for it."""
    told = Counter(
        sample.told_by
        for sample in pages
        if sample.words and sample.words in letters_only(visible_text(sample.found.node))
    )
    best: tuple[Evidence, ...] = ("feed", "jsonld")
    return next((evidence for evidence in best if told[evidence] >= MIN_PAGES), "pages")


def _digest(*lines: str) -> str:
    """Twelve hex digits that differ when any of the lines does."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:12]


def _shows_something(node: LexborNode) -> bool:
    return bool((node.text() or "").strip()) or node.css_first("img,iframe,video") is not None


def _learn_blocks(pages: Sequence[Sample]) -> list[TemplateBlock]:
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    for sample in pages:
        _tally_told(sample, tallies)
    told = [block for path, tally in tallies.items() for block in _from_told(path, tally)]
    return told + _from_repetition(pages, tallies)


def _tally_told(sample: Sample, tallies: defaultdict[str, _Tally]) -> None:
    """Hold every element of a body against the author's words; a page on which they do not line up
    whole teaches nothing."""
    theirs = _theirs(sample.found.node, sample.words) if sample.words else None
    if theirs is None:
        return
    waiting = [(child, step(child)) for child in child_elements(sample.found.node)]
    while waiting:
        node, path = waiting.pop()
        is_author, letters = theirs.get(node.mem_id, (False, ""))
        if is_author:
            tallies[path].author[letters] += 1
            waiting += [(child, join_path(path, step(child))) for child in child_elements(node)]
        elif letters:
            tallies[path].theme[letters] += 1
            tallies[path].evidence = sample.told_by


def _theirs(container: LexborNode, words: str) -> dict[int, tuple[bool, str]] | None:
    """For every element with letters, by memory id: whether it holds any of the author's, and its
    own letters. None where the words do not line up with the element's text."""
    marks: dict[int, tuple[bool, str]] = {}
    at = length = 0
    for text, parents in _texts(container):
        letters = letters_only(text)
        if not letters:
            continue
        is_author = words.startswith(letters, at)
        length += len(letters)
        at += len(letters) if is_author else 0
        for parent in parents:
            known, before = marks.get(parent, (False, ""))
            marks[parent] = (known or is_author, before + letters)
    return marks if at == len(words) and at >= _WHOLE * length else None


def texts_of(node: LexborNode) -> Iterator[str]:
    """The texts below an element in order, scripts and styles left out."""
    return (text for text, _ in _texts(node))


def _texts(container: LexborNode) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The texts below an element in order, each with the memory ids of the elements around it, the
    outermost first."""
    waiting: list[tuple[LexborNode, tuple[int, ...]]] = [(container, ())]
    count = 0
    while waiting and count < _MOST_ELEMENTS:
        node, parents = waiting.pop()
        count += 1
        if node.is_text_node:
            yield node.text() or "", parents
        elif node.is_element_node and node.tag not in _SILENT:
            inside = (*parents, node.mem_id) if node.mem_id != container.mem_id else parents
            waiting += [(child, inside) for child in reversed(list(children(node)))]


def _from_told(path: str, tally: _Tally) -> list[TemplateBlock]:
    """A named place that never held the author's words is the theme's; an unnamed one only where
    the letters are the same each time."""
    pages = tally.theme.total()
    if pages >= MIN_PAGES and is_named(path) and not tally.author:
        return [TemplateBlock(path=path, text="", learned_from=tally.evidence, pages=pages)]
    return [
        TemplateBlock(path=path, text=letters, learned_from=tally.evidence, pages=count)
        for letters, count in tally.theme.items()
        if count >= MIN_PAGES and letters and letters not in tally.author
    ]


def _from_repetition(pages: Sequence[Sample], tallies: dict[str, _Tally]) -> list[TemplateBlock]:
    """What stands in the same named place with the same letters on nearly all pages, and is set off
    as a theme's own markup is.

    An author may end every post with the same words too. His blocks come out of the editor without
    indentation; those of a theme's template stand indented beside them. Where the pages do not show
    that difference, nothing is learned.
    """
    if len(pages) < _FEW:
        return []
    counts: Counter[tuple[str, str]] = Counter()
    for sample in pages:
        counts.update(set(_set_off(sample.found.node)))
    return [
        TemplateBlock(path=path, text=letters, learned_from="pages", pages=count)
        for (path, letters), count in counts.items()
        if count >= max(_FEW, NEARLY_ALL * len(pages))
        and not (path in tallies and tallies[path].author[letters])
    ]


def _set_off(container: LexborNode) -> Iterator[tuple[str, str]]:
    """Path and letters of the container's named children that are indented, where most of its
    children are not."""
    children = list(child_elements(container))
    indented = [child for child in children if _is_indented(child)]
    if not children or len(indented) * 2 >= len(children):
        return
    for child in indented:
        told, letters = step(child), letters_only(visible_text(child))
        if is_named(told) and letters:
            yield told, letters


def _is_indented(node: LexborNode) -> bool:
    before = node.prev
    space = (before.text() or "") if before is not None and before.is_text_node else ""
    return not space.strip() and len(space.rpartition("\n")[2].expandtabs(4)) >= 2 and "\n" in space


def _merged(blocks: Sequence[TemplateBlock]) -> list[TemplateBlock]:
    """Each place and text once, the one seen on most pages."""
    best: dict[tuple[str, str], TemplateBlock] = {}
    for block in sorted(blocks, key=lambda block: -block.pages):
        best.setdefault((block.path, block.text), block)
    return sorted(best.values(), key=lambda block: (block.path, block.text))
