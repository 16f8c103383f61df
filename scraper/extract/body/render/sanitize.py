"""The body's element made fit to keep: real image sources, absolute links, embeds as links, nothing
that runs."""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import quote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.extract.body.render.flow import part_words
from scraper.extract.body.render.images import held_back, prepare_image
from scraper.extract.dom import BLOCK_TAGS, PLAYERS
from scraper.extract.page.addresses import absolute
from scraper.extract.page.text import one_line

_OTHER_TAGS: Final = (
    "a abbr b bdi bdo br cite code col colgroup del dfn em i img ins kbd mark q rp rt ruby s "
    "samp small strike strong sub sup td th time tt u var wbr"
)
_TAGS: Final = BLOCK_TAGS | set(_OTHER_TAGS.split())
DROPPED_WHOLE: Final = frozenset(
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
        "video",
        "audio",
        "canvas",
        "title",
    ]
)
"""Elements that are left out with all that stands within."""

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
    clean_content_tags=set(DROPPED_WHOLE),
    attributes=_ATTRIBUTES,
    link_rel=None,
    url_schemes={"http", "https", "mailto", "tel", "sms"},
)
_EMBEDS: Final = "iframe,video,audio,object,embed"
_SOURCES: Final = ("src", "data-src", "data-lazy-src", "data", "data-instgrm-permalink", "cite")
_SIGNS_OF_PLAYERS: Final = ("<amp-", "<lite-", "wistia_async_", "instgrm-permalink", "tiktok-embed")
_WISTIA: Final = re.compile(r"(?<![\w-])wistia_async_(\w{1,40})")
_PLAYERS: Final = {
    "youtube": "https://www.youtube.com/embed/",
    "vimeo": "https://player.vimeo.com/video/",
}
# The cleaner is quadratic in the signs beyond ASCII of one run of text (measured: 1.5 s for
# 80,000); a comment, which it drops, parts the run where no character reference is cut. The
# parser's own serialisation: attributes stand in double quotes.
_WINDOW: Final = 5000  # characters
_MARKUP_OR_RUN: Final = re.compile(
    r"(<(?:[^>\"]++|\"[^\"]*+(?:\"|\Z))*+(?:>|\Z))|([^<]{4000}[!-%'-;=-~]*+)|[^<]++"
)
_CUSTOM_END: Final = re.compile(r"</[a-z][a-z0-9]{0,40}-")
_CUSTOM: Final = re.compile(
    r"(?P<end></[a-z][a-z0-9]{0,40}-[^<>\s]{1,60}>)"
    r"(?:(?P<next>(?=\s{0,99}<[a-z][a-z0-9]{0,40}-))|(?=\w))"
    r"|(?<=\w)(?P<start><[a-z][a-z0-9]{0,40}-)"
)


def prepare(container: LexborNode, base: str) -> None:
    """Give lazy images their real source, make addresses absolute, turn embeds to links: in place,
    before `sanitise`."""
    html = container.html or ""
    part_words(container, html)
    players = f",{PLAYERS}" if any(sign in html for sign in _SIGNS_OF_PLAYERS) else ""
    for node in container.css(f"a[href],{_EMBEDS}{players}"):
        if node.tag == "a":
            node.attrs["href"] = absolute(node.attributes.get("href") or "", base)
        else:
            _link_embed(node, base)
    for node in container.css(held_back(html)):
        prepare_image(node, base)


def _link_embed(node: LexborNode, base: str) -> None:
    attributes = node.attributes
    if node.tag == "blockquote" and one_line(node.text()):
        return  # with words and a link of its own
    sources = (attributes.get(name) or "" for name in _SOURCES)
    source = next((one for one in sources if one and not one.startswith("about:")), "")
    if not source and (inner := node.css_first("source[src]")) is not None:
        source = inner.attributes.get("src") or ""
    if not source and (player := _PLAYERS.get((node.tag or "").partition("-")[2])):
        film = attributes.get("videoid") or attributes.get("data-videoid") or ""
        source = f"{player}{quote(film)}" if film else ""
    if not source and (wistia := _WISTIA.search(attributes.get("class") or "")):
        source = f"https://fast.wistia.net/embed/iframe/{wistia[1]}"
    address = absolute(source, base)
    if address.startswith(("http://", "https://")):
        link = LexborHTMLParser(
            f'<a href="{escape(address)}" data-embed="{node.tag}"></a>'
        ).css_first("a")
        if link is not None:
            node.insert_before(link)


def sanitise(html: str) -> str:
    """Keep what may be shown anywhere: an author's structure, links and images; no scripts, styles,
    classes or forms."""
    if any(html.find("<", at, at + _WINDOW) < 0 for at in range(0, len(html) - _WINDOW, _WINDOW)):
        html = _MARKUP_OR_RUN.sub(_part_run, html)
    if _CUSTOM_END.search(html):
        html = _CUSTOM.sub(_parted, html)
    return _CLEANER.clean(html).strip()


def _part_run(found: re.Match[str]) -> str:
    return f"{found[2]}<!---->" if found[2] else found[0]


def _parted(found: re.Match[str]) -> str:
    """Part what stands on both sides of a custom element's tag, which the cleaner takes away: a
    line from the next such element, a word from the next."""
    if found["next"]:
        return f"{found['end']}<br>"
    return f"{found['end']} " if found["end"] else f" {found['start']}"
