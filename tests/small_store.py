"""The demo store in small: what most crawls of tests read, since what they prove needs some posts
and not seventy."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from scraper.demo import DemoStore
from scraper.demo.store import CONTENT, MIXED, Catalogue, load_store

EACH = 3


def small_store(*, theme: str = MIXED, platform: str = "shopify") -> DemoStore:
    """The demo store with the posts that its days change or bring, and each third of the
    others."""
    return DemoStore(_catalogue(), theme=theme, platform=platform)


@cache
def _catalogue() -> Catalogue:
    whole = load_store(CONTENT)
    changed = {operation.post for day in whole.days for operation in day.operations}
    posts = tuple(
        post
        for number, post in enumerate(whole.posts)
        if post.name in changed or post.from_day > 1 or number % EACH == 1
    )
    return replace(whole, posts=posts)
