"""Archived images in pages: each stands where the store showed it, or a labelled box."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.archive.queries.pages.images import PostImages

IMAGES: Final = "/-/image/"
"""What the paths of archived images begin with."""

RASTER: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""Images that are drawn as pixels: nothing in them can run. An SVG is a document."""

FindPath = Callable[[str], str]
"""From the address of an image in a page to the path of the archived one here; empty without."""


def image_path(digest: str) -> str:
    """The path of an archived image."""
    return f"{IMAGES}{digest}"


def path_finder(images: PostImages, to_path: Callable[[str], str], at: str = "") -> FindPath:
    """Find the images of a post as they were at a time (UTC; empty: now); `to_path` makes one of
    our paths one that stands in a page."""

    def find(source: str) -> str:
        found = images.find(source, at)
        if found is None or found.media_type not in RASTER:
            return ""
        return to_path(image_path(found.hash))

    return find


def replace_by_picture(node: LexborNode, path: str) -> None:
    """Let an element show the image at `path`, one of ours, with the description it has; it may be
    all that a link has."""
    description = node.attributes.get("alt") or "image without a description"
    replace_node(node, f'<img src="{escape(path)}" alt="{escape(description)}" loading="lazy">')


def replace_node(node: LexborNode, html: str) -> None:
    """Replace an element by other markup, one element."""
    fragment = LexborHTMLParser(f"<body>{html}</body>")
    if fragment.body is not None and fragment.body.child is not None:
        node.replace_with(fragment.body.child)
