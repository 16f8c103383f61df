"""Files of secret headers: read, checked without a word of what is secret, and told in time of
their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.exceptions import CredentialsProblem
from scraper.middlewares.credentials_file import Credentials, parse_credentials
from scraper.middlewares.redaction import redact
from tests.each_row import each_row

GOOD = """
["Shop.example".headers]
Signature-Input = 'sig1=("@authority");created=1772366400;expires=1780142400;keyid="abc";\
tag="web-bot-auth"'
Signature = 'sig1=:c2VjcmV0LXNpZ25hdHVyZS12YWx1ZQ==:'
Signature-Agent = '"https://shopify.com"'

["127.0.0.1:8000"]
expires = 2026-05-31
headers = { X-Key = 'supersecretvalue' }
"""
SECRET = "supersecretvalue"


def test_a_good_file_is_read_as_it_stands() -> None:
    read = parse_credentials(GOOD)
    assert set(read) == {"shop.example", "127.0.0.1:8000"}
    assert dict(read["shop.example"].headers)["Signature-Agent"] == '"https://shopify.com"'
    assert read["shop.example"].ends_at == datetime.fromtimestamp(1780142400, UTC)
    assert read["127.0.0.1:8000"].ends_at == datetime(2026, 5, 31, tzinfo=UTC)


@each_row(
    ("text", "told"),
    [
        (f'["shop.example".headers]\nX-Key = "{SECRET}', "not TOML (at end of document)"),
        (
            f'["shop.example".headers]\nX-Key = "{SECRET}"\nX-Key = "{SECRET}"\n',
            "not TOML (at line 3",
        ),
        (f'["shop.example".headers]\nX-Key = {SECRET}', "not TOML (at line 2"),
        (f'["shop.example"]\nX-Key = "{SECRET}"', "shop.example: there is no table of headers"),
        (f'"shop.example" = "{SECRET}"', "shop.example: there is no table of headers"),
        ('["shop.example".headers]\n', "shop.example: there is no table of headers"),
        (f'["https://shop.example/".headers]\nX-Key = "{SECRET}"', "is no host"),
        (f'["me@shop.example".headers]\nX-Key = "{SECRET}"', "is no host"),
        (f'["shop.example".headers]\n"X Key" = "{SECRET}"', "'X Key' is no name of a header"),
        (
            f'["shop.example".headers]\nX-Key = "{SECRET}\\r\\nHost: other.example"',
            "the value of X-Key must be one line",
        ),
        (f'["shop.example".headers]\nX-Key = ["{SECRET}"]', "the value of X-Key must be one line"),
        (f'["shop.example".headers]\nX-Key = "{SECRET}é"', "the value of X-Key must be one line"),
        ('["shop.example".headers]\nX-Key = ""', "the value of X-Key must be one line"),
        (f'["shop.example".headers]\nHost = "{SECRET}"', "the header Host is not for credentials"),
        (
            f'["shop.example".headers]\nX-Key = "{SECRET}"\nx-key = "{SECRET}"',
            "a header stands there twice",
        ),
        (
            f'["shop.example"]\nexpires = "2026-01-01"\nheaders = {{ X-Key = "{SECRET}" }}',
            "expires must be a date",
        ),
        (
            f'["shop.example"]\nuntil = 2026-01-01\nheaders = {{ X-Key = "{SECRET}" }}',
            "'until' is neither headers nor expires",
        ),
        ("a = " + "[" * 5000, "not TOML|nested"),
        ("a = " + "9" * 5000, "far too long"),
        ("'a' . " * 20_000 + "a = 1", "nested too deeply"),
    ],
)
def test_a_mistake_is_named_and_no_value_with_it(text: str, told: str) -> None:
    with pytest.raises(CredentialsProblem) as raised:
        parse_credentials(text)
    assert any(part in str(raised.value) for part in told.split("|"))
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_their_end_is_reported_two_weeks_ahead() -> None:
    end = datetime(2026, 5, 31, tzinfo=UTC)
    one = Credentials(host="shop.example", headers=(("X-Key", SECRET),), ends_at=end)
    assert one.warning(end - timedelta(days=15)) == ""
    assert "end on 2026-05-31 00:00 UTC, in 13 days" in one.warning(
        end - timedelta(days=13, hours=1)
    )
    assert not one.ended(end - timedelta(seconds=1))
    assert "ended on 2026-05-31" in one.warning(end)
    assert one.ended(end)
    assert Credentials(host="shop.example", headers=(("X-Key", SECRET),)).warning(end) == ""


def test_the_earliest_end_counts() -> None:
    text = GOOD.replace(
        '["Shop.example".headers]',
        '["Shop.example"]\nexpires = 2026-01-02\n["Shop.example".headers]',
    )
    assert parse_credentials(text)["shop.example"].ends_at == datetime(2026, 1, 2, tzinfo=UTC)
    huge = GOOD.replace("1780142400", "999999999999")
    assert parse_credentials(huge)["shop.example"].ends_at is not None


def test_nothing_secret_is_shown() -> None:
    assert SECRET not in repr(parse_credentials(GOOD))


def test_what_a_store_prints_back_is_blotted_out() -> None:
    secrets = parse_credentials(GOOD)["shop.example"].secrets()
    signed = (
        b"sig1=(&quot;@authority&quot;);created=1772366400;expires=1780142400;"
        b"keyid=&quot;abc&quot;;tag=&quot;web-bot-auth&quot;"
    )
    page = b"<p>c2VjcmV0LXNpZ25hdHVyZS12YWx1ZQ== and " + signed + b' "https://shopify.com"</p>'
    assert redact(page, secrets) == b'<p>[redacted] and [redacted] "https://shopify.com"</p>'
    other = b"<p>nothing of ours</p>"
    assert redact(other, secrets) is other
