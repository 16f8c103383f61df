"""Names and numbers of hosts, read as text: nothing is resolved."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_LONGEST_HOST = 253


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
    return not address.is_global or address.is_multicast


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
