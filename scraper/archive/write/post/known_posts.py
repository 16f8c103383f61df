"""The known posts that a page may be, by its address and by its article id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import post_urls, posts
from scraper.archive.write.post.page_identity import before_and_after
from scraper.archive.write.post.post_urls import Copy
from scraper.history.identity import is_another_post
from scraper.history.snapshots import Snapshot
from scraper.items import Post


class LivePost(NamedTuple):
    """A live post to compare a page with; `text` is that of its current revision."""

    id: int
    article_id: str
    locale: str
    language: str
    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPosts:
    """The live posts that a page may be: the one whose present address it stands at, and the one
    at another address whose article id it bears."""

    owner: LivePost | None
    namesake: LivePost | None


def find_known(crawl: CrawlContext, post: Post) -> KnownPosts:
    """Find the posts that a page may be."""
    key = {"store": crawl.store_id, "url": post.url, "article_id": post.article_id}
    found = [LivePost(*row) for row in crawl.connection.execute(_KNOWN, key)]
    return KnownPosts(
        owner=next((known for known in found if known.url == post.url), None),
        namesake=next(
            (
                known
                for known in found
                if known.url not in {"", post.url}
                and post_urls.same_language(Copy(*known[:1], *known[2:5]), post)
            ),
            None,
        ),
    )


_KNOWN = """
    SELECT posts.id, posts.article_id, posts.locale, posts.language, posts.url, contents.text
    FROM posts JOIN revisions ON revisions.id = posts.revision_id
    JOIN contents ON contents.id = revisions.content_id
    WHERE posts.store_id = :store AND posts.state = 'live'
        AND (posts.url = :url OR posts.article_id = :article_id AND :article_id != '')
        AND posts.id IN (
            SELECT post_id FROM post_urls WHERE url = :url
            UNION SELECT id FROM posts
            WHERE store_id = :store AND article_id = :article_id AND article_id != ''
        )
"""


def has_other_id(owner: LivePost, post: Post) -> bool:
    """Whether a page bears another article id than the post at its address."""
    return owner.article_id != post.article_id


def compared(crawl: CrawlContext, known: LivePost, post: Post) -> tuple[Snapshot, Snapshot]:
    """Return the current snapshot of a known post, and that of a page as its next revision."""
    return before_and_after(crawl, posts.load_post(crawl.connection, known.id), post)


def shows_another_post(crawl: CrawlContext, namesake: LivePost, post: Post) -> bool:
    """Whether a page at a new address is another post than the one whose article id it bears."""
    before, page = compared(crawl, namesake, post)
    return is_another_post(page, before)
