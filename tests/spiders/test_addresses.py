"""A name must not lead a crawl into the network that it runs in."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from scraper.demo import DemoServer
from scraper.hosts import is_loopback
from tests.conftest import Command, rows
from tests.storefront import ROBOTS, index, post, serving, sitemap


@pytest.fixture(scope="module")
def name() -> str:
    """A name, not localhost, that this machine's own resolver leads to loopback: most often the
    machine's own."""
    for candidate in (socket.gethostname(), "ip4-loopback", "localhost.localdomain"):
        try:
            if is_loopback(socket.gethostbyname(candidate)) and not is_loopback(candidate):
                return candidate
        except OSError:
            continue
    pytest.skip("no name but localhost leads to loopback on this machine")


PATH = "/blogs/news/one"
PAGES = {
    "/robots.txt": ROBOTS,
    "/sitemap.xml": sitemap("/blogs/news", PATH),
    "/blogs/news": index(PATH),
    PATH: post(PATH),
}
FAST = ["-s", "ARCHIVE_RATE=0"]


def test_a_name_that_leads_to_this_machine_is_refused(
    crawl: Command, name: str, db_path: Path
) -> None:
    with serving(PAGES) as store:
        done = crawl(store.url.replace("127.0.0.1", name), db_path, *FAST)
        assert not store.asked
    assert done.returncode == 1
    assert (
        f"{name} leads to the private address 127.0.0.1, which is not asked unless "
        "ARCHIVE_ALLOW_PRIVATE is set" in done.stderr
    )
    assert not db_path.exists()


def test_it_may_be_allowed_and_a_refusal_later_is_no_outage(
    crawl: Command, name: str, db_path: Path
) -> None:
    with serving(PAGES) as store:
        url = store.url.replace("127.0.0.1", name)
        assert crawl(url, db_path, *FAST, "-s", "ARCHIVE_ALLOW_PRIVATE=True").returncode == 0
        asked = len(store.asked)
        done = crawl(url, db_path, *FAST)
        assert len(store.asked) == asked
    assert done.returncode == 3
    ((outcome, health, reason),) = rows(
        db_path, "SELECT outcome, health, reason FROM crawls WHERE id = 2"
    )
    assert (outcome, health) == ("incomplete", "degraded")
    assert "leads to the private address 127.0.0.1" in str(reason)
    ((verdict, detail),) = rows(db_path, "SELECT verdict, detail FROM captures WHERE crawl_id = 2")
    assert verdict == "network_error"
    assert "leads to the private address" in str(detail)
    assert rows(db_path, "SELECT state FROM posts") == [("live",)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_an_address_given_by_hand_is_asked(crawl: Command, host: str, db_path: Path) -> None:
    with serving(PAGES) as store:
        crawl(store.url.replace("127.0.0.1", host), db_path, *FAST)
        assert PATH in store.paths


def test_a_proxy_named_by_the_operator_may_stand_in_the_house(
    demo: DemoServer, crawl: Command, name: str, db_path: Path
) -> None:
    proxy = f"http://{name}:{demo.port}"
    done = crawl(f"http://{demo.store.shop.host}", db_path, *FAST, "-s", f"ARCHIVE_PROXY={proxy}")
    assert done.returncode == 0, done.stderr
