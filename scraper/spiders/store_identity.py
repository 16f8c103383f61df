"""Identifies a store at an address that the archive does not know: is it a known one that moved?

The archive decides (`history.identity.is_same_store`); here the signs are gathered, before any
listing is saved and a store is created. Only where the archive holds other stores is anything
requested for that: the home page, and the home page of each known store whose number or permanent
domain it names, at the address that an operator gave once by hand.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from scraper.crawl_evidence import StoreSeen
from scraper.extensions.crawl_run import CrawlRun
from scraper.hosts import StoreAddress, hosts_of, parse_store_url, same_store
from scraper.responses.verdicts import Expected
from scraper.shopify.page_markers import Markers, store_seen
from scraper.spiders.responses import FetchedPage

FORMER_ADDRESS = "archive_former_address"
"""In a request's meta: it asks a known store's own address, not that of the store which is
crawled."""

NOT_NOW = frozenset(
    [
        "rate_limited",
        "security_rejected",
        "challenge",
        "password_page",
        "forbidden",
        "server_error",
        "network_error",
        "truncated",
    ]
)
"""Verdicts on a store's home page that may differ tomorrow: they prove nothing."""

NO_SUCH_HOST = "CannotResolveHostError"
"""The failure of a name that does not resolve: the only one that is not temporary."""

LOOK = "where you see that it has moved, run this again with -s ARCHIVE_TRUST_CRAWL=1"

MOST_ASKED = 5
"""How many known stores are asked: no more share a number."""

MOST_HOPS = 5

Fetch = Callable[[str, Expected], Awaitable[FetchedPage]]
"""Fetches an address of the store, following redirects within it."""

Answer = Literal["leads_here", "deserted", "stands", "unclear"]


@dataclass(slots=True)
class StoreIdentifier:
    """Gathers the signs of a store's identity, and saves them.

    `ask_former` fetches one page and follows no redirect. `accepted` says that an operator has
    checked that the store is no longer at its known address. `doubt` says, after `identify`, why
    the identity is unclear today; a crawl that went on could make two stores of one.
    """

    fetch: Fetch
    ask_former: Callable[[str], Awaitable[FetchedPage]]
    run: CrawlRun
    accepted: bool
    doubt: str = ""

    async def identify(self, store: StoreAddress) -> None:
        """Ask the store who it is, and the stores that it might be whether they moved."""
        home = await self.fetch(f"{store.origin}/", "html")
        self.run.save(home.visit("home"))
        if home.judgement.verdict in NOT_NOW:
            self.doubt = (
                f"{store.origin}/ did not show which store it is ({home.judgement.verdict})"
            )
            return
        seen = store_seen(store.origin, home.judgement.markers or Markers())
        answers = {
            origin: await self._former_answer(origin, seen)
            for origin in self.run.similar_stores(seen)[:MOST_ASKED]
            if not same_store(origin, hosts_of(store))
        }
        for origin, answer in answers.items():
            if answer == "unclear":
                self.doubt = (
                    f"{store.origin} says that it is the store known at {origin}, "
                    f"which shows no store now: {LOOK}"
                )
                return
        self.run.save(
            replace(
                seen,
                led_from=_with_answer(answers, "leads_here"),
                deserted=_with_answer(answers, "deserted"),
            )
        )

    async def _former_answer(self, origin: str, seen: StoreSeen) -> Answer:
        """What the address of a known store says now, redirects followed within its own hosts."""
        here, own, new = (
            f"{origin}/",
            hosts_of(parse_store_url(origin)),
            hosts_of(parse_store_url(seen.origin)),
        )
        for _ in range(MOST_HOPS):
            page = await self.ask_former(here)
            target = page.judgement.target
            if target and same_store(target, new):
                return "leads_here"
            if not target or not same_store(target, own):
                break
            here = target
        if self.accepted or page.judgement.detail == NO_SUCH_HOST:
            return "deserted"
        there = page.judgement.markers or Markers()
        if (there.shop_id and there.shop_id == seen.shop_id) or (
            there.myshopify_domain and there.myshopify_domain == seen.myshopify_domain
        ):
            return "stands"
        return "deserted" if there.shop_id or there.myshopify_domain else "unclear"


def _with_answer(answers: dict[str, Answer], wanted: Answer) -> tuple[str, ...]:
    return tuple(origin for origin, answer in answers.items() if answer == wanted)
