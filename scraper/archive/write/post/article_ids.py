"""Article ids that a page bears wrongly, and new ids of known posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from scraper.archive.statements import update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import post_urls
from scraper.archive.write.post.known_posts import (
    KnownPosts,
    LivePost,
    compared,
    find_known,
    has_other_id,
    shows_another_post,
)
from scraper.history.identity import shows_owner
from scraper.items import Post


@dataclass(frozen=True, slots=True)
class SeenIds:
    """The article ids that a crawl distrusts, and those that it learned of posts without one."""

    distrusted: set[str] = field(default_factory=set)
    learned: set[str] = field(default_factory=set)


def with_trusted_id(crawl: CrawlContext, post: Post, known: KnownPosts, ids: SeenIds) -> Post:
    """Return a post with the article id of the post at its address, if it shows that under the id
    of another one; at a new address, without an id that this crawl read with another text. Such ids
    are distrusted from then on. The caller holds the transaction."""
    owner, namesake = known.owner, known.namesake
    if owner and namesake:
        before, page = compared(crawl, owner, post)
        other, _ = compared(crawl, namesake, post)
        if shows_owner(page, before, other):
            _distrust(crawl, namesake, ids)
            return replace(post, article_id=owner.article_id)
    elif not owner and namesake and shows_another_post(crawl, namesake, post):
        answers = post_urls.answers_at(crawl.connection, crawl.crawl_id, namesake.id, namesake.url)
        if ("ok", True) in answers:
            _distrust(crawl, namesake, ids)
    is_owners = owner is not None and not has_other_id(owner, post)
    if post.article_id in ids.distrusted and not is_owners:
        return replace(post, article_id="")
    if owner and not owner.article_id:
        ids.learned.add(post.article_id)
    return post


def _distrust(crawl: CrawlContext, known: LivePost, ids: SeenIds) -> None:
    """Distrust the article id of a post, which other pages show too; forget it where this crawl
    alone has seen it."""
    ids.distrusted.add(known.article_id)
    crawl.connection.execute(
        "UPDATE posts SET article_id = '' WHERE id = ? AND (first_seen_at >= ? OR ?)",
        [known.id, crawl.started_at, known.article_id in ids.learned],
    )


def renumber(crawl: CrawlContext, pages: Sequence[Post], only: Collection[str] | None) -> None:
    """Give posts, or those with an id of `only`, the new article ids of the pages at their
    addresses. The caller holds the transaction."""
    ids = [post.article_id for post in pages]
    for post in pages:
        owner = find_known(crawl, post).owner
        is_meant = owner is not None and (only is None or owner.article_id in only)
        if owner and is_meant and ids.count(post.article_id) == 1:
            update(crawl.connection, "posts", owner.id, article_id=post.article_id)
