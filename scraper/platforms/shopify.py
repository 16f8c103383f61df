"""Shopify, as the other systems are described; all that a crawl knows of it is in
`scraper/shopify/`."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

SHOPIFY = Platform(
    name="shopify",
    marks=(
        re.compile(rb"Shopify\.shop\b"),
        re.compile(rb"ShopifyAnalytics"),
        re.compile(rb"shopify-digital-wallet"),
        re.compile(rb"/cdn/shop/t/\d{1,6}/assets/|/s/files/[\d/]{1,40}/t/\d{1,6}/assets/"),
    ),
    headers=(("x-shopid", ""), ("powered-by", "shopify")),
    listings=("/sitemap.xml",),
    post_paths=re.compile(r"/blogs/[^/]+/[^/]+/?$"),
)
