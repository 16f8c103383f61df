"""Ghost (ghost.org/docs: sitemaps, themes' post-template class)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

GHOST = Platform(
    name="ghost",
    marks=(
        re.compile(rb"<meta name=[\"']generator[\"'] content=[\"']Ghost ", re.IGNORECASE),
        re.compile(rb"data-ghost=[\"']"),
        re.compile(rb"/ghost/api/content/"),
    ),
    headers=(("x-ghost-cache-status", ""),),
    article_classes=frozenset({"post-template"}),
    post_id=(
        re.compile(rb"data-(?:ghost-)?post-?id=[\"']([0-9a-f]{24})[\"']"),
        re.compile(rb"ghost-comment-count=(?<!\wghost-comment-count=)[\"']([0-9a-f]{24})[\"']"),
    ),
    guid=re.compile(r"^([0-9a-f]{24})$"),
    listings=("/sitemap-posts.xml", "/sitemap.xml", "/rss/"),
)
