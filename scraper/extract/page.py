"""A page read once: the tree, the head's metadata, the structured data and Shopify's own analytics line."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_ST_LINE = re.compile(rb"__st\s*=\s*(\{[^}]{0,2000}\})")
_ST_FIELD = re.compile(rb"[\"']?(\w+)[\"']?\s*:\s*(-?\d+|\"[^\"]*\")")
_RESOURCE = re.compile(rb"resourceType\"?\s*:\s*\"article\"\s*,\s*\"?resourceId\"?\s*:\s*(\d+)")
_PLAIN_ADDRESS = re.compile(r"https?://[\w.:-]+/[\w/.%~-]*", re.A)  # nothing in it to resolve or to repair
_WHOLE_ID = re.compile(r"\d{5,20}")
_JSON = json.JSONDecoder(strict=False)
_ARTICLE_TYPES = {"Article", "BlogPosting", "NewsArticle"}
_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:-]*)(\s*>)?")
# Their end tags are optional, so an unclosed one does not nest.
_FLAT_TAGS = frozenset(
    tag.encode()
    for tag in [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "html",
        "head",
        "body",
    ]
)
# HTML parsing is quadratic in the depth of the markup (measured: 28 s for 60,000 nested lists); browsers stop at 512.
_MAX_DEPTH = 256
_MANY_TAGS = 15_000
_PIECE = 4096  # bytes
# Nothing here needs the events by which a browser follows changes of its tree; a tenth of the time of parsing.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page. `metas` maps lower-case names and properties to their first content; `articles` are its JSON-LD articles.

    `told_url` is the address that Shopify's own analytics line names, or empty.
    """

    tree: LexborHTMLParser
    url: str
    canonical: str
    told_url: str
    origin: str
    language: str
    metas: dict[str, str]
    articles: tuple[dict[str, object], ...]
    article_id: str
    utc_offset_s: int | None

    @property
    def body(self) -> LexborNode | None:
        """The body element."""
        return self.tree.body


def parse_page(html: bytes | str, *, url: str, charset: str | None = None) -> Page:
    """Parse any bytes or text once; `url` is the base of relative links unless the page names another host's base."""
    source = _limit_depth(_as_utf8(html, charset))
    tree = LexborHTMLParser(source, options=_WITHOUT_EVENTS)
    metas, links = _read_head(tree)
    canonical = _canonical(links.get("canonical", ""), url)
    address = urlsplit(canonical if canonical.startswith("http") else url)
    analytics = _read_analytics(source)
    return Page(
        tree=tree,
        url=url or canonical,
        canonical=canonical,
        told_url=_told_url(analytics),
        origin=f"{address.scheme}://{address.netloc.lower()}" if address.netloc else "",
        language=_language(tree, metas),
        metas=metas,
        articles=_own_first(list(_jsonld_articles(source)), metas, canonical),
        article_id=_article_id(analytics, source),
        utc_offset_s=int(analytics["offset"]) if re.fullmatch(r"-?\d{1,6}", analytics.get("offset", "")) else None,
    )


def _canonical(link: str, url: str) -> str:
    """The page's canonical address; its own where the link is missing or no address ("https://[shop.example")."""
    if _PLAIN_ADDRESS.fullmatch(link):
        return link
    try:
        joined = urljoin(url, link) if link else url
        urlsplit(joined)
    except ValueError:
        return url
    return joined


def _as_utf8(html: bytes | str, charset: str | None) -> bytes:
    """The page as the parser reads it, without NUL; bytes that are UTF-8 already stay as they are.

    Text of 100 KB with one sign beyond Latin-1 takes twice the memory, and each search in it twice the time; lone surrogates become "?".
    """
    if isinstance(html, str) or html.startswith(_MARKS) or not _is_utf8(html):
        text = decode(html, charset) if isinstance(html, bytes) else html
        html = text.encode("utf-8", "replace")
    return html.replace(b"\x00", b"") if b"\x00" in html else html


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8, asked piece by piece: nearly all pieces are ASCII, and no second copy of the page is made."""
    at = 0
    try:
        while at < len(data):
            piece = data[at : at + _PIECE]
            at += len(piece) if piece.isascii() else codecs.utf_8_decode(piece, "strict", at + _PIECE >= len(data))[1]
    except UnicodeDecodeError:
        return False
    return True


def decode(data: bytes, charset: str | None = None) -> str:
    """Turn bytes to text: the given charset, a byte order mark, the page's own word, UTF-8, and Windows-1252 for what is not."""
    for name in _charsets(data, charset):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    # A page with a few broken bytes is still UTF-8; one without any multi-byte sequence that fits is Western.
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken > 20 and broken * 4 > sum(byte > 127 for byte in data):
        text = data.decode("cp1252", "replace")
    return text


def _charsets(data: bytes, charset: str | None) -> Iterator[str]:
    if data.startswith(codecs.BOM_UTF8):
        yield "utf-8-sig"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
    yield "utf-8"  # first: text that decodes as UTF-8 hardly ever is anything else, whatever the header claims
    if charset and charset.isascii():
        yield charset
    declared = _META_CHARSET.search(data, 0, 4096)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        yield declared[1].decode("ascii")


