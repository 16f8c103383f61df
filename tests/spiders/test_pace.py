"""How fast a crawl asks: gentle with a store, together with all other crawls, at full speed with
this machine alone."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.utils.project import get_project_settings

from scraper.middlewares.backoff import BackoffMiddleware
from scraper.middlewares.budget_state import BudgetFile
from scraper.middlewares.rate_budget import (
    Asker,
    Budget,
    Refusals,
    parse_budget,
    refused_for_s,
    write_budget,
)
from scraper.spiders.blog import BlogSpider
from tests.conftest import ENDS_S, Command, Start, crawl_words, wait_until
from tests.storefront import ROBOTS, Page, Raw, Storefront, index, post, serving, sitemap
from tests.turns import least_gap, take_turns, taken_by_many
from tests.warm import Warm


def make_crawler() -> Crawler:
    """A crawler as `scrapy crawl` makes it, not started."""
    return Crawler(BlogSpider, get_project_settings())


def pace(store: str, **settings: Any) -> tuple[float, int]:
    """Seconds between requests by the shared budget, and how many may be under way."""
    crawler = make_crawler()
    crawler.settings.update(settings)
    crawler.spider = BlogSpider.from_crawler(crawler, store=store)
    budget = BackoffMiddleware.from_crawler(crawler).budget
    assert crawler.settings.getfloat("DOWNLOAD_DELAY") == 0.0, "a second delay beside the budget's"
    return budget.delay_s if budget else 0.0, crawler.settings.getint("CONCURRENT_REQUESTS")


@pytest.mark.parametrize(
    ("store", "settings", "expected"),
    [
        pytest.param("https://shop.example", {}, (1.0, 2), id="a store"),
        pytest.param(
            "https://shop.example", {"ARCHIVE_RATE": 0.5}, (2.0, 2), id="a store, slower still"
        ),
        pytest.param("http://192.168.0.9", {}, (1.0, 2), id="another machine of the house"),
        pytest.param("http://127.0.0.1:8000", {}, (0.0, 8), id="this machine"),
        pytest.param("http://shop.example", {"ARCHIVE_RATE": 0}, (0.0, 8), id="no limit asked for"),
    ],
)
def test_the_pace_depends_on_where_the_store_is(
    store: str, settings: dict[str, Any], expected: tuple[float, int]
) -> None:
    assert pace(store, **settings) == expected


def test_a_slower_command_line_wins() -> None:
    crawler = make_crawler()
    crawler.settings.set("DOWNLOAD_DELAY", 5, priority="cmdline")
    BlogSpider.from_crawler(crawler, store="https://shop.example")
    assert crawler.settings.getfloat("DOWNLOAD_DELAY") == 5.0


def many(number: int) -> dict[str, Page]:
    """A store of so many posts."""
    paths = [f"/blogs/news/post-{at}" for at in range(number)]
    posts = {path: post(path, rid=500 + at) for at, path in enumerate(paths)}
    return {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *paths),
        "/blogs/news": index(*paths),
        **posts,
    }


def together(
    start: Start, tmp_path: Path, *stores: Storefront, rate: float, more: Sequence[str] = ()
) -> list[subprocess.CompletedProcess[str]]:
    """Crawl each store under a name of its own, all at once, each in a process of its own."""
    running = [
        start(
            *crawl_words(
                f"http://shop-{at}.example", tmp_path / "archive.db", *paced(store, rate), *more
            )
        )
        for at, store in enumerate(stores)
    ]
    told = ["".join(process.communicate(timeout=ENDS_S)) for process in running]
    return [
        subprocess.CompletedProcess(process.args, process.wait(), out)
        for process, out in zip(running, told, strict=True)
    ]


def paced(store: Storefront, rate: float) -> list[str]:
    """Options that lead to the store by any name, and set the pace."""
    return ["-s", f"ARCHIVE_PROXY={store.url}", "-s", f"ARCHIVE_RATE={rate}"]


def by_itself(
    crawl: Command, tmp_path: Path, store: Storefront, *, rate: float
) -> subprocess.CompletedProcess[str]:
    """Crawl one store, under a name that is not this machine's."""
    return crawl("http://shop.example", tmp_path / "archive.db", *paced(store, rate))


def gaps(*stores: Storefront) -> list[float]:
    """Seconds between any two requests in a row, whichever store they went to."""
    times = sorted(at for store in stores for at in store.asked_at)
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def test_two_crawls_keep_one_budget_together(start: Start, tmp_path: Path) -> None:
    with serving(many(12)) as first, serving(many(12)) as second:
        begun = time.monotonic()
        done = together(start, tmp_path, first, second, rate=8)
    assert [process.returncode for process in done] == [0, 0], "\n".join(
        process.stdout[-2000:] for process in done
    )
    asked_at = sorted([*first.asked_at, *second.asked_at])
    assert len(asked_at) >= 31
    # Counted from before the first one left: a busy machine can only make a request arrive later,
    # and a first one that is late would make the others seem quick. How far apart the turns
    # themselves are is held by `test_many_processes_keep_the_rate_exactly`: by that one alone where
    # the machine is so busy that the two take as long to begin as to wait.
    assert asked_at[-1] - begun >= (len(asked_at) - 1) / 8


