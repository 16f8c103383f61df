"""A page read once: the tree, the head's metadata, the structured data and Shopify's own analytics line."""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from scraper.exceptions import ExtractionError
from scraper.shopify.charsets import known_charset, shown_charset

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_ST_LINE = re.compile(rb"__st\s{0,20}=\s{0,20}(\{[^{}]{0,2000}\})")
_ST_FIELD = re.compile(rb"[\"']?(\w+)[\"']?\s*:\s*(-?\d+|\"[^\"]*\")")
_RESOURCE = re.compile(rb"resourceType\"?\s{0,20}:\s{0,20}\"article\"\s{0,20},\s{0,20}\"?resourceId\"?\s{0,20}:\s{0,20}(\d{1,20})(?!\d)")
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
_ROOTS = frozenset({b"html", b"head", b"body"})
_MOST_ROOTS = 20
_MADE_BY_END_TAGS = frozenset({b"p", b"br"})
_MANY_TAGS = 15_000
_PIECE = 4096  # bytes
# Nothing here needs the events by which a browser follows changes of its tree; a tenth of the time of parsing.
_WITHOUT_EVENTS = LexborDocumentOptions.WO_EVENTS.value
# Real pages have at most 4,000 elements (563 saved ones); each costs 10 to 50 µs. Elements below the depth that is read do not count.
_MOST_ELEMENTS = 120_000
_MOST_TAGS = 3_000_000  # the walk that counts them takes 0.5 µs a tag
# HTML parsing is quadratic in the number of one element's attributes too (measured: 4 s for 30,000).
_MOST_ATTRIBUTES = 100
_ATTRIBUTE = rb"(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+)?+)?+)"
_RAW_TEXT = rb"<!--.*?(?:-->|\Z)|<(?:script|style|textarea|title|xmp|iframe|noembed|noframes)\b[^>]*+>.*?(?:</(?=[a-z])|\Z)"
_WHOLE_TAG = re.compile(
    rb"(%b)|(<[a-z][^\s/>]*+%b{0,%d}+)%b*+" % (_RAW_TEXT, _ATTRIBUTE, _MOST_ATTRIBUTES, _ATTRIBUTE),
    re.I | re.S,
)
_LONG_TAG = re.compile(rb"<[A-Za-z][^>]{4000,}+")
_MANY_ENDS = 5000
_LARGE = 1_000_000  # bytes
# And quadratic in how many different names of tags and attributes the whole page has (measured: 0.3 s for 40,000, 2.5 s for 80,000).
_MOST_NAMES = 15_000
_ANY_TAG = re.compile(rb"<[A-Za-z][^>]*+")
_QUOTED = re.compile(rb"\"[^\"]*+\"|'[^']*+'")
_NAME = re.compile(rb"[^\s/<>=\"']+")
_LONGEST_META = 20_000  # characters; some themes print the whole post as its description
_MOST_JSON = 4_000_000  # bytes of all of a page's structured data; an article's, with its whole text, is 10 to 100 KB
_MOST_BLOCKS = 200


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
    """Parse any bytes or text once; `url` is the base of relative links unless the page names another host's base.

    Raises ExtractionError for a page of more elements than any page has.
    """
    source = _limit_attributes(_limit_depth(_as_utf8(html, charset)))
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
    if isinstance(html, str) or shown_charset(html)[0] or not _is_utf8(html):
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
    """Turn bytes to text: a byte order mark or the zeros of UTF-16, UTF-8, the given charset, the page's own word; Windows-1252 at last."""
    shown, skipped = shown_charset(data)
    if shown:
        return data[skipped:].decode(shown, "replace")
    for name in _charsets(data, charset):
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    # A page with a few broken bytes is still UTF-8; one without any multi-byte sequence that fits is Western.
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken > 20 and broken * 4 > len(data) - len(data.translate(None, _BEYOND_ASCII)):
        text = data.decode("cp1252", "replace")
    return text


_BEYOND_ASCII = bytes(range(128, 256))


def _charsets(data: bytes, charset: str | None) -> Iterator[str]:
    yield "utf-8"  # first: text that decodes as UTF-8 hardly ever is anything else, whatever the header claims
    declared = _META_CHARSET.search(data, 0, 4096)
    for told in (charset or "", declared[1].decode("ascii") if declared else ""):
        # What is called UTF-16 and does not look so is none (WHATWG HTML, "Determining the character encoding").
        if (name := known_charset(told)) and not name.startswith(("utf-16", "utf-32")):
            yield name


