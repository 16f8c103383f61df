"""What a page says about being archived: ``noarchive`` in a robots meta element or X-Robots-Tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

from scraper.documents.charsets import to_utf8

_FORBIDDING = frozenset({"noarchive", "none"})
# Directives with a value: their colon names no crawler.
_VALUED = frozenset(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "refresh"}
)
_SPACED_VALUE = re.compile(rf"\b({'|'.join(sorted(_VALUED))}):\s+")
_HEAD_BYTES = 1024 * 1024
# Up to the next meta element, over comments, the text within an element that has no markup, and
# tags: in none of them another one begins. A quote that follows no equals sign begins no value.
_VALUES = rb"(?:[^<>=]++|=\s*+(?:\"[^\"]{0,2000}+\"|'[^']{0,2000}+')?+)*+"
# Within an SVG, "/>" is the end of an element.
_RAW_TEXT = rb"|".join(
    rb"%b(?=[\s/>])%b[^<]*+(?:<(?!/%b)[^<]*+)*+" % (name, is_open, name)
    for names, is_open in (
        ((b"style", b"title"), rb"(?![^<>]*+(?<=/)>)"),
        ((b"script", b"textarea", b"iframe", b"xmp"), b""),
    )
    for name in names
)
_UP_TO_META = re.compile(
    rb"(?:[^<]++|<!--(?!-?>)(?:[^-]++|-(?!-!?>))*+|<(?:%b)|<(?!meta[\s/])(?:[a-z]%b)?+)*+"
    rb"(?:<meta(?=[\s/])(%b))?" % (_RAW_TEXT, _VALUES, _VALUES),
    re.I,
)
_MAY_FORBID = re.compile(rb"archive|none|&", re.I)
# Where a name begins, and nowhere within it: else a long one without a value takes quadratic time.
_ATTRIBUTE = re.compile(
    r"(?<![^\s\"'>/=])([^\s\"'>/=]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']++))"
)


def forbids_archiving(headers: Iterable[tuple[str, str]], page: bytes, bot: str) -> bool:
    """Return whether a page asks all crawlers, or `bot` by its name in lower case, not to archive
    it.

    ``none`` is read as every directive, this one included. One for other crawlers does not count,
    nor one in a comment.
    """
    tags = [value for name, value in headers if name.lower() == "x-robots-tag"]
    return any(_is_forbidden_by_tag(value, bot) for value in tags) or any(
        _words(content) & _FORBIDDING
        for name, content in _metas(to_utf8(page[:_HEAD_BYTES]))
        if name in ("robots", bot)
    )


def _is_forbidden_by_tag(value: str, bot: str) -> bool:
    """X-Robots-Tag names a crawler before the directives that are for it alone."""
    crawler = ""
    for part in re.split("[,;]", value.lower()):
        name, colon, directive = part.partition(":")
        # The name of a crawler has no blanks, a date has.
        if colon and name.strip() not in _VALUED and len(name.split()) < 2:
            crawler, part = name.strip(), directive  # noqa: PLW2901
        if crawler in ("", "robots", "*", bot) and part.strip() in _FORBIDDING:
            return True
    return False


def _metas(head: bytes) -> Iterator[tuple[str, str]]:
    """Yield names, in lower case, and contents of the meta elements outside of comments that may
    forbid anything."""
    for markup in filter(_MAY_FORBID.search, _meta_tags(head)):
        attributes: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(markup.decode("latin-1")):
            # The first of a name counts (HTML, "Attribute name state").
            attributes.setdefault(name.lower(), unescape("".join(values)))
        yield attributes.get("name", "").strip().lower(), attributes.get("content", "")


def _meta_tags(head: bytes) -> Iterator[bytes]:
    at = 0
    while (found := _UP_TO_META.match(head, at)) and found[1] is not None:
        yield found[1]
        at = found.end()


def _words(content: str) -> frozenset[str]:
    """The directives of a list, those with a value as one word each."""
    return frozenset(re.split(r"[,;/\s]+", _SPACED_VALUE.sub(r"\1:", content.lower())))
