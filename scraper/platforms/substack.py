"""Substack (posts at /p/NAME; the sitemap links to one page a year)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

SUBSTACK = Platform(
    name="substack",
    marks=(re.compile(rb"//(?:substackcdn\.com|cdn\.substack\.com|[\w-]{1,60}\.substack\.com)/"),),
    headers=(("x-served-by", "substack"),),
    post_id=(re.compile(rb"\"post_id\\?\":(\d{4,12})\b"),),
    listings=("/sitemap.xml", "/feed"),
    post_paths=re.compile(r"^/p/[^/]+/?$"),
)
