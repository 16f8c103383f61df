"""Find the element that holds a post's body, by the surest evidence that a page offers."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.exceptions import ExtractionError, PageRejected
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.container import (
    BodyCandidate,
    BodyMatch,
    candidate_with_letters,
    choose_candidate,
    list_candidates,
    prose_outside,
    smallest_containing,
)
from scraper.extract.body.density import find_by_density
from scraper.extract.dom import ancestors_in_body, is_inside, visible_size, visible_text
from scraper.extract.page.elements import PageElements
from scraper.extract.page.parsed_page import ParsedPage
from scraper.extract.page.text import letters_only
from scraper.extract.template.match import find_by_template
from scraper.items import FeedEntry, Template

_THIN: Final = 200  # letters; a container with fewer is checked against what density finds
_SHORTEST_EVIDENCE: Final = 40  # letters
_RUN: Final = 20  # letters; so many in a row are no coincidence
_TAG: Final = re.compile(r"<[^<>]*>")
_MOST: Final = 0.5
_LONGEST_TEASER: Final = 1500  # letters
_LEAST_SHARE: Final = 0.25  # of the page's prose
_LONGEST_NOTE: Final = 400  # characters
_LEVELS: Final = 5  # above a title
_SHOWN: Final = "iframe,video,embed,object,img"
_LONGEST_BODY: Final = 3_000_000  # characters, as in War and Peace; they take a second


def find_body(
    page: ParsedPage,
    author_letters: str,
    elements: PageElements,
    boilerplate: BoilerplateIndex,
    template: Template | None = None,
) -> BodyMatch:
    """Find the element that holds the body.

    Evidence is tried in this order: the template, the feed's text (`author_letters`, as
    `feed_letters` returns it), structured data, known markup, text density. Where the feed's text
    is known, the template's element must hold most of it, and the page not the whole of it
    elsewhere. Raises ExtractionError where the page holds no prose, or more than anybody writes.
    """
    if page.body is None:
        raise ExtractionError("no_body: the page has no body element")
    match = _match_template(page.body, author_letters, template)
    if match is None:
        match = _match_page(page, author_letters, elements, boilerplate)
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
    holds_most = share_held(letters, author_letters) >= _MOST
    return match if not is_elsewhere and holds_most else None


def share_held(letters: str, author_letters: str) -> float:
    """Return the share of an author's runs of letters that stand in other letters."""
    runs = [author_letters[at : at + _RUN] for at in range(0, len(author_letters), _RUN)]
    return sum(run in letters for run in runs) / len(runs)


def _match_page(
    page: ParsedPage, author_letters: str, elements: PageElements, boilerplate: BoilerplateIndex
) -> BodyMatch:
    candidates = list_candidates(page, elements, boilerplate)
    match = _match_letters(page, candidates, author_letters, "feed")
    if match is not None:
        return match
    match = choose_candidate(candidates, boilerplate)
    if match is not None:
        return _replace_thin(page, candidates, match, boilerplate)
    by_density = find_by_density(page, boilerplate)
    by_density = _film_under_title(boilerplate, by_density) or by_density
    if by_density is None:
        raise ExtractionError("no_prose: nothing on the page reads like a post")
    return _match_letters(page, candidates, jsonld_letters(page), "jsonld") or by_density


def _film_under_title(
    boilerplate: BoilerplateIndex, by_density: BodyMatch | None
) -> BodyMatch | None:
    """Match the element around the page's title that shows a film or a picture, where what density
    finds stands apart from the title and is short: a column of the foot."""
    if by_density is not None and boilerplate.prose(by_density.node) > _LONGEST_NOTE:
        return None
    for title in boilerplate.titles:
        for around in islice(ancestors_in_body(title), _LEVELS):
            if by_density is not None and (
                by_density.node.mem_id == around.mem_id or is_inside(by_density.node, around)
            ):
                break
            if around.css_first(_SHOWN) is not None:
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
    if size >= _THIN and not _is_teaser(page, match.node, size, boilerplate):
        return match
    by_jsonld = _match_letters(page, candidates, jsonld_letters(page), "jsonld")
    if by_jsonld is not None:
        return by_jsonld
    by_density = find_by_density(page, boilerplate)
    if by_density is None:
        return match
    outside = prose_outside(match.node, by_density.node, boilerplate)
    # A word or two ("Loading") is no post; one sentence may be.
    is_word = size < _SHORTEST_EVIDENCE and not boilerplate.prose(match.node)
    least = _THIN if is_word else 3 * max(size, _THIN)
    return by_density if outside > least else match


def _is_teaser(
    page: ParsedPage, node: LexborNode, size: int, boilerplate: BoilerplateIndex
) -> bool:
    """Return whether a short container is one of several texts of a page that says much more."""
    if size >= _LONGEST_TEASER or page.body is None:
        return False
    paragraphs = sum(len(one.text()) for one in page.body.css("p"))
    if _LEAST_SHARE * paragraphs <= size:
        return False  # quicker to know than what of it is prose
    return boilerplate.prose(node) < _LEAST_SHARE * boilerplate.prose(page.body)


def jsonld_letters(page: ParsedPage) -> str:
    """Return the letters of the body that the page's JSON-LD quotes; a few are no evidence."""
    bodies = (article.get("articleBody") for article in page.articles)
    letters = next((letters_only(body) for body in bodies if isinstance(body, str)), "")
    return letters if len(letters) >= _SHORTEST_EVIDENCE else ""


def feed_letters(entry: FeedEntry | None) -> str:
    """Return the letters of a feed entry's body, as `letters_only`; empty where it has none."""
    if entry is None or not entry.content_html:
        return ""
    tree = LexborHTMLParser(entry.content_html)
    return letters_only(visible_text(tree.body)) if tree.body is not None else ""


def feed_claim(entry: FeedEntry | None) -> str:
    """Return what a feed entry claims of its post's body, as a hash of the words; empty where it
    has none. Attributes do not count: the address of an image may vary from fetch to fetch."""
    if entry is None or not entry.content_html:
        return ""
    words = " ".join(_TAG.sub(" ", entry.content_html).split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _refuse_too_long(container: LexborNode) -> None:
    size = len(container.text())
    if size > _LONGEST_BODY:
        raise PageRejected(f"too_long: the body has {size} characters, more than anybody writes")
