"""Whether a page is the post at its address, and under which address the post is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from scraper.archive.revision_fields import load_snapshot
from scraper.archive.statements import update
from scraper.archive.write.context import CrawlContext
from scraper.archive.write.post import post_urls, posts
from scraper.archive.write.post.posts import StoredPost
from scraper.history.identity import Agreement, is_another_page, is_unlike, judge_by_feed
from scraper.history.reconcile import FEED
from scraper.history.snapshots import Snapshot
from scraper.history.store_addresses import with_current_origin
from scraper.history.witnesses import Dates
from scraper.items import Post, Visit

CONTRADICTS: Final = "the page does not hold what the feed says of it"


def with_present_address(crawl: CrawlContext, post: Post) -> Post:
    """Return a post with its address under the store's present origin: a file may have been saved
    before the store moved."""
    url = with_current_origin(post.url, crawl.addresses)
    return post if url == post.url else replace(post, url=url)


def judge(crawl: CrawlContext, stored: StoredPost, post: Post, visit: Visit) -> Agreement:
    """Whether the page of a known post agrees with its feed entry."""
    if post.feed_check in {"", "equal"}:
        return "agrees"
    before = load_snapshot(crawl.connection, stored.revision_id)
    return judge_by_feed(
        Dates(lastmod=stored.lastmod, claims=stored.readings),
        Dates(lastmod=visit.lastmod, claims=post.readings),
        before.text,
        post.text,
        at=visit.capture.fetched_at,
    )


def without_feed(stored: StoredPost, post: Post, visit: Visit) -> tuple[Post, Visit]:
    """Return a post whose page is older than its feed entry, and its visit, as if nobody had read
    the listings, so that the next crawl finds the post changed."""
    readings = tuple(claim for claim in post.readings if claim.source != FEED)
    post = replace(post, readings=readings, feed_check="")
    return post, replace(visit, post=post, lastmod=stored.lastmod)


def is_redirect_target(crawl: CrawlContext, stored: StoredPost, post: Post) -> bool:
    """Whether a page is only the target of a redirect from a post's address and shares nothing with
    the post. It is no rename of it: many addresses may redirect to one page."""
    if stored.article_id or not post.url or not stored.url:
        return False  # the ids decide; or no address is known that redirects there
    if post_urls.kind_of(crawl.connection, stored.id, post.url) not in {"", "redirect"}:
        return False
    return is_unlike(*before_and_after(crawl, stored, post))


def find_moved_post(crawl: CrawlContext, post: Post) -> StoredPost | None:
    """Return the post that a page shows, of those whose addresses redirect to it; None if it shares
    nothing with any of them."""
    candidates = (
        posts.load_post(crawl.connection, post_id)
        for post_id in post_urls.posts_redirected_to(crawl.connection, crawl.crawl_id, post.url)
    )
    return next(
        (
            stored
            for stored in candidates
            if not stored.article_id and not is_unlike(*before_and_after(crawl, stored, post))
        ),
        None,
    )


def is_another_page_of(crawl: CrawlContext, stored: StoredPost, post: Post) -> bool:
    """Whether a page without an article id is at the address of a post that has one, and shares
    nothing with the post."""
    if post.article_id or not stored.article_id:
        return False
    return is_another_page(*before_and_after(crawl, stored, post), had_id=True, has_id=False)


def before_and_after(
    crawl: CrawlContext, stored: StoredPost, post: Post
) -> tuple[Snapshot, Snapshot]:
    """Return the current snapshot of a post, and that of a page as its next revision."""
    before = load_snapshot(crawl.connection, stored.revision_id)
    return before, Snapshot(
        fields=posts.observed_fields(post, stored),
        html=post.html,
        markdown=post.markdown,
        text=post.text,
    )


def with_own_address(crawl: CrawlContext, stored: StoredPost, post: Post, at: str) -> Post:
    """Return a post with its own address, if the page's address is an alias or that of a market's
    copy."""
    moved = crawl.answered and post.url != stored.url
    if moved and post_urls.is_alias(
        crawl.connection, crawl.crawl_id, stored.id, stored.url, post.url
    ):
        post_urls.save_address(crawl.connection, stored.id, post.url, at, "alias")
        return replace(post, url=stored.url)
    if post.locale and stored.url == (own := post_urls.localised_url(post.url, post.locale)):
        return replace(post, url=own)
    return post


def beside_translations(crawl: CrawlContext, post: Post, copies: Sequence[post_urls.Copy]) -> Post:
    """Return a new post beside `copies` of its article in other languages, if there are any. Each
    copy gets the address of its own locale."""
    if not copies:
        return post
    if post.locale:
        return replace(post, url=post_urls.localised_url(post.url, post.locale))
    for copy in copies:
        if copy.url == post.url:
            url = post_urls.localised_url(copy.url, copy.locale)
            update(crawl.connection, "posts", copy.id, url=url)
            crawl.connection.execute(
                "UPDATE post_urls SET url = ? WHERE post_id = ? AND url = ?",
                [url, copy.id, copy.url],
            )
    return post
