"""What a robots.txt, or its absence, lets us fetch (RFC 9309), with the wildcards that Shopify's
own files use."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

from protego import Protego

from scraper.documents.charsets import to_utf8

Access = Literal["rules", "everything", "nothing"]

_MOST_BYTES = (
    512 * 1024
)  # RFC 9309, section 2.5: a crawler reads at least 500 KiB and may stop there
_VERSION = re.compile(r"(?i)((?<![^\r\n])[ \t]*+user[- ]?agent[ \t]*+:[ \t]*+([\w-]++))/[^\r\n]*+")
_LONGEST_PERIOD_S = 10**9  # what is longer may be no number that a float holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """A store's rules for one user agent. `crawl_delay_s` is seconds between requests, None where
    unsaid; `sitemaps` as served.

    `access` says whether there are rules to ask (``rules``), or none (``everything``), or the file
    could not be had (``nothing``).
    """

    access: Access
    user_agent: str
    crawl_delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()
    _rules: Protego | None = field(default=None, repr=False, compare=False)

    def allows(self, url: str) -> bool:
        """Return whether the rules let our user agent fetch the address."""
        if self._rules is None:
            return self.access != "nothing"
        try:
            return bool(self._rules.can_fetch(url, self.user_agent))
        except ValueError:  # an address that cannot be split cannot be fetched either
            return False


def parse_robots(body: bytes, status: int, user_agent: str) -> Robots:
    """Read the answer to a request for ``/robots.txt``; `status` 0 where no answer came.

    2xx: the rules. 4xx: everything is allowed (RFC 9309, section 2.3.1.3), but 429 and 430 mean
    "not now", so nothing is, as with 5xx and no answer (section 2.3.1.4; Google reads 429 as a
    server error too). 3xx that was not followed counts as no answer.
    """
    if 200 <= status < 300:
        return _read_rules(body, user_agent)
    if 400 <= status < 500 and status not in (429, 430):
        return Robots(access="everything", user_agent=user_agent)
    return Robots(access="nothing", user_agent=user_agent)


def _read_rules(body: bytes, user_agent: str) -> Robots:
    text = to_utf8(body[:_MOST_BYTES]).decode("utf-8-sig", errors="replace").replace("\0", "")
    product = user_agent.partition("/")[0].lower()
    # A group names the product (RFC 9309, section 2.2.1); a version, as logs show it, says no more.
    # Names of others keep theirs: without it they might be a part of our user agent.
    rules = Protego.parse(
        _VERSION.sub(lambda found: found[1 if found[2].lower() == product else 0], text)
    )
    return Robots(
        access="rules",
        user_agent=user_agent,
        crawl_delay_s=_delay_of(rules, user_agent),
        sitemaps=tuple(dict.fromkeys(rules.sitemaps)),
        _rules=rules,
    )


def _delay_of(rules: Protego, user_agent: str) -> float | None:
    delay = rules.crawl_delay(user_agent)
    if delay is not None and math.isfinite(delay) and delay >= 0:
        return float(delay)
    rate = rules.request_rate(user_agent)
    if rate is None or not rate.requests:
        return None
    return min(rate.seconds, _LONGEST_PERIOD_S) / rate.requests