def _limit_depth(source: bytes) -> bytes:
    """Turn the elements beyond a depth that no browser shows into line breaks; their text and attributes stay where they are.

    Raises ExtractionError where more elements are left than any page has.
    """
    if len(source) < 3 * _MANY_TAGS or (count := source.count(b"<")) < _MANY_TAGS:
        return source
    if count > _MOST_TAGS or source.count(b"<!") > _MOST_ELEMENTS:
        raise ExtractionError(f"too_many_tags: the page has {count} tags, more than a page of words has")
    depth = kept = roots = 0

    def flatten(tag: re.Match[bytes]) -> bytes:
        nonlocal depth, kept, roots
        if kept > _MOST_ELEMENTS:
            raise ExtractionError(f"too_many_tags: the page has more than {_MOST_ELEMENTS} elements")
        name = tag[2].lower()
        if tag[1]:
            if name in _FLAT_TAGS:
                kept += name in _MADE_BY_END_TAGS
                return tag[0]
            depth = max(0, depth - 1)
            return tag[0] if depth < _MAX_DEPTH else b" " if tag[3] else b"</wbr"
        if name in _ROOTS:  # a second one leaves its attributes to the first
            roots += 1
            kept += 1
            return tag[0] if roots <= _MOST_ROOTS else b"<wbr"
        flat = name in _FLAT_TAGS
        depth += not flat
        if not flat and depth > _MAX_DEPTH and tag[3]:
            return b" "
        kept += 1
        return tag[0] if flat or depth <= _MAX_DEPTH else b"<br"

    return _TAG.sub(flatten, source)


def _limit_attributes(source: bytes) -> bytes:
    """Leave an element its first hundred attributes; a page is read for such elements only where it shows a sign of one.

    Themes print descriptions with quotes that are not escaped, whose every word becomes an attribute; none of them is lost that is read.
    Raises ExtractionError for more different names than any page has.
    """
    if (
        len(source) < _LARGE
        and source.count(b">") < _MANY_ENDS
        and source.count(b"=") < _MOST_NAMES
        and not any(_is_markup(source, tag.start()) for tag in _LONG_TAG.finditer(source))
    ):
        return source
    limited = _WHOLE_TAG.sub(rb"\1\2", source)
    _refuse_names(limited)
    return limited


def _refuse_names(source: bytes) -> None:
    tags = _QUOTED.sub(b"", b" ".join(_ANY_TAG.findall(source)))
    names = len(set(_NAME.findall(tags)))
    if names > _MOST_NAMES:
        raise ExtractionError(f"too_many_names: the page names {names} different tags and attributes")


def _is_markup(source: bytes, position: int) -> bool:
    """Whether a place lies outside the scripts, in which "a<b" is no tag."""
    return source.rfind(b"<script", 0, position) <= source.rfind(b"</script", 0, position)


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
            name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv")
            if name and attributes.get("content"):
                metas.setdefault(name.lower(), (attributes["content"] or "")[:_LONGEST_META].strip())
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
    position, left = source.find(b"application/ld+json"), _MOST_JSON
    for _ in range(_MOST_BLOCKS):
        start = source.find(b">", position) + 1 if position >= 0 else 0
        end = source.find(b"</script", start)
        left -= end - start
        if start == 0 or end < 0 or left < 0:
            return
        yield from (item for item in _flatten(_load_json(source[start:end].decode("utf-8", "replace"))) if _is_article(item))
        position = source.find(b"application/ld+json", end)


def _own_first(articles: list[dict[str, object]], metas: dict[str, str], canonical: str) -> tuple[dict[str, object], ...]:
    """The page's own article before others (pasted into the body, or of a widget): by its address, else by its headline."""
    if len(articles) < 2:
        return tuple(articles)
    title = unescape(metas.get("og:title") or metas.get("title") or "").casefold()

    def foreign(article: dict[str, object]) -> tuple[bool, bool]:
        headline = _words(article.get("headline")).casefold().strip()
        page = article.get("mainEntityOfPage")
        address = _words(page.get("@id") if isinstance(page, dict) else page) or _words(article.get("url"))
        return canonical not in address, not headline or not title.startswith(headline)

    return tuple(sorted(articles, key=foreign))


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


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
    waiting = deque([data])
    while waiting:
        item = waiting.popleft()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            waiting.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if isinstance(item.get(key), (dict, list)))


def _is_article(item: dict[str, object]) -> bool:
    kinds = item.get("@type")
    return any(kind in _ARTICLE_TYPES for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))
