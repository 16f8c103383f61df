"""Pages and text dumps to posts: pure functions, nothing is fetched, opened or logged here."""

from scraper.extract.body.feed_match import feed_claims
from scraper.extract.page.parsed_page import ParsedPage, parse_page
from scraper.extract.page.text import text_to_words
from scraper.extract.post import extract_post, take_post
from scraper.extract.template.cut import CUT, ends_so_elsewhere, is_cut
from scraper.extract.template.momentary import Comparison, find_momentary
from scraper.extract.template.settle import (
    LEARN_PAGES,
    SavedPage,
    keeps_template,
    settle_template,
)
from scraper.extract.template.sights import PageFetch
from scraper.extract.template.volatile import learn_from_unmoved, learn_volatile
from scraper.extract.text_dump import extract_text_dump

__all__ = [
    "CUT",
    "LEARN_PAGES",
    "Comparison",
    "PageFetch",
    "ParsedPage",
    "SavedPage",
    "ends_so_elsewhere",
    "extract_post",
    "extract_text_dump",
    "feed_claims",
    "find_momentary",
    "is_cut",
    "keeps_template",
    "learn_from_unmoved",
    "learn_volatile",
    "parse_page",
    "settle_template",
    "take_post",
    "text_to_words",
]
