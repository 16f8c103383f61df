"""HubSpot (its blog pages name the content's number to its analytics)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

HUBSPOT = Platform(
    name="hubspot",
    marks=(
        re.compile(rb"<meta name=[\"']generator[\"'] content=[\"']HubSpot", re.IGNORECASE),
        re.compile(rb"/hs/hsstatic/|//js\.hs-scripts\.com/"),
    ),
    headers=(("x-hs-hub-id", ""),),
    article_classes=frozenset({"hs-blog-post"}),
    post_id=(
        re.compile(rb"\[[\"']setContentId[\"'], ?[\"'](\d{4,16})[\"']\]"),
        re.compile(rb"hs-content-id-(?<!\whs-content-id-)(\d{4,16})\b"),
    ),
    listings=("/sitemap.xml", "/blog/rss.xml"),
)
