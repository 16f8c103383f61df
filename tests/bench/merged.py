"""How quick searches over many stores are, in the merged index of so many small archives, and what
the first page of a store costs whose archive is opened on demand.

``python -m tests.bench.merged --archives 1000``: each has ten posts in two versions; one sentence
stands in one post of every tenth, as claims that are copied do.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from statistics import median

import httpx

from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.maintenance.merged_index import MERGED_INDEX, index_archive, open_index
from scraper.archive.queries.search import search
from scraper.archive.queries.texts.said import read_said
from scraper.web.server import make_datasette
from tests.archive.shop import Shop
from tests.factories import make_post

COPIED = "This tea stops night cramps within a week."
POSTS = 10
WORDS = [f"w{rank}" for rank in range(60_000)]
_WEIGHTS = list(accumulate(1 / (rank + 1) for rank in range(len(WORDS))))
ROUNDS = 15


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archives", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        index = Path(folder) / "index.db"
        began = time.process_time()
        fill(index, options.archives)
        spent = time.process_time() - began
        revisions = options.archives * POSTS * 2
        size = index.stat().st_size
        _print(f"{options.archives} archives, {revisions} revisions: {spent:.1f} s of CPU")
        _print(f"{size / 1e6:.0f} MB, {size / revisions / 1000:.1f} KB a revision")
        with closing(open_for_reading(index, MERGED_INDEX)) as db:
            for name, ask in _questions(db.conn).items():
                _print(f"{name}: {_measure(ask)}")
        first, *later = (asyncio.run(_first_page(index, number)) for number in range(ROUNDS))
        _print(f"first page of an archive opened on demand: {median(later):.0f} ms of CPU")
        _print(f"of the first archive, with what the process loads for it: {first:.0f} ms of CPU")


def fill(index: Path, archives: int) -> None:
    """An index of archives that are copies of one, each with words of its own."""
    chance = random.Random(archives)
    template = index.with_name("template.db")
    with closing(open_for_writing(template)) as db:
        for day in (1, 2):
            posts = (make_post(f"post-{n}", text=f"{n} on day {day}.") for n in range(POSTS))
            Shop(db).crawl(day, *posts)
    with open_index(index) as db:
        for number in range(archives):
            own = index.with_name("own.db")
            own.write_bytes(template.read_bytes())
            _rewrite(own, number, chance)
            index_archive(db, f"store-{number}", "1", own)


def _rewrite(path: Path, number: int, chance: random.Random) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in _NAMES.items():
            values = ", ".join(f"{name} = replace({name}, 'shop.', ?)" for name in columns)
            connection.execute(f"UPDATE {table} SET {values}", [f"shop-{number}."] * len(columns))
        ids = [row_id for (row_id,) in connection.execute("SELECT id FROM contents ORDER BY id")]
        for place, row_id in enumerate(ids):
            text = " ".join(chance.choices(WORDS, cum_weights=_WEIGHTS, k=300))
            if number % 10 == 0 and place % POSTS == 0:
                text = f"{text}.\n{COPIED}"
            values = [text, f"{chance.getrandbits(256):064x}", row_id]
            connection.execute("UPDATE contents SET text = ?, hash = ? WHERE id = ?", values)
        connection.commit()


_NAMES = {
    "stores": ("name", "origin"),
    "store_urls": ("origin",),
    "blogs": ("label", "url"),
    "crawls": ("label",),
    "posts": ("label", "url"),
    "post_urls": ("url",),
    "revisions": ("label",),
    "change_groups": ("label",),
    "changes": ("label",),
}


def _questions(connection: sqlite3.Connection) -> dict[str, Callable[[], int]]:
    def said(phrase: str, *, first: bool) -> Callable[[], int]:
        return lambda: read_said(connection, phrase, first=first, limit=20).n_posts

    def found(words: str) -> Callable[[], int]:
        return lambda: search(connection, words, all_revisions=True).n_posts

    return {
        "who said it first, a sentence of 100 stores": said(COPIED, first=True),
        "who said it, a sentence of 100 stores": said(COPIED, first=False),
        "who said it first, two common words": said("w1 w2", first=True),
        "who said it first, the commonest word": said("w0", first=True),
        "who said it first, rare words": said("w40000", first=True),
        "search, three words": found("w100 w200 w300"),
        "search, the commonest word": found("w0"),
    }


def _measure(ask: Callable[[], int]) -> str:
    times, posts = [], 0
    for _ in range(ROUNDS):
        began = time.process_time()
        posts = ask()
        times.append(1000 * (time.process_time() - began))
    return f"{posts} posts, {median(times):.1f} ms of CPU, at first {times[0]:.1f}"


async def _first_page(index: Path, number: int) -> float:
    """Milliseconds of CPU from a fetched archive to the page."""
    own = index.with_name(f"own-{number}.db")
    own.write_bytes(index.with_name("template.db").read_bytes())
    base = f"/stores/shop-{number}/"
    began = time.process_time()
    app = make_datasette(own, base_url=base).app()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        (await client.get(base)).raise_for_status()
    return 1000 * (time.process_time() - began)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
