"""A revision in normal form: what is compared of it, and by what two revisions are equal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import Final

from scraper.history.normal_form.addresses import normal_address
from scraper.history.normal_form.text import normal_line, normal_text, visible_signs
from scraper.history.snapshots import Fields, Snapshot

# Sanitised HTML: attributes stand in double quotes, "<" only begins a tag.
_TAG: Final = re.compile(r' ?<(/?\w++)((?:[^<>"]++|"[^"]*+")*+)> ?')
_ATTRIBUTE: Final = re.compile(r'(?<![\w:-])([\w:-]++)="([^"]*+)"')
_PREFORMATTED: Final = re.compile(r"(<(/?)pre\b[^<>]*>)")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_ADDRESS_ATTRIBUTES: Final = frozenset({"href", "src", "cite"})
_RENDERING: Final = frozenset({"srcset", "sizes", "width", "height", "loading"})
"""Attributes of an image that say how it is drawn, not which it is."""

_MARKDOWN_ADDRESS: Final = re.compile(
    r"(?:https?://|(?<=\]\()/)[^\s<>()\"]*(?:\([^\s<>()\"]*\)[^\s<>()\"]*)*", re.I
)


def normal_form(snapshot: Snapshot, origins: Sequence[str]) -> Snapshot:
    """A revision as it is compared: two that differ only in what pages write again at each fetch
    are equal. `origins` are those of its store, its present one last.

    Revisions are stored as they were served; nothing is saved in normal form but what differs.
    """
    return _normal_form(snapshot, tuple(origins))


# An edit is looked for among the revisions, then compared with the last: both ask for both.
@lru_cache(maxsize=4)
def _normal_form(snapshot: Snapshot, names: tuple[str, ...]) -> Snapshot:
    fields = snapshot.fields
    return Snapshot(
        fields=Fields(
            title=normal_line(fields.title),
            author=normal_line(fields.author),
            published_at=fields.published_at,
            excerpt=normal_line(fields.excerpt),
            image_url=normal_address(fields.image_url, names),
            tags=tuple(map(normal_line, fields.tags)),
        ),
        html=normal_html(snapshot.html, names),
        markdown=_normal_markdown(snapshot.markdown, names),
        text=normal_text(snapshot.text),
        codes=snapshot.codes,
    )


def normal_html(html: str, origins: tuple[str, ...]) -> str:
    """Sanitised markup in normal form."""

    def normal_tag(tag: re.Match[str]) -> str:
        return f"<{tag[1]}{_normal_attributes(tag[1], tag[2], origins)}>"

    return _TAG.sub(normal_tag, "".join(_with_single_spaces(visible_signs(html)))).strip()


def _with_single_spaces(html: str) -> Iterator[str]:
    """Pieces of HTML with their white space run together, except in preformatted text."""
    depth, start = 0, 0
    for tag in _PREFORMATTED.finditer(html):
        piece = html[start : tag.start()]
        yield piece if depth else _SPACE.sub(" ", piece)
        yield tag[1]
        depth, start = max(0, depth + (-1 if tag[2] else 1)), tag.end()
    yield html[start:] if depth else _SPACE.sub(" ", html[start:])


def _normal_attributes(name: str, attributes: str, origins: tuple[str, ...]) -> str:
    if "=" not in attributes:
        return ""
    values = {
        key: escape(normal_address(unescape(value), origins))
        if key in _ADDRESS_ATTRIBUTES
        else value
        for key, value in _ATTRIBUTE.findall(attributes)
        if name != "img" or key not in _RENDERING
    }
    return "".join(f' {key}="{value}"' for key, value in sorted(values.items()))


def _normal_markdown(markdown: str, origins: tuple[str, ...]) -> str:
    return normal_text(
        _MARKDOWN_ADDRESS.sub(lambda found: normal_address(found[0], origins), markdown)
    )
