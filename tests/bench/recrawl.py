"""What a recrawl costs: nothing, one post in a hundred, or every post edited since, against
fetching everything anew."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.children import Client, Usage, run_client
from tests.bench.rounds import checkpointed_size
from tests.bench.serving import ServedStore, Standing, served_store
from tests.conftest import ANEW, await_the_next_second
from tests.noisy_store import EVERYTHING, noisy_store

FIRST = "first crawl"
START_UPS = 3
CAPTURE_PAGE_BYTES = 100_000
MOST_POSTS = 40_000
"""The server's log holds 50,000 requests, and a sitemap as many addresses."""


_FILES = ("archive.db", "captures.db")


@dataclass(frozen=True, slots=True)
class Kind:
    """A recrawl on the store's second day, on which `share` of the posts read differently."""

    name: str
    share: float
    options: tuple[str, ...] = ()

    def standing(self) -> Standing:
        return Standing(
            share=self.share, day=2, warm="all" if self.options or self.share == 1 else "edited"
        )


KINDS = (
    Kind("0 % changed", 0),
    Kind("1 % changed", 0.01),
    Kind("100 % changed", 1),
    Kind("0 % changed, all fetched anew", 0, tuple(ANEW)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlCost:
    """What one crawl came to: `requests` by the server's log, `start_up` what the same crawl of a
    store of one post takes, and by how many bytes a post of the store the archive and the captures
    grew."""

    name: str
    requests: int
    used: Usage
    start_up: Usage
    archive_bytes: float
    captures_bytes: float

    @property
    def wall_s(self) -> float:
        return max(self.used.wall_s - self.start_up.wall_s, 0.0)

    @property
    def cpu_s(self) -> float:
        return max(self.used.cpu_s - self.start_up.cpu_s, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCosts:
    """The crawls of one store: the first, then each kind of recrawl, from the same archive."""

    posts: int
    page_bytes: int
    crawls: tuple[CrawlCost, ...]


@dataclass(frozen=True, slots=True)
class CaptureBytes:
    """Bytes of captures.db for one post: `packed` are its answer's own, `file` what the file grew
    by."""

    name: str
    packed: float
    file: float


def measure_recrawls(
    folder: Path,
    sizes: Sequence[int],
    page_bytes: int,
    *,
    start_ups: int = START_UPS,
    client: Client = run_client,
) -> Iterator[StoreCosts]:
    """The costs at each number of posts, one after the other; scratch files go to `folder`.
    Start-up is a median of so many."""
    start_up = _start_ups(folder / "one", page_bytes, start_ups, client) if sizes else {}
    for posts in sizes:
        with served_store(posts, page_bytes) as store:
            crawls = _crawls(folder / str(posts), store, posts, client)
            yield StoreCosts(
                posts=posts,
                page_bytes=page_bytes,
                crawls=tuple(_cost(crawl, start_up[crawl.name], posts) for crawl in crawls),
            )


def measure_captures(
    folder: Path, posts: int, *, client: Client = run_client
) -> list[CaptureBytes]:
    """What the answers of posts' pages of 100 KB take: the first of an address, and later ones that
    differ little from it."""
    kinds = (
        ("later, the page's own tokens differ", Kind("", 0, tuple(ANEW))),
        ("later, one sentence and the tokens differ", Kind("", 1)),
    )
    first = folder / "first"
    with served_store(posts, CAPTURE_PAGE_BYTES) as store:
        url = store.stand(Standing(share=0, day=1, warm="all"))
        client(_crawl_words(url, first, ()))
        found = [_capture_bytes("first", first, None, posts)]
        for number, (name, kind) in enumerate(kinds):
            again = _copied(first, folder / str(number))
            store.stand(kind.standing())
            client(_crawl_words(url, again, kind.options))
            found.append(_capture_bytes(name, again, first, posts))
    return found


@dataclass(frozen=True, slots=True)
class ControlCost:
    """What quiet recrawls of a store asked for whose pages vary by themselves."""

    recrawls: int
    requests: int
    controls: int

    @property
    def share(self) -> float:
        """Control fetches among all requests."""
        return self.controls / self.requests


def measure_controls(folder: Path, recrawls: int, *, client: Client = run_client) -> ControlCost:
    """The control fetches of so many recrawls of every post in which nobody edited anything, on a
    small store with all kinds of noise."""

    def crawl(url: str, db: Path) -> None:
        await_the_next_second()
        client(_crawl_words(url, db.parent, ANEW))

    controls = 0
    with noisy_store(folder / _FILES[0], crawl, EVERYTHING) as store:
        store.crawl()
        before = len(store.storefront.paths)
        for _ in range(recrawls):
            store.crawl()
            controls += store.controls()
        return ControlCost(recrawls, len(store.storefront.paths) - before, controls)


@dataclass(frozen=True, slots=True)
class _Crawled:
    name: str
    requests: int
    used: Usage
    grown: tuple[int, ...]


def _start_ups(folder: Path, page_bytes: int, times: int, client: Client) -> dict[str, Usage]:
    """What each kind of crawl takes of a store of one post, in medians."""
    with served_store(1, page_bytes) as store:
        rounds = [list(_crawls(folder / str(number), store, 1, client)) for number in range(times)]
    return {
        same[0].name: _median([crawl.used for crawl in same]) for same in zip(*rounds, strict=True)
    }


def _median(runs: Sequence[Usage]) -> Usage:
    return Usage(
        cpu_s=median(run.cpu_s for run in runs),
        wall_s=median(run.wall_s for run in runs),
        peak_mb=median(run.peak_mb for run in runs),
    )


def _crawls(folder: Path, store: ServedStore, posts: int, client: Client) -> Iterator[_Crawled]:
    """The first crawl, then each kind of recrawl, of a copy of what the first one left."""
    first = folder / "first"
    url = store.stand(Standing(share=KINDS[0].share, day=1, warm="all"))
    yield _crawl(FIRST, store, url, first, (), posts, client)
    for kind in KINDS:
        again = _copied(first, folder / "again")
        store.stand(kind.standing())
        yield _crawl(kind.name, store, url, again, kind.options, posts, client)
        shutil.rmtree(again)


def _crawl(
    name: str,
    store: ServedStore,
    url: str,
    folder: Path,
    options: Sequence[str],
    posts: int,
    client: Client,
) -> _Crawled:
    before = _sizes(folder)
    used = client(_crawl_words(url, folder, options), longest_s=120 + posts / 10)
    return _Crawled(
        name,
        store.requests(),
        used,
        tuple(now - then for now, then in zip(_sizes(folder), before, strict=True)),
    )


def _crawl_words(url: str, folder: Path, options: Sequence[str]) -> list[str]:
    return [
        "-m",
        "scrapy",
        "crawl",
        "blog",
        "-a",
        f"store={url}",
        "--db",
        str(folder / _FILES[0]),
        *options,
    ]


def _sizes(folder: Path) -> list[int]:
    return [checkpointed_size(folder / name) if (folder / name).exists() else 0 for name in _FILES]


def _copied(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))


def _cost(crawl: _Crawled, start_up: Usage, posts: int) -> CrawlCost:
    archive, captures = (grown / posts for grown in crawl.grown)
    return CrawlCost(
        name=crawl.name,
        requests=crawl.requests,
        used=crawl.used,
        start_up=start_up,
        archive_bytes=archive,
        captures_bytes=captures,
    )


def _capture_bytes(name: str, folder: Path, before: Path | None, posts: int) -> CaptureBytes:
    now, then = _sizes(folder)[1], _sizes(before)[1] if before else 0
    with closing(sqlite3.connect(folder / _FILES[1])) as connection:
        (last,) = (
            connection.execute("SELECT count(*) FROM answers").fetchone()
            if before is None
            else _last_of(before)
        )
        sql = (
            "SELECT avg(length(data)) FROM answers "
            f"WHERE url LIKE '%/note-%' AND id {'<=' if before is None else '>'} ?"
        )
        (packed,) = connection.execute(sql, [last]).fetchone()
    return CaptureBytes(name, packed, (now - then) / posts)


def _last_of(folder: Path) -> tuple[int]:
    with closing(sqlite3.connect(folder / _FILES[1])) as connection:
        row: tuple[int] = connection.execute("SELECT max(id) FROM answers").fetchone()
    return row
