"""Decide by which template a store's pages are read: the known one, or one learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from scraper.exceptions import ExtractionError
from scraper.extract.body.boilerplate_index import BoilerplateIndex
from scraper.extract.body.container import BodyMatch
from scraper.extract.body.density import find_by_density
from scraper.extract.body.feed_match import feed_letters
from scraper.extract.body.find_body import find_body, jsonld_letters
from scraper.extract.dom import visible_text
from scraper.extract.page.parsed_page import ParsedPage, as_parsed
from scraper.extract.page.text import letters_only
from scraper.extract.template.learn import (
    MIN_PAGES,
    NEARLY_ALL,
    Sample,
    learn_template,
    texts_of,
    with_blocks,
)
from scraper.extract.template.match import find_by_template
from scraper.extract.template.repetition import Phrase, shared_phrases
from scraper.items import FeedEntry, Template

LEARN_PAGES: Final = 20
"""How many of a store's article pages are enough to learn its template from."""

_MEDIA: Final = "iframe,video,img"
_FEW_PAGES_SHARE: Final = 0.5


class SavedPage(NamedTuple):
    """An article page to learn from: its source or its tree, its address, its entry of the blog's
    feed where there is one, and its charset as served."""

    html: bytes | str | ParsedPage
    url: str
    entry: FeedEntry | None = None
    charset: str | None = None


def keeps_template(pages: Sequence[SavedPage], known: Template) -> bool:
    """Return whether a store's pages can still be read by the template that is known of it."""
    return _still_fits(known, _samples(pages))


def settle_template(pages: Sequence[SavedPage], known: Template | None = None) -> Template | None:
    """Return the known template as long as it fits these pages, else one learned from them.

    A template that was learned without the author's text gives way as soon as the feed has it.
    Returns None where the pages share nothing.
    """
    samples = _samples(pages)
    if known is not None and _still_fits(known, samples):
        return known
    learned = learn_template(_refine(samples))
    if known is None:
        return learned
    if learned is None:
        return known
    is_same_evidence = learned.learned_from == known.learned_from
    if is_same_evidence and _fits(known, samples):
        return known
    # Apps outlive themes; what no longer varies comes back by itself.
    sights = [block for block in known.blocks if block.learned_from == "sights"]
    return with_blocks(learned, [*learned.blocks, *sights]) if sights else learned


def _still_fits(known: Template, samples: Sequence[Sample]) -> bool:
    """Return whether a template leads to the bodies, and no better evidence has turned up.

    A few pages may by chance be of a kind that is rare in the store, so half of them are enough.
    """
    with_feed = [
        sample for sample in samples if sample.author_letters and sample.evidence_source == "feed"
    ]
    share = NEARLY_ALL if len(samples) >= LEARN_PAGES else _FEW_PAGES_SHARE
    is_outdone = known.learned_from == "pages" and len(with_feed) >= MIN_PAGES
    return _fits(known, samples, share) and not is_outdone


def _fits(template: Template, samples: Sequence[Sample], share: float = NEARLY_ALL) -> bool:
    """Return whether a template leads to the bodies of this share of the pages; after a change of
    theme it leads to none."""
    found = sum(find_by_template(sample.root, template) is not None for sample in samples)
    return found >= share * len(samples)


def _samples(pages: Sequence[SavedPage]) -> list[Sample]:
    return [sample for page in pages if (sample := _sample(page))]


def _sample(saved: SavedPage) -> Sample | None:
    from_feed = feed_letters(saved.entry)
    try:
        page = as_parsed(saved.html, url=saved.url, charset=saved.charset)
        boilerplate = BoilerplateIndex(page)
        match = find_body(page, from_feed, boilerplate)
    except ExtractionError:
        return None
    if not from_feed and not boilerplate.prose(match.node) and match.node.css_first(_MEDIA):
        return None  # a film or a picture alone does not show where texts stand
    if from_feed and (match.method == "feed" or not _holds(match, from_feed)):
        return Sample(page, boilerplate, match, from_feed, "feed")
    return Sample(page, boilerplate, match, jsonld_letters(page), "jsonld")


def _holds(match: BodyMatch, letters: str) -> bool:
    """Return whether a body holds these letters in one run: if so though the feed did not lead to
    it, the entry is only a part of the post, and shows nothing of the theme."""
    return letters in letters_only(visible_text(match.node))


def _refine(samples: list[Sample]) -> list[Sample]:
    """Find uncertain bodies again, without the phrases that the store's other pages share."""
    uncertain = [sample for sample in samples if sample.match.may_hold_boilerplate]
    if len(uncertain) < MIN_PAGES:
        return samples
    shared = shared_phrases(texts_of(sample.root) for sample in samples)
    return [_refined(sample, shared) for sample in samples]


def _refined(sample: Sample, shared: frozenset[Phrase]) -> Sample:
    if not sample.match.may_hold_boilerplate:
        return sample
    match = find_by_density(sample.page, sample.boilerplate, shared)
    return replace(sample, match=match) if match is not None else sample
