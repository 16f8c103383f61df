"""Learn what a store's article pages share: which element holds the body, which blocks inside it
are the theme's.

The idea is published: take the element most like the feed's text, make it a rule, keep the rule
that holds on most pages, and learn the blocks inside it that never carry the author's words as
exclusions (BlogForever, WIMS 2014).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.crawl_evidence import digests_of
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.container import BodyMatch
from scraper.extract.dom import child_elements, children, visible_text
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only
from scraper.extract.template.dom_path import (
    block_step,
    elements_at,
    is_named,
    join_path,
    numbered_path,
    unnumbered,
)
from scraper.extract.template.match import CONFIDENCE, shows_something
from scraper.items import Evidence, Template, TemplateBlock, TemplateBody

MIN_PAGES: Final = 2
"""A path that holds the body on fewer pages is no template."""

NEARLY_ALL: Final = 0.8
"""The share of a store's pages on which a template must lead to the body."""

_MIN_REPEATS: Final = 4  # pages; a text that only repeats is weaker evidence than the author's
_MATCHED_SHARE: Final = 0.6  # of an element's letters; some themes quote an article's start only
_SILENT: Final = frozenset({"script", "style", "noscript", "template"})
_MOST_ELEMENTS: Final = 5000
_ROW_LEVELS: Final = 4
_LONGEST_ROW: Final = 300  # letters
_GOODS: Final = "a[href*='/products'],a[href*='/collections'],form[action*='/cart']"


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to learn from, and where its body was found.

    `author_letters` are the letters of the author's text, from the feed or from structured data as
    `evidence_source` names it; empty where neither has it.
    """

    page: ParsedPage
    boilerplate: BoilerplateIndex
    match: BodyMatch
    author_letters: str
    evidence_source: Evidence

    @property
    def root(self) -> LexborNode:
        """Return the page's body element."""
        assert self.page.body is not None, "a body was found in it"
        return self.page.body


@dataclass(slots=True)
class _Tally:
    """On how many pages the blocks at one path were the theme's or the author's, by their
    letters."""

    theme: Counter[str] = field(default_factory=Counter)
    author: Counter[str] = field(default_factory=Counter)
    evidence: Evidence = "pages"


def learn_template(samples: Sequence[Sample]) -> Template | None:
    """Learn a template from article pages of one store.

    Returns None where no two pages hold their bodies in the same place.
    """
    by_path = _samples_by_path(samples)
    shared = {path: pages for path, pages in by_path.items() if len(pages) >= MIN_PAGES}
    if not shared:
        return None
    bodies = [_learn_body(path, pages, samples) for path, pages in shared.items()]
    bodies = sorted(
        bodies,
        key=lambda body: (
            _is_around_known(body, bodies),
            -body.pages,
            -CONFIDENCE[body.learned_from],
            body.path,
        ),
    )
    blocks = _merged([block for pages in shared.values() for block in _learn_blocks(pages)])
    learned = Template(
        version="",
        fingerprint="",
        bodies=tuple(bodies),
        blocks=(),
        pages=len(samples),
    )
    return with_blocks(learned, blocks)


def _is_around_known(body: TemplateBody, bodies: Sequence[TemplateBody]) -> bool:
    """Return whether a body that density found lies around one of known markup: posts of several
    sections, beside posts of one."""
    inside = join_path(body.path, "")
    return body.framed and any(
        other.path.startswith(inside) and not other.framed for other in bodies
    )


def with_blocks(template: Template, blocks: Sequence[TemplateBlock]) -> Template:
    """Return a template with these blocks instead of its own, in the version that they make."""
    changed = replace(template, blocks=tuple(blocks))
    version, fingerprint = digests_of(changed)
    return replace(changed, version=version, fingerprint=fingerprint)


def texts_of(node: LexborNode) -> Iterator[str]:
    """Yield the texts below an element in order, without scripts and styles."""
    return (text for text, _ in _texts_with_ancestors(node))


