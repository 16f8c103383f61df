"""Reads a page that is about to be reported as edited, so that only what its author did differs
from the page before it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, NamedTuple

from scraper.crawl_evidence import StoredSight, TemplateSettled, UnmovedPost
from scraper.documents.charsets import declared_charset, to_utf8
from scraper.exceptions import ExtractionError, PageLost
from scraper.extensions.crawl_run import CrawlRun
from scraper.extract import (
    CUT,
    Comparison,
    PageFetch,
    SavedPage,
    ends_so_elsewhere,
    find_momentary,
    is_cut,
    learn_from_unmoved,
    learn_volatile,
)
from scraper.extract.template.records import Turning
from scraper.extract.template.stored_pages import stored_fetch
from scraper.extraction_worker import ExtractionWorker, PageParser, PageSource
from scraper.history.diff.varying import Places, varying_figures
from scraper.history.normal_form.text import normal_text
from scraper.history.reconcile import is_same_reading
from scraper.items import Capture, Post, Reread, Template
from scraper.pipelines.control_fetches import ControlFetches
from scraper.spiders.responses import FetchedPage

LEARN_FROM: Final = 6
"""So many pages with their second fetches teach which places vary on all."""

TRIES: Final = 3
"""So many further fetches at most, for what turns up at random may be the same twice."""

TRIES_ALIKE: Final = 2
"""So many further fetches are enough for an edit whose date moved, if they agree with the first;
one is, if posts whose dates stand still have shown no new place that varies."""

OLDER_COPY: Final = "an older copy of the page"


class EditReading(NamedTuple):
    """The post of a page, that of the page before it where it was read again, the further fetches
    of the page, the capture of one that counts instead of the first, and the places of the figures
    that each fetch shows otherwise."""

    post: Post
    before: Reread | None = None
    controls: tuple[Capture, ...] = ()
    instead: Capture | None = None
    moving: Places = frozenset()


class Edits:
    """Reads the page of a post that is about to be reported as edited once more beside its last
    page, by the rules of today and without what varies by itself: between two fetches of one crawl,
    or on the pages of posts whose dates stand still.

    `worker` reads the pages, `keys` are numbers that no page has had. `template` is the store's
    with what was found so in this crawl; None until something was.
    """

    def __init__(
        self,
        run: CrawlRun,
        worker: ExtractionWorker,
        keys: Iterator[int],
        fetches: ControlFetches,
    ) -> None:
        self.run = run
        self.worker = worker
        self.keys = keys
        self.fetches = fetches
        self.template: Template | None = None
        self.pairs: list[list[PageFetch]] = []
        self._shown: list[tuple[UnmovedPost, list[PageFetch]]] | None = None
        self._turning: dict[str, Turning] = {}
        self._controls: list[Capture] = []
        self._fetched: list[bytes] = []
        self._lock = asyncio.Lock()

    async def read(
        self, source: PageSource, post: Post, lastmod: str, template: Template | None
    ) -> EditReading:
        """The post of a page, beside that of the page before the edit where there is one. Raises
        ExtractionError where the page was cut since."""
        page = self.run.previous_page(post.url, lastmod, post.template)
        if page is None:
            return EditReading(post)
        if not page.is_due:
            return await self._read_by_other_rules(page, post, template)
        async with self._lock:  # each learns from those before it
            self._controls.clear()
            self._fetched.clear()
            read = await self._read_beside(page, source, post, template)
            counts = read.instead.body_hash if read.instead else ""
            controls = (one for one in self._controls if one.body_hash != counts)
            return read._replace(controls=tuple(controls))

    async def _read_by_other_rules(
        self, page: StoredSight, post: Post, template: Template | None
    ) -> EditReading:
        """The post beside that of its last page, which other rules than these read: what differs
        between the two by the same rules does not come from them."""
        before = await self._post(self._source(page), template)
        if before is None or before.method != post.method or is_same_reading(before, post):
            return EditReading(post)
        return EditReading(post, Reread(post=before, capture_id=page.capture_id))

    async def _read_beside(
        self, page: StoredSight, source: PageSource, post: Post, template: Template | None
    ) -> EditReading:
        last, read = self._source(page), EditReading(post)
        before = await self._post(last, template)
        if before and before.word_count > post.word_count:
            await self._refuse_cut(last, source, template)
        if before and template and _distance(before, post, source):
            known, fetched = await self._control(source, last, template, is_dated=page.is_dated)
            if known != template:
                read = EditReading(await self._post(source, known) or post)
                before = await self._post(last, known)
            if before:
                read = await self._closest(before, read, source, known, fetched)
                read = read._replace(moving=await self._moving(before, source, known))
        if before is None or before.method != read.post.method:
            return read  # what only a feed's entry cut off would be gone from one of them
        if (self.run.extractor, read.post.template) == page.rules:
            return read
        return read._replace(before=Reread(post=before, capture_id=page.capture_id))

    async def _refuse_cut(
        self, last: PageSource, source: PageSource, template: Template | None
    ) -> None:
        found, call = False, self.worker.call_async
        with suppress(ExtractionError, PageLost):
            found = await call(is_cut, _saved(last), _saved(source), template)
            if found and template and self._shown is None:
                await self._learn_from_unmoved(self.template or template)
            pages = self._pages_since(last.fetched_at) if found else ()
            found = found and not await call(ends_so_elsewhere, pages, template)
        if found:
            raise ExtractionError(CUT)

    async def _control(
        self, source: PageSource, last: PageSource, template: Template, *, is_dated: bool
    ) -> tuple[Template, list[FetchedPage]]:
        """Fetch a page again, until something else than at first is seen: the template with what
        varies, and the fetches that may count instead of the first. A dated edit would be lost with
        an older copy of its page."""
        known, may_count = self.template or template, list[FetchedPage]()
        if is_dated and self.fetches.is_proved_still():
            return known, may_count
        if is_dated and self._shown is None:
            known = await self._learn_from_unmoved(known)
        for number in range(TRIES):
            control = await self._fetch(source)
            if control is None:
                break
            found = await self._compare(source, last, control, known)
            known = found.template
            if found.is_newer or not is_dated:
                may_count.append(control)
            if await self._is_enough(source, control, found, number, is_dated=is_dated):
                break
        return known, may_count

    async def _is_enough(
        self,
        source: PageSource,
        control: FetchedPage,
        found: Comparison,
        number: int,
        *,
        is_dated: bool,
    ) -> bool:
        """Whether no further fetch is needed after this one, the `number`th from 0."""
        first = await self._post(source, found.template)
        again = await self._post(replace(source, body=control.body), found.template)
        is_other = bool(first and again and _distance(first, again, source))
        if not is_dated:
            return is_other or found.varied or found.is_older_copy
        if found.is_older_copy or (found.is_newer and is_other):
            return False
        is_quiet = bool(self._shown) and self.template is None
        return found.varied or number + 1 >= (1 if is_quiet else TRIES_ALIKE)

    async def _closest(
        self,
        before: Post,
        read: EditReading,
        source: PageSource,
        template: Template,
        fetched: Sequence[FetchedPage],
    ) -> EditReading:
        """Of all fetches of the page the one in which the least differs from the page before: what
        the others show besides is nobody's edit."""
        least = _distance(before, read.post, source)
        for control in fetched:
            post = await self._post(replace(source, body=control.body), template)
            if post and (distance := _distance(before, post, source)) < least:
                least, read = distance, EditReading(post, instead=control.capture)
        return read

    async def _moving(self, before: Post, source: PageSource, template: Template) -> Places:
        """The places of the figures that the fetches of the page show otherwise: with three
        readings, of which none is the last page's. A cache may have a copy from before the edit, or
        from between two of them."""
        bodies = [source.body, *self._fetched] if len(self._fetched) > 1 else []
        posts = [await self._post(replace(source, body=body), template) for body in bodies]
        texts = [normal_text(post.text) for post in (before, *posts) if post]
        return varying_figures(texts, texts[0])

    async def _learn_from_unmoved(self, template: Template) -> Template:
        """The template with what varies on the pages of posts whose dates stand still."""
        shown = [(post, await self._pages_of(post)) for post in self.run.unmoved]
        self._shown = [(post, pages) for post, pages in shown if pages]
        posts = [pages for _, pages in self._shown]
        with suppress(ExtractionError, PageLost):
            found = await self.worker.call_async(learn_from_unmoved, posts, template)
            learned, self._turning = found
            self._settle(learned, template)
            return learned
        return template

    async def _pages_of(self, post: UnmovedPost) -> list[PageFetch]:
        """The last page of a post whose date stands still, and its page now."""
        stored = self.run.unmoved_page(post)
        page = await self.fetches.fetch(post.page_url, "unmoved") if stored else None
        if stored is None or page is None:
            return []
        self.fetches.save(page.capture)
        if page.capture.verdict != "ok":
            return []
        now = SavedPage(page.body, page.final_url, post.entry, page.charset)
        last = PageFetch(now, page.capture.fetched_at, is_unmoved=True)
        return [stored_fetch(stored, post.entry), last]

    def _pages_since(self, at: str) -> list[list[PageFetch]]:
        """The pages of those posts by a time, and their pages now."""
        found = [
            (self.run.unmoved_page(post, at), post.entry, pages[-1])
            for post, pages in self._shown or ()
        ]
        return [[stored_fetch(stored, entry), now] for stored, entry, now in found if stored]

    def _settle(self, template: Template, known: Template) -> None:
        """Read by another template from now on, the next crawl too."""
        if template != known:
            self.template = template
            self.run.save(TemplateSettled(template=template))

    async def _fetch(self, source: PageSource) -> FetchedPage | None:
        """The page once more; None where it does not come, which is saved, or is not to be asked
        for."""
        page = await self.fetches.fetch(source.final_url, "edit")
        if page is None or page.capture.verdict == "ok":
            return page
        self._controls.append(page.capture)
        return None

    async def _compare(
        self, source: PageSource, last: PageSource, control: FetchedPage, template: Template
    ) -> Comparison:
        """What varies between the page and its control, which is saved."""
        page, capture, call = _saved(source), control.capture, self.worker.call_async
        again = SavedPage(control.body, control.final_url, source.feed_entry, control.charset)
        found = Comparison(template)
        with suppress(ExtractionError, PageLost):
            pages = _saved(last), page, again
            found = await call(find_momentary, *pages, template, self._turning)
            if not found.is_older_copy and len(self.pairs) < LEARN_FROM:
                first = PageFetch(page, source.fetched_at)
                self.pairs.append([first, PageFetch(again, capture.fetched_at, True)])
                learned = await call(learn_volatile, self.pairs, found.template)
                found = found._replace(template=learned)
        if found.is_older_copy:
            capture = replace(capture, verdict="unreadable", detail=OLDER_COPY)
        else:
            self._fetched.append(control.body)
        self._controls.append(capture)
        self._settle(found.template, template)
        return found

    async def _post(self, source: PageSource, template: Template | None) -> Post | None:
        with suppress(ExtractionError, PageLost):
            return await self.worker.call_async(
                PageParser.read,
                replace(source, key=next(self.keys)),
                template,
                self.run.known.addresses,
            )
        return None

    def _source(self, page: StoredSight) -> PageSource:
        return PageSource(
            key=next(self.keys),
            body=to_utf8(page.body),
            final_url=page.final_url,
            charset=declared_charset(page.content_type),
            feed_entry=None,
            fetched_at=page.fetched_at,
        )


def _saved(source: PageSource) -> SavedPage:
    return SavedPage(source.body, source.final_url, source.feed_entry, source.charset)


def _distance(before: Post, post: Post, source: PageSource) -> int:
    """In how many parts two readings of a page differ. The feed names the title of one alone."""
    parts = [Counter(one.html.split("<")) + Counter(one.text.split("\n")) for one in (before, post)]
    titles = before.title != post.title and source.feed_entry is None
    return titles + ((parts[0] - parts[1]) + (parts[1] - parts[0])).total()
