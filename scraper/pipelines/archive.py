"""Saves each post and its links in the archive, and hands on the clean post."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from scraper.author_names import split_authors
from scraper.extensions.crawl_run import CrawlRun
from scraper.items import CleanPost, Post, Visit


class ArchivePipeline:
    """Saves a `Visit` and turns it into its `CleanPost`.

    A post that could not be saved, or that is quarantined until the crawl's end since it may not
    be the post of its address, is dropped (``archive/not_saved``).
    """

    def __init__(self, run: CrawlRun) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(CrawlRun.of(crawler))

    def process_item(self, item: Any) -> Any:
        """The clean post. Raises DropItem where it was not saved."""
        if not isinstance(item, Visit):
            return item
        post: Post = ItemAdapter(item)["post"]
        pending = self._n_pending
        saved = self.run.save(item)
        for control in item.controls:
            self.run.save(Visit(capture=control, resource_type="control"))
        if self._n_pending > pending:
            self.run.unconfirmed[post.url] = item.feed_entry
        if not saved:
            self.run.crawler.stats.inc_value("archive/not_saved")
            raise DropItem(f"{post.url} was not saved", log_level="INFO")
        return clean_post(post)

    @property
    def _n_pending(self) -> int:
        return self.run.recorder.counts["pending"] if self.run.recorder else 0


def clean_post(post: Post) -> CleanPost:
    """A post in plain values, ready for any of Scrapy's feed exports."""
    return CleanPost(
        url=post.url,
        blog=post.blog_handle,
        handle=post.handle,
        article_id=post.article_id,
        title=post.title,
        author=post.author,
        authors=list(split_authors(post.author)),
        published_at=post.published_at,
        modified_at=post.modified_at,
        excerpt=post.excerpt,
        image_url=post.image_url,
        language=post.language,
        tags=list(post.tags),
        word_count=post.word_count,
        text=post.text,
        markdown=post.markdown,
        html=post.html,
        links=[{"url": link.url, "kind": link.kind, "anchor": link.anchor} for link in post.links],
        codes=[asdict(code) for code in post.codes],
    )
