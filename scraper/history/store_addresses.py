"""The origins of one store: it served the same pages under each of them in turn."""

from __future__ import annotations

from collections.abc import Sequence


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
