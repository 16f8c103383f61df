"""How quick the web interface is over a large archive, page by page, against Datasette's own table
page in the same run."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from scraper.archive.database import open_for_writing
from tests.archive.shop import Shop
from tests.factories import make_code, make_link, make_post
from tests.warm import Warm
from tests.web.serving import served

TABLE = "Datasette's table of changes"

ROUNDS = 15

VOCABULARY = 4000
"""Words of the made-up texts: the commonest stand in nearly every post, the rarest in a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """A page: the median time from request to last byte in milliseconds, that of the first request,
    and its size in bytes."""

    name: str
    path: str
    p50_ms: float
    first_ms: float
    size: int


def measure_reading(
    folder: Path, posts: int, *, rounds: int = ROUNDS, warm: Warm | None = None
) -> list[PageCost]:
    """The pages of an archive of so many posts in three times as many revisions, Datasette's table
    first."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "archive.db"
    if not archive.exists():
        fill(archive, posts)
    with served(archive, warm=warm) as url, httpx.Client(base_url=url, timeout=60) as client:
        return [_measure(client, name, path, rounds) for name, path in _pages(posts).items()]


def fill(archive: Path, posts: int) -> None:
    """An archive of three days: on the second and third every post reads a little differently."""
    chance = random.Random(posts)
    words = [
        f"{''.join(chance.choices('aeioulmnrst', k=chance.randint(3, 9)))}{i}"
        for i in range(VOCABULARY)
    ]
    weights = [1 / rank for rank in range(1, VOCABULARY + 1)]
    shop = Shop(open_for_writing(archive))
    texts = [
        [" ".join(chance.choices(words, weights, k=60)) for _ in range(5)] for _ in range(posts)
    ]
    for day in (1, 2, 3):
        for text in texts if day > 1 else ():
            text[chance.randrange(5)] = " ".join(chance.choices(words, weights, k=60))
        shop.crawl(
            day,
            *(
                make_post(
                    f"post-{i}",
                    blog_handle="news",
                    article_id=str(1000 + i),
                    text="\n".join(texts[i]),
                    published_at=f"{2010 + i % 16}-{1 + i % 12:02}-03T08:00:00Z",
                    author=f"Author {i % 40}",
                    tags=(f"tag {i % 50}", f"tag {i % 7}"),
                    links=tuple(
                        make_link(f"post-{chance.randrange(posts)}", position=n) for n in range(3)
                    ),
                    codes=(make_code(f"CODE{i % 300}"),) if i % 4 == 0 else (),
                )
                for i in range(posts)
            ),
        )
    shop.db.close()


def _measure(client: httpx.Client, name: str, path: str, rounds: int) -> PageCost:
    times, size = [], 0
    for _ in range(rounds):
        begun = time.perf_counter()
        answer = client.get(path)
        assert not answer.is_error, (path, answer.status_code)
        times.append(time.perf_counter() - begun)
        size = len(answer.content)
    return PageCost(
        name=name, path=path, p50_ms=1000 * median(times), first_ms=1000 * times[0], size=size
    )


def _pages(posts: int) -> dict[str, str]:
    middle = posts // 2
    return {
        TABLE: "/archive/changes",
        "front page": "/",
        "a post": f"/-/post/{middle}",
        "a revision": f"/-/post/{middle}/1",
        "a comparison": f"/-/post/{middle}/compare/1/2",
        "side by side": f"/-/post/{middle}/compare/1/3?view=side",
        "a store": "/-/store/1",
        "the live posts of a store, from the middle on": f"/-/store/1?state=live&from={middle}",
        "evidence": f"/-/evidence/{posts + middle}",
        "changes": "/-/changes",
        "changes of some days": "/-/changes?since=2026-03-02&to=2026-03-02",
        "changes of a field": "/-/changes?field=text&severity=major",
        "changes of a rare kind": "/-/changes?kind=removed",
        "the posts of the first crawl too": "/-/changes?first=1",
        "between two crawls": "/-/changes?after=1&until=2",
        "Atom feed": "/-/changes.atom",
        "search, a rare word": f"/-/search?q={_word(posts, VOCABULARY - 1)}",
        "search, a common word, now": f"/-/search?q={_word(posts, 3)}&now=1",
        "search, a common word": f"/-/search?q={_word(posts, 3)}",
        "search, an address": f"/-/search?q=https://shop.example/blogs/news/post-{middle}",
        "a phrase": f"/-/phrase?q={_word(posts, 20)}",
        "related posts": "/-/related",
        "related posts, as data": "/-/related.json",
        "around a post": f"/-/related?post={middle}&steps=2",
        "plots": "/-/plots",
    }


def _word(posts: int, rank: int) -> str:
    chance = random.Random(posts)
    return [
        f"{''.join(chance.choices('aeioulmnrst', k=chance.randint(3, 9)))}{i}"
        for i in range(VOCABULARY)
    ][rank]
