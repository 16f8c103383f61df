"""A page read once: the tree, the head's metadata, the structured data and Shopify's own analytics
line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from scraper.documents.charsets import detect_charset, web_charset
from scraper.documents.markup_limits import limit_markup
from scraper.extract.dom import last_descendant, siblings_after
from scraper.extract.page.elements import PageElements, find_elements
from scraper.extract.page.jsonld import read_articles
from scraper.extract.page.shadow_roots import DECLARED_ROOT, open_shadow_roots

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_.:-]{2,40})", re.I
)
_ST_LINE = re.compile(rb"__st\s{0,20}=\s{0,20}(\{[^{}]{0,2000}\})")
_ST_FIELD = re.compile(rb"[\"']?\b(\w+)[\"']?\s*:\s*(-?\d+|\"[^\"]*\")")
_RESOURCE = re.compile(
    rb"resourceType\"?\s{0,20}:\s{0,20}\"article\"\s{0,20},\s{0,20}"
    rb"\"?resourceId\"?\s{0,20}:\s{0,20}(\d{1,20})(?!\d)"
)
_PLAIN_ADDRESS = re.compile(
    r"https?://[\w.:-]+/[\w/.%~-]*", re.A
)  # nothing in it to resolve or to repair
_WHOLE_ID = re.compile(r"\d{5,20}")
_PIECE = 4096  # bytes
# Nothing here needs the events by which a browser follows changes of its tree; a tenth of the time
# of parsing.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value
_EACH_AUTHOR = {"author", "article:author", "citation_author"}
_META_NAMES = ("property", "name", "itemprop", "http-equiv")
_LONGEST_NAMES = 1000  # characters of all authors of a page
_LONGEST_VALUE = 1_000_000  # characters of an attribute in the body
_LONGEST_META = 20_000  # characters; some themes print the whole post as its description


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A parsed page. `metas` maps lower-case names and properties to their first content;
    `articles` are its JSON-LD articles, `described` what it says of the page itself where it has no
    article, `elements` those of the tree as it was parsed.

    `analytics_url` is the address that Shopify's own analytics line names, or empty.
    """

    tree: LexborHTMLParser
    elements: PageElements
    url: str
    canonical: str
    analytics_url: str
    origin: str
    language: str
    metas: dict[str, str]
    articles: tuple[dict[str, object], ...]
    described: dict[str, object]
    article_id: str
    utc_offset_s: int | None

    @property
    def body(self) -> LexborNode | None:
        """Return the body element."""
        return self.tree.body


def parse_page(html: bytes | str, *, url: str, charset: str | None = None) -> ParsedPage:
    """Parse any bytes or text once; `url` is the base of relative links unless the page names
    another host's base.

    The walk that finds the elements decodes mail addresses, too: a reader that needs the tree alone
    pays 0.2 ms for both. Raises TooMuchMarkup for a page of more elements than any page has.
    """
    source = limit_markup(_as_utf8(html, charset))
    tree, elements = _parse(source)
    if tree.body is not None and tree.body.css_first(DECLARED_ROOT) is not None:
        source = open_shadow_roots(source)
        tree, elements = _parse(source)
    if (mended := _mended(source, tree, elements)) is not source:
        tree, elements = _parse(mended)
    if len(source) > _LONGEST_VALUE and tree.body is not None:
        _drop_long_values(tree.body)
    metas, links = _read_head(tree)
    canonical = _canonical(links.get("canonical", ""), url)
    address = urlsplit(canonical if canonical.startswith("http") else url)
    analytics = _read_analytics(source)
    articles, described = read_articles(source, metas, canonical)
    return ParsedPage(
        tree=tree,
        elements=elements,
        url=url or canonical,
        canonical=canonical,
        analytics_url=_analytics_url(analytics),
        origin=f"{address.scheme}://{address.netloc.lower()}" if address.netloc else "",
        language=_language(tree, metas),
        metas=metas,
        articles=articles,
        described=described,
        article_id=_article_id(analytics, source),
        utc_offset_s=int(analytics["offset"])
        if re.fullmatch(r"-?\d{1,6}", analytics.get("offset", ""))
        else None,
    )


def _parse(source: bytes) -> tuple[LexborHTMLParser, PageElements]:
    tree = LexborHTMLParser(source, options=_WITHOUT_EVENTS)
    return tree, find_elements(tree.body) if tree.body is not None else PageElements()


def _drop_long_values(body: LexborNode) -> None:
    """Drop values of attributes that are longer than any that is read: embedded pictures, which
    each reading of the markup would go through again."""
    for node in body.css("*"):
        for name, value in node.attributes.items():
            if value and len(value) > _LONGEST_VALUE:
                del node.attrs[name]


def _mended(source: bytes, tree: LexborHTMLParser, elements: PageElements) -> bytes:
    """Return a page whose last comment ends with the first tag in it, not with the page ("<!-- --
    >"), and whose main element ends once, where an author pasted another end into his text."""
    if any(one.tag == "p" for main in elements.mains for one in siblings_after(main)):
        extra = source.count(b"</main>") - source.count(b"<main")
        source = source.replace(b"</main>", b"", extra) if extra > 0 else source
    if tree.body is not None and last_descendant(tree.body).is_comment_node:
        start = source.rfind(b"<!--")
        end = source.find(b">", start)
        if 0 <= start < end and source.find(b"-->", start) < 0:
            return source[:end] + b"--" + source[end:]
    return source


def as_parsed(html: bytes | str | ParsedPage, *, url: str, charset: str | None) -> ParsedPage:
    """Parse a page, or return it as it is where that has been done."""
    return html if isinstance(html, ParsedPage) else parse_page(html, url=url, charset=charset)


