"""Article ids that a page bears wrongly, and new ids of known posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from scraper.archive.statements import transaction, update
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


def with_trusted_id(
    crawl: CrawlContext, post: Post, known: KnownPosts, distrusted: set[str]
) -> Post:
    """Return a post with the article id of the post at its address, if it shows that under the id
    of another one; at a new address, without an id that this crawl read with another text. Such ids
    are `distrusted` from then on."""
    owner, namesake = known.owner, known.namesake
    if owner and namesake:
        before, page = compared(crawl, owner, post)
        other, _ = compared(crawl, namesake, post)
        if shows_owner(page, before, other):
            distrusted.add(post.article_id)
            return replace(post, article_id=owner.article_id)
    elif not owner and namesake and shows_another_post(crawl, namesake, post):
        answers = post_urls.answers_at(crawl.connection, crawl.crawl_id, namesake.id, namesake.url)
        if ("ok", True) in answers:
            distrusted.add(post.article_id)
            _forget_new_id(crawl, namesake)
    is_owners = owner is not None and not has_other_id(owner, post)
    if post.article_id in distrusted and not is_owners:
        return replace(post, article_id="")
    return post


def _forget_new_id(crawl: CrawlContext, known: LivePost) -> None:
    """Forget an article id that this crawl alone has seen, if other pages show it too."""
    with transaction(crawl.connection):
        crawl.connection.execute(
            "UPDATE posts SET article_id = '' WHERE id = ? AND first_seen_at >= ?",
            [known.id, crawl.started_at],
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
