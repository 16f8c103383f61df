"""From the pages of a crawl to its posts, by the store's template: the first pages wait until it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scraper.exceptions import ExtractionError
from scraper.extract import LEARN_PAGES, SavedPage, extract_post, settle_template
from scraper.items import FeedEntry, Post, Template, Visit
from scraper.shopify.urls import canonical_post_url
from scraper.spiders.answers import Page


@dataclass(slots=True)
class PageReader:
    """Reads pages by the store's template. `known` is the one of the last crawl.

    A page alone says less than the store's pages together, so pages are held back until whoever feeds the reader calls `read_held`: after
    the answers to the first LEARN_PAGES errands, so that the order in which answers happen to arrive decides nothing, and at the end.
    """

    known: Template | None
    template: Template | None = None
    settled: bool = False
    _held: list[tuple[int, Page, FeedEntry | None]] = field(default_factory=list)

    def read(self, page: Page, entry: FeedEntry | None, number: int) -> Iterator[Visit]:
        """Read the page of the errand of that number, or hold it while the template is not settled."""
        if self.settled:
            yield self._take_post(page, entry)
        else:
            self._held.append((number, page, entry))

    def read_held(self) -> Iterator[Template | Visit]:
        """Settle the template on the pages that are held, yield it, and read them."""
        if not self._held:
            return
        held = sorted(self._held, key=lambda page: page[0])
        self._held.clear()
        first = [SavedPage(page.body, page.final_url, entry) for _, page, entry in held[:LEARN_PAGES]]
        self.template = settle_template(first, self.known)
        self.settled = True
        if self.template is not None:
            yield self.template
        for _, page, entry in held:
            yield self._take_post(page, entry)

    def _take_post(self, page: Page, entry: FeedEntry | None) -> Visit:
        try:
            post = take_post(page.body, final_url=page.final_url, charset=page.charset, entry=entry, template=self.template)
        except ExtractionError as error:
            return unreadable(page, str(error))
        return Visit(capture=page.capture, wanted="post", post=post)


def take_post(body: bytes, *, final_url: str, charset: str, entry: FeedEntry | None, template: Template | None) -> Post:
    """The post of a page that `final_url` answered. Raises ExtractionError."""
    post = extract_post(body, url=final_url, charset=charset, feed_entry=entry, template=template)
    # The address that answered is the post's; a canonical link may name another host, or another post.
    address = canonical_post_url(final_url)
    if address and address.url != post.url:
        post = replace(post, url=address.url, locale=address.locale, blog_handle=address.blog_handle, handle=address.handle)
    return post


def unreadable(page: Page, why: str) -> Visit:
    """An answer that shows no post though it seemed to."""
    return Visit(capture=replace(page.capture, verdict="unreadable", detail=why), wanted="post")
