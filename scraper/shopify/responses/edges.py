"""Which edge a store stands behind: what refuses a client there may refuse it at every store behind
it."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.shopify.hosts import is_private_address

SHOPIFY, CLOUDFLARE = "shopify", "cloudflare"

_SHOPIFY_HEADERS = ("x-shopid", "x-sorting-hat-shopid", "x-sorting-hat-podid", "x-shardid")


def edge_of(headers: Mapping[str, str], address: str) -> str:
    """Return the edge that answered: Shopify's or Cloudflare's by its headers
    (docs/explanation/shopify.md, 3.5), else the public IP address; empty where nothing is known.

    `headers` have lower-case names. `address` is the IP address that was connected to, or empty.
    """
    if headers.get("powered-by", "").strip().lower() == SHOPIFY:
        return SHOPIFY
    if any(name in headers for name in _SHOPIFY_HEADERS):
        return SHOPIFY
    if "cf-ray" in headers or headers.get("server", "").strip().lower() == CLOUDFLARE:
        return CLOUDFLARE
    return "" if not address or is_private_address(address) else address
