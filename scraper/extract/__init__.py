"""Pages and text dumps to posts: pure functions, nothing is fetched, opened or logged here."""

from scraper.extract.dump import extract_text_dump
from scraper.extract.post import LEARN_PAGES, SavedPage, extract_post, keeps_template, settle_template
from scraper.extract.text import text_to_words

__all__ = ["LEARN_PAGES", "SavedPage", "extract_post", "extract_text_dump", "keeps_template", "settle_template", "text_to_words"]
