"""Pages and text dumps to posts: pure functions, nothing is fetched, opened or logged here."""

from scraper.extract.dump import extract_text_dump
from scraper.extract.post import SavedPage, extract_post, learn
from scraper.extract.text import text_to_words

__all__ = ["SavedPage", "extract_post", "extract_text_dump", "learn", "text_to_words"]
