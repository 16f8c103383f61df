"""The origins of one store: it served the same pages under each of them in turn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from scraper.shopify.urls import canonical_post_url

_SCHEME = re.compile(r"https?://", re.I)
_LONGEST_NAME = 120
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/")


def same_host(origin: str, other: str) -> bool:
    """Whether two origins (``https://shop.example``) differ only in their scheme or a leading
    ``www.``."""
    return host_key(origin) == host_key(other)


def host_key(origin: str) -> str:
    """Host without a leading ``www.``, and port where it is not the default one."""
    return origin.lower().partition("://")[2].removeprefix("www.")


def host_file_name(origin: str) -> str:
    """The name of a file or folder for the store at `origin`, whose scheme and leading ``www.`` are
    ignored. A host may have 253 characters, a name on most file systems 255 with its suffixes."""
    key = host_key(origin)
    name = re.sub(r"[^a-z0-9.-]", "_", key)
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"{name[: _LONGEST_NAME - len(digest) - 1]}-{digest}"


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


def pasted_addresses(text: str) -> tuple[str, ...]:
    """The addresses that a person may mean by pasting one, the most exact first; empty for other
    texts.

    ``https`` is assumed without a scheme; case of the host, query, fragment and a last slash do not
    count; a post's locale is tried first, then left out.
    """
    typed = text.strip().strip("<>\"'")
    if not _SCHEME.match(typed):
        if not _HOST.match(typed):
            return ()
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
    except ValueError:
        return ()
    host = parts.netloc.lower().rpartition("@")[2]
    bare = f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"
    post = canonical_post_url(bare)
    exact = (post.page_url, post.url) if post else ()
    return tuple(dict.fromkeys((*exact, bare)))


def origin_twins(origin: str) -> tuple[str, ...]:
    """An origin by http and https, with and without ``www.``: one server answers at all four."""
    scheme, _, host = origin.partition("://")
    bare = host.removeprefix("www.")
    schemes = (scheme, *({"http", "https"} - {scheme}))
    return tuple(f"{one}://{name}" for one in schemes for name in (bare, f"www.{bare}"))


def _path_below(url: str, origins: Sequence[str]) -> str | None:
    return next(
        (url.removeprefix(origin) for origin in origins if url.startswith(f"{origin}/")), None
    )
