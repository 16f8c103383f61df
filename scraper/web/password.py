"""The password of the web interface: compared in constant time, and throttled for each client."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from typing import Final, TypeVar

MAX_FAILURES: Final = 5
"""Wrong passwords of a client without delay."""

FIRST_DELAY_S: Final = 2.0
MAX_DELAY_S: Final = 900.0
FORGET_AFTER_S: Final = 3600.0
"""Seconds after which the wrong passwords of a client are forgotten."""

MAX_CLIENTS: Final = 10_000
"""Clients that are remembered; beyond it, the one that failed longest ago is forgotten."""

MAX_FAILURES_OF_ALL: Final = 100
"""Wrong passwords of all clients together without delay."""

DELAY_OF_ALL_S: Final = 1.0
"""Seconds after each further one in which no new client's password is checked."""

_ALL: Final = "*"
"""All clients together, among the names of clients."""


_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failures:
    count: int
    last_at: float
    blocked_until: float


@dataclass(kw_only=True)
class PasswordCheck:
    """Checks passwords of HTTP Basic (RFC 7617) under any user name, and delays clients that guess.

    After `MAX_FAILURES` wrong passwords, a client waits `FIRST_DELAY_S` seconds before the next one
    is checked, and after each further one twice as long, up to `MAX_DELAY_S`. A client may have any
    number of addresses, also by a header ``X-Forwarded-For`` of its own; so after
    `MAX_FAILURES_OF_ALL` wrong passwords of all, clients that were never right wait for each other.
    Times are seconds of a monotonic clock.
    """

    password: str
    _failures: dict[str, _Failures] = field(default_factory=dict)
    _were_right: dict[str, None] = field(default_factory=dict)

    def seconds_to_wait(self, client: str, now: float) -> float:
        """Return the time until a password of this client is checked; 0 if that is now."""
        network = _network(client)
        names = {network} if network in self._were_right else {network, _ALL}
        found = [self._failures[name].blocked_until for name in names if name in self._failures]
        return max(max(found, default=now) - now, 0.0)

    def is_correct(self, authorization: bytes, client: str, now: float) -> bool:
        """Check an Authorization header, and remember whether the client failed.

        A request without a password is no guess: a browser asks for it only then.
        """
        if not authorization:
            return False
        network = _network(client)
        if _is_equal(_parse_password(authorization), self.password.encode()):
            self._failures.pop(network, None)
            _remember(self._were_right, network, None)
            return True
        for name in (network, _ALL):
            count = self._count(name, now)
            delay_s = _delay_of_all_s(count) if name == _ALL else _delay_s(count)
            failures = _Failures(count=count, last_at=now, blocked_until=now + delay_s)
            _remember(self._failures, name, failures)
        return False

    def _count(self, name: str, now: float) -> int:
        """How many wrong passwords a client has given, with the one of now."""
        earlier = self._failures.get(name)
        if earlier is None or now - earlier.last_at >= FORGET_AFTER_S:
            return 1
        return earlier.count + 1


def _delay_s(count: int) -> float:
    """The delay of a client after so many wrong passwords."""
    if count < MAX_FAILURES:
        return 0.0
    return float(min(FIRST_DELAY_S * 2 ** min(count - MAX_FAILURES, 20), MAX_DELAY_S))


def _delay_of_all_s(count: int) -> float:
    return DELAY_OF_ALL_S if count > MAX_FAILURES_OF_ALL else 0.0


def _remember(clients: dict[str, _Value], name: str, value: _Value) -> None:
    """Insert again, so that the client of longest ago is the first, which is forgotten."""
    clients.pop(name, None)
    clients[name] = value
    if len(clients) > MAX_CLIENTS:
        del clients[next(iter(clients))]


def _network(client: str) -> str:
    """Return what a client cannot change at will: its IPv4 address, or its IPv6 network."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _is_equal(given: bytes, expected: bytes) -> bool:
    """Compare hashes, so that the time depends on neither the content nor the length."""
    digests = [hashlib.sha256(value).digest() for value in (given, expected)]
    return hmac.compare_digest(*digests)


def _parse_password(authorization: bytes) -> bytes:
    """Return the password of a header, empty if it has none."""
    scheme, _, encoded = authorization.partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        credentials = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return b""
    return credentials.partition(b":")[2]
