"""A small store that behaves like a Shopify storefront, served on loopback: `make crawl` archives
it by default, and the tests crawl it."""

from __future__ import annotations

from scraper.demo.days import DemoChange
from scraper.demo.faults import Fault
from scraper.demo.posts import ContentProblem, DemoPost
from scraper.demo.server import DemoServer, LoggedRequest
from scraper.demo.store import DemoStore, load_store
from scraper.demo.themes import THEMES, Theme

__all__ = [
    "THEMES",
    "ContentProblem",
    "DemoChange",
    "DemoPost",
    "DemoServer",
    "DemoStore",
    "Fault",
    "LoggedRequest",
    "Theme",
    "load_store",
]
