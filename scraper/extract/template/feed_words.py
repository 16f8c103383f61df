"""Which words of a page are the author's, as the feed has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from scraper.extract.body.feed_match import feed_letters
from scraper.extract.page.text import letters_only
from scraper.extract.template.outline import Outline
from scraper.items import FeedEntry

_RUN: Final = 20  # letters; so many in a row are no coincidence


class FeedWords:
    """The words of a post's entries in the feed."""

    def __init__(self, entries: Iterable[FeedEntry | None]) -> None:
        found = {entry.content_html: entry for entry in entries if entry is not None}
        self._letters = [feed_letters(entry) for entry in found.values()]
        trees = (LexborHTMLParser(html).body for html in found if html)
        self._units = {
            unit.words for tree in trees if tree is not None for unit in Outline(tree).all_units()
        }

    def has(self, words: str) -> bool:
        """Return whether these words are the author's: a block of the entry, or a long run."""
        if words in self._units:
            return True
        letters = letters_only(words) if self._letters else ""
        return len(letters) >= _RUN and any(letters in whole for whole in self._letters)
