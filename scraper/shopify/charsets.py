"""The encoding of an answer: what the server says, what the first bytes show, and the same page in
UTF-8."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TOLD = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
# The encodings of the web (WHATWG Encoding, "Names and labels"). Python knows others that are none
# of a page's: idna and punycode raise errors of their own or take quadratic time, unicode_escape
# reads a text as a program's.
_OF_THE_WEB = re.compile(
    r"utf_?(?:7|8|16|32)(?:_[lb]e)?|ascii|us_ascii|latin_?[1-9]|iso_?8859_\d{1,2}|(?:windows|cp)_?\d{3,4}|koi8_[ru]|mac(?:intosh|_roman|_cyrillic)?"
    r"|shift_?jis|s_?jis|euc_?(?:jp|kr)|iso_?2022_jp|gb_?2312|gbk|gb_?18030|big5(?:_?hkscs)?|tis_?620",
)
_SEEN = 2000
_ZEROS = {
    2: 0.5,
    4: 0.75,
}  # of the bytes beside each letter; in UTF-32 two of the three are zero whatever the letter
_WIDE = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}


def declared_charset(content_type: str) -> str:
    """The charset that a Content-Type header names, or empty."""
    found = _TOLD.search(content_type[:1000])
    return found[1] if found else ""


def known_charset(name: str) -> str:
    """The name under which an encoding of the web can be decoded; empty for any other."""
    plain = re.sub(r"[-.: ]", "_", name.strip().lower())
    if not _OF_THE_WEB.fullmatch(plain):
        return ""
    try:
        return codecs.lookup(plain).name
    except LookupError:
        return ""


def shown_charset(data: bytes) -> tuple[str, int]:
    """The Unicode encoding that a byte order mark or the places of the zero bytes show, and the
    length of the mark.

    Markup is ASCII for the most part, so in UTF-16 nearly every other byte is zero, and no other
    encoding looks so. Empty where nothing shows.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, len(mark)
    start = data[:_SEEN]
    if len(start) < 8 or start.count(0) * 4 < len(start):
        return "", 0
    for name, step, place in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        letters = start[place::step]
        zeros = sum(start[other::step].count(0) for other in range(step) if other != place)
        if (
            letters.count(0) * 20 < len(letters)
            and zeros > (len(start) - len(letters)) * _ZEROS[step]
        ):
            return name, 0
    return "", 0


def is_wide(data: bytes) -> bool:
    """Whether a document is in UTF-16 or UTF-32, in which no search for ASCII finds anything."""
    return shown_charset(data)[0] in _WIDE


def narrowed(data: bytes) -> bytes:
    """A document in UTF-16 or UTF-32 as UTF-8, broken characters as U+FFFD; any other as it
    stands."""
    name, skipped = shown_charset(data)
    return (
        data[skipped:].decode(name, "replace").encode("utf-8", "replace") if name in _WIDE else data
    )
