"""BigCommerce (its blog is at /blog/, with a feed at /rss.php?type=blog)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

BIGCOMMERCE = Platform(
    name="bigcommerce",
    marks=(
        re.compile(rb"//cdn\d{0,2}\.bigcommerce\.com/"),
        re.compile(rb"<meta name=[\"']platform[\"'] content=[\"']bigcommerce", re.IGNORECASE),
    ),
    listings=("/xmlsitemap.php", "/sitemap.xml", "/rss.php?type=blog"),
    post_paths=re.compile(r"^/(?:blog|articles?|news)/[^/]+/?$"),
    other_paths=re.compile(r"^/blog/(?:tag|page)/"),
)
