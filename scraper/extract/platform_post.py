"""Posts of other systems: what was read of a page gets the page's own address and id."""

from __future__ import annotations

from collections.abc import Collection

from scraper.hosts import host_of
from scraper.items import FeedEntry, Post
from scraper.platforms import identify_platform
from scraper.platforms.posts import GENERIC, as_post_at


def at_platform(
    post: Post,
    *,
    url: str,
    body: bytes,
    addresses: Collection[str],
    entry: FeedEntry | None = None,
) -> Post:
    """A post that was read of the page at `url`, which is none of Shopify's addresses, as the
    page's own system has it, known or not; any other post as it is. `addresses` are the origins of
    the store, `entry` is what its feed says of the address that was asked for."""
    if post.handle:
        return post
    platform = identify_platform(body) or GENERIC
    if platform.name == "shopify":
        return post
    hosts = {host_of(each) for each in (*addresses, url)}
    return as_post_at(post, url, platform=platform, body=body, entry=entry, hosts=hosts)
