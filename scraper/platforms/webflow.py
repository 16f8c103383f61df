"""Webflow (its pages name their site in data-wf-site; the blog is a collection of the designer)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

WEBFLOW = Platform(
    name="webflow",
    marks=(
        re.compile(rb"<meta (?:name=[\"']generator[\"'] )?content=[\"']Webflow[\"']", re.I),
        re.compile(rb" data-wf-site="),
    ),
    post_id=(re.compile(rb" data-wf-item-slug=[\"']([\w-]{1,200})[\"']"),),
    listings=("/sitemap.xml", "/blog/rss.xml"),
    post_paths=re.compile(r"^/[^/]+/[^/]+/?$"),
)
