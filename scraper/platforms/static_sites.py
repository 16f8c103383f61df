"""Hugo and Jekyll, which write a site once (gohugo.io: the generator line, index.xml as the feed of
every list; jekyllrb.com: the lines of its plugins for SEO and feeds)."""

from __future__ import annotations

import re
from typing import Final

from scraper.platforms.platform import Platform

_LISTS: Final = re.compile(r"^/(?:posts?|blog)/?$")

HUGO = Platform(
    name="hugo",
    marks=(re.compile(rb"<meta name=[\"']?generator[\"']? content=[\"']?Hugo ", re.IGNORECASE),),
    listings=("/sitemap.xml", "/index.xml"),
    other_paths=_LISTS,
)

JEKYLL = Platform(
    name="jekyll",
    marks=(re.compile(rb"<meta name=[\"']?generator[\"']? content=[\"']?Jekyll ", re.IGNORECASE),),
    listings=("/sitemap.xml", "/feed.xml"),
    other_paths=_LISTS,
)
