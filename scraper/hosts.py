"""Hosts and the addresses of stores, read as text: nothing is resolved."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from scraper.exceptions import NotAStoreURL

LONGEST_URL = 4096
"""The longest address that is read, in characters."""

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_LONGEST_HOST = 253
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_SHOWN = 80
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_BARE_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(?!\d)", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\<>\"]")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where a store is: `origin` such as ``https://shop.example`` (default port left out), `host`
    without brackets, `port` always."""

    origin: str
    host: str
    port: int


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: 127.0.0.0/8, ::1, ``localhost`` and names under it
    (RFC 6761, section 6.3)."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _public_form(_ip_of(name))
    return address is not None and address.is_loopback


def is_private_address(host: str) -> bool:
    """Return whether a host is a literal address outside the public internet: private, loopback,
    link-local, shared, reserved, multicast.

    Names other than localhost are not resolved here, so they are not private.
    """
    address = _public_form(_ip_of(host.lower()))
    if address is None:
        return is_loopback(host)
    return not address.is_global or address.is_multicast or _is_private_ipv6(address)


def _is_private_ipv6(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is one that `ipaddress` calls global: site-local, or an IPv4 one in a network's
    own NAT64 (RFC 8215) or in the form that nothing uses now (RFC 4291, 2.5.5.1)."""
    return isinstance(address, IPv6Address) and (
        address.is_site_local or int(address) >> 80 == 0x0064FF9B0001 or int(address) >> 32 == 0
    )


def _public_form(address: IPv4Address | IPv6Address | None) -> IPv4Address | IPv6Address | None:
    """The IPv4 address inside an IPv6 one that only wraps it (mapped, 6to4, NAT64): what the packet
    really reaches."""
    if not isinstance(address, IPv6Address):
        return address
    number = int(address)
    if number >> 32 == 0x0064FF9B << 64:
        return IPv4Address(number & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


@lru_cache(maxsize=1024)  # a crawl asks for the same few hosts once for every link
def clean_host(host: str) -> str:
    """Return the host in lower-case ASCII, numeric spellings of an IPv4 address in dotted form;
    empty if it cannot be a host."""
    host = host.lower().removesuffix(".")
    if ":" in host:
        address = _ip_of(host)
        return str(address) if address and "%" not in host else ""
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        address = _ip_of(host)
        return str(address) if address else ""
    fits = len(host) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)
    return host if fits else ""


def _ip_of(host: str) -> IPv4Address | IPv6Address | None:
    bare = host.strip("[]").removesuffix(".")
    try:
        return ip_address(bare)
    except ValueError:
        return _numeric_ipv4(bare.lower())


def _numeric_ipv4(host: str) -> IPv4Address | None:
    """An IPv4 address in the spellings that resolvers still take (``127.1``, ``0x7f.0.0.1``,
    ``2130706433``).

    WHATWG URL standard, "IPv4 parser": without it ``http://2130706433/`` would pass as a public
    name.
    """
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_ipv4_part(part) for part in parts]
    except ValueError:
        return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(parts)):
        return None
    return IPv4Address(
        sum(number << (24 - 8 * place) for place, number in enumerate(numbers[:-1])) + numbers[-1]
    )


def _ipv4_part(part: str) -> int:
    if len(part) > 16:
        raise ValueError("longer than any part of an address")
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part.startswith("0") else 10)


def is_literal_address(host: str) -> bool:
    """Return whether a host is an IP address in any spelling, not a name."""
    return _ip_of(host.lower()) is not None


def parse_store_url(text: str) -> StoreAddress:
    """Read what a person typed as a store's address: any page of the store will do, https is
    assumed where no scheme is given.

    Raises NotAStoreURL, one line, for what cannot be one. Credentials are refused rather than
    dropped, and never repeated.
    """
    typed = text.strip()
    if not typed:
        raise NotAStoreURL(
            "no address given: name the store's web address, such as https://shop.example"
        )
    scheme = _SCHEME.match(typed)
    bare = None if scheme else _BARE_SCHEME.match(typed)
    if (scheme and scheme[1].lower() not in _DEFAULT_PORTS) or bare:
        raise _refusal(typed, "a store's address begins with https:// or http://")
    if len(typed) > LONGEST_URL or _UNFIT.search(typed):
        raise _refusal(typed, "it holds characters that no web address has, or is too long")
    return _store_of(
        typed if scheme else f"https://{typed}", typed, single_label=scheme is not None
    )


def _store_of(url: str, typed: str, *, single_label: bool) -> StoreAddress:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal(typed, "its host or port cannot be read") from None
    if "@" in parts.netloc:
        raise NotAStoreURL(
            "the address holds a user name or password: "
            "give it without, such as https://shop.example"
        )
    host = clean_host(parts.hostname or "")
    if not host or port == 0:
        raise _refusal(typed, "its host or port cannot be read")
    if not single_label and "." not in host and ":" not in host and not is_loopback(host):
        raise _refusal(typed, "its host has no dot")
    return StoreAddress(
        origin=_origin(parts.scheme, host, port),
        host=host,
        port=port or _DEFAULT_PORTS[parts.scheme],
    )


def _refusal(typed: str, reason: str) -> NotAStoreURL:
    shown = typed if "@" not in typed else "this"
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    return NotAStoreURL(
        f"{shown!r} is not the address of a store: {reason}; "
        "give its web address, such as https://shop.example"
    )


def _origin(scheme: str, host: str, port: int | None) -> str:
    return f"{scheme}://{_host_key(scheme, host, port)}"


def _host_key(scheme: str, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port in (None, _DEFAULT_PORTS[scheme]) else f"{shown}:{port}"


def origin_of(parts: SplitResult) -> str:
    """Return the origin of an address of the web; empty where its host or port cannot be read."""
    return _origin_at(parts.scheme, parts.netloc)


@lru_cache(maxsize=1024)  # a sitemap names one host some ten thousand times
def _origin_at(scheme: str, netloc: str) -> str:
    parts = SplitResult(scheme, netloc, "", "", "")
    try:
        host, port = clean_host(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    return _origin(scheme, host, port) if host else ""


@lru_cache(maxsize=64)
def bare_host(url: str) -> str:
    """Return the host of an address without port and ``www.``; empty where it names none."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def host_of(url: str) -> str:
    """Return the host of an address, with its port where that is not the scheme's own:
    ``shop.example``, ``127.0.0.1:8000``; else empty."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return origin_of(parts).partition("://")[2] if parts.scheme in _DEFAULT_PORTS else ""


@lru_cache(maxsize=64)
def hosts_of(address: StoreAddress) -> frozenset[str]:
    """Return the hosts a store answers at, in the form of `host_of`: the one given and its twin
    with or without ``www.``.

    http and https of one host are the same host; another port of it is another server.
    """
    key = address.origin.partition("://")[2]
    if is_literal_address(address.host) or "." not in address.host or is_loopback(address.host):
        return frozenset({key})
    twin = key.removeprefix("www.") if key.startswith("www.") else f"www.{key}"
    return frozenset({key, twin})


def same_store(url: str, hosts: Collection[str]) -> bool:
    """Return whether an address lies on one of `hosts` (as `hosts_of` gives them); never with
    credentials, never with another scheme."""
    try:
        credentials = "@" in urlsplit(url.strip()).netloc
    except ValueError:
        return False
    return not credentials and host_of(url) in hosts
