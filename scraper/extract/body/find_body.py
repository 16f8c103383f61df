"""Find the element that holds a post's body, by the surest evidence that a page offers."""

from __future__ import annotations

from itertools import chain, islice, takewhile
from typing import Final

from selectolax.lexbor import LexborNode

from scraper.exceptions import ExtractionError, PageRejected
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.container import (
    BodyMatch,
    choose_candidate,
    list_candidates,
    prose_outside,
)
from scraper.extract.body.density import find_by_density
from scraper.extract.body.feed_match import (
    candidate_with_letters,
    goes_on,
    holds_most,
    smallest_containing,
)
from scraper.extract.body.other_posts import leave_out_other_posts
from scraper.extract.body.parts import BodyCandidate
from scraper.extract.dom import (
    SHOWN,
    ancestors_in_body,
    is_inside,
    self_and_ancestors,
    siblings_after,
    siblings_before,
    visible_size,
    visible_text,
)
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only
from scraper.extract.template.dom_path import is_named, path_step
from scraper.extract.template.match import find_by_template
from scraper.items import Template

_THIN_BODY: Final = 200  # letters; a container with fewer is checked against what density finds
_SHORTEST_EVIDENCE: Final = 40  # letters
_LONGEST_TEASER: Final = 1500  # letters
_LEAST_SHARE: Final = 0.25  # of the page's prose
_LONGEST_NOTE: Final = 400  # characters
_LEVELS: Final = 5  # above a title
_LONGEST_BODY: Final = 3_000_000  # characters, as in War and Peace; they take a second


def find_body(
    page: ParsedPage,
    author_letters: str,
    boilerplate: BoilerplateIndex,
    template: Template | None = None,
) -> BodyMatch:
    """Find the element that holds the body.

    Evidence is tried in this order: the template, structured data, known markup, text density. The
    feed's text (`author_letters`, as `feed_letters` returns it) outvotes all of them where it
    stands elsewhere on the page, and narrows what the page alone shows, unless it is only a part
    of the post. Raises ExtractionError where the page holds no prose, or more than anybody writes.
    """
    if page.body is None:
        raise ExtractionError("no_body: the page has no body element")
    leave_out_other_posts(page, boilerplate)
    match = _match_template(page.body, author_letters, template)
    if match is None:
        match = _match_page(page, author_letters, boilerplate)
    _refuse_too_long(match.node)
    return match


def _match_template(
    body: LexborNode, author_letters: str, template: Template | None
) -> BodyMatch | None:
    match = find_by_template(body, template) if template is not None else None
    if match is None or not author_letters:
        return match
    letters = letters_only(visible_text(match.node))
    if author_letters in letters:
        return match
    # A widget parts the author's words, or the feed is older than the page, or newer.
    is_elsewhere = author_letters in letters_only(visible_text(body))
    return match if not is_elsewhere and holds_most(letters, author_letters) else None


def _match_page(page: ParsedPage, author_letters: str, boilerplate: BoilerplateIndex) -> BodyMatch:
    candidates = list_candidates(page, boilerplate)
    by_feed = _match_letters(page, candidates, author_letters, "feed")
    match = _match_alone(page, candidates, boilerplate)
    if by_feed is not None and (
        match is None or not _is_part(author_letters, by_feed, match, boilerplate)
    ):
        return by_feed
    if match is None:
        raise ExtractionError("no_prose: nothing on the page reads like a post")
    return match


def _match_alone(
    page: ParsedPage, candidates: list[BodyCandidate], boilerplate: BoilerplateIndex
) -> BodyMatch | None:
    """Match what the page shows without a feed."""
    match = choose_candidate(candidates, boilerplate)
    if match is not None:
        return _replace_thin(page, candidates, match, boilerplate)
    by_density = find_by_density(page, boilerplate)
    by_density = _film_under_title(boilerplate, by_density) or by_density
    if by_density is None:
        return None
    return _match_jsonld(page, candidates, by_density, boilerplate) or by_density


def _match_jsonld(
    page: ParsedPage,
    candidates: list[BodyCandidate],
    match: BodyMatch,
    boilerplate: BoilerplateIndex,
) -> BodyMatch | None:
    letters = jsonld_letters(page)
    quoted = _match_letters(page, candidates, letters, "jsonld")
    if quoted is None or _is_part(letters, quoted, match, boilerplate):
        return None
    return quoted


def _is_part(
    letters: str, quoted: BodyMatch, match: BodyMatch, boilerplate: BoilerplateIndex
) -> bool:
    """Return whether the letters that were found on a page are only a part of what it alone
    shows."""
    if quoted.node.mem_id == match.node.mem_id or is_inside(quoted.node, match.node):
        return goes_on(match.node, letters, boilerplate)
    return False


