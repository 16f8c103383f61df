"""Doubts whether a page is the post at its address, by other posts of the archive and other answers
of the crawl."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

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
from scraper.history.identity import has_left, is_renumbered, is_replaced, is_unlike
from scraper.items import Post

Doubt = Literal["", "replaced", "misplaced", "foreign_id", "renumbered", "contradicts", "elsewhere"]
"""Why a page may not be the post at its address (see `archive.write.quarantine`)."""


def doubt_of(crawl: CrawlContext, post: Post, known: KnownPosts, asked_url: str) -> Doubt:
    """Return why a page may not be the post at its address; empty for most."""
    owner, namesake = known.owner, known.namesake
    if owner and (namesake or _is_page_of_another(crawl, owner, post)):
        return "misplaced"
    if namesake and shows_another_post(crawl, namesake, post):
        return "foreign_id"
    if owner and "" not in {post.article_id, owner.article_id} and has_other_id(owner, post):
        return _doubt_of_new_id(crawl, owner, post)
    shown = owner or namesake
    return _doubt_of_text(crawl, shown, post) if shown else _doubt_of_new(crawl, post, asked_url)


def _doubt_of_new_id(crawl: CrawlContext, owner: LivePost, post: Post) -> Doubt:
    before, page = compared(crawl, owner, post)
    is_known = post_urls.posts_with_id(crawl.connection, crawl.store_id, post.article_id)
    return "renumbered" if not is_known and is_renumbered(page, before) else ""


def _doubt_of_text(crawl: CrawlContext, shown: LivePost, post: Post) -> Doubt:
    if post.feed_check == "equal" or not is_replaced(shown.text, post.text):
        return ""
    # A page without an id is none of a post with one, whatever the other pages are.
    is_sure = bool(shown.article_id) and not post.article_id and _is_other(crawl, shown, post)
    return "" if is_sure else "replaced"


def _doubt_of_new(crawl: CrawlContext, post: Post, asked_url: str) -> Doubt:
    if post.article_id and post.canonical_url in crawl.listings.listed:
        return "elsewhere"
    if post.feed_check != "contradicts":
        return ""
    return "contradicts" if post_urls.find_post(crawl, post, asked_url).id is None else ""


def has_left_address(crawl: CrawlContext, post: Post, quarantined: Collection[str]) -> bool:
    """Whether the post that a misplaced page shows is no longer at its own address, by what this
    crawl was answered there; `quarantined` are the addresses whose pages wait as well."""
    shown = find_known(crawl, post).namesake or _named_as_own(crawl, post)
    if shown is None:
        return True
    if post.canonical_url == shown.url:
        return False
    answers = post_urls.answers_at(crawl.connection, crawl.crawl_id, shown.id, shown.url)
    if shown.url in quarantined:
        answers.append(("ok", False))
    return has_left(answers, listed=shown.url in crawl.listings.listed)


def _named_as_own(crawl: CrawlContext, post: Post) -> LivePost | None:
    """The live post at the address that a page calls its own."""
    if not post.canonical_url:
        return None
    return find_known(crawl, replace(post, url=post.canonical_url, article_id="")).owner


def _is_other(crawl: CrawlContext, known: LivePost, post: Post) -> bool:
    return is_unlike(*compared(crawl, known, post))


def _is_page_of_another(crawl: CrawlContext, owner: LivePost, post: Post) -> bool:
    """Whether a page without an id names another post as its own, and has none of the words of the
    post at its address."""
    if post.article_id or not post.canonical_url or not is_replaced(owner.text, post.text):
        return False
    return _named_as_own(crawl, post) is not None