def _canonical(link: str, url: str) -> str:
    """Return the page's canonical address; its own where the link is missing or no address
    ("https://[shop.example")."""
    if _PLAIN_ADDRESS.fullmatch(link):
        return link
    try:
        joined = urljoin(url, link) if link else url
        urlsplit(joined)
    except ValueError:
        return url
    return joined


def _as_utf8(html: bytes | str, charset: str | None) -> bytes:
    """Return the page as the parser reads it, without NUL; bytes that are UTF-8 already stay as
    they are.

    Text of 100 KB with one sign beyond Latin-1 takes twice the memory, and each search in it twice
    the time; lone surrogates become "?".
    """
    if isinstance(html, str) or detect_charset(html)[0] or not _is_utf8(html):
        text = decode(html, charset) if isinstance(html, bytes) else html
        html = text.encode("utf-8", "replace")
    return html.replace(b"\x00", b"") if b"\x00" in html else html


def _is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8, asked piece by piece: nearly all pieces are ASCII, and no
    second copy of the page is made."""
    at = 0
    try:
        while at < len(data):
            piece = data[at : at + _PIECE]
            if piece.isascii():
                at += len(piece)
            else:
                at += codecs.utf_8_decode(piece, "strict", at + _PIECE >= len(data))[1]
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, charset: str | None = None) -> str:
    """Turn bytes to text: a byte order mark or the zeros of UTF-16, UTF-8, the given charset, the
    page's own word; Windows-1252 at last."""
    shown, skipped = detect_charset(data)
    if shown:
        return data[skipped:].decode(shown, "replace")
    text = data.decode("utf-8", "replace")
    broken, beyond = text.count("\ufffd"), len(data) - len(data.translate(None, _BEYOND_ASCII))
    # Text that is UTF-8, but for a few bytes, is hardly ever anything else, whatever is declared.
    if broken * _BYTES_PER_BROKEN < beyond:
        return text
    for name in _charsets(data, charset):
        declared = data.decode(name, "replace")
        if declared.count("\ufffd") * _BYTES_PER_BROKEN < beyond:
            return declared
    # One without any multi-byte sequence that fits is Western.
    if broken > 20 and broken * 4 > beyond:
        text = data.decode("cp1252", "replace")
    return text


_BEYOND_ASCII = bytes(range(128, 256))
_BYTES_PER_BROKEN = 20  # bytes beyond ASCII for each broken one


def _charsets(data: bytes, charset: str | None) -> Iterator[str]:
    declared = _META_CHARSET.search(data, 0, 4096)
    for value in (charset or "", declared[1].decode("ascii") if declared else ""):
        # What is called UTF-16 and does not look so is none (WHATWG HTML, "Determining the
        # character encoding").
        if (name := web_charset(value)) and not name.startswith("utf-16"):
            yield name


def _read_head(tree: LexborHTMLParser) -> tuple[dict[str, str], dict[str, str]]:
    metas: dict[str, str] = {}
    links: dict[str, str] = {}
    if tree.head is None:
        return metas, links
    for node in tree.head.css("meta[content],link[rel=canonical],title"):
        attributes = node.attributes
        if node.tag == "title":
            metas.setdefault("title", " ".join(node.text()[:_LONGEST_META].split()))
        elif node.tag == "meta":
            name = next(filter(None, map(attributes.get, _META_NAMES)), "")
            if name and attributes.get("content"):
                _add_meta(
                    metas, name.lower(), (attributes["content"] or "")[:_LONGEST_META].strip()
                )
        elif attributes.get("href"):
            links.setdefault(
                (attributes.get("rel") or "").lower(), (attributes["href"] or "").strip()
            )
    return metas, links


def _add_meta(metas: dict[str, str], name: str, content: str) -> None:
    """Add what a meta element says, unless its name was seen before; each author has one."""
    before = metas.setdefault(name, content)
    if before != content and name in _EACH_AUTHOR and len(before) < _LONGEST_NAMES:
        metas[name] = f"{before}; {content}"


def _language(tree: LexborHTMLParser, metas: dict[str, str]) -> str:
    root = tree.root
    declared = (
        (root.attributes.get("lang") if root is not None else "")
        or metas.get("content-language")
        or metas.get("og:locale")
        or ""
    )
    return normalize_language_tag(declared)


@lru_cache(maxsize=64)
def normalize_language_tag(tag: str) -> str:
    """Write a language tag the usual way: ``pt_br`` is ``pt-BR``; empty where it is none."""
    parts = re.split(r"[-_]", tag.strip())
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]):
        return ""
    region = next((part.upper() for part in parts[1:] if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    return parts[0].lower() + (f"-{region}" if region else "")


def _read_analytics(source: bytes) -> dict[str, str]:
    line = _ST_LINE.search(source)
    if line is None:
        return {}
    return {key.decode(): value.strip(b'"').decode() for key, value in _ST_FIELD.findall(line[1])}


def _analytics_url(analytics: dict[str, str]) -> str:
    """``"pageurl":"shop.example\\/blogs\\/news\\/post"`` as an address; empty without a host
    (mirrors cut it short)."""
    value = analytics.get("pageurl", "").replace("\\/", "/")
    return f"https://{value}" if "." in value.partition("/")[0] else ""


def _article_id(analytics: dict[str, str], source: bytes) -> str:
    """Shopify's number of the article. Mirrors cut long numbers short ("7" on two posts of one
    store): those name nobody."""
    value = ""
    if "article" in (analytics.get("rtyp"), analytics.get("p")):
        value = analytics.get("rid", "")
    if not _WHOLE_ID.fullmatch(value):
        resource = _RESOURCE.search(source)
        value = resource[1].decode() if resource else ""
    return value if _WHOLE_ID.fullmatch(value) else ""
