"""The body's element made fit to keep: real image sources, absolute links, embeds as links, nothing
that runs."""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import urljoin, urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_DROPPED_WHOLE: Final = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "textarea",
        "button",
        "video",
        "audio",
        "canvas",
        "title",
    ]
)
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": {"lang", "dir"},
    "a": {"href", "title", "data-embed"},
    "img": {"src", "srcset", "sizes", "alt", "title", "width", "height", "loading"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "time": {"datetime"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"datetime"},
    "ins": {"datetime"},
}
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED_WHOLE),
    attributes=_ATTRIBUTES,
    link_rel=None,
    url_schemes={"http", "https", "mailto", "tel", "sms"},
)
_LAZY_SOURCES: Final = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-image",
    "data-src-retina",
)
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset")
LAZY_IMAGE: Final = (*_LAZY_SOURCES, "srcset", *_LAZY_SETS)
"""Attributes in which the real picture of an image stands, or its sizes."""

_PLACEHOLDER: Final = re.compile(
    r"""^data: | ^$
      | (?:^|/)(?>[^/]*?(?:blank|placeholder|loading|spacer|transparent|lazy))  # once a segment
        [^/]*\.(?:gif|png|svg)""",
    re.I | re.X,
)
_LONGEST_ADDRESS: Final = (
    2000  # of one that is searched for words; an embedded picture takes megabytes
)
_MOST_SIZES: Final = 100
_WIDTH_SLOT: Final = re.compile(r"(?:\{|%7B)width(?:\}|%7D)", re.I)
_EMBEDS: Final = "iframe,video,audio,object,embed"
# The cleaner is quadratic in the signs beyond ASCII of one run of text (measured: 1.5 s for
# 80,000); a comment, which it drops, parts the run where no character reference is cut. The
# parser's own serialisation: attributes stand in double quotes.
_WINDOW: Final = 5000  # characters
_MARKUP_OR_RUN: Final = re.compile(
    r"(<(?:[^>\"]++|\"[^\"]*+(?:\"|\Z))*+(?:>|\Z))|([^<]{4000}[!-%'-;=-~]*+)"
)


def prepare(container: LexborNode, base: str) -> None:
    """Give lazy images their real source, make addresses absolute, turn embeds to links: in place,
    before `sanitise`."""
    for node in container.css(f"a[href],img,{_EMBEDS}"):
        if node.tag == "a":
            node.attrs["href"] = absolute(node.attributes.get("href") or "", base)
        elif node.tag == "img":
            _prepare_image(node, base)
        else:
            _link_embed(node, base)


def _prepare_image(node: LexborNode, base: str) -> None:
    attributes = node.attributes
    source = attributes.get("src") or ""
    lazy = next((attributes[name] for name in _LAZY_SOURCES if attributes.get(name)), "") or ""
    sets = (
        attributes.get("srcset")
        or next((attributes[name] for name in _LAZY_SETS if attributes.get(name)), "")
        or ""
    )
    if lazy and (_is_placeholder(source) or "lazy" in (attributes.get("class") or "")):
        source = _WIDTH_SLOT.sub("1024", lazy)
    if _is_placeholder(source) and sets:
        source = sets.split(",")[-1].split()[0] if sets.split(",")[-1].split() else ""
    if source:
        node.attrs["src"] = absolute(source, base)
    if sets:
        node.attrs["srcset"] = ", ".join(
            _absolute_candidate(part, base)
            for part in re.split(r",\s+", sets, maxsplit=_MOST_SIZES)[:_MOST_SIZES]
            if part.strip()
        )


def _is_placeholder(address: str) -> bool:
    return _PLACEHOLDER.search(address[:_LONGEST_ADDRESS]) is not None


def _absolute_candidate(candidate: str, base: str) -> str:
    address, _, size = candidate.strip().partition(" ")
    return f"{absolute(address, base)} {size}".strip()


def _link_embed(node: LexborNode, base: str) -> None:
    attributes = node.attributes
    source = attributes.get("src") or attributes.get("data-src") or attributes.get("data") or ""
    if not source and (inner := node.css_first("source[src]")) is not None:
        source = inner.attributes.get("src") or ""
    address = absolute(source, base)
    if address.startswith(("http://", "https://")):
        link = LexborHTMLParser(
            f'<a href="{escape(address)}" data-embed="{node.tag}"></a>'
        ).css_first("a")
        if link is not None:
            node.insert_before(link)


def absolute(address: str, base: str) -> str:
    """An address made absolute; what cannot be one is returned as it stands."""
    address = address.strip()
    if address.startswith(("https://", "http://", "mailto:", "tel:")) or not address:
        return address
    if address.startswith("//"):
        return f"https:{address}"
    try:
        if address.startswith("/"):
            parts = urlsplit(base)
            return f"{parts.scheme}://{parts.netloc}{address}"
        return urljoin(base, address)
    except ValueError:
        return address


def sanitise(html: str) -> str:
    """Keep what may be shown anywhere: an author's structure, links and images; no scripts, styles,
    classes or forms."""
    if any(html.find("<", at, at + _WINDOW) < 0 for at in range(0, len(html) - _WINDOW, _WINDOW)):
        html = _MARKUP_OR_RUN.sub(lambda found: found[1] or f"{found[2]}<!---->", html)
    return _CLEANER.clean(html).strip()
