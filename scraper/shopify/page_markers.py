"""Read what Shopify writes into every page, whatever the theme: page type, ids, the store's name
and time zone.

The bytes are searched, not parsed: this is read of every response before anything else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape

from scraper.crawl_evidence import StoreSeen

_OBJECT = re.compile(rb"__st\s*=\s*(?=\{)")
_LONGEST_OBJECT = 4000
_RESOURCE = re.compile(
    rb"resourceType[\"']?\s*:\s*[\"'](\w{1,30})[\"']\s*,\s*"
    rb"[\"']?resourceId[\"']?\s*:\s*[\"']?(\d{0,20})"
)
_DOMAIN = re.compile(
    rb"\.shop\s*=\s*[\"']([a-z0-9][a-z0-9-]{0,80}\.myshopify\.com)[\"']", re.IGNORECASE
)
_WALLET = re.compile(rb"[\"']/(\d{1,20})/digital_wallets/")
_FEATURES = re.compile(rb"\"shopId\"\s*:\s*(\d{1,20})")
_LOCALE = re.compile(rb"\.locale\s*=\s*[\"']([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2})[\"']")
_CONTENT = re.compile(rb"\bcontent\s*=\s*(?:\"([^\"]{0,300})\"|'([^']{0,300})')", re.IGNORECASE)
_SHOPIFY_SIGNS = (
    b"Shopify.shop",
    b"shopify-digital-wallet",
    b"ShopifyAnalytics",
    b"cdn.shopify.com/",
    b"/cdn/shop/",
)
_TYPE_NAMES = {"home": "index", "notfound": "404", "not_found": "404"}
# Ids are counted over all of Shopify: one of fewer digits would date from its first weeks. Pages
# from mirrors that strip long runs of digits keep the last one or two of an id, and two posts with
# the "id" 7 must never become one.
_SHORTEST_ARTICLE_ID = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Markers:
    """What Shopify's own code in a page states; empty where it does not.

    `page_type` is ``article``, ``blog``, ``index`` (the home page), ``page``, ``404`` or another of
    Shopify's words; `resource_id` the id of that thing; `utc_offset_s` the store's clock against
    UTC in seconds.
    """

    page_type: str = ""
    resource_id: str = ""
    shop_id: str = ""
    utc_offset_s: int | None = None
    myshopify_domain: str = ""
    locale: str = ""
    shop_name: str = ""
    is_shopify: bool = False


def store_seen(origin: str, markers: Markers) -> StoreSeen:
    """The store that the markers of a page describe."""
    return StoreSeen(
        origin=origin,
        name=markers.shop_name,
        platform="shopify" if markers.is_shopify else "unknown",
        myshopify_domain=markers.myshopify_domain,
        shop_id=markers.shop_id,
        utc_offset_s=markers.utc_offset_s,
    )


def is_of_another_store(markers: Markers | None, shop_id: str) -> bool:
    """Whether a page says that it is another Shopify store's than the one with this number, where
    that is known: an edge that mixes stores up, or a domain that was handed on, makes no post of
    ours, and takes none away."""
    found = markers.shop_id if markers else ""
    return bool(shop_id and found) and found != shop_id


def read_markers(body: bytes) -> Markers:
    """Read the markers of a page: the object ``__st`` first, the analytics' own words where that is
    missing or damaged.

    Both stand on 1,065 of 1,069 real article pages of 112 stores, 2014 to 2026; nothing here
    raises.
    """
    page = _st_object(body)
    kind, resource_id = _page_resource(page, body)
    damaged = kind == "article" and len(resource_id) < _SHORTEST_ARTICLE_ID
    domain = _first(_DOMAIN, body, b"Shopify.shop")
    return Markers(
        page_type=kind,
        resource_id="" if damaged else resource_id,
        shop_id=_digits(page.get("a"))
        or _first(_WALLET, body, b"shopify-digital-wallet")
        or _first(_FEATURES, body, b"shopify-features"),
        utc_offset_s=_offset(page.get("offset")),
        myshopify_domain=domain.lower(),
        locale=_first(_LOCALE, body, b"Shopify.locale"),
        shop_name=_shop_name(body),
        is_shopify=bool(page or domain) or any(sign in body for sign in _SHOPIFY_SIGNS),
    )


def _page_resource(page: dict[str, object], body: bytes) -> tuple[str, str]:
    """Return the page's type and id, from the analytics where ``__st`` lacks or damages them."""
    kind = _text(page.get("rtyp")) or _text(page.get("p"))
    resource_id = _digits(page.get("rid"))
    other_kind = other_id = ""
    if not kind or len(resource_id) < _SHORTEST_ARTICLE_ID:
        other_kind, other_id = _analytics(body)
    kind = _TYPE_NAMES.get(kind or other_kind, kind or other_kind)
    if other_kind == kind:
        resource_id = max(resource_id, other_id, key=len)
    return kind, resource_id


def _st_object(body: bytes) -> dict[str, object]:
    """Return the object ``__st``, also where a tool has rewritten it without quotes or digits."""
    at = body.find(b"__st")
    while at != -1:
        found = _OBJECT.match(body, at)
        if found:
            text = body[found.end() : found.end() + _LONGEST_OBJECT].decode("utf-8", "replace")
            return _strict(text) or _lenient(text)
        at = body.find(b"__st", at + 4)
    return {}


def _strict(text: str) -> dict[str, object]:
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


_KEYS = re.compile(r"[{,]\s*[\"']?(a|offset|p|rtyp|rid)[\"']?\s*:\s*[\"']?(-?[\w]{0,30})")


def _lenient(text: str) -> dict[str, object]:
    end = text.find("</script")
    found: dict[str, object] = {}
    for key, value in _KEYS.findall(text[: end if end != -1 else len(text)]):
        found.setdefault(key, value)
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[\w-]{1,30}", value) else ""


def _digits(value: object) -> str:
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if re.fullmatch(r"[0-9]{1,20}", text) else ""


def _offset(value: object) -> int | None:
    text = str(value) if isinstance(value, (str, int)) else ""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        return None
    return int(text) if abs(int(text)) < 24 * 3600 else None


def _analytics(body: bytes) -> tuple[str, str]:
    at = body.find(b"resourceType")
    found = _RESOURCE.search(body, at, at + 200) if at != -1 else None
    return (found[1].decode("ascii", "replace"), found[2].decode("ascii")) if found else ("", "")


def _first(pattern: re.Pattern[bytes], body: bytes, near: bytes) -> str:
    at = body.find(near)
    found = pattern.search(body, at, at + 400) if at != -1 else None
    return found[1].decode("ascii", "replace") if found else ""


def _shop_name(body: bytes) -> str:
    at = body.find(b"og:site_name")
    if at == -1:
        return ""
    start, end = body.rfind(b"<", max(0, at - 400), at), body.find(b">", at, at + 600)
    found = _CONTENT.search(body, start, end) if start != -1 and end != -1 else None
    if not found:
        return ""
    return " ".join(unescape((found[1] or found[2] or b"").decode("utf-8", "replace")).split())
