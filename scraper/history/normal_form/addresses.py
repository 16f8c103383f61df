"""Addresses in normal form: two that lead to one target are equal, whatever a page appends to them.

What is not known to say nothing stays: another product, file, path or parameter is another target.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from scraper.caches import cache_short
from scraper.history.normal_form.images import Place, original_image
from scraper.history.normal_form.parameters import VISITOR, normal_query
from scraper.history.store_addresses import host_key
from scraper.hosts import LONGEST_URL
from scraper.shopify.urls import normal_segment

_DEFAULT_PORT: Final = re.compile(r":(?:80|443)?$")
_SESSION: Final = re.compile(r";jsessionid=[^/]*", re.I)
_INDEX: Final = re.compile(r"/index\.html?$", re.I)
_LOCALE: Final = re.compile(
    r"""^/[a-z]{2,3}(?:-[a-z0-9]{2,4}){0,2}
        (?=/(?:blogs|products|collections|pages|policies|cart|account|search|apps|a|community)
            (?:/|$))
      | ^/[a-z]{2}(?:-[a-z]{2})?/?$""",
    re.I | re.X,
)
_DIRECTIVE: Final = ":~:"
_ANCHOR: Final = re.compile(r"[\w.:-]+")
_SECTION: Final = re.compile(r"shopify-section-|(?:\w+-)?template--\d", re.I)
_RANDOM: Final = re.compile(
    r"""(?<![^\W_])(?:
        [\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}
      | (?!(?:19|20)\d{6}(?!\d)) \d{7,}                 # a number; a date is an author's
      | (?=[a-f]*\d) (?=\d*[a-f]) (?![a-f]{3,}\d{1,2}(?![^\W_])) [\da-f]{4,}
      | (?=[^\W_]{6}) (?:(?:[a-z]{1,3}\d+){2,}[a-z]*|(?:\d+[a-z]{1,3}){2,}\d*)
    )(?![^\W_])""",
    re.I | re.X,
)
MASK: Final = "*"
"""Replaces the random part of a fragment."""


@cache_short(maxsize=8192)  # a post's revisions repeat each other's addresses
def normal_address(address: str, origins: tuple[str, ...] = ()) -> str:
    """An address in normal form; `origins` are those of the store that shows it, its present one
    last. Not the web's (``mailto:``), or unreadable: as it is."""
    address = address.strip()
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.startswith("/") and origins:
        address = origins[-1] + address
    if len(address) > LONGEST_URL or not address[:8].lower().startswith(("https://", "http://")):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return address if "@" in parts.netloc else _normal(parts, origins)


def _normal(parts: SplitResult, origins: tuple[str, ...]) -> str:
    own_hosts = {host_key(origin) for origin in origins}
    host = _DEFAULT_PORT.sub("", parts.netloc.lower()).removeprefix("www.")
    place = original_image(
        Place(host, _normal_path(parts.path), parts.query), own=host in own_hosts
    )
    origin, path, dropped = f"https://{place.host}", place.path, place.sized
    if place.host in own_hosts:
        origin, path, dropped = origins[-1], _LOCALE.sub("", path), dropped | VISITOR
    query = normal_query(place.query, place.host, dropped)
    fragment = normal_fragment(parts.fragment)
    return (
        origin
        + _INDEX.sub("", path.rstrip("/")).rstrip("/")
        + (f"?{query}" if query else "")
        + (f"#{fragment}" if fragment else "")
    )


def _normal_path(path: str) -> str:
    """A path in the percent-encoding of RFC 3986, section 6.2.2."""
    segments = _SESSION.sub("", path).split("/")
    return "/".join(normal_segment(segment) or segment for segment in segments)


def normal_fragment(fragment: str) -> str:
    """A fragment as its author would have written it: without text directives and the ids of a
    theme's sections, and with `MASK` in place of random ids."""
    fragment = fragment.partition(_DIRECTIVE)[0]
    if _SECTION.match(fragment):
        return ""
    return _RANDOM.sub(MASK, fragment) if _ANCHOR.fullmatch(fragment) else fragment
