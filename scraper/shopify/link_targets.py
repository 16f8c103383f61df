"""Classify links that lead to no post: to a product, a collection, a page, elsewhere in the store,
or out of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from scraper.hosts import LONGEST_URL
from scraper.items import NonPostLinkKind

# What mirrors and older shop systems append to every address.
_SUFFIX: Final = re.compile(r"(?:/index)?\.html?$", re.I)
_LOCALE: Final = re.compile(r"^/[a-z]{2,3}(?:-[a-z0-9]{2,4}){0,2}(?=/|$)", re.I)
# The storefront's own addresses: products also stand under the collections that hold them.
_PLACES: Final[tuple[tuple[NonPostLinkKind, re.Pattern[str]], ...]] = (
    ("product", re.compile(r"^(?:/collections/[^/]+)?(?P<path>/products/[^/]+)", re.I)),
    ("collection", re.compile(r"^(?P<path>/collections(?:/[^/]+)*)", re.I)),
    ("page", re.compile(r"^(?P<path>/(?:pages|policies)/[^/]+)", re.I)),
    ("blog", re.compile(r"^(?P<path>/blogs(?:/[^/]+(?:/tagged/.+)?)?)$", re.I)),
    (
        "file",
        re.compile(
            r"^(?P<path>/(?:cdn/shop|files|s/files)/.+|/.+\.(?:pdf|jpe?g|png|gif|webp|svg|mp4|mp3"
            r"|zip|docx?|xlsx?))$",
            re.I,
        ),
    ),
    ("home", re.compile(r"^(?P<path>/?)$")),
)


class Target(NamedTuple):
    """Where a link leads: within the store without query, fragment and locale, elsewhere as it
    stands, its fragment aside."""

    kind: NonPostLinkKind
    url: str


def read_target(href: str, base: str, hosts: Collection[str]) -> Target | None:
    """Read what a link leads to that is no post, by its address alone.

    `hosts` are the store's own, without ``www.``. Returns None for what leads nowhere (a fragment
    of the page, a script) or cannot be read. The caller knows that it leads to no post.
    """
    href = href.strip()
    scheme = href.partition(":")[0].lower()
    if scheme == "mailto":
        address = href[7:].partition("?")[0].strip().lower()
        return Target("mail", f"mailto:{address}") if address else None
    if scheme in ("tel", "sms"):
        return Target("phone", f"{scheme}:{href.partition(':')[2].strip()}")
    if not href or href.startswith("#") or len(href) > LONGEST_URL:
        return None
    return _web_target(href, base, hosts)


def _web_target(href: str, base: str, hosts: Collection[str]) -> Target | None:
    try:
        parts = urlsplit(urljoin(base, href))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if host in hosts:
        return _in_store(parts, base)
    return Target("outside", parts._replace(fragment="").geturl())


def _in_store(parts: SplitResult, base: str) -> Target:
    origin = "/".join(base.split("/", 3)[:3])
    path = _LOCALE.sub("", parts.path)
    bare = _SUFFIX.sub("", path).rstrip("/")
    for kind, pattern in _PLACES:
        if found := pattern.match(bare):
            return Target(kind, f"{origin}{found['path'] or '/'}")
    return Target("elsewhere", f"{origin}{bare or '/'}")
