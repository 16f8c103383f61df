"""Posts of blogs whose addresses have no shape of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.hosts import host_of, same_store
from scraper.items import FeedEntry, Link, Post
from scraper.platforms.platform import Platform
from scraper.shopify.urls import PostAddress, normal_segment

GENERIC: Final = Platform(name="unknown", marks=())
"""A page of no known system: that it is a post, only its own structured data say."""

BLOG: Final = "blog"
"""The handle of a blog that has no folder of its own."""

_PLAIN_ID = re.compile(r"(?:^|&)p=(\d{1,12})(?:&|$)")
_NO_FOLDER = re.compile(r"\d+|p|posts?|single-post|index\.php", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageAddress:
    """The address of a post: `url` without query and fragment, but for WordPress' ``?p=7``; the
    folder that it is in as the blog's handle, the last part as its own."""

    url: str
    origin: str
    blog_handle: str
    handle: str


def read_page_address(url: str) -> PageAddress | None:
    """Read an address as a post's; None for what is no web address, or a site's home page."""
    host = host_of(url)
    if not host:
        return None
    parts = urlsplit(url.strip())
    segments = [normal_segment(part) for part in parts.path.split("/") if part]
    origin, plain = f"{parts.scheme}://{host}", _PLAIN_ID.search(parts.query)
    if not segments:
        if not plain:
            return None
        return PageAddress(f"{origin}/?p={plain[1]}", origin, BLOG, f"p-{plain[1]}")
    slash = "/" if parts.path.endswith("/") else ""
    folders = [part for part in segments[:-1] if not _NO_FOLDER.fullmatch(part)]
    return PageAddress(
        url=f"{origin}/{'/'.join(segments)}{slash}",
        origin=origin,
        blog_handle=folders[0] if folders else BLOG,
        handle=re.sub(r"\.html?$", "", segments[-1]),
    )


def read_post_address(url: str, platform: Platform) -> PostAddress | None:
    """Read an address as that of a post of a system; None for what cannot be one."""
    address = read_page_address(url)
    if address is None or not platform.may_be_post(url):
        return None
    return PostAddress(
        url=address.url,
        origin=address.origin,
        locale="",
        blog_handle=address.blog_handle,
        handle=address.handle,
    )


def as_post_at(
    post: Post,
    url: str,
    *,
    platform: Platform,
    body: bytes,
    hosts: Collection[str],
    entry: FeedEntry | None = None,
) -> Post:
    """A post that was read of a page at `url`, with the address, the system's own id, which else
    the feed entry of that address names, and its links to what may be other posts on `hosts`. The
    post as it is where `url` is no post's."""
    address = read_page_address(url)
    if address is None:
        return post
    found = dict(_links(post.html, address, platform, hosts))
    anchors = set(found.values())
    return replace(
        post,
        url=address.url,
        blog_handle=address.blog_handle,
        handle=address.handle,
        article_id=platform.read_post_id(body)
        or _id_in_feed(address, platform, entry, hosts)
        or post.article_id,
        links=(
            *post.links,
            *(
                Link(url=target, kind="inline", anchor=anchor, position=position)
                for position, (target, anchor) in enumerate(found.items())
                if target != address.url
            ),
        ),
        non_post_links=tuple(link for link in post.non_post_links if link.anchor not in anchors),
    )


def _id_in_feed(
    address: PageAddress, platform: Platform, entry: FeedEntry | None, hosts: Collection[str]
) -> str:
    """The post's id as its feed entry names it; one that another site gave to a post that moved
    from there is none."""
    if entry is None or entry.url != address.url:
        return ""
    is_foreign = "://" in entry.guid and host_of(entry.guid) not in hosts
    return "" if is_foreign else platform.id_in_guid(entry.guid)


def _links(
    html: str, address: PageAddress, platform: Platform, hosts: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The author's links to what may be other posts: address and words."""
    for anchor in LexborHTMLParser(html).css("a[href]"):
        url = urljoin(address.url, (anchor.attributes.get("href") or "").strip())
        target = read_page_address(url) if same_store(url, hosts) else None
        if target and platform.may_be_post(url):
            yield target.url, " ".join(anchor.text().split())
