"""Replay a session into the archive as the crawl that it was: listings first, then each post's page
at its own time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from scraper.archive.captures.sights import load_previous, load_sights
from scraper.archive.store_templates import NO_TEMPLATE
from scraper.archive.write.context import CrawlRules
from scraper.archive.write.writer import Writer
from scraper.crawl_evidence import (
    CrawlEvidence,
    DiscoverySummary,
    ImageAnswer,
    KnownStore,
    StoredSight,
    TemplateSettled,
)
from scraper.documents.charsets import declared_charset, to_utf8
from scraper.exceptions import ExtractionError, PageRejected
from scraper.extract import (
    CUT,
    LEARN_PAGES,
    SavedPage,
    is_cut,
    learn_volatile,
    settle_template,
)
from scraper.extract.template.stored_pages import stored_fetch
from scraper.extract.version import EXTRACTOR
from scraper.extraction_worker import ExtractionWorker, PageParser, PageSource
from scraper.history.crawl_health import CrawlEnd
from scraper.history.images import uploaded_at
from scraper.history.reconcile import is_same_reading
from scraper.history.removal import RING
from scraper.hosts import StoreAddress, hosts_of, same_store
from scraper.imports.addresses import at_store, post_at_store
from scraper.imports.answers import JudgedAnswer, judge_answer
from scraper.imports.sessions import Session
from scraper.imports.spool import AnswerSpool, SpooledAnswer
from scraper.imports.survey import Survey
from scraper.items import FeedEntry, Post, Reread, Template, Verdict, Visit
from scraper.platforms import Platform
from scraper.platforms.posts import read_post_address
from scraper.responses.block_pages import PageSignature
from scraper.responses.content_checks import image_type
from scraper.shopify.page_markers import is_of_another_store, store_seen
from scraper.spiders.candidates import Candidates, FetchCandidate
from scraper.spiders.fetch_tasks import moved_dates

MOST_POSTS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveImport:
    """What an import of WARC files needs. `stores` are the store's addresses, the present one
    first; larger images than `max_image_bytes` are left out; `at` is now (UTC)."""

    archive: Path
    captures: Path
    stores: Sequence[StoreAddress]
    rules: CrawlRules
    user_agent: str
    worker: ExtractionWorker
    max_image_bytes: int
    at: str


@dataclass(frozen=True, slots=True)
class ReplayContext:
    """What the sessions of one import share: its `plan`, its answers, the names of its files, and
    the blog system, where it is not Shopify."""

    plan: ArchiveImport
    spool: AnswerSpool
    source: str
    platform: Platform | None


@dataclass(slots=True)
class SessionReplay:
    """One session as it is written; one that is `past` lies before what the archive holds of the
    store. Its pages enter the history at their own time; its listings say nothing of the store as
    it stands."""

    context: ReplayContext
    session: Session
    writer: Writer
    past: bool
    survey: Survey = field(init=False)
    known: KnownStore = field(init=False)
    template: Template | None = None
    _asked: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _unconfirmed: dict[str, FeedEntry | None] = field(default_factory=dict)
    n_images: int = 0
    _keys: int = 0

    def __post_init__(self) -> None:
        found = Candidates(self._store, MOST_POSTS, lambda _: True)
        if (platform := self.context.platform) is not None:
            found.read_address = partial(read_post_address, platform=platform)
        plan = self.context.plan
        read = partial(plan.worker.call, PageParser.read_listing)
        self.survey = Survey(self._store, plan.user_agent, read, found, platform)

    def run(self) -> None:
        """Write the whole session, and close its row."""
        self.known = self.writer.known_store()
        self._read_listings()
        self._settle_template()
        for page in self._post_pages():
            self._write_post(page)
        self._write_images()
        self._learn_volatile()
        end = CrawlEnd(finished=True, failed_sources=len(self.survey.failed))
        if self.survey.whole and not self.past:
            self.writer.finish_crawl(end, at=self.session.ended_at)
        else:
            self.writer.finish_import(self.session.ended_at)

    def _save(self, evidence: CrawlEvidence, at: str) -> None:
        self.writer.record(evidence, at)

    def _read_listings(self) -> None:
        order = self.survey.order
        answers = sorted(
            (answer for answer in self.session.answers if answer.kind in order),
            key=lambda answer: order.index(answer.kind),
        )
        for answer in answers:
            for evidence, at in self.survey.read(answer.kind, self._judged(answer)):
                if isinstance(evidence, Visit) or not self.past:
                    self._save(evidence, at)
        if self.survey.whole and not self.past:
            known = [*(post.url for post in self.known.posts), *self.known.pending]
            self._save(self.survey.found.add_unlisted(known), self.session.started_at)
            self._save(self._summary(), self.session.started_at)

    def _summary(self) -> DiscoverySummary:
        fetched = (at_store(answer.url, self._store) for answer in self._posts())
        summary = self.survey.summary(self.known, fetched)
        posts = {post.url: post for post in self.known.posts}
        dates = moved_dates(self.survey.found.posts, posts)
        moved = dates.judge(self.session.started_at, self.known.dates_moved)
        return replace(summary, dates_moved=moved)

    @property
    def _store(self) -> StoreAddress:
        return self.context.plan.stores[0]

    @property
    def _not_found(self) -> PageSignature | None:
        if self.survey.not_found or not any(self.known.not_found):
            return self.survey.not_found
        title, heading = self.known.not_found
        return PageSignature(title=title, heading=heading)

    def _judged(self, answer: SpooledAnswer) -> JudgedAnswer:
        spool, store = self.context.spool, self._store
        return judge_answer(
            spool.load(answer),
            kind=answer.kind,
            store=store,
            asked=self._asked.get(at_store(answer.url, store), ""),
            not_found=self._not_found if answer.kind == "post" else None,
            source=f"{self.context.source}, imported {self.context.plan.at}",
        )

    def _posts(self) -> Iterator[SpooledAnswer]:
        return (answer for answer in self.session.answers if answer.kind == "post")

    def _settle_template(self) -> None:
        """Learn from the first pages, as a crawl does."""
        pages: list[SavedPage] = []
        for answer in self._posts():
            page = self._judged(answer)
            if page.judgement.verdict == "ok":
                entry = self._entry(page.url)
                pages.append(SavedPage(page.body, page.own_url, entry, page.charset))
            if len(pages) == LEARN_PAGES:
                break
        self.template = self.known.template
        if pages:
            with suppress(ExtractionError):
                self.template = self.context.plan.worker.call(settle_template, pages, self.template)
            self.writer.record(TemplateSettled(template=self.template), self.session.started_at)

    def _listed(self, url: str) -> FetchCandidate | None:
        address = self.survey.found.read_address(url)
        return self.survey.found.posts.get(address.url) if address else None

    def _entry(self, url: str) -> FeedEntry | None:
        listed = self._listed(url)
        return listed.entry if listed else None

    def _lastmod(self, url: str) -> str:
        listed = self._listed(url)
        return listed.lastmod if listed else ""

    def _post_pages(self) -> Iterator[JudgedAnswer]:
        """The pages of posts; every other answer is written on the way."""
        for answer in self._posts():
            page = self._judged(answer)
            verdict = page.judgement.verdict
            if verdict == "renamed":
                self._follow(page)
            elif verdict != "ok":
                self._save(page.visit("post"), answer.at)
            elif is_of_another_store(page.judgement.markers, self.known.shop_id):
                wrong = page.judged_as("unreadable", "a page of another store")
                self._save(wrong.visit("post"), answer.at)
            elif answer.is_control or page.url in self._seen:
                self._save(page.visit("control"), answer.at)
            else:
                self._seen.add(page.url)
                yield page

    def _follow(self, page: JudgedAnswer) -> None:
        """Remember where a redirect leads: the page there was asked for under this address."""
        target, capture = page.judgement.target, page.capture
        asked = self._asked.get(page.url, page.url)
        if not same_store(target, hosts_of(self._store)):
            self._save(page.visit("post"), capture.fetched_at)
            return
        if target == asked:
            if not page.judgement.same_address:
                ring = page.judged_as("unreadable", RING)
                self._save(ring.visit("post"), capture.fetched_at)
            return
        self._asked[target] = asked
        address = self.survey.found.read_address(target)
        if address and not page.judgement.same_address:
            capture = replace(capture, final_url=address.url)
            self._save(Visit(capture=capture, resource_type="post"), capture.fetched_at)

    def _write_post(self, page: JudgedAnswer) -> None:
        at, entry, lastmod = page.capture.fetched_at, self._entry(page.url), self._lastmod(page.url)
        try:
            post = self._read(page.body, page.own_url, page.charset, entry, at)
            before = self._read_before(page, post, entry, lastmod)
        except ExtractionError as error:
            verdict: Verdict = "rejected" if isinstance(error, PageRejected) else "unreadable"
            self._save(page.judged_as(verdict, str(error)).visit("post"), at)
            return
        markers = page.judgement.markers
        if markers is not None and not self.known.shop_id and not self._seen - {page.url}:
            self._save(store_seen(self._store.origin, markers), at)
        pending = self.writer.counts["pending"]
        visit = Visit(
            capture=page.capture,
            resource_type="post",
            post=post,
            lastmod=lastmod,
            before=before,
        )
        self._save(visit, at)
        if self.writer.counts["pending"] > pending:
            self._unconfirmed[post.url] = entry

    def _write_images(self) -> None:
        """Write the images that the pages of posts show."""
        shown = {image.url for image in self.writer.next_images(MOST_POSTS)}
        for url, answer in self.session.images(self.known.addresses).items():
            if url in shown:
                capture = replace(self._judged(answer).capture, url=url)
                image = ImageAnswer(
                    url=url,
                    capture=capture,
                    media_type=image_type(capture.body),
                    uploaded_at=uploaded_at(url, capture.last_modified),
                )
                self._save(image, answer.at)
                self.n_images += 1

    def _read(self, body: bytes, url: str, charset: str, entry: FeedEntry | None, at: str) -> Post:
        self._keys += 1
        source = PageSource(
            key=self._keys,
            body=body,
            final_url=url,
            charset=charset,
            feed_entry=entry,
            fetched_at=at,
        )
        addresses = self.known.addresses
        post = self.context.plan.worker.call(PageParser.read, source, self.template, addresses)
        return post_at_store(post, self._store)

    def _read_before(
        self, page: JudgedAnswer, post: Post, entry: FeedEntry | None, lastmod: str
    ) -> Reread | None:
        """The page of a post before its date moved, or one with other content, if another template
        read it. Raises ExtractionError where the page was cut since."""
        connection, captures = self.writer.db.conn, self.context.plan.captures
        rules = (EXTRACTOR, post.template or NO_TEMPLATE)
        last = load_previous(connection, captures, post.url, lastmod=lastmod, rules=rules)
        before = self._read_stored(last) if last else None
        if last is None or before is None:
            return None
        is_later = last.fetched_at < page.capture.fetched_at
        if is_later and last.is_due and before.word_count > post.word_count:
            self._refuse_cut(last, SavedPage(page.body, page.own_url, entry, page.charset))
        is_alike = before.method == post.method
        is_needed = last.is_dated or not is_same_reading(before, post)
        if last.rules == rules or not is_alike or not is_needed:
            return None
        return Reread(post=before, capture_id=last.capture_id)

    def _read_stored(self, page: StoredSight) -> Post | None:
        charset = declared_charset(page.content_type)
        with suppress(ExtractionError):
            return self._read(to_utf8(page.body), page.final_url, charset, None, page.fetched_at)
        return None

    def _refuse_cut(self, last: StoredSight, page: SavedPage) -> None:
        found = False
        with suppress(ExtractionError):
            found = self.context.plan.worker.call(
                is_cut, stored_fetch(last, None).page, page, self.template
            )
        if found:
            raise ExtractionError(CUT)

    def _learn_volatile(self) -> None:
        """Learn which places vary by themselves, for the next session."""
        template = self.template
        if template is None or self.past:
            return
        knows_places = any(block.learned_from == "sights" for block in template.blocks)
        if not self._unconfirmed and not knows_places:
            return
        urls, crawl_id = list(self._unconfirmed), self.writer.crawl.crawl_id
        plan = self.context.plan
        posts = load_sights(plan.archive, plan.captures, crawl_id, urls)
        sights = [
            [stored_fetch(stored, self._unconfirmed.get(stored.post_url)) for stored in stored_post]
            for stored_post in posts
        ]
        with suppress(ExtractionError):
            learned = plan.worker.call(learn_volatile, sights, template)
            if learned != template:
                self.writer.record(TemplateSettled(template=learned), self.session.ended_at)
