"""Secret headers that identify us to a store: parse and check the file, and warn before expiry.

Merchants create them for their own store (Web Bot Auth, RFC 9421), bound to one host and for three
months at most (docs/explanation/shopify.md, 3.5). No message of this module ever holds a value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from scraper.config.toml import parse_toml
from scraper.exceptions import TOO_MUCH_FOR_TOML, CredentialsProblem
from scraper.hosts import host_of
from scraper.middlewares.redaction import secret_forms

WARN_DAYS = 14
"""Days before their end from which on we warn."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]{0,8190}[\x21-\x7e])?")
_OURS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
        "accept-encoding",
        "proxy-authorization",
    }
)
"""Headers that say how a message is framed, or whom it is for."""

_PUBLIC = frozenset({"signature-agent"})
"""Says who minted the rest, to anyone who asks: no secret, and a text that may well stand on a
page."""

_EXPIRES = re.compile(r";\s*expires=(\d{1,12})(?![\d.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The secret headers for one `host` (as `urls.host_of` writes it), in their order; `ends_at` is
    UTC, or None where nothing says it."""

    host: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    ends_at: datetime | None = None

    def ended(self, now: datetime) -> bool:
        """Return whether the store no longer accepts them."""
        return self.ends_at is not None and now >= self.ends_at

    def warning(self, now: datetime) -> str:
        """Return a warning about their end at `now`; empty while it is far."""
        if self.ends_at is None or self.ends_at - now > timedelta(days=WARN_DAYS):
            return ""
        day = self.ends_at.strftime("%Y-%m-%d %H:%M UTC")
        if self.ended(now):
            return (
                f"the credentials for {self.host} ended on {day}: the store is asked without them "
                "until they are renewed"
            )
        days = (self.ends_at - now).days
        return f"the credentials for {self.host} end on {day}, in {days} days: have new ones minted"

    def secrets(self) -> frozenset[bytes]:
        """Return the forms in which the values must never be saved or logged, for `redact`."""
        return secret_forms(value for name, value in self.headers if name.lower() not in _PUBLIC)


def parse_credentials(text: str) -> dict[str, Credentials]:
    """Read a file of credentials: a table for each host, with a table `headers` in it and, if need
    be, a date `expires`.

    The end is that date, or what ``Signature-Input`` says (``expires=``, RFC 9421, 2.3), whichever
    comes first. A bare date ends when it begins, UTC. Raises CredentialsProblem, one line that
    names host and mistake.
    """
    try:
        tables = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(
            r"\(at [^()]*\)$", str(error)
        )  # the rest of the message may quote the file
        raise CredentialsProblem(f"it is not TOML {place[0] if place else ''}".strip()) from None
    except (RecursionError, ValueError):
        raise CredentialsProblem(TOO_MUCH_FOR_TOML) from None
    read = [_credentials(host, table) for host, table in tables.items()]
    return {one.host: one for one in read}


def _credentials(host: str, table: Any) -> Credentials:
    shown = host[:100]
    key = host_of(f"https://{host}")
    if not key or set(host) & set("/?#@\\ "):
        raise CredentialsProblem(
            f"{shown!r} is no host: write it as in an address, without scheme and path"
        )
    if (
        not isinstance(table, dict)
        or not isinstance(table.get("headers"), dict)
        or not table["headers"]
    ):
        raise CredentialsProblem(f"{shown}: there is no table of headers")
    if unknown := sorted(set(table) - {"headers", "expires"}):
        raise CredentialsProblem(f"{shown}: {unknown[0][:40]!r} is neither headers nor expires")
    headers = tuple(_header(shown, name, value) for name, value in table["headers"].items())
    if len({name.lower() for name, _ in headers}) != len(headers):
        raise CredentialsProblem(f"{shown}: a header stands there twice")
    ends = [*_stated_end(shown, table), *_signed_end(headers)]
    return Credentials(host=key, headers=headers, ends_at=min(ends, default=None))


def _header(host: str, name: str, value: Any) -> tuple[str, str]:
    if not _NAME.fullmatch(name):
        raise CredentialsProblem(f"{host}: {name[:40]!r} is no name of a header")
    if name.lower() in _OURS:
        raise CredentialsProblem(f"{host}: the header {name} is not for credentials")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise CredentialsProblem(
            f"{host}: the value of {name} must be one line of plain ASCII text, in quotes"
        )
    return name, value


def _stated_end(host: str, table: Mapping[str, Any]) -> list[datetime]:
    expires = table.get("expires")
    if expires is None:
        return []
    if isinstance(expires, datetime):
        return [expires.astimezone(UTC) if expires.tzinfo else expires.replace(tzinfo=UTC)]
    if isinstance(expires, date):
        return [datetime.combine(expires, time(), UTC)]
    raise CredentialsProblem(f"{host}: expires must be a date, such as 2026-05-31, without quotes")


def _signed_end(headers: Iterable[tuple[str, str]]) -> list[datetime]:
    values = [value for name, value in headers if name.lower() == "signature-input"]
    seconds = [int(found) for value in values for found in _EXPIRES.findall(value)]
    return [
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(number, 10**11))
        for number in seconds
    ]
