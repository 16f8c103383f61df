"""The password of the web interface: compared in constant time, and throttled for each client."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from typing import Final

MAX_FAILURES: Final = 5
"""Wrong passwords of a client without delay."""

FIRST_DELAY_S: Final = 2.0
MAX_DELAY_S: Final = 900.0
FORGET_AFTER_S: Final = 3600.0
"""Seconds after which the wrong passwords of a client are forgotten."""

MAX_CLIENTS: Final = 10_000
"""Clients that are remembered; beyond it, the one that failed longest ago is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failures:
    count: int
    last_at: float
    blocked_until: float


@dataclass(kw_only=True)
class PasswordCheck:
    """Checks passwords of HTTP Basic (RFC 7617) under any user name, and delays clients that guess.

    After `MAX_FAILURES` wrong passwords, a client waits `FIRST_DELAY_S` seconds before the next one
    is checked, and after each further one twice as long, up to `MAX_DELAY_S`. Times are seconds of
    a monotonic clock.
    """

    password: str
    _failures: dict[str, _Failures] = field(default_factory=dict)

    def seconds_to_wait(self, client: str, now: float) -> float:
        """Return the time until a password of this client is checked; 0 if that is now."""
        failures = self._failures.get(_network(client))
        if failures is None:
            return 0.0
        return max(failures.blocked_until - now, 0.0)

    def is_correct(self, authorization: bytes, client: str, now: float) -> bool:
        """Check an Authorization header, and remember whether the client failed.

        A request without a password is no guess: a browser asks for it only then.
        """
        if not authorization:
            return False
        network = _network(client)
        if _is_equal(_parse_password(authorization), self.password.encode()):
            self._failures.pop(network, None)
            return True
        self._add_failure(network, now)
        return False

    def _add_failure(self, network: str, now: float) -> None:
        earlier = self._failures.pop(network, None)
        count = 1
        if earlier is not None and now - earlier.last_at < FORGET_AFTER_S:
            count = earlier.count + 1
        delay = 0.0
        if count >= MAX_FAILURES:
            exponent = min(count - MAX_FAILURES, 20)
            delay = min(FIRST_DELAY_S * 2**exponent, MAX_DELAY_S)
        # Inserted again, so that the client that failed longest ago is the first.
        self._failures[network] = _Failures(count=count, last_at=now, blocked_until=now + delay)
        if len(self._failures) > MAX_CLIENTS:
            del self._failures[next(iter(self._failures))]


def _network(client: str) -> str:
    """Return what a client cannot change at will: its IPv4 address, or its IPv6 network."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
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
