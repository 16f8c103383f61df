"""What the bytes of an answer are: HTML or not, whole or cut, a page with words or without."""

from __future__ import annotations

import re

_MANY_NULS = 10
_NO_TEXT = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8",
    b"RIFF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"{",
    b"[",
)  # how documents, pictures, archives, JSON begin
_HEAD_BYTES = 24_000
_TAIL_BYTES = 4_000
_LITTLE_TEXT = 20
"""Visible characters, spaces aside, below which a page says nothing."""

_MOST_TAGS = 200_000

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_XML_TYPES = re.compile(
    r"(?:application|text)/(?:[\w.-]+\+)?xml\b|application/(?:x-)?gzip\b|application/octet-stream\b"
    r"|text/plain\b|$"
)
_HTML_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|script|link|div|main|article|p|h1)\b", re.I
)
# A comment ends at its first "-->": without the atomic groups, forty empty comments would be split
# in 2^40 ways before the match fails.
_SPACE_AND_COMMENTS = re.compile(rb"\s*+(?:(?><!--.*?-->)\s*+)*+", re.S)
_XML_START = re.compile(rb"\s*(?:<\?xml\b|<(?:urlset|sitemapindex|feed|rss)\b|\x1f\x8b)", re.I)

# What a script would print is no end of the page.
_SCRIPT = re.compile(rb"<script\b.*?(?:</script|\Z)", re.IGNORECASE | re.DOTALL)
_STUB_BYTES = 4_000
_SOON_S = 10
_REFRESH = re.compile(rb"<meta\s(?=[^>]{0,300}?\bhttp-equiv=[\"']?refresh\b)[^>]{0,600}", re.I)
_REFRESH_DELAY = re.compile(rb"\bcontent=[\"']?\s{0,9}(\d{1,4})", re.I)
_END = re.compile(rb"</(?:html|body)\b", re.IGNORECASE)
_AFTER_END = re.compile(
    rb"(?:\s++|</(?:html|body)\s*+>|<!--(?:[^-]++|-(?!->))*+-->"
    rb"|<script\b[^>]*+>(?:[^<]++|<(?!/script))*+</script\s*+>"
    rb"|<style\b[^>]*+>(?:[^<]++|<(?!/style))*+</style\s*+>)++",
    re.IGNORECASE,
)
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*+)")
_SILENT = re.compile(rb"<(script|style|template|noscript|title|svg|head)\b", re.IGNORECASE)


def is_refresh_stub(body: bytes) -> bool:
    """Return whether a small page does nothing but lead to another within seconds."""
    return len(body) < _STUB_BYTES and any(
        (found := _REFRESH_DELAY.search(tag)) is not None and int(found[1]) <= _SOON_S
        for tag in _REFRESH.findall(body)
    )


_IMAGES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.S), "image/webp"),
    (re.compile(rb".{4}ftypavi[fs]", re.S), "image/avif"),
    (
        re.compile(
            rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]*+>\s*+)?"
            rb"(?:(?><!--.*?-->|<!DOCTYPE[^>]*+>)\s*+)*+<svg[\s>]",
            re.S | re.I,
        ),
        "image/svg+xml",
    ),
)
"""How images begin, and their media types (WHATWG MIME Sniffing, 6.1; RFC 9649; AV1 image file
format, 6)."""


def image_type(body: bytes) -> str:
    """Return the media type of an image by its first bytes, whatever its header says; empty for
    what is none."""
    start = body[:_HEAD_BYTES]
    return next((kind for pattern, kind in _IMAGES if pattern.match(start)), "")


