"""Addresses of a store at its own origin: its http or www variant is the same store."""

from __future__ import annotations

from dataclasses import replace

from scraper.history.store_addresses import same_host
from scraper.hosts import StoreAddress
from scraper.items import Post


def post_at_store(post: Post, store: StoreAddress) -> Post:
    """A post as it would read at the store's own origin: with that address, and links to it."""
    return replace(
        post,
        url=at_store(post.url, store),
        canonical_url=at_store(post.canonical_url, store),
        links=tuple(replace(link, url=at_store(link.url, store)) for link in post.links),
        self_links=tuple(replace(link, url=at_store(link.url, store)) for link in post.self_links),
        non_post_links=tuple(
            replace(link, url=at_store(link.url, store)) for link in post.non_post_links
        ),
    )


def at_store(url: str, store: StoreAddress) -> str:
    """An address at the store's own origin, where it lies on it or on its http or www variant."""
    parts = url.split("/", 3)
    origin = "/".join(parts[:3])
    is_variant = origin != store.origin and same_host(origin, store.origin)
    return store.origin + url.removeprefix(origin) if is_variant else url
