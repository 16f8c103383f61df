"""From the pages of a crawl to its posts, by the store's template: the first pages wait until it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scraper.exceptions import ExtractionError
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, settle_template, still_fits
from scraper.items import FeedEntry, Template, Visit
from scraper.shopify.urls import canonical_post_url
from scraper.spiders.answers import Page

FIT_PAGES = 5
"""How many pages show that the template of the last crawl still fits."""


@dataclass(slots=True)
class PageReader:
    """Reads pages by the store's template. `known` is the one of the last crawl.

    A page alone says less than the store's pages together, so the first ones are held back, LEARN_PAGES at most; nothing is held once the
    template is settled. Whoever feeds the reader calls `read_rest` when no more pages come.
    """

    known: Template | None
    template: Template | None = None
    settled: bool = False
    _held: list[tuple[Page, FeedEntry | None]] = field(default_factory=list)

    def read(self, page: Page, entry: FeedEntry | None) -> Iterator[Template | Visit]:
        """Yield what can be read now: nothing while pages are held, then the template and all of them."""
        if self.settled:
            yield self._take_post(page, entry)
            return
        self._held.append((page, entry))
        if len(self._held) >= LEARN_PAGES or (len(self._held) == FIT_PAGES and self._known_fits()):
            yield from self.read_rest()

    def read_rest(self) -> Iterator[Template | Visit]:
        """Settle the template on the pages that are held, and read them."""
        if not self._held:
            return
        self.template = settle_template(self._saved(), self.known)
        self.settled = True
        if self.template is not None:
            yield self.template
        while self._held:
            yield self._take_post(*self._held.pop(0))

    def _known_fits(self) -> bool:
        return self.known is not None and still_fits(self.known, self._saved())

    def _saved(self) -> list[SavedPage]:
        return [SavedPage(page.body, page.final_url, entry, page.charset) for page, entry in self._held]

    def _take_post(self, page: Page, entry: FeedEntry | None) -> Visit:
        try:
            post = extract_post(page.body, url=page.final_url, charset=page.charset, feed_entry=entry, template=self.template)
        except ExtractionError as error:
            return unreadable(page, str(error))
        # The address that answered is the post's; a canonical link may name another host, or another post.
        address = canonical_post_url(page.final_url)
        if address and address.url != post.url:
            post = replace(post, url=address.url, locale=address.locale, blog_handle=address.blog_handle, handle=address.handle)
        return Visit(capture=page.capture, wanted="post", post=post)


def unreadable(page: Page, why: str) -> Visit:
    """An answer that shows no post though it seemed to."""
    return Visit(capture=replace(page.capture, verdict="unreadable", detail=why), wanted="post")
