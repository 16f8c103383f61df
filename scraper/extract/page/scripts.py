"""Raised and lowered signs in plain text: 10⁶ and never 106, a footnote's mark in brackets."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_RAISED: Final = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED: Final = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
# Sanitised markup: elements are closed, and attributes stand in double quotes.
_SCRIPT: Final = re.compile(
    r"<(su[pb])(?: (?:[^<>\"]|\"[^\"]*\")*+)?>((?:[^<]|<(?!/?su[pb]\b))*+)</\1>"
)
_FRACTION: Final = re.compile(
    r"<sup>\s{0,9}(\d{1,4})\s{0,9}</sup>\s{0,9}[/⁄∕]\s{0,9}<sub>\s{0,9}(\d{1,4})\s{0,9}</sub>"
)
_TAG: Final = re.compile(r"<(?:[^<>\"]++|\"[^\"]*+\")*+>")
_TO_NOTE: Final = re.compile(r'href="[^"]{0,2000}#')
_LINK_TO_NOTE: Final = re.compile(
    r"(<a href=\"[^\"#]{0,2000}#[^\"]*+\"(?: (?:[^<>\"]|\"[^\"]*+\")*+)?>)(\d{1,3}|[*†‡§¶])</a>"
)
_IN_LINK_TO_NOTE: Final = re.compile(r'href="[^"#]*+#[^"]*+"[^<>]{0,200}>\Z')
_MARK: Final = re.compile(r"^[\[(]?\s{0,9}(?:\d{1,3}|[*†‡§¶]{1,3}|[a-z])\s{0,9}[\])]?$", re.I)
_NUMERIC: Final = re.compile(r"^[\d+−=()n-]{1,20}$")
_LETTERS: Final = re.compile(r"^[^\W\d_]{2,}$|^[ªºaoeh°®™]$", re.I)
_WORD_BEFORE: Final = re.compile(r"[^\W\d_]{4}\Z|[.,;:!?”’\"')\]]\Z")
_UNIT: Final = re.compile(r"(?:met(?:er|re)s?|feet|foot|inch(?:es)?|yards?|miles?)$", re.I)
_LONGEST_TAG: Final = 600
_BEFORE: Final = 60  # characters before a sign that say what it is


def spell_scripts(html: str) -> str:
    """Sanitised HTML in which raised and lowered signs are written so that they part from what
    stands before them."""
    if "<su" not in html:
        return html
    html = _FRACTION.sub(_fraction, html)
    pieces: list[str] = []
    at = 0
    for found in _SCRIPT.finditer(html):
        before = html[max(at, found.start() - _BEFORE) : found.start()]
        is_linked = _IN_LINK_TO_NOTE.search(
            html[max(at, found.start() - _LONGEST_TAG) : found.start()]
        )
        after = html[found.end() : found.end() + 1]
        spelled = _spelled(found, _TAG.sub("", before), after, bool(is_linked))
        pieces += [html[at : found.start()], spelled]
        at = found.end()
    return "".join(pieces) + html[at:]


def _fraction(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - 1) : found.start()]
    return f"{' ' if before.isdigit() else ''}{found[1]}/{found[2]}"


def _spelled(found: re.Match[str], before: str, after: str, is_linked: bool) -> str:
    inner = found[2]
    words = unescape(_TAG.sub("", inner)).strip()
    if found[1] == "sub":
        return _lowered(inner, words, before, after)
    if not words or _LETTERS.match(words) or (words[0] in "[(" and _MARK.match(words)):
        return inner
    if notes := _several_notes(inner):
        return notes
    if _MARK.match(words) and (is_linked or _is_note(inner, words, before)):
        return _said(inner, words, f"[{words}]")
    if before[-1:].strip() and _NUMERIC.match(words):
        return _said(inner, words, "".join(_RAISED[sign] for sign in words))
    power = f"^{inner}" if len(words) == 1 else f"^({inner})"
    return power if before[-1:].strip() else inner


def _several_notes(inner: str) -> str:
    """Return the marks of several notes in one raised sign, each in brackets; empty where it holds
    anything but links to notes."""
    links = _LINK_TO_NOTE.findall(inner)
    if len(links) < 2 or "".join(start + mark + "</a>" for start, mark in links) != inner:
        return ""
    return "".join(f"{start}[{mark}]</a>" for start, mark in links)


def _is_note(inner: str, words: str, before: str) -> bool:
    """Return whether a mark leads to a note: it links there, or stands behind a word that is no
    unit, or behind a sentence."""
    if _TO_NOTE.search(inner) or not any(sign.isalnum() for sign in words):
        return True
    return (
        words.isdigit()
        and _WORD_BEFORE.search(before) is not None
        and not (_UNIT.search(before) and words in "23")
    )


def _lowered(inner: str, words: str, before: str, after: str) -> str:
    """Lowered digits beside a digit would be read as one number; between letters they are plain, as
    in H2O."""
    if (before[-1:].isdigit() or after.isdigit()) and all(sign in _LOWERED for sign in words):
        return _said(inner, words, "".join(_LOWERED[sign] for sign in words))
    return inner


def _said(inner: str, words: str, spelled: str) -> str:
    """Return markup with its words spelled otherwise: they stand behind its attributes."""
    at = inner.rfind(words)
    return f"{inner[:at]}{spelled}{inner[at + len(words) :]}" if at >= 0 else spelled
