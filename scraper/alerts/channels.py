"""Channels: where alerts go, and when the digests of each are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from scraper.alerts.notices import Timing
from scraper.config import validators
from scraper.config.toml_lines import LocatedTable, Mistake
from scraper.config.validators import InvalidValue, nearest

Transport = Literal["webhook", "mail", "apprise"]

FIRST_DELAY = timedelta(minutes=1)
"""The delay before a message that failed is sent again; it doubles with each further failure."""

LONGEST_DELAY = timedelta(hours=6)
"""The upper limit of that delay. Retries never end."""

FROM_FILE = "file:"
"""The prefix of a secret that is read from a file."""

FROM_ENVIRONMENT = "env:"
"""The prefix of a secret that is read from a variable of the environment."""

UTC_ZONE = ZoneInfo("UTC")

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A destination of alerts: `to` is a webhook's URL, a mail address or an Apprise URL. For mail,
    `server` is host and port, `sender` the From address, `security` ``starttls``, ``tls`` or
    ``none``.

    `to` of a webhook and of Apprise, and `password`, are secrets; each may be ``file:`` and a path,
    or ``env:`` and the name of a variable instead. `signing_secret` of a webhook is always one of
    the two, empty for none. Digests are sent at `digest_at` in the time zone `zone`, weekly ones on
    `digest_day`, with Monday as 0.
    """

    name: str
    transport: Transport
    to: str = field(repr=False)
    server: tuple[str, int] = ("", 0)
    sender: str = ""
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    signing_secret: str = ""
    zone: ZoneInfo = UTC_ZONE
    digest_at: time = time(8)
    digest_day: int = 0


def check_channel(channel: LocatedTable) -> Iterable[Mistake]:
    """The errors in a table of `channels`."""
    if not channel.values:
        yield channel.mistake("the channel is empty")
        return
    given = [transport for transport in TRANSPORTS if transport in channel.values]
    if len(given) != 1:
        names = ", ".join(TRANSPORTS)
        yield channel.mistake(f"the channel must have one of {names}", *given[1:2])
        return
    for key, raw in channel.values.items():
        if key not in KEYS:
            yield channel.mistake(nearest(key, KEYS), key)
        elif key in OF_TRANSPORT and given != [OF_TRANSPORT[key]]:
            yield channel.mistake(f"it belongs to a channel with {OF_TRANSPORT[key]}", key)
        else:
            try:
                KEYS[key](raw)
            except InvalidValue as invalid:
                yield channel.mistake(str(invalid), key, *invalid.within)
    if given == ["mail"]:
        for key in ("server", "from"):
            if key not in channel.values:
                yield channel.mistake(f"a channel with mail needs {key}")


def read_channels(tables: Mapping[str, LocatedTable]) -> dict[str, Channel]:
    """The channels of a file by name, from their validated tables."""
    return {name: _channel(name, table) for name, table in tables.items()}


def _channel(name: str, table: LocatedTable) -> Channel:
    values = {key: KEYS[key](raw) for key, raw in table.values.items()}
    transport = next(transport for transport in TRANSPORTS if transport in values)
    names = {"from": "sender", "timezone": "zone"}
    return Channel(
        name=name,
        transport=transport,
        to=values.pop(transport),
        **{names.get(key, key): value for key, value in values.items()},
    )


def retry_at(failures: int, now: datetime) -> datetime:
    """When to send a message again after `failures` failed attempts, the last one now."""
    return now + min(FIRST_DELAY * float(2 ** min(failures - 1, 20)), LONGEST_DELAY)


def digest_at(channel: Channel, timing: Timing, created_at: datetime) -> datetime:
    """When an alert queued at a time (UTC) goes out in a digest: at the channel's next digest time
    after it."""
    day = created_at.astimezone(channel.zone).date()
    for _ in range(9):
        at = datetime.combine(day, channel.digest_at, channel.zone).astimezone(UTC)
        if at > created_at and (timing == "daily" or day.weekday() == channel.digest_day):
            return at
        day += timedelta(days=1)
    raise AssertionError("a week has seven days")


def _secret_address(raw: Any) -> str:
    if isinstance(raw, str) and raw.startswith((FROM_FILE, FROM_ENVIRONMENT)):
        return _secret(raw)
    return validators.web_address(raw)


def _secret(raw: Any) -> str:
    """A secret, or the place where one is."""
    text = validators.line(raw)
    if text.startswith(FROM_FILE):
        return validators.path(text)
    if text.startswith(FROM_ENVIRONMENT) and not _VARIABLE.fullmatch(text):
        raise InvalidValue("it must be env: and the name of a variable, such as env:HOOK_SECRET")
    return text


def _place_of_secret(raw: Any) -> str:
    text = _secret(raw)
    if not text.startswith((FROM_FILE, FROM_ENVIRONMENT)):
        raise InvalidValue("it must be file:PATH or env:NAME, which hold the secret")
    return text


def _apprise(raw: Any) -> str:
    text = _secret(raw)
    if not text.startswith((FROM_FILE, FROM_ENVIRONMENT)) and "://" not in text:
        raise InvalidValue("it must be an Apprise URL, such as tgram://token/chat")
    return text


def _mail(raw: Any) -> str:
    text = validators.line(raw)
    if not _MAIL.fullmatch(text):
        raise InvalidValue(
            "it must be one mail address, such as ann@shop.example; make a channel for each"
        )
    return text


def _server(raw: Any) -> tuple[str, int]:
    found = _SERVER.fullmatch(validators.line(raw))
    if not found or not 0 < int(found[2] or 587) < 65536:
        raise InvalidValue("it must be a host and a port, such as smtp.shop.example:587")
    return found[1], int(found[2] or 587)


def _security(raw: Any) -> str:
    if raw not in ("starttls", "tls", "none"):
        raise InvalidValue("it must be starttls, tls or none")
    return str(raw)


def _digest_at(raw: Any) -> time:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", validators.line(raw))
    if not found:
        raise InvalidValue("it must be a time of the day, such as 08:00")
    return time(int(found[1]), int(found[2]))


def _digest_day(raw: Any) -> int:
    if raw not in DAYS:
        raise InvalidValue(f"it must be one of {', '.join(DAYS)}")
    return DAYS.index(raw)


_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}")
_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_SERVER = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,250})(?::(\d{1,5}))?")

TRANSPORTS: tuple[Transport, ...] = ("webhook", "mail", "apprise")

KEYS: dict[str, Callable[[Any], Any]] = {
    "webhook": _secret_address,
    "mail": _mail,
    "apprise": _apprise,
    "signing_secret": _place_of_secret,
    "server": _server,
    "from": _mail,
    "security": _security,
    "user": validators.line,
    "password": _secret,
    "timezone": validators.timezone,
    "digest_at": _digest_at,
    "digest_day": _digest_day,
}
"""The keys of a channel's table, each with its validator."""

OF_TRANSPORT: dict[str, Transport] = {
    **dict.fromkeys(("server", "from", "security", "user", "password"), "mail"),
    "signing_secret": "webhook",
}
"""The keys that belong to one transport alone."""
