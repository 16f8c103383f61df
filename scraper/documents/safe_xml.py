"""Read sitemaps and feeds as XML that may be hostile: bounded, no entities, no network."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from scraper.exceptions import FeedError

MOST_BYTES = 50 * 1024 * 1024
"""The largest document read, unpacked: the sitemap protocol's own limit."""

_GZIP_MAGIC = b"\x1f\x8b"
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_PLAIN_ENCODING = re.compile(r"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d")
_SKIPPED = ((b"<!--", b"-->"), (b"<?", b"?>"))
"""How comments and instructions begin and end."""

_SPACE = re.compile(rb"[ \t\r\n]*")


def read_elements(body: bytes, names: tuple[str, ...], kind: str) -> Iterator[etree._Element]:
    """Return the root of an XML document, then each element of those local names as it closes;
    elements are emptied after use.

    `kind` names the document in errors (``sitemap``, ``feed``). So a long document never stands in
    memory whole. Raises FeedError for broken XML, for a document type (neither format has one), and
    for what is larger than `MOST_BYTES`.
    """
    source = BytesIO(plain_bytes(body, kind))
    walk = etree.iterparse(
        source,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        encoding="utf-8",
    )
    root: etree._Element | None = None
    try:
        for event, element in walk:
            if root is None:
                root = element
                yield root
            elif event == "end" and element.getparent() is root and local_name(element) in names:
                yield element
                element.clear()
    except etree.XMLSyntaxError as error:
        raise FeedError(f"the {kind} is not well-formed XML: {_first_line(error)}") from None


def plain_bytes(body: bytes, kind: str) -> bytes:
    """Return the document unpacked and in an encoding whose markup is plain to see; raises
    FeedError as `read_elements` does."""
    body = _unpacked(body, kind) if body.startswith(_GZIP_MAGIC) else body
    if len(body) > MOST_BYTES:
        raise FeedError(f"the {kind} is larger than {MOST_BYTES} bytes")
    body = _utf8(body, kind).lstrip()
    if not body.startswith(b"<"):
        raise FeedError(f"the {kind} is empty" if not body else f"the {kind} is not XML")
    if body.startswith(b"<!", _end_of_prolog(body)):
        raise FeedError(f"the {kind} declares a document type, which no {kind} needs")
    return body


def _unpacked(body: bytes, kind: str) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise FeedError(f"the {kind} is not whole: its gzip packing is broken") from None
    if len(plain) <= MOST_BYTES and not unzip.eof:
        raise FeedError(f"the {kind} is not whole: its gzip packing is cut short")
    return plain


def _utf8(body: bytes, kind: str) -> bytes:
    """Return the document in UTF-8, the only encoding that the parser is let to read: in UTF-7 or
    EBCDIC a document type would hide."""
    encoding = (
        "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else _declared_encoding(body, kind)
    )
    if encoding == "utf-8":
        return body.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode(encoding).encode("utf-8")
    except (UnicodeDecodeError, LookupError):
        raise FeedError(f"the {kind} is not in the encoding it claims, {encoding}") from None


def _declared_encoding(body: bytes, kind: str) -> str:
    declared = _DECLARED.search(body[:300])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if not _PLAIN_ENCODING.fullmatch(name):
        raise FeedError(f"the {kind} is in the encoding {name}, which is not read here")
    return "utf-8" if name in ("utf8", "us-ascii", "ascii") else name


def _end_of_prolog(body: bytes) -> int:
    """Where the document type or the root element begins: behind comments, instructions and
    space."""
    at = 0
    while True:
        space = _SPACE.match(body, at)
        at = space.end() if space else at
        closing = next((end for start, end in _SKIPPED if body.startswith(start, at)), b"")
        end = body.find(closing, at + 2) if closing else -1
        if end == -1:
            return at
        at = end + len(closing)


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace; empty for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, name: str) -> str:
    """Return the text of the first child of that local name in the element's own namespace,
    trimmed; empty where there is none."""
    tag = element.tag if isinstance(element.tag, str) else ""
    qualified_name = f"{tag[: tag.rfind('}') + 1]}{name}"
    for child in element:
        if child.tag == qualified_name:
            return "".join(child.itertext()).strip()
    return ""


def _first_line(error: etree.XMLSyntaxError) -> str:
    return (error.msg or "no reason given").splitlines()[0][:200]
