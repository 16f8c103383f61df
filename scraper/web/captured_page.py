"""A captured page as a document that runs nothing, loads nothing and leads nowhere.

It is shown in a sandboxed frame under `FRAME_POLICY`; each of sanitiser, sandbox and policy is
enough by itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from html import escape
from pathlib import Path
from typing import Final

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.archive.captures.reader import open_reader
from scraper.archive.queries.captures import read_stored_answer
from scraper.archive.queries.pages.images import read_image, read_images_of_capture
from scraper.archive.queries.run_query import Connection
from scraper.documents.markup_limits import limit_markup
from scraper.exceptions import CaptureLost, TooMuchMarkup
from scraper.extract.dom import BLOCK_TAGS
from scraper.extract.page.parsed_page import decode
from scraper.history.humanize import VERDICTS
from scraper.items import TOO_SLOW
from scraper.printable import printable
from scraper.responses.content_checks import image_type
from scraper.web.pictures import RASTER, replace_by_picture, replace_node
from scraper.web.sanitize import BODY_TAGS

MAX_BYTES: Final = 3_000_000
"""Bytes of a page that is shown; a larger one can be downloaded."""

STYLE: Final = (
    "html{color-scheme:light;background:#fff;color:#111}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:1rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .5em}"
    "pre{white-space:pre-wrap}a{color:#1d4f91;text-decoration:underline}"
    "img{max-width:100%;height:auto}"
    ".box{display:inline-block;border:1px dashed #777;color:#555;padding:.2em .6em;"
    "font-size:.85em;margin:.1em}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

FRAME_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; sandbox; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""Content-Security-Policy of the frame's document: no script, no request, no form, no frame.
Archived images stand in the document itself, since a sandboxed one may load nothing of ours."""

MAX_IMAGE_BYTES: Final = 10_000_000
"""Bytes of the archived images in one document; those after them are boxes."""

FindImage = Callable[[str, int], bytes | None]
"""From the address of an image in the page to the archived bytes; None without, and where they are
more than the given number."""

_DROPPED: Final = (
    "script, noscript, style, link, meta, base, template, title, object param, noembed"
)
_BOXED: Final = (
    "img, svg, math, iframe, frame, object, embed, video, audio, canvas, input[type=image]"
)
# Of forms, and a dialog, which only a script would open: shown as blocks.
_FORM_TAG: Final = re.compile(r"(</?)(?:dialog|form|legend)(?=[\s>])")
_DATA: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/]*={0,2}")


def _allow(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value if it may stay."""
    if name == "class" and value != "box":
        return None
    return None if name == "src" and not _DATA.fullmatch(value) else value


_CLEANER: Final = nh3.Cleaner(
    tags={*BODY_TAGS, *BLOCK_TAGS, "img", "time", "wbr"},
    attributes={
        "*": {"lang", "dir", "title"},
        "span": {"class"},
        "img": {"src", "alt"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
        "ol": {"start", "reversed"},
    },
    attribute_filter=_allow,
    url_schemes={"data"},
    link_rel=None,
)


def read_captured_page(connection: Connection, captures: Path, number: int) -> str:
    """Read a capture and the archived images in it, and render it. Parsing it may take minutes and
    gigabytes: verdict and detail may be of somebody who means harm, too.

    Raises CaptureLost for one that is not shown.
    """
    try:
        return _read_captured_page(connection, captures, number)
    except (MemoryError, SelectolaxError) as error:
        raise CaptureLost("it takes too much memory to show, so download it") from error


def _read_captured_page(connection: Connection, captures: Path, number: int) -> str:
    capture, answer = read_stored_answer(connection, captures, number)
    if capture.verdict == "rejected" or capture.detail.startswith(TOO_SLOW):
        raise CaptureLost(f"{VERDICTS['rejected']}: it is not shown, so download it")
    images, ended_at = read_images_of_capture(connection, number)

    with closing(open_reader(captures)) as reader:

        def find(source: str, max_bytes: int) -> bytes | None:
            found = images.find(source, ended_at)
            if found is None or found.media_type not in RASTER or found.n_bytes > max_bytes:
                return None
            with suppress(CaptureLost):
                return read_image(connection, reader, found.hash)
            return None

        return render_captured_page(answer.body, answer.header("content-type"), find)


def render_captured_page(
    body: bytes, content_type: str, find_image: FindImage = lambda _source, _max_bytes: None
) -> str:
    """Return an answer of a store as a safe HTML document; what is no HTML as its text. Images are
    those of `find_image`, or a labelled box.

    Raises CaptureLost for one that is too large to show.
    """
    if len(body) > MAX_BYTES:
        raise CaptureLost(f"the page has {len(body):,} bytes: too many to show, so download it")
    text = decode(body, _charset(content_type))
    if "html" not in content_type.lower() and "<html" not in text[:2000].lower():
        return _document(f"<pre>{escape(text)}</pre>")
    try:
        source = limit_markup(text.encode("utf-8", "replace"))
    except TooMuchMarkup as error:
        raise CaptureLost(f"the page cannot be shown, so download it: {error}") from error
    tree = LexborHTMLParser(source)
    for node in tree.css(_DROPPED):
        node.decompose()
    embed = _Embedder(find_image)
    for node in tree.css(_BOXED):
        if (node.tag or "") != "img" or not embed(node):
            _replace_by_box(node)
    for link in tree.css("a[href]"):
        link.attrs["title"] = link.attributes.get("href") or ""
    content = (tree.body.inner_html or "") if tree.body is not None else ""
    return _document(_CLEANER.clean(_FORM_TAG.sub(r"\1div", content)))


class _Embedder:
    """Puts archived images into the document, up to `MAX_IMAGE_BYTES` in all."""

    def __init__(self, find_image: FindImage) -> None:
        self._find = find_image
        self._left = MAX_IMAGE_BYTES

    def __call__(self, node: LexborNode) -> bool:
        """Show the archived image in place of an element; False if there is none."""
        for source in _sources(node):
            content = self._find(source, self._left)
            media_type = image_type(content or b"")
            if content and media_type in RASTER:
                self._left -= len(content)
                data = base64.b64encode(content).decode()
                replace_by_picture(node, f"data:{media_type};base64,{data}")
                return True
        return False


def _sources(node: LexborNode) -> Iterator[str]:
    """The addresses that an image names, those that a theme loads late too."""
    attributes = node.attributes
    for name in ("src", "data-src", "data-original", "data-lazy-src"):
        if source := attributes.get(name):
            yield source
    for name in ("srcset", "data-srcset"):
        first = (attributes.get(name) or "").strip().partition(" ")[0].rstrip(",")
        if first:
            yield first


def _replace_by_box(node: LexborNode) -> None:
    """Replace what would load or draw something by a box that names it."""
    attributes = node.attributes
    description = attributes.get("alt") or attributes.get("aria-label") or ""
    source = attributes.get("src") or attributes.get("data") or attributes.get("data-src") or ""
    name = {"img": "image", "iframe": "frame", "svg": "drawing"}.get(node.tag or "", node.tag or "")
    label = f"{name}: {description}" if description.strip() else name
    box = f'<span class="box" title="{escape(source)}">{escape(label)}</span>'
    replace_node(node, box)


def _document(content: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Captured page</title><style>{STYLE}</style></head>"
        f"<body>{printable(content)}</body></html>"
    )


def _charset(content_type: str) -> str | None:
    found = re.search(r"charset=[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    return found[1] if found else None
