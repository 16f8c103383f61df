"""Stores whose pages vary by themselves, at each fetch or at each crawl: each kind of noise alone
and all together, in every theme, with and without a feed. Three quiet recrawls report nothing; then
three edits are reported, each with its own words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.campaign.runs import Bench, crawl, verified
from tests.conftest import ANEW, await_the_next_second
from tests.extract.test_volatile import NAMED, UNNAMED, Noise
from tests.noisy_store import EVERYTHING, THEMES, noisy_store
from tests.random_noise import RANDOM

ALONE = {
    **{f"named {kind}": {kind: noise} for kind, noise in NAMED.items()},
    **{f"unnamed {kind}": {kind: noise} for kind, noise in UNNAMED.items()},
}
"""Each of these is quiet, and three edits beside it come with their own words alone."""


def run(bench: Bench) -> None:
    """Crawl every store."""
    for theme in THEMES:
        _check_random(bench, theme)
    for has_feed in (False, True):
        for is_slow in (False, True):
            for kind, kinds in ALONE.items():
                _check(bench, kind, kinds, "rich text", is_slow=is_slow, has_feed=has_feed)
            for theme in THEMES:
                _check(bench, "all", EVERYTHING, theme, is_slow=is_slow, has_feed=has_feed)


def _check_random(bench: Bench, theme: str) -> None:
    """Noise of random states makes no edit; where the last fetch shows another state than before,
    it may come with one."""
    db = bench.archive(f"random_{theme.replace(' ', '_')}")
    with noisy_store(db, _crawl, RANDOM, theme=theme) as store:
        for number in range(6):
            store.crawl()
            found = store.observed()
            bench.log.check(not found, f"random, {theme}: recrawl {number} reports {found[:3]}")


def _check(
    bench: Bench,
    kind: str,
    kinds: Mapping[str, Noise],
    theme: str,
    *,
    is_slow: bool,
    has_feed: bool,
) -> None:
    pace, feed = "slow" if is_slow else "fast", "with feed" if has_feed else "without feed"
    name = f"{kind}, {theme}, {pace}, {feed}"
    db = bench.archive(name.replace(" ", "_").replace(",", ""))
    how = {"is_slow": is_slow, "has_feed": has_feed}
    with noisy_store(db, _crawl, kinds, theme=theme, **how) as store:
        store.crawl()
        for number in range(1, 4):
            store.crawl()
            found = store.observed()
            bench.log.check(not found, f"{name}: recrawl {number} reports {found[:3]}")
            bench.log.check(store.controls() <= 2, f"{name}: {store.controls()} control fetches")
        expected = store.edit()
        store.crawl()
        found = store.observed()
        bench.log.check(found == expected, f"{name}: of three edits {found[:5]}")
    clean, said = verified(db)
    bench.log.check(clean, f"{name}: verify says {said[-300:]}")


def _crawl(url: str, db: Path) -> None:
    await_the_next_second()
    code, said = crawl(url, db, *ANEW)
    if code:
        raise RuntimeError(said)
