"""Which requests the web interface answers: by the Host header, by the site that causes it,
and by method.

A website that a reader visits can send requests to any address the reader's browser reaches,
loopback included. With a DNS name of its own that resolves to such an address ("DNS rebinding"), it
could also read the answers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

ASKED: Final = "blogkeep_path"
"""The key of a request's scope with the path that was asked for, where another one answers."""

_HOST: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(?::[0-9]{1,5})?")
_OWN_SITES: Final = (b"same-origin", b"none")
_NAVIGATION_METHODS: Final = ("GET", "HEAD")
_PREFETCHES: Final = (b"sec-purpose", b"purpose", b"x-moz")
"""The headers by which browsers mark what nobody has asked for yet."""
_READING_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_POSTED: Final = re.compile(r"/-/stores/[a-z]+|(?:/stores/[^/]+)?/[^/]+/[^/]+/-/count")
"""Paths that take a POST: our forms, and Datasette's count of a table's rows from 1.0 on, also in
the archive of a cluster's store."""


def parse_host(value: str) -> str:
    """Return the host name of a Host header or an option, without port, brackets and final dot.

    The result is empty if the value is not a host name or an IP address.
    """
    found = _HOST.fullmatch(value.strip().lower())
    if found is None:
        return ""
    return found[1].strip("[]").removesuffix(".")


def is_allowed_host(
    headers: Sequence[tuple[bytes, bytes]], *, allowed: Collection[str], server: str
) -> bool:
    """Check the Host header of a request: loopback, a name of `allowed`, or the IP address `server`
    that the request arrived at.

    An IP address cannot be rebound: a browser sends it only for pages of that very address.
    """
    values = [value for name, value in headers if name == b"host"]
    if len(values) != 1:
        return False
    host = parse_host(values[0].decode("latin-1"))
    if not host:
        return False
    if host == "localhost" or host in allowed:
        return True
    address = _ip_address(host)
    return address is not None and (address.is_loopback or address == _ip_address(server))


def is_allowed_fetch(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Check who caused a request (https://www.w3.org/TR/fetch-metadata/).

    Other sites may link here: a navigation of a tab passes. Whatever else they cause is refused:
    scripts, images, frames, forms that post, and what Chromium sends without the name of the site:
    prefetches by speculation rules, and handshakes of WebSockets, which have an Origin alone.
    Clients without any of these headers pass, such as feed readers.
    """
    site = headers.get(b"sec-fetch-site")
    if site != b"same-origin" and any(name in headers for name in _PREFETCHES):
        return False
    if site is None:
        return _is_own_origin(headers)
    if site in _OWN_SITES:
        return True
    return (
        method in _NAVIGATION_METHODS
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and headers.get(b"sec-fetch-dest") == b"document"
    )


def is_allowed_method(method: str, path: str) -> bool:
    """Check the method of a request: the web interface is for reading. Datasette's interfaces for
    writing, of which 1.0 has thirty, are refused before they are asked."""
    return method in _READING_METHODS or (method == "POST" and _POSTED.fullmatch(path) is not None)


def _is_own_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Check the Origin header of a request, which a person who opens an address does not cause."""
    origin = headers.get(b"origin")
    return origin is None or origin.partition(b"://")[2] == headers.get(b"host")


def _ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
