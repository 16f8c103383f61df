"""The pictures of a body with their real addresses, however a theme, a script or a page builder
holds them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.hidden import is_hidden
from scraper.extract.dom import child_elements
from scraper.extract.page.addresses import absolute

_BACKGROUND_DATA: Final = (
    "[data-bgset],[data-bg],[data-background],[data-background-image],[data-bg-src],"
    "[data-background-src],[data-lazy-background],[data-lazy-bg]"
)
_BACKGROUND_NAMES: Final = ("data-bg", "data-background", "data-lazy-b")
_LAZY_SOURCES: Final = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-image",
    "data-src-retina",
)
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset", "data-bgset")
LAZY_IMAGE: Final = (*_LAZY_SOURCES, "srcset", *_LAZY_SETS)
"""Attributes in which the real picture of an image stands, or its sizes."""

_LAZY_NAME: Final = re.compile(r"src|original|lazy|image|img|full|hi-?res|echo|url", re.I)
_NO_SOURCE: Final = re.compile(r"aspect|sizes?$|srcset|alt|ratio|thumb|placeholder", re.I)
_IMAGE_ADDRESS: Final = re.compile(
    r"^(?:(?:https?:)?//|/|\.{1,2}/)[^\s\"'<>]{1,2000}$"
    r"|^[\w./%@+-]{1,500}\.(?:jpe?g|png|gif|webp|avif|svg)(?:\?\S{0,500})?$",
    re.I,
)
_NO_ADDRESS: Final = re.compile(r"data:|\Z|about:|#", re.I)
_DRAWING: Final = re.compile(r"\.(?:gif|png|svg)")
_PLACEHOLDER: Final = re.compile(
    r"""(?:^|/)(?>[^/]*?(?:blank|placeholder|loading|spacer|transparent|lazy))  # once a segment
        [^/]*\.(?:gif|png|svg)""",
    re.X,
)
_BACKGROUND: Final = re.compile(
    r"(?:(?:background(?:-image)?|--[\w-]{1,60})\s{0,9}:[^;]{0,200}?\b|\bbg-\[)"
    r"url\(\s{0,9}([\"']?)([^\"'()\s]{1,2000})\1\s{0,9}\)",
    re.I,
)
_IN_URL: Final = re.compile(r"^url\(\s{0,9}([\"']?)([^\"'()\s]{1,2000})\1\s{0,9}\)$", re.I)
_LONGEST_ADDRESS: Final = (
    2000  # of one that is searched for words; an embedded picture takes megabytes
)
_MOST_SIZES: Final = 100
_OWN_ELEMENT: Final = re.compile(
    r"<(amp-anim|[a-z][a-z0-9]{0,20}-(?:[a-z0-9]{1,20}-){0,3}im(?:g|age))[\s>]"
)
_WIDTH_SLOT: Final = re.compile(r"(?:\{|%7B)width(?:\}|%7D)", re.I)
_CANDIDATE: Final = re.compile(r"[\s,]*+(?P<url>\S++)(?:\s++(?P<size>[\w.]{1,20}))?[^,]{0,99}+,?")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_FILMS: Final = frozenset({"iframe", "video", "audio", "embed", "object"})
_COPIED: Final = ("src", "srcset", "sizes", "alt", "title", "width", "height")


def held_back(html: str) -> str:
    """Return the query for the elements that `prepare_image` prepares in a body of this markup;
    each part of a query is a walk, and few bodies need all."""
    signs = (
        ("", "img"),
        ("<picture", "picture"),
        ("data-b", _BACKGROUND_DATA),
        ("data-lazy-b", _BACKGROUND_DATA),
        ("bg-[url(", "[class*='bg-[url(']"),
        ("url(", "[style*='url(' i]"),
    )
    return ",".join((*(query for sign, query in signs if sign in html), *_own_elements(html)))


def _own_elements(html: str) -> Iterable[str]:
    """Return the names of elements that a theme's or an app's script makes images of."""
    is_any = "-im" in html or "-anim" in html
    return dict.fromkeys(_OWN_ELEMENT.findall(html)) if is_any else ()


def prepare_image(node: LexborNode, base: str) -> None:
    """Give an image its real source, or put one where an element shows a picture without: an
    image of a script's own, a ``picture`` of sources alone, a background; in place."""
    if node.tag == "img":
        _prepare_img(node, base)
    elif node.tag in _FILMS:
        return
    elif node.attributes.get("src") or node.attributes.get("srcset"):
        copied = {name: node.attributes.get(name) for name in _COPIED}
        copied["src"] = copied["src"] or _largest(copied["srcset"] or "")
        if node.css_first("img") is None or node.css_first("noscript img") is not None:
            _insert(node, copied, base, beside=True)
    elif node.css_first("img") is None:
        _insert(node, _shown_by(node), base, beside=False)


def reveal_noscript(container: LexborNode) -> None:
    """Give images that wait for a script the source that stands in the ``noscript`` beside them; an
    image or film that stands only there takes its place before it, as a film in a ``template``
    does."""
    for node in container.css("template"):
        _reveal_film(node)
    for node in container.css("noscript"):
        film = node.css_first("iframe[src]")
        if film is not None and not _is_counter(film) and not _is_shown(film, node):
            node.insert_before(film)
        real = node.css_first("img")
        if real is None or _is_placeholder(real.attributes.get("src") or ""):
            continue
        waiting = _waiting_beside(node)
        if waiting is not None:
            for name in _COPIED:
                if value := real.attributes.get(name):
                    waiting.attrs[name] = value
        elif not _is_shown(real, node):
            node.insert_before(real)


