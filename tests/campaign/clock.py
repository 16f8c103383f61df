"""The machine's clock is set an hour back or forward within a crawl, early or late: the one edit is
reported once, and the archive stays sound."""

from __future__ import annotations

from tests.campaign.runs import Bench, crawl_by_clock, verified
from tests.conftest import ANEW, rows
from tests.storefront import ROBOTS, Storefront, post, serving, sitemap

HOUR_S = 3600
MOMENTS = (3, 12, 25, 40)
"""After so many readings; a crawl of this store makes fifty."""

PATHS = [f"/blogs/news/number-{number}" for number in range(8)]
EDITED = PATHS[3]


def run(bench: Bench) -> None:
    """Set the clock at each moment of a crawl."""
    for step in (-HOUR_S, HOUR_S):
        for after in MOMENTS:
            _check(bench, step, after)


def _check(bench: Bench, step: int, after: int) -> None:
    name = f"clock {step:+} s after {after} readings"
    db = bench.archive(name.replace(" ", "_"))
    with serving({"/robots.txt": ROBOTS}) as store:
        _serve(store, word="first", day=1)
        crawl_by_clock(store.url, db, *ANEW, ahead=-2 * HOUR_S)
        _serve(store, word="second", day=2)
        crawl_by_clock(store.url, db, *ANEW, step=step, after=after, ahead=-HOUR_S)
        crawl_by_clock(store.url, db, *ANEW, ahead=HOUR_S)
    found = rows(
        db,
        "SELECT kind, origin, url LIKE ?, not_before < not_after FROM changes "
        "JOIN posts ON posts.id = post_id WHERE kind != 'created'",
        f"%{EDITED}",
    )
    bench.log.check(found == [("edited", "observed", 1, 1)], f"{name}: {found}")
    clean, said = verified(db)
    bench.log.check(clean, f"{name}: verify says {said[-300:]}")


def _serve(store: Storefront, *, word: str, day: int) -> None:
    for number, path in enumerate(PATHS):
        lesson = word if path == EDITED else "first"
        text = f"Of pots and leaves, the {lesson} lesson about tea, and what it takes to draw well."
        store.pages[path] = post(path, f"Number {number}", text, rid=5550001 + number)
    store.pages["/sitemap.xml"] = sitemap(*PATHS).replace(
        f"{EDITED}</loc><lastmod>2026-03-01", f"{EDITED}</loc><lastmod>2026-03-0{day}"
    )
