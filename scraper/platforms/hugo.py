"""Hugo (gohugo.io: the generator line, index.xml as the feed of every list)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

HUGO = Platform(
    name="hugo",
    marks=(re.compile(rb"<meta name=[\"']?generator[\"']? content=[\"']?Hugo ", re.IGNORECASE),),
    listings=("/sitemap.xml", "/index.xml"),
    other_paths=re.compile(r"^/(?:posts?|blog)/?$"),
)
