"""What a Retry-After header asks for."""

from __future__ import annotations

from datetime import UTC, datetime

from scraper.shopify.responses.retry_after import LONGEST_RETRY_AFTER_S, next_wait_s, retry_after_s
from tests.each_row import each_row

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@each_row(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("999999999999", LONGEST_RETRY_AFTER_S),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90.0),
        ("Sun Mar  1 12:01:30 2026", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 9026 12:00:00 GMT", LONGEST_RETRY_AFTER_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1" * 30, None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
        ("Sun, 01 Mar 99999999999 12:01:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, expected: float | None) -> None:
    assert retry_after_s(header, NOW) == expected


def test_a_wait_doubles_up_to_the_longest() -> None:
    assert next_wait_s(0, asked_s=None, first_s=5, most_s=300) == 5
    assert next_wait_s(200, asked_s=None, first_s=5, most_s=300) == 300
    assert next_wait_s(5, asked_s=90, first_s=5, most_s=300) == 90