def _limit_depth(source: bytes) -> bytes:
    """Turn the elements beyond a depth that no browser shows into line breaks; their text and attributes stay where they are."""
    if len(source) < 3 * _MANY_TAGS or source.count(b"<") < _MANY_TAGS:
        return source
    depth = 0

    def flatten(tag: re.Match[bytes]) -> bytes:
        nonlocal depth
        if tag[2].lower() in _FLAT_TAGS:
            return tag[0]
        if tag[1]:
            depth = max(0, depth - 1)
            return tag[0] if depth < _MAX_DEPTH else b" " if tag[3] else b"</wbr"
        depth += 1
        return tag[0] if depth <= _MAX_DEPTH else b" " if tag[3] else b"<br"

    return _TAG.sub(flatten, source)


def _read_head(tree: LexborHTMLParser) -> tuple[dict[str, str], dict[str, str]]:
    metas: dict[str, str] = {}
    links: dict[str, str] = {}
    if tree.head is None:
        return metas, links
    for node in tree.head.css("meta[content],link[rel=canonical],title"):
        attributes = node.attributes
        if node.tag == "title":
            metas.setdefault("title", " ".join(node.text().split()))
        elif node.tag == "meta":
            name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv")
            if name and attributes.get("content"):
                metas.setdefault(name.lower(), (attributes["content"] or "").strip())
        elif attributes.get("href"):
            links.setdefault((attributes.get("rel") or "").lower(), (attributes["href"] or "").strip())
    return metas, links


def _language(tree: LexborHTMLParser, metas: dict[str, str]) -> str:
    root = tree.root
    declared = (root.attributes.get("lang") if root is not None else "") or metas.get("content-language") or metas.get("og:locale") or ""
    return normalise_language(declared)


@lru_cache(maxsize=64)
def normalise_language(tag: str) -> str:
    """Write a language tag the usual way: ``pt_br`` is ``pt-BR``; empty where it is none."""
    parts = re.split(r"[-_]", tag.strip())
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]):
        return ""
    region = next((part.upper() for part in parts[1:] if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    return parts[0].lower() + (f"-{region}" if region else "")


def _read_analytics(source: bytes) -> dict[str, str]:
    line = _ST_LINE.search(source)
    return {key.decode(): value.strip(b'"').decode() for key, value in _ST_FIELD.findall(line[1])} if line else {}


def _told_url(analytics: dict[str, str]) -> str:
    """``"pageurl":"shop.example\\/blogs\\/news\\/post"`` as an address."""
    told = analytics.get("pageurl", "").replace("\\/", "/")
    return f"https://{told}" if told else ""


def _article_id(analytics: dict[str, str], source: bytes) -> str:
    """Shopify's number of the article. Mirrors cut long numbers short ("7" on two posts of one store): those name nobody."""
    told = analytics.get("rid", "") if "article" in (analytics.get("rtyp"), analytics.get("p")) else ""
    if not _WHOLE_ID.fullmatch(told):
        resource = _RESOURCE.search(source)
        told = resource[1].decode() if resource else ""
    return told if _WHOLE_ID.fullmatch(told) else ""


def _jsonld_articles(source: bytes) -> Iterator[dict[str, object]]:
    position = source.find(b"application/ld+json")
    while position >= 0:
        start = source.find(b">", position) + 1
        end = source.find(b"</script", start)
        if start == 0 or end < 0:
            return
        yield from (item for item in _flatten(_load_json(source[start:end].decode("utf-8", "replace"))) if _is_article(item))
        position = source.find(b"application/ld+json", end)


def _own_first(articles: list[dict[str, object]], metas: dict[str, str], canonical: str) -> tuple[dict[str, object], ...]:
    """The page's own article before others (pasted into the body, or of a widget): by its address, else by its headline."""
    if len(articles) < 2:
        return tuple(articles)
    title = unescape(metas.get("og:title") or metas.get("title") or "").casefold()

    def foreign(article: dict[str, object]) -> tuple[bool, bool]:
        headline = str(article.get("headline") or "").casefold().strip()
        address = str(article.get("mainEntityOfPage") or article.get("url") or "")
        return canonical not in address, not headline or not title.startswith(headline)

    return tuple(sorted(articles, key=foreign))


def _load_json(text: str) -> object:
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        pass
    try:  # some themes escape the quotes of the whole block, or leave a comma before a bracket
        return _JSON.decode(re.sub(r",\s*([}\]])", r"\1", unescape(text)))
    except (ValueError, RecursionError):
        return None


def _flatten(data: object) -> Iterator[dict[str, object]]:
    waiting = [data]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if isinstance(item.get(key), (dict, list)))


def _is_article(item: dict[str, object]) -> bool:
    kind = item.get("@type")
    return bool(_ARTICLE_TYPES.intersection(kind if isinstance(kind, list) else [str(kind)]))
