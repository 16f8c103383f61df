"""Blog systems, one small module each. To add one, write its module and name it here."""

from __future__ import annotations

from typing import Final

from scraper.platforms.bigcommerce import BIGCOMMERCE
from scraper.platforms.ghost import GHOST
from scraper.platforms.hubspot import HUBSPOT
from scraper.platforms.platform import Platform
from scraper.platforms.shopify import SHOPIFY
from scraper.platforms.squarespace import SQUARESPACE
from scraper.platforms.static_sites import HUGO, JEKYLL
from scraper.platforms.substack import SUBSTACK
from scraper.platforms.webflow import WEBFLOW
from scraper.platforms.wix import WIX
from scraper.platforms.woocommerce import WOOCOMMERCE
from scraper.platforms.wordpress import WORDPRESS

__all__ = ["PLATFORMS", "Platform", "identify_platform"]

PLATFORMS: Final = (
    SHOPIFY,
    WOOCOMMERCE,
    WORDPRESS,
    GHOST,
    SQUARESPACE,
    WIX,
    WEBFLOW,
    HUBSPOT,
    BIGCOMMERCE,
    HUGO,
    JEKYLL,
    SUBSTACK,
)
"""Every system, in the order in which a page is compared with them: a shop within WordPress before
WordPress, and last those whose files other systems' pages embed."""


def identify_platform(body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> Platform | None:
    """Return the system that made a page; None where it has no mark of any."""
    return next((platform for platform in PLATFORMS if platform.is_at(body, headers)), None)
