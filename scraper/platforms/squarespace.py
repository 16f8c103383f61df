"""Squarespace (its pages carry Static.SQUARESPACE_CONTEXT; a blog has a feed at ?format=rss)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

SQUARESPACE = Platform(
    name="squarespace",
    marks=(
        re.compile(rb"Static\.SQUARESPACE_CONTEXT"),
        re.compile(rb"<!-- This is Squarespace\. -->"),
        re.compile(rb"//(?:static1|assets)\.squarespace\.com/"),
    ),
    headers=(("server", "squarespace"),),
    article_classes=frozenset({"view-item"}),
    post_id=(re.compile(rb"data-item-id=[\"']([0-9a-f]{24})[\"']"),),
    guid=re.compile(r"(?:^|:)([0-9a-f]{24})$"),
    listings=("/sitemap.xml", "/blog?format=rss"),
)