class WhileRefused(dict[str, Page]):
    """Pages of a store that answers nothing until the budget shows that another one refused."""

    def __init__(self, pages: Mapping[str, Page], budget: Path) -> None:
        super().__init__(pages)
        self._budget = budget

    def get(self, path: str, default: Page = "") -> Page:  # type: ignore[override]
        wait_until(
            lambda: self._budget.exists() and bool(parse_budget(self._budget.read_text()).hosts)
        )
        return super().get(path, default)


def test_a_store_that_always_refuses_holds_up_no_other(start: Start, tmp_path: Path) -> None:
    """Both behind the same edge: the other store is asked as usual, and owes no wait."""
    state, shopify = tmp_path / "rate_state.json", (("X-ShopId", "7"), ("Retry-After", "60"))
    refusing = Raw(b"Slow down", 429, shopify)
    with serving({"/robots.txt": refusing}) as bad, serving({}) as good:
        good.pages = WhileRefused(many(12), state)
        waits = ("-s", "ARCHIVE_BACKOFF_MAX=300")
        hostile = start(
            *crawl_words("http://bad.example", tmp_path / "bad.db", *paced(bad, 50), *waits),
            "-s",
            f"ARCHIVE_RATE_STATE={state}",
        )
        other = start(
            *crawl_words("http://good.example", tmp_path / "good.db", *paced(good, 50), *waits),
            "-s",
            f"ARCHIVE_RATE_STATE={state}",
        )
        told = "".join(other.communicate(timeout=ENDS_S))
        assert other.wait() == 0, told
        budget = parse_budget(state.read_text())
        hostile.send_signal(signal.SIGINT)
        hostile.communicate(timeout=ENDS_S)
        assert len(good.paths) == len(set(good.paths)) == 12 + 5
    refused = budget.hosts["bad.example"]
    assert (list(budget.hosts), refused.edge) == (["bad.example"], "shopify")
    now, answered = refused.slowed_at, Asker(host="good.example", edge="shopify", passed_at=1e11)
    for asker, seconds in ((answered, 0), (replace(answered, passed_at=0), 6), (BAD, 60)):
        owed = refused_for_s(budget, now, asker, delay_s=0.02, most_s=300)
        assert owed == pytest.approx(seconds, abs=0.1)


BAD = Asker(host="bad.example", edge="shopify")


@pytest.mark.parametrize(
    "found",
    [b"", b"{", b"\xff\xfe", b"[1]", b'{"slot_at": 1e999}', b'{"slot_at":"now"}', b"[" * 100_000],
)
def test_a_damaged_budget_neither_stops_nor_hastens_a_crawl(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, found: bytes
) -> None:
    path = tmp_path / "rate_state.json"
    path.write_bytes(found)
    assert least_gap(take_turns(BudgetFile(path), 6, 0.01)) >= 0.00999
    assert caplog.text.count("cannot use the budget shared with other crawls") == 1


def test_a_budget_that_cannot_be_written_neither_stops_nor_hastens_a_crawl(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rate_state.json"
    path.mkdir()
    assert least_gap(take_turns(BudgetFile(path), 6, 0.01)) >= 0.00999
    assert caplog.text.count("cannot use the budget shared with other crawls") == 1


def test_full_disk_neither_stops_nor_hastens_a_crawl(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rate_state.json"
    path.write_text(write_budget(Budget(slot_at=1.0)))
    path.with_name("rate_state.json.new").mkdir()  # read it can be, written it cannot
    assert least_gap(take_turns(BudgetFile(path), 6, 0.01)) >= 0.00999
    assert caplog.text.count("cannot use the budget shared with other crawls") == 1


def test_a_budget_of_the_far_future_holds_nobody_for_long(crawl: Command, tmp_path: Path) -> None:
    refusals = Refusals(asked_at=4e9, slowed_at=4e9, slowness=2.0, resume_at=4e9)
    future = Budget(slot_at=4e9, hosts={"shop.example": refusals})
    (tmp_path / "rate_state.json").write_text(write_budget(future))
    with serving(many(3)) as store:
        done = by_itself(crawl, tmp_path, store, rate=10)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(gaps(store)) >= 5  # it ended: no request waited for longer than a refusal lasts


def test_a_crawl_delay_holds_within_the_budget(crawl: Command, tmp_path: Path) -> None:
    with serving({**many(3), "/robots.txt": "User-agent: *\nCrawl-delay: 0.4\n"}) as store:
        by_itself(crawl, tmp_path, store, rate=20)
    assert len(store.asked_at) >= 6
    assert sum(gaps(store)[1:]) / len(gaps(store)[1:]) >= 0.38


def test_this_machine_alone_leaves_no_budget_behind(tmp_path: Path, crawl: Command) -> None:
    with serving(many(3)) as store:
        crawl(store.url, tmp_path / "archive.db")
    assert (tmp_path / "archive.db").exists()
    assert not list(tmp_path.glob("edge*"))


def test_many_processes_keep_the_rate_exactly(warm: Warm, tmp_path: Path) -> None:
    taken = taken_by_many(warm, 12, str(tmp_path / "rate.json"), "10", "0.01")
    assert len(taken) == 120
    assert least_gap(taken) >= 0.00999
