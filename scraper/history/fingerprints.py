"""Exact hashes of what was extracted: the page around a post never makes a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from scraper.history.snapshots import Fields


def content_hash(html: str, markdown: str, text: str) -> str:
    """SHA-256, in hex, of a body in its three forms."""
    digest = hashlib.sha256()
    for part in (html, markdown, text):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def fields_hash(fields: Fields) -> str:
    """SHA-256, in hex, of the fields beside the body that make a new revision."""
    values = [
        fields.title,
        fields.author,
        fields.published_at,
        fields.excerpt,
        fields.image_url,
        *sorted(fields.tags),
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()


def title_key(title: str) -> str:
    """A title normalised for comparison: case folded, plain quotes and dashes, single spaces."""
    return " ".join(title.translate(_PLAIN).casefold().split())


def join_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without duplicates, in alphabetical order, as Shopify stores them."""
    return tuple(sorted(set(tags), key=lambda tag: (tag.casefold(), tag)))


_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
