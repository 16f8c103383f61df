"""The addresses of one store: the same page of the same store stood under each of them in its
time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from scraper.history.snapshots import Snapshot


def same_host(origin: str, other: str) -> bool:
    """Whether two origins (``https://shop.example``) differ in their scheme or a leading ``www.``
    alone."""
    return host_key(origin) == host_key(other)


def host_key(origin: str) -> str:
    """What the origins of one store share: host, without a leading ``www.``, and port where it is
    not the usual one."""
    return origin.lower().partition("://")[2].removeprefix("www.")


def origin_variants(url: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """An address of a store under each of the store's origins, its own first; one that lies under
    none of them stays alone."""
    path = next(
        (url.removeprefix(origin) for origin in addresses if url.startswith(f"{origin}/")), None
    )
    return (
        (url,)
        if path is None
        else tuple(dict.fromkeys((url, *(origin + path for origin in addresses))))
    )


def at_present(url: str, addresses: Sequence[str]) -> str:
    """An address of a store under its present origin, the last of `addresses`."""
    path = next(
        (url.removeprefix(origin) for origin in addresses if url.startswith(f"{origin}/")), None
    )
    return url if path is None else addresses[-1] + path


def normalize_origin(snapshot: Snapshot, addresses: Sequence[str]) -> Snapshot:
    """A revision as it reads with every address of its store under the last of `addresses`.

    Links and images within a store are kept as whole addresses, so that a store which moves gives
    all of them others, and nobody edited anything. A store that never moved has one address, and
    its snapshots stay as they are.
    """
    if len(addresses) < 2:
        return snapshot
    pattern = _pattern(tuple(dict.fromkeys(addresses)))

    def put(text: str) -> str:
        return pattern.sub(lambda _: addresses[-1], text)

    fields = replace(snapshot.fields, image_url=put(snapshot.fields.image_url))
    return replace(
        snapshot, fields=fields, html=put(snapshot.html), markdown=put(snapshot.markdown)
    )


@lru_cache(maxsize=64)
def _pattern(addresses: tuple[str, ...]) -> re.Pattern[str]:
    """Each of the origins, but not where it only begins another one
    (``https://shop.example.org``)."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, addresses))})(?![\w.:-])")