def _film_under_title(
    boilerplate: BoilerplateIndex, by_density: BodyMatch | None
) -> BodyMatch | None:
    """Match the element around the page's title that shows a film or a picture, where what density
    finds stands outside the title's article and is short: a column of the foot."""
    if by_density is not None and boilerplate.prose(by_density.node) > _LONGEST_NOTE:
        return None
    for title in boilerplate.titles:
        own = next((one for one in ancestors_in_body(title) if one.tag == "article"), None)
        if by_density is not None and own is not None and is_inside(by_density.node, own):
            return None
        for around in islice(ancestors_in_body(title), _LEVELS):
            if by_density is not None and (
                by_density.node.mem_id == around.mem_id or is_inside(by_density.node, around)
            ):
                break
            if around.css_first(SHOWN) is not None:
                return BodyMatch(around, "density", 0.4, may_hold_boilerplate=True)
    return None


def _match_letters(
    page: ParsedPage, candidates: list[BodyCandidate], letters: str, method: str
) -> BodyMatch | None:
    """Match the element that holds these letters, a candidate that holds no others first."""
    if not letters or page.body is None:
        return None
    node = candidate_with_letters(candidates, letters)
    if node is not None:
        return BodyMatch(node, method, 1.0 if method == "feed" else 0.98)
    container = smallest_containing(page.body, letters)
    return BodyMatch(container, method, 0.97) if container is not None else None


def _replace_thin(
    page: ParsedPage,
    candidates: list[BodyCandidate],
    match: BodyMatch,
    boilerplate: BoilerplateIndex,
) -> BodyMatch:
    """Replace a container with little text by what structured data, or else density, finds."""
    known = (
        candidate.size for candidate in candidates if candidate.node.mem_id == match.node.mem_id
    )
    size = next(known, None) or visible_size(match.node)
    if size >= _THIN_BODY and not _is_teaser(page, match.node, size, boilerplate):
        return match
    by_jsonld = _match_jsonld(page, candidates, match, boilerplate)
    if by_jsonld is not None:
        return by_jsonld
    by_density = find_by_density(page, boilerplate)
    if by_density is None:
        return match
    outside = prose_outside(match.node, by_density.node, boilerplate)
    # A word or two ("Loading") is no post; one sentence may be.
    is_word = size < _SHORTEST_EVIDENCE and not boilerplate.prose(match.node)
    least = _THIN_BODY if is_word else 3 * max(size, _THIN_BODY)
    return by_density if outside > least else match


def _is_teaser(
    page: ParsedPage, node: LexborNode, size: int, boilerplate: BoilerplateIndex
) -> bool:
    """Return whether a container, a short one or one block of many alike, is one of several texts
    of a page that says much more."""
    if page.body is None or (size >= _LONGEST_TEASER and not _is_block(page, node, boilerplate)):
        return False
    paragraphs = sum(len(one.text()) for one in page.body.css("p"))
    if _LEAST_SHARE * paragraphs <= size:
        return False  # quicker to know than what of it is prose
    return boilerplate.prose(node) < _LEAST_SHARE * boilerplate.prose(page.body)


def _is_block(page: ParsedPage, node: LexborNode, boilerplate: BoilerplateIndex) -> bool:
    """Return whether a container stands in one of an article's blocks, and the title in another
    one of the same kind."""
    line = {one.mem_id: one for one in self_and_ancestors(node)}
    firsts = [one for one in page.elements.headings if one.tag == "h1"]
    for title in boilerplate.titles or firsts:
        beside = takewhile(lambda one: one.mem_id not in line, self_and_ancestors(title))
        *_, block = title, *beside
        step = path_step(block)
        siblings = chain(siblings_before(block), siblings_after(block))
        alike = (one for one in siblings if one.mem_id in line)
        return is_named(step) and any(path_step(one) == step for one in alike)
    return False


def jsonld_letters(page: ParsedPage) -> str:
    """Return the letters of the body that the page's JSON-LD quotes; a few are no evidence."""
    bodies = (article.get("articleBody") for article in page.articles)
    letters = next((letters_only(body) for body in bodies if isinstance(body, str)), "")
    return letters if len(letters) >= _SHORTEST_EVIDENCE else ""


def _refuse_too_long(container: LexborNode) -> None:
    size = len(container.text())
    if size > _LONGEST_BODY:
        raise PageRejected(f"too_long: the body has {size} characters, more than anybody writes")
