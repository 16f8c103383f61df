"""What is known of one blog system, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

NEVER: Final = re.compile(r"(?!)")
"""Matches nothing."""

GENERAL_PATHS: Final = re.compile(
    r"/(?:tags?|categor(?:y|ies)|authors?|archives?|page|search|feed|rss|cart|checkout|account"
    r"|login|contact|about|privacy|terms|collections?|products?)(?:/|$)|\.(?:xml|rss|atom|json|txt"
    r"|pdf|zip|jpe?g|png|gif|webp|svg|mp[34]|css|js)$",
    re.IGNORECASE,
)
"""Paths at which no system has a post: lists of posts, shops' own pages, files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A blog system: how its pages, posts and listings are recognised.

    `marks` are found in the HTML of every page, `headers` are names of response headers with a part
    of their value; one is enough. `article_classes` are classes of the body element of a post's
    page alone, `post_id` has the post's number or name in group 1, and so has `guid`, in the name
    of its feed's entries. `listings` are paths that name posts, sitemaps first. `post_paths` match
    the path of every post (None: any shape), `other_paths` those of lists and pages, besides
    GENERAL_PATHS. Patterns of a page begin with a sign that stands as it is: for that one a page is
    searched in a tenth of the time.
    """

    name: str
    marks: tuple[re.Pattern[bytes], ...]
    headers: tuple[tuple[str, str], ...] = ()
    article_classes: frozenset[str] = frozenset()
    post_id: tuple[re.Pattern[bytes], ...] = ()
    guid: re.Pattern[str] = NEVER
    listings: tuple[str, ...] = ()
    post_paths: re.Pattern[str] | None = None
    other_paths: re.Pattern[str] = NEVER

    def is_at(self, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> bool:
        """Whether a page, or the headers of its answer, are of this system."""
        sent = [(name.lower(), value.lower()) for name, value in headers]
        return any(mark.search(body) for mark in self.marks) or any(
            name == wanted and part in value
            for name, value in sent
            for wanted, part in self.headers
        )

    def is_article(self, body: bytes) -> bool:
        """Whether a page says in the system's own words that it is a post."""
        return not self.article_classes.isdisjoint(_body_classes(body))

    def calls_itself_post(self, body: bytes) -> bool:
        """Whether a page says that it is a post: by the system's own classes where its pages have
        any, for plugins call every page an article; else by its open graph or structured data."""
        if self.article_classes and _body_classes(body):
            return self.is_article(body)
        return _ARTICLE.search(body) is not None

    def read_post_id(self, body: bytes) -> str:
        """Return the system's own number or name of a page's post; empty where it has none."""
        found = (pattern.search(body) for pattern in self.post_id)
        match = next(filter(None, found), None)
        return match[1].decode("ascii", "replace") if match else ""

    def id_in_guid(self, guid: str) -> str:
        """Return the post's number or name, as `read_post_id` does, from the name of its entry in
        the system's feed; empty where that holds none, as an address does."""
        found = self.guid.search(guid)
        return found[1] if found else ""

    def may_be_post(self, url: str) -> bool:
        """Whether an address may be a post's: only the page there, or a listing, says that it is
        one."""
        try:
            path = urlsplit(url).path
        except ValueError:
            return False
        if path.strip("/") == "" or GENERAL_PATHS.search(path) or self.other_paths.search(path):
            return False
        return self.post_paths is None or self.post_paths.search(path) is not None


def _body_classes(body: bytes) -> list[str]:
    start = body.find(b"<body")
    end = body.find(b">", start, start + _LONGEST_TAG) if start != -1 else -1
    found = _CLASS.search(body, start, end) if end != -1 else None
    return found[1].decode("ascii", "replace").split() if found else []


_LONGEST_TAG: Final = 5000
_ARTICLE = re.compile(
    rb"(?:property|name)=[\"']?(?:og:type[\"']?\s{1,9}content=[\"']?article\b"
    rb"|(?:og:)?article:published_time\b)"
    rb"|content=[\"']?article[\"']?\s{1,9}(?:property|name)=[\"']?og:type\b"
    rb"|\"@type\"\s{0,9}:\s{0,9}(?:\[[^\[\]]{0,99}?)?\"(?:https?://schema\.org/)?"
    rb"(?:BlogPosting|(?:News|Tech)?Article)\""
)
_CLASS = re.compile(rb"class=[\"']([^\"'>]*)")