def _reveal_film(node: LexborNode) -> None:
    """Put the film of a ``template``, which a theme plays on a click, before it; the parser holds
    what stands in a template apart from the tree."""
    inside = LexborHTMLParser((node.html or "").replace("<template", "<div", 1))
    film = inside.css_first("iframe[src],video")
    if film is not None and not _is_counter(film) and not _is_shown(film, node):
        node.insert_before(film)


def _waiting_beside(node: LexborNode) -> LexborNode | None:
    """Return the image beside a ``noscript`` that has no source of its own."""
    parent = node.parent
    images = [one for one in child_elements(parent) if one.tag == "img"] if parent else []
    return next((one for one in images if _is_placeholder(one.attributes.get("src") or "")), None)


def _is_shown(real: LexborNode, node: LexborNode) -> bool:
    """Return whether an image or film beside a ``noscript`` shows anything already."""
    parent = node.parent
    others = parent.css(real.tag or "") if parent is not None else []
    return any(one.mem_id != real.mem_id for one in others)


def _is_counter(film: LexborNode) -> bool:
    """Return whether a frame shows nothing: it counts readers."""
    attributes = film.attributes
    return is_hidden("iframe", attributes) or attributes.get("height") in ("0", "1")


def _prepare_img(node: LexborNode, base: str) -> None:
    attributes = node.attributes
    source = attributes.get("src") or ""
    sets = _first(attributes, ("srcset", *_LAZY_SETS))
    lazy = _first(attributes, _LAZY_SOURCES)
    if lazy and (_is_placeholder(source) or "lazy" in (attributes.get("class") or "")):
        source = _WIDTH_SLOT.sub("1024", lazy)
    if _is_placeholder(source):
        sets = sets or _sets_of_picture(node)
        source = _largest(sets) or _any_source(attributes) or source
    if source:
        node.attrs["src"] = absolute(source, base)
    if sets:
        node.attrs["srcset"] = ", ".join(
            f"{absolute(address, base)} {size}".strip() for address, size in _candidates(sets)
        )


def _sets_of_picture(node: LexborNode) -> str:
    parent = node.parent
    if parent is None or parent.tag != "picture":
        return ""
    sources = (_first(one.attributes, ("srcset", *_LAZY_SETS)) for one in parent.css("source"))
    return next(filter(None, sources), "")


def _any_source(attributes: dict[str, str | None]) -> str:
    """Return what looks like an image's address in an attribute of a script that nobody knows."""
    return next(
        (
            value
            for name, value in attributes.items()
            if value
            and name not in ("src", "srcset", "class", "alt", "title", "href")
            and _LAZY_NAME.search(name)
            and not _NO_SOURCE.search(name)
            and _IMAGE_ADDRESS.match(value)
        ),
        "",
    )


def _shown_by(node: LexborNode) -> dict[str, str | None]:
    """Return source and text of the picture that an element without an image shows."""
    attributes = node.attributes
    if node.tag == "picture":
        sources = [_first(one.attributes, ("srcset", *_LAZY_SETS)) for one in node.css("source")]
        source = next((found for sets in sources if (found := _largest(sets))), "")
    else:
        styles = f"{attributes.get('style') or ''} {attributes.get('class') or ''}"
        style = _BACKGROUND.search(styles[:_LONGEST_ADDRESS])
        source = _largest(attributes.get("data-bgset") or "") or _any_background(attributes)
        source = source or (style[2] if style else "")
    text = _first(attributes, ("aria-label", "alt", "data-alt", "title"))
    return {"src": "" if _is_placeholder(source) else source, "alt": text}


def _any_background(attributes: dict[str, str | None]) -> str:
    names = [name for name in attributes if name.startswith(_BACKGROUND_NAMES)]
    values = (_IN_URL.sub(r"\2", (attributes[name] or "").strip()) for name in names)
    return next((value for value in values if _IMAGE_ADDRESS.match(value)), "")


def _insert(
    node: LexborNode, attributes: dict[str, str | None], base: str, *, beside: bool
) -> None:
    if not attributes.get("src"):
        return
    shown = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    image = LexborHTMLParser(f"<img{shown}>").css_first("img")
    if image is None:
        return
    _prepare_img(image, base)
    if beside:
        node.insert_before(image)
    elif node.child is not None:
        node.child.insert_before(image)
    else:
        node.insert_child(image)


def _first(attributes: dict[str, str | None], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := attributes.get(name))), "")


def _candidates(sets: str) -> Iterator[tuple[str, str]]:
    """Yield address and size of each image of a ``srcset``; an address may hold commas (HTML,
    "Parsing a srcset attribute")."""
    at = 0
    for _ in range(_MOST_SIZES):
        found = _CANDIDATE.match(sets, at)
        if found is None:
            return
        address, size, at = found["url"], found["size"] or "", found.end()
        if address.endswith(","):
            address, size, at = address.rstrip(","), "", found.end("url")
        if address:
            yield address, size


def _largest(sets: str) -> str:
    """Return the address of the largest image of a ``srcset``, the last of several alike."""
    best, most = "", -1.0
    for address, size in _candidates(sets):
        number = _NUMBER.match(size)
        if not _is_placeholder(address) and (value := float(number[0]) if number else 0.0) >= most:
            best, most = address, value
    return best


def _is_placeholder(address: str) -> bool:
    if _NO_ADDRESS.match(address):
        return True
    lower = address[:_LONGEST_ADDRESS].lower()
    # Most are photographs: quicker to know than what their files are called.
    return _DRAWING.search(lower) is not None and _PLACEHOLDER.search(lower) is not None
