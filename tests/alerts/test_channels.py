"""Channels: valid tables, times of digests and delays of retries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from scraper.alerts.channels import Channel, digest_at, read_channels, retry_at
from scraper.alerts.notices import Timing
from scraper.exceptions import StoresProblem
from scraper.schedule.timetable.stores import parse_stores
from tests.each_row import each_row

BERLIN = Channel(
    name="a",
    transport="webhook",
    to="",
    zone=ZoneInfo("Europe/Berlin"),
    digest_at=time(2, 30),
    digest_day=6,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@each_row(
    ("timing", "noted", "due"),
    [
        ("daily", "2026-03-03T00:00", "2026-03-03T01:30"),
        ("daily", "2026-03-03T01:30", "2026-03-04T01:30"),
        ("daily", "2026-03-28T12:00", "2026-03-29T01:30"),
        ("daily", "2026-03-29T12:00", "2026-03-30T00:30"),
        ("daily", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("daily", "2026-10-25T00:30", "2026-10-26T01:30"),
        ("daily", "2026-03-03T23:30", "2026-03-04T01:30"),
        ("weekly", "2026-03-03T12:00", "2026-03-08T01:30"),
        ("weekly", "2026-03-08T01:30", "2026-03-15T01:30"),
        ("weekly", "2026-03-08T01:00", "2026-03-08T01:30"),
    ],
)
def test_digest_comes_at_the_channels_next_time(timing: Timing, noted: str, due: str) -> None:
    """Berlin's clocks go forward at half past two, local time, on 29 March, and back on 25
    October."""
    assert digest_at(BERLIN, timing, utc(noted)) == utc(due)


@each_row(
    "zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
def test_digests_of_a_year_come_once_a_day(zone: str) -> None:
    channel = replace(BERLIN, zone=ZoneInfo(zone))
    at, days = utc("2026-01-01T00:00"), []
    for _ in range(365):
        at = digest_at(channel, "daily", at)
        days.append(at.astimezone(channel.zone).date())
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * 364


def test_delays_double_up_to_six_hours() -> None:
    now = utc("2026-03-01T00:00")
    minutes = [
        (retry_at(tries, now) - now) / timedelta(minutes=1) for tries in (1, 2, 3, 9, 10, 5000)
    ]
    assert minutes == [1, 2, 4, 256, 360, 360]


@each_row(
    "address",
    ["https://hooks.example./x", "http://127.0.0.1:9/x", "http://[::1]:9/x", "http://localhost/x"],
)
def test_every_valid_host_is_accepted(address: str) -> None:
    assert (
        read_channels(parse_stores(f'[channels.a]\nwebhook = "{address}"').channels)["a"].to
        == address
    )


MAIL = 'mail = "ann@shop.example"\nfrom = "keep@shop.example"\n'


@each_row(
    ("table", "mistake"),
    [
        ('server = "x"', "line 1: channels.a: the channel must have one of webhook, mail, apprise"),
        (
            'webhook = "https://x.example"\n' + MAIL,
            "line 3: channels.a.mail: the channel must have one of webhook, mail, apprise",
        ),
        (
            'webhook = "https://hooks..example/x"',
            (
                "line 2: channels.a.webhook: it must be an address that begins with https:// or "
                "http://"
            ),
        ),
        (
            'webhook = "x.example"',
            (
                "line 2: channels.a.webhook: it must be an address that begins with https:// or "
                "http://"
            ),
        ),
        (
            'webhook = "https://x.example"\nuser = "u"',
            "line 3: channels.a.user: it belongs to a channel with mail",
        ),
        (
            'webhook = "https://x.example"\nsigning_secret = "whsec_c2VjcmV0"',
            (
                "line 3: channels.a.signing_secret: it must be file:PATH or env:NAME, which hold "
                "the secret"
            ),
        ),
        (
            MAIL + 'server = "s"\nsigning_secret = "env:HOOK"',
            "line 5: channels.a.signing_secret: it belongs to a channel with webhook",
        ),
        (
            'webhook = "env:HOOK ADDRESS"',
            (
                "line 2: channels.a.webhook: it must be env: and the name of a variable, such as "
                "env:HOOK_SECRET"
            ),
        ),
        (MAIL, "line 1: channels.a: a channel with mail needs server"),
        (
            MAIL + 'server = "smtp.example:99999"',
            (
                "line 4: channels.a.server: it must be a host and a port, such as "
                "smtp.shop.example:587"
            ),
        ),
        (
            MAIL + 'server = "smtp.example"\nsecurity = "ssl"',
            "line 5: channels.a.security: it must be starttls, tls or none",
        ),
        (
            'mail = "ann@shop.example, bob@shop.example"\nfrom = "k@shop.example"\nserver = "s"',
            (
                "line 2: channels.a.mail: it must be one mail address, such as ann@shop.example; "
                "make a channel for each"
            ),
        ),
        (
            'mail = "a@b.example\\r\\nBcc: x@y.example"\nfrom = "k@shop.example"\nserver = "s"',
            "line 2: channels.a.mail: it must be a text of one line",
        ),
        (
            'webhook = "https://x.example"\ndigest_at = "8:00"',
            "line 3: channels.a.digest_at: it must be a time of the day, such as 08:00",
        ),
        (
            'webhook = "https://x.example"\ndigest = "x"',
            "line 3: channels.a.digest: unknown key; did you mean digest_at?",
        ),
    ],
)
def test_error_has_its_line(table: str, mistake: str) -> None:
    with pytest.raises(StoresProblem) as problem:
        parse_stores(f"[channels.a]\n{table}")
    assert problem.value.lines == (mistake,)


def test_secrets_are_in_no_representation() -> None:
    text = (
        f'[channels.a]\n{MAIL}server = "s"\npassword = "s3cret"\n[channels.b]\n'
        'webhook = "https://x.example/t0ken"'
    )
    assert not {"s3cret", "t0ken"} & set(
        repr(read_channels(parse_stores(text).channels)).replace("/", "'").split("'")
    )
