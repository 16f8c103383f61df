"""A post at one moment, as history compares it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What stands beside the body and makes a revision when it differs. `published_at` is UTC or a
    bare date; "" is unsaid."""

    title: str
    author: str
    published_at: str
    excerpt: str
    image_url: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A revision, whole: fields, body as sanitised HTML, the two forms made from it, and the
    discount codes named in it."""

    fields: Fields
    html: str
    markdown: str
    text: str
    codes: tuple[str, ...] = ()
