"""WordPress (developer.wordpress.org: body_class, wp_sitemaps, feeds)."""

from __future__ import annotations

import re

from scraper.platforms.platform import Platform

WORDPRESS = Platform(
    name="wordpress",
    marks=(
        re.compile(rb"<meta name=[\"']generator[\"'] content=[\"']WordPress", re.IGNORECASE),
        re.compile(rb"/wp-content/(?:themes|plugins|uploads)/"),
        re.compile(rb"rel=[\"']https://api\.w\.org/[\"']"),
    ),
    headers=(("link", "https://api.w.org/"), ("x-pingback", "/xmlrpc.php")),
    article_classes=frozenset({"single-post"}),
    post_id=(
        re.compile(rb"postid-(?<=[ \"']postid-)(\d{1,12})[ \"']"),
        re.compile(rb"/\?p=(\d{1,12})[\"']"),
        re.compile(rb"id=(?<!\wid=)[\"']post-(\d{1,12})[\"']"),
    ),
    guid=re.compile(r"[?&]p=(\d{1,12})(?:&|$)"),
    listings=("/wp-sitemap.xml", "/sitemap_index.xml", "/sitemap.xml", "/feed/"),
    other_paths=re.compile(r"/wp-(?:content|admin|includes|json)/|/(?:shop|product-category)/"),
)