def is_html(content_type: str, body: bytes) -> bool:
    """Return whether an answer is an HTML page, by its declared type and its first bytes together.

    A body that is plainly something else is not HTML whatever its type says; ``text/plain`` may be
    a mislabelled page.
    """
    kind = content_type.partition(";")[0].strip().lower()
    start = body[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    if kind in _HTML_TYPES:
        return not start.strip() or (
            not (_XML_START.match(start) and not _HTML_TAG.search(start))
            and _looks_like_text(start)
        )
    return (
        kind in ("", "text/plain", "application/octet-stream")
        and _HTML_TAG.match(start, _behind_comments(start)) is not None
    )


def _behind_comments(start: bytes) -> int:
    found = _SPACE_AND_COMMENTS.match(start)
    return found.end() if found else 0


def _looks_like_text(start: bytes) -> bool:
    """No PDF, picture or archive under a page's name, and no bare JSON. A stray NUL or two, as some
    editors leave them, is still text."""
    return (
        start[:1000].count(b"\0") < _MANY_NULS
        and b"<" in start
        and not start.lstrip().startswith(_NO_TEXT)
    )


def is_xml(content_type: str, body: bytes) -> bool:
    """Return whether an answer is XML, or packed XML: a page in its place is a block page,
    not a sitemap."""
    kind = content_type.partition(";")[0].strip().lower()
    start = body[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    return bool(_XML_TYPES.match(kind) or kind in _HTML_TYPES) and (
        _XML_START.match(start) is not None or start[:2] in (b"\xff\xfe", b"\xfe\xff")
    )


def is_cut_short(body: bytes) -> bool:
    """Return whether an HTML page ends before it should: neither ``</body>`` nor ``</html>``, and
    the last thing is not a closed block.

    Two of 46 real stores print scripts and comments behind ``</html>``, so the end of the file
    alone proves nothing.
    """
    tail = body[-_TAIL_BYTES:].lower().rstrip()
    if _END.search(_SCRIPT.sub(b"", tail)):
        return False
    if tail.endswith((b"</script>", b"</style>", b"-->")):
        return False
    return _END.search(_SCRIPT.sub(b"", body)) is None


def has_end(expected: str, body: bytes) -> bool:
    """Return whether a document that came without its length ends as such a one does: with the end
    of a page, behind which whole scripts, styles and comments may stand, of the root of an XML
    document, or of a line of text. That of a picture is not known here, and what is packed or in
    UTF-16 is found out by whoever reads it."""
    if expected == "html":
        folded = body.lower()
        end = max(folded.rfind(tag) for tag in (b"</html", b"</body"))
        return end >= 0 and _AFTER_END.fullmatch(body, end) is not None
    if expected == "xml":
        root = None if body.startswith(b"\x1f\x8b") else _ROOT.search(body)
        return root is None or body.rstrip().endswith(b"</%b>" % root[1])
    return expected == "text" and body.endswith((b"\n", b"\r"))


def is_cut_short_xml(body: bytes) -> bool:
    """Return whether a plain XML document lacks its last closing tag."""
    return not body.startswith(b"\x1f\x8b") and not body.rstrip().endswith(b">")


def has_words(body: bytes) -> bool:
    """Return whether a page shows any words at all, scripts, styles, title and markup aside; stops
    at the first few it meets."""
    found, at, tags = 0, _body_start(body), 0
    while at < len(body):
        tags += 1
        if tags > _MOST_TAGS:  # a page as large as this is not called empty unread
            return True
        tag = body.find(b"<", at)
        end = tag if tag != -1 else len(body)
        found += len(b"".join(body[at : min(end, at + 1000)].replace(b"&nbsp;", b"").split()))
        if found >= _LITTLE_TEXT:
            return True
        if tag == -1:
            return False
        at = _behind(body, tag)
    return False


def _body_start(body: bytes) -> int:
    found = re.search(rb"<body\b", body, re.IGNORECASE)
    return found.start() if found else 0


def _behind(body: bytes, tag: int) -> int:
    """Where the text goes on behind a tag, a comment, or an element whose text nobody sees."""
    if body.startswith(b"<!--", tag):
        end, length = body.find(b"-->", tag), 3
    elif silent := _SILENT.match(body, tag):
        closing = re.compile(rb"</" + silent[1] + rb"\b", re.IGNORECASE).search(body, tag)
        end, length = (body.find(b">", closing.end()) if closing else -1), 1
    else:
        end, length = body.find(b">", tag), 1
    return end + length if end != -1 else len(body)
