"""What a refusal says: whether an answer is one, at no cost for an ordinary page; from which edge
it came; and how long to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from scraper.hosts import is_private_address
from scraper.responses.verdicts import Answer, judge

Throttling = Literal["", "throttled", "blocked"]
"""Nothing of the kind; a refusal that time may heal; a block page (challenge, password) that stands
until somebody takes it down."""

THROTTLED = frozenset({429, 430, 503})
"""Answers that ask for less: Shopify's rate limit, its security rejection, and an overloaded server
(docs/explanation/shopify.md, 3.5)."""

_OF_VERDICT: Final[dict[str, Throttling]] = {
    "rate_limited": "throttled",
    "security_rejected": "throttled",
    "challenge": "blocked",
    "password_page": "blocked",
}
_ARTICLE = b'"rtyp":"article"'
"""The mark that Shopify's theme engine prints into the page of a post: such a page is never a block
page (`verdicts`)."""

SHOPIFY, CLOUDFLARE = "shopify", "cloudflare"

_SHOPIFY_HEADERS = ("x-shopid", "x-sorting-hat-shopid", "x-sorting-hat-podid", "x-shardid")

DOUBLING = 2.0
"""Each refusal in a row doubles the wait: 5 s at first, at most 300 s (docs/explanation/shopify.md,
3.5)."""

LONGEST_RETRY_AFTER_S = 7 * 86_400.0
"""A store that asks for a longer wait is taken to ask for this one."""


def throttling_of(answer: Answer) -> Throttling:
    """Return whether a response throttles us. A post's page, known by its mark, is not judged
    again."""
    if answer.status in THROTTLED:
        return "throttled"
    if answer.status == 200 and _ARTICLE in answer.body and "cf-mitigated" not in answer.headers:
        return ""
    return _OF_VERDICT.get(judge(answer).verdict, "")


def edge_of(headers: Mapping[str, str], address: str) -> str:
    """Return the edge that answered: Shopify's or Cloudflare's by its headers
    (docs/explanation/shopify.md, 3.5), else the public IP address; empty where nothing is known.

    What refuses a client there may refuse it at every store behind it. `headers` have lower-case
    names. `address` is the IP address that was connected to, or empty.
    """
    if headers.get("powered-by", "").strip().lower() == SHOPIFY:
        return SHOPIFY
    if any(name in headers for name in _SHOPIFY_HEADERS):
        return SHOPIFY
    if "cf-ray" in headers or headers.get("server", "").strip().lower() == CLOUDFLARE:
        return CLOUDFLARE
    return "" if not address or is_private_address(address) else address


def retry_after_s(header: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for at `now` (with an offset): a number of seconds, or
    a date (RFC 9110, 10.2.3).

    None where it is absent or neither; 0 for a date that is past.
    """
    if re.fullmatch(r"\s*\d{1,12}(\.\d{1,6})?\s*", header):
        return min(float(header), LONGEST_RETRY_AFTER_S)
    try:
        then = parsedate_to_datetime(header)
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        return min(max((then - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def next_wait_s(last_s: float, *, asked_s: float | None, first_s: float, most_s: float) -> float:
    """Return the next wait in seconds: what the store asks for, else twice the last one; never more
    than `most_s`."""
    if asked_s is not None:
        return min(asked_s, most_s)
    return min(last_s * DOUBLING if last_s else first_s, most_s)
