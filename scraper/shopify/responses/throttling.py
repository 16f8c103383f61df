"""Recognize responses that ask us to slow down, at no cost for an ordinary page."""

from __future__ import annotations

from typing import Final, Literal

from scraper.shopify.responses.verdicts import Answer, judge

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


def throttling_of(answer: Answer) -> Throttling:
    """Return whether a response throttles us. A post's page, known by its mark, is not judged
    again."""
    if answer.status in THROTTLED:
        return "throttled"
    if answer.status == 200 and _ARTICLE in answer.body and "cf-mitigated" not in answer.headers:
        return ""
    return _OF_VERDICT.get(judge(answer).verdict, "")
