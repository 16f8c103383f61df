"""The encoding of a response: the header's, the one the first bytes show, and conversion to
UTF-8."""

from __future__ import annotations

import codecs
import re

import webencodings

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET_PARAMETER = re.compile(r"charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_.:-]{2,40})", re.I)
_NO_TEXT = {"replacement", "x-user-defined"}  # labels by which a browser shows no text
_WIDER = {"gbk": "gb18030"}  # by the standard, GBK is read by the decoder of its successor
_SAMPLED = 2000
_ZEROS = {
    2: 0.5,
    4: 0.75,
}  # of the bytes beside each letter; in UTF-32 two of the three are zero whatever the letter
_WIDE = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}


def declared_charset(content_type: str) -> str:
    """Return the charset that a Content-Type header names, or an empty string."""
    found = _CHARSET_PARAMETER.search(content_type[:1000])
    return found[1] if found else ""


def web_charset(name: str) -> str:
    """Return the name by which Python decodes an encoding of the web; empty for any other.

    A label means what browsers read by it (WHATWG Encoding, "Names and labels"): ISO-8859-1 is
    Windows-1252, GB2312 is GB18030.
    """
    encoding = webencodings.lookup(name)
    if encoding is None or encoding.name in _NO_TEXT:
        return ""
    return _WIDER.get(encoding.name) or encoding.codec_info.name


def detect_charset(data: bytes) -> tuple[str, int]:
    """Return the Unicode encoding that a byte order mark or the zero bytes show, and the mark's
    length; an empty name where neither does.

    Markup is ASCII for the most part, so in UTF-16 nearly every other byte is zero.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, len(mark)
    start = data[:_SAMPLED]
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


def is_wide_unicode(data: bytes) -> bool:
    """Return whether a document is in UTF-16 or UTF-32, where a search for ASCII finds nothing."""
    return detect_charset(data)[0] in _WIDE


def to_utf8(data: bytes) -> bytes:
    """Convert a document in UTF-16 or UTF-32 to UTF-8, broken characters to U+FFFD; return any
    other unchanged."""
    name, mark_length = detect_charset(data)
    if name not in _WIDE:
        return data
    return data[mark_length:].decode(name, "replace").encode("utf-8", "replace")
