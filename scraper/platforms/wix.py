"""Wix (its blog has posts at /post/NAME and a feed at /blog-feed.xml)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

WIX = Platform(
    name="wix",
    marks=(
        re.compile(rb"<meta name=[\"']generator[\"'] content=[\"']Wix\.com", re.IGNORECASE),
        re.compile(rb"//static\.(?:wixstatic|parastorage)\.com/"),
    ),
    headers=(("x-wix-request-id", ""),),
    post_id=(re.compile(rb"\"postId\":\"([0-9a-f-]{24,36})\""),),
    listings=("/sitemap.xml", "/blog-posts-sitemap.xml", "/blog-feed.xml"),
    post_paths=re.compile(r"/(?:single-)?post/[^/]+/?$"),
)
