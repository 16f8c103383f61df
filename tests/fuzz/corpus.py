"""The pages that are mutated: the demo store's in every theme, and saved pages of real stores where
they are at hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from scraper.demo import THEMES, DemoStore
from scraper.demo.pages import article_page, blog_page
from scraper.demo.views import Site

PAGES = Path(__file__).resolve().parents[2] / ".." / "shared" / "pages"
_LARGEST = 300_000  # bytes
_DEMO_POSTS = 3


def demo_pages() -> list[bytes]:
    """A few posts and one index page of the demo store in each theme."""
    found: list[bytes] = []
    for theme in THEMES:
        store = DemoStore(theme=theme)
        site = Site(store=store, day=1, authority="shop.example")
        found += [
            article_page(site, post).encode()
            for post in store.posts(1)[:: len(store.posts(1)) // _DEMO_POSTS]
        ]
        found.append(blog_page(site, store.shop.blogs[0]).encode())
    return found


def real_pages() -> list[bytes]:
    """Two saved pages of each store, the smallest ones; none where the folder ``shared`` is not
    beside the checkout."""
    if not (PAGES / "manifest.json").is_file():
        return []
    by_store: dict[str, list[bytes]] = {}
    for row in json.loads((PAGES / "manifest.json").read_text(encoding="utf-8")):
        if row["kind"] in ("article", "blog"):
            by_store.setdefault(row["store"], []).append(
                gzip.decompress((PAGES / row["file"]).read_bytes())
            )
    return [
        page
        for pages in by_store.values()
        for page in sorted(pages, key=len)[:2]
        if len(page) <= _LARGEST
    ]
