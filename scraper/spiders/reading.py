"""From the pages of a crawl to its posts, by the store's template: the first pages wait until it is
settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from scraper.exceptions import ExtractionError
from scraper.extract import LEARN_PAGES, SavedPage, keeps_template, settle_template, take_post
from scraper.items import FeedEntry, Template, TemplateSettled, Visit
from scraper.spiders.responses import FetchedPage


class PendingPage(NamedTuple):
    """A page of a post: its feed entry if there is one, what the listings said of when it was last
    modified, its errand's number."""

    page: FetchedPage
    entry: FeedEntry | None
    lastmod: str
    number: int


@dataclass(slots=True)
class PageReader:
    """Reads pages by the store's template. `known` is the one of the last crawl; `settled` says
    that `template` holds from the start; `addresses` are the origins at which the store stood.

    A page alone says less than the store's pages together, so pages are held back until whoever
    feeds the reader calls `read_held`: after the answers to the first LEARN_PAGES errands, so that
    the order in which answers happen to arrive decides nothing, and at the end.
    """

    known: Template | None
    addresses: tuple[str, ...] = ()
    template: Template | None = None
    settled: bool = False
    _held: list[PendingPage] = field(default_factory=list)

    def read(self, held: PendingPage) -> Iterator[Visit]:
        """Read a page, or hold it while the template is not settled."""
        if self.settled:
            yield self._take_post(held)
        else:
            self._held.append(held)

    def lacks_pages(self) -> int:
        """How many more pages are needed to learn from: none, unless the template that is known no
        longer fits the few that are held."""
        few = 0 < len(self._held) < LEARN_PAGES
        return (
            LEARN_PAGES - len(self._held)
            if few and self.known and not keeps_template(_saved(self._held), self.known)
            else 0
        )

    def read_held(self) -> Iterator[TemplateSettled | Visit]:
        """Settle the template on the pages that are held, say so, and read them."""
        if not self._held:
            return
        held = sorted(self._held, key=lambda page: page.number)
        self._held.clear()
        self.template = settle_template(_saved(held[:LEARN_PAGES]), self.known)
        self.settled = True
        yield TemplateSettled(template=self.template)
        for page in held:
            yield self._take_post(page)

    def _take_post(self, held: PendingPage) -> Visit:
        page = held.page
        try:
            post = take_post(
                page.body,
                final_url=page.final_url,
                charset=page.charset,
                entry=held.entry,
                template=self.template,
                addresses=self.addresses,
            )
        except ExtractionError as error:
            return unreadable(page, str(error))
        return Visit(capture=page.capture, resource_type="post", post=post, lastmod=held.lastmod)


def _saved(held: list[PendingPage]) -> list[SavedPage]:
    return [SavedPage(page.body, page.final_url, entry) for page, entry, _, _ in held]


def unreadable(page: FetchedPage, why: str) -> Visit:
    """An answer that shows no post though it seemed to."""
    return Visit(
        capture=replace(page.capture, verdict="unreadable", detail=why), resource_type="post"
    )
