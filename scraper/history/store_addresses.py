"""The origins of one store: it served the same pages under each of them in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from scraper.history.snapshots import Snapshot


def same_host(origin: str, other: str) -> bool:
    """Whether two origins (``https://shop.example``) differ only in their scheme or a leading
    ``www.``."""
    return host_key(origin) == host_key(other)


def host_key(origin: str) -> str:
    """Host without a leading ``www.``, and port where it is not the default one."""
    return origin.lower().partition("://")[2].removeprefix("www.")


def origin_variants(url: str, origins: Sequence[str]) -> tuple[str, ...]:
    """A URL under each origin of its store, its own first; a URL under none of them stays alone."""
    path = _path_below(url, origins)
    if path is None:
        return (url,)
    return tuple(dict.fromkeys((url, *(origin + path for origin in origins))))


def with_current_origin(url: str, origins: Sequence[str]) -> str:
    """A URL under the current origin of its store, the last of `origins`."""
    path = _path_below(url, origins)
    if path is None:
        return url
    return origins[-1] + path


def _path_below(url: str, origins: Sequence[str]) -> str | None:
    return next(
        (url.removeprefix(origin) for origin in origins if url.startswith(f"{origin}/")), None
    )


def normalize_origin(snapshot: Snapshot, origins: Sequence[str]) -> Snapshot:
    """A revision with every URL of its store under the current origin, the last of `origins`.

    Links and images are stored as absolute URLs. Without this, all posts of a store that moves
    would seem edited. The snapshot of a store with one origin is returned unchanged.
    """
    if len(origins) < 2:
        return snapshot
    pattern = _pattern(tuple(dict.fromkeys(origins)))

    def replace_origins(text: str) -> str:
        return pattern.sub(lambda _: origins[-1], text)

    fields = replace(snapshot.fields, image_url=replace_origins(snapshot.fields.image_url))
    return replace(
        snapshot,
        fields=fields,
        html=replace_origins(snapshot.html),
        markdown=replace_origins(snapshot.markdown),
    )


@lru_cache(maxsize=64)
def _pattern(origins: tuple[str, ...]) -> re.Pattern[str]:
    """Matches each origin, except as the beginning of another (``https://shop.example.org``)."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, origins))})(?![\w.:-])")
