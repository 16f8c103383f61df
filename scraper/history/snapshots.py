"""A version of a post, as history compares it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Fields beside the body that make a new revision when they differ. `published_at` is UTC or a
    bare date; "" means unknown."""

    title: str
    author: str
    published_at: str
    excerpt: str
    image_url: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A complete revision: fields, body as sanitised HTML, Markdown and text, and its discount
    codes."""

    fields: Fields
    html: str
    markdown: str
    text: str
    codes: tuple[str, ...] = ()