def _samples_by_path(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    """Group the samples by the path to their body.

    The path has a number where the theme wraps other things alike (cards of other posts). Pages on
    which the body has no twin count as those where it is the first. Where the numbers disagree,
    they are dropped.
    """
    numbered: defaultdict[str, defaultdict[str, list[Sample]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for sample in samples:
        path = numbered_path(sample.match.node, sample.root)
        numbered[unnumbered(path)][path].append(sample)
    return {
        _agreed_path(path, list(by_number)): [
            sample for pages in by_number.values() for sample in pages
        ]
        for path, by_number in numbered.items()
    }


def _agreed_path(path: str, numbered: list[str]) -> str:
    if len(numbered) == 1:
        return numbered[0]
    first = f"{path} (1)"
    return first if set(numbered) == {path, first} else path


def _learn_body(path: str, pages: Sequence[Sample], samples: Sequence[Sample]) -> TemplateBody:
    """Learn one place of a body.

    Where the author's text proves the place, it counts on all pages on which the path leads
    somewhere; where only markup suggests it, on the pages where the body was found there.
    """
    evidence = _best_evidence(pages)
    holds = len(pages)
    if evidence != "pages":
        holds = sum(any(map(shows_something, elements_at(sample.root, path))) for sample in samples)
    uncertain = sum(sample.match.may_hold_boilerplate for sample in pages)
    framed = evidence == "pages" and uncertain * 2 > len(pages)
    return TemplateBody(path=path, framed=framed, learned_from=evidence, pages=holds)


def _best_evidence(pages: Sequence[Sample]) -> Evidence:
    """Return the best evidence that at least `MIN_PAGES` of the pages have for their body."""
    proven = Counter(
        sample.evidence_source
        for sample in pages
        if sample.author_letters
        and sample.author_letters in letters_only(visible_text(sample.match.node))
    )
    best: tuple[Evidence, ...] = ("feed", "jsonld")
    return next((evidence for evidence in best if proven[evidence] >= MIN_PAGES), "pages")


def _learn_blocks(pages: Sequence[Sample]) -> list[TemplateBlock]:
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    for sample in pages:
        _tally_blocks(sample, tallies)
    by_letters = [
        block for path, tally in tallies.items() for block in _blocks_by_letters(path, tally)
    ]
    return by_letters + _blocks_by_repetition(pages, tallies)


def _tally_blocks(sample: Sample, tallies: defaultdict[str, _Tally]) -> None:
    """Compare every element of a body with the author's text, and count whose it is.

    A page on which the two do not align completely teaches nothing.
    """
    if not sample.author_letters:
        return
    marks = _align(sample.match.node, sample.author_letters)
    waiting = [(child, block_step(child)) for child in child_elements(sample.match.node)]
    while waiting and marks is not None:
        node, path = waiting.pop()
        is_author, letters = marks.get(node.mem_id, (False, ""))
        if is_author:
            tallies[path].author[letters] += 1
            waiting += [
                (child, join_path(path, block_step(child))) for child in child_elements(node)
            ]
        elif letters:
            tallies[path].theme[letters] += 1
            tallies[path].evidence = sample.evidence_source


def _align(container: LexborNode, author_letters: str) -> dict[int, tuple[bool, str]] | None:
    """Map each element with letters, by memory id, to whether it holds any of the author's, and to
    its own letters; None where the author's text does not align with the element's."""
    marks: dict[int, tuple[bool, str]] = {}
    at = length = 0
    for text, around in _texts_with_ancestors(container):
        letters = letters_only(text)
        if not letters:
            continue
        is_author = author_letters.startswith(letters, at)
        length += len(letters)
        if is_author:
            at += len(letters)
        for mem_id in around:
            holds_author, before = marks.get(mem_id, (False, ""))
            marks[mem_id] = (holds_author or is_author, before + letters)
    is_aligned = at == len(author_letters) and at >= _MATCHED_SHARE * length
    return marks if is_aligned else None


def _texts_with_ancestors(container: LexborNode) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the texts below an element in order, each with the memory ids of the elements around
    it, the outermost first."""
    waiting: list[tuple[LexborNode, tuple[int, ...]]] = [(container, ())]
    count = 0
    while waiting and count < _MOST_ELEMENTS:
        node, around = waiting.pop()
        count += 1
        if node.is_text_node:
            yield node.text() or "", around
        elif node.is_element_node and node.tag not in _SILENT:
            inside = (*around, node.mem_id) if node.mem_id != container.mem_id else around
            waiting += [(child, inside) for child in reversed(list(children(node)))]


def _blocks_by_letters(path: str, tally: _Tally) -> list[TemplateBlock]:
    """A named place that never held the author's text is the theme's; an unnamed one only where
    its letters are the same each time."""
    pages = tally.theme.total()
    if pages >= MIN_PAGES and is_named(path) and not tally.author:
        return [TemplateBlock(path=path, text="", learned_from=tally.evidence, pages=pages)]
    return [
        TemplateBlock(path=path, text=letters, learned_from=tally.evidence, pages=count)
        for letters, count in tally.theme.items()
        if count >= MIN_PAGES and letters and letters not in tally.author
    ]


def _blocks_by_repetition(
    pages: Sequence[Sample], tallies: dict[str, _Tally]
) -> list[TemplateBlock]:
    """Learn what stands in one named place with the same letters on nearly all pages, indented.

    An author may end every post with the same words too. Such blocks come out of the editor without
    indentation; those of a theme's template stand indented beside them. Where the pages do not show
    that difference, nothing is learned but the row of a page builder that ends every post and leads
    to the shop's goods.
    """
    if len(pages) < _MIN_REPEATS:
        return []
    counts: Counter[tuple[str, str]] = Counter()
    for sample in pages:
        counts.update({*_indented_blocks(sample.match.node), *_closing_row(sample.match)})
    return [
        TemplateBlock(path=path, text=letters, learned_from="pages", pages=count)
        for (path, letters), count in counts.items()
        if count >= max(_MIN_REPEATS, NEARLY_ALL * len(pages))
        and not (path in tallies and tallies[path].author[letters])
    ]


def _indented_blocks(container: LexborNode) -> Iterator[tuple[str, str]]:
    """Yield step and letters of the container's named children that are indented, where most of
    its children are not."""
    elements = list(child_elements(container))
    indented = [element for element in elements if _is_indented(element)]
    if not elements or len(indented) * 2 >= len(elements):
        return
    for element in indented:
        step, letters = block_step(element), letters_only(visible_text(element))
        if is_named(step) and letters:
            yield step, letters


def _closing_row(match: BodyMatch) -> Iterator[tuple[str, str]]:
    """Yield path and letters of the last element of a body that stands in a builder's rows, where
    it links to the shop's goods and hardly says more."""
    node, path = match.node, ""
    for _ in range(_ROW_LEVELS if match.may_hold_boilerplate else 0):
        rows = [one for one in child_elements(node) if letters_only(one.text())]
        if not rows:
            return
        node, path = rows[-1], join_path(path, block_step(rows[-1]))
        if len(rows) > 1:
            letters = letters_only(visible_text(node))
            if is_named(path) and len(letters) <= _LONGEST_ROW and node.css_first(_GOODS):
                yield path, letters
            return


def _is_indented(node: LexborNode) -> bool:
    before = node.prev
    space = (before.text() or "") if before is not None and before.is_text_node else ""
    return not space.strip() and len(space.rpartition("\n")[2].expandtabs(4)) >= 2 and "\n" in space


def _merged(blocks: Sequence[TemplateBlock]) -> list[TemplateBlock]:
    """Return each place and text once, the one seen on most pages."""
    best: dict[tuple[str, str], TemplateBlock] = {}
    for block in sorted(blocks, key=lambda block: -block.pages):
        best.setdefault((block.path, block.text), block)
    return sorted(best.values(), key=lambda block: (block.path, block.text))
