"""The measurement: every client in turn, round after round, so that what else the machine does
falls on all of them alike."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from scraper.documents.sitemaps import blog_sitemaps, parse_sitemap
from scraper.shopify.urls import canonical_post_url
from tests.bench.children import Client, Usage, run_client
from tests.conftest import ANEW

NO_LIKENESS = ("-s", "ARCHIVE_COMPARE_TEXTS=0")
"""Made-up posts are all but one text; what it costs to compare texts is measured by itself
(`tests.bench.graph`)."""

DEFAULT, TUNED, WHOLE, AGAIN = (
    "bare Scrapy, its defaults",
    "bare Scrapy, tuned",
    "whole path, first crawl",
    "whole path, all seen anew",
)


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one client: over a store of one post (its start-up), and over one that has
    `pages` more pages."""

    pages: int
    small: list[Usage] = field(default_factory=list)
    large: list[Usage] = field(default_factory=list)

    def cpu_ms(self) -> list[float]:
        """CPU of every round in milliseconds a page, start-up taken off."""
        start_up = median(run.cpu_s for run in self.small)
        return [(run.cpu_s - start_up) / self.pages * 1000 for run in self.large]

    def pages_a_second(self) -> float:
        """By wall time, start-up taken off."""
        return self.pages / max(
            median(r.wall_s for r in self.large) - median(r.wall_s for r in self.small), 1e-3
        )

    def peak_mb(self) -> float:
        return median(run.peak_mb for run in self.large)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`series` by client; `layers` are milliseconds of CPU a page by layer, for the first crawl and
    for one that finds nothing changed.

    `bytes_a_post` is the archive after the first crawl, `bytes_a_recrawl` what a post adds when
    nothing changed.
    """

    posts: int
    page_bytes: int
    listing_pages: int
    rounds: int
    bytes_a_post: float
    bytes_a_recrawl: float
    series: dict[str, Series]
    layers: dict[str, dict[str, float]]


class Bench:
    """Measures over two stores, of one post and of `posts`, with scratch files in `folder`."""

    def __init__(
        self, folder: Path, *, one_url: str, many_url: str, client: Client = run_client
    ) -> None:
        self.folder, self.client = folder, client
        self.one_url, self.many_url = one_url, many_url
        self.urls = post_urls(many_url)
        self._one, self._many = folder / "one.txt", folder / "many.txt"
        self.pages = {
            name: self._pages_of_crawl(url, folder / f"{name}.db")
            for name, url in (("one", one_url), ("many", many_url))
        }
        self._one.write_text("\n".join(self.pages["one"]))
        self._many.write_text("\n".join(self.pages["many"]))
        more = len(self.pages["many"]) - len(self.pages["one"])
        self.series = {name: Series(more) for name in (DEFAULT, TUNED, WHOLE, AGAIN)}
        self.layers: dict[str, list[dict[str, float]]] = {WHOLE: [], AGAIN: []}
        self.archive_bytes: dict[str, int] = {}

    def run(self, *, rounds: int, seconds: float) -> Measurement:
        """At most `rounds` rounds, and no further one that would end later than `seconds` after the
        start; at least one."""
        started = time.monotonic()
        # Python compiles a module when it is first imported: nobody's cost here. (The crawls before
        # had the server make its pages.)
        self.client(_bare("tuned", self._one))
        self.client(_bare("default", self._one))
        first = done = time.monotonic()
        for number in range(1, rounds + 1):
            self._round()
            done = time.monotonic()
            if done - started + (done - first) / number > seconds:
                break
        return self._measured()

    def _round(self) -> None:
        for name, kind in ((DEFAULT, "default"), (TUNED, "tuned")):
            self.series[name].small.append(self.client(_bare(kind, self._one)))
            self.series[name].large.append(self.client(_bare(kind, self._many)))
        small, large = self._fresh("one.db"), self._fresh("many.db")
        for name in (WHOLE, AGAIN):
            one, one_layers = self._crawl(self.one_url, small)
            many, many_layers = self._crawl(self.many_url, large)
            self.series[name].small.append(one)
            self.series[name].large.append(many)
            self.layers[name].append(
                {layer: took - one_layers.get(layer, 0.0) for layer, took in many_layers.items()}
            )
            self.archive_bytes[name] = checkpointed_size(large)

    def _crawl(self, store_url: str, archive: Path) -> tuple[Usage, dict[str, float]]:
        """What a crawl took, whole and by layer in seconds of CPU."""
        told = self.folder / "layers.json"
        words = [
            "crawl",
            "blog",
            "-a",
            f"store={store_url}",
            "--db",
            str(archive),
            *NO_LIKENESS,
            *ANEW,
        ]
        used = self.client(["-m", "tests.bench.layered", str(told), *words])
        layers: dict[str, float] = json.loads(told.read_text())
        return used, {"fetch": used.cpu_s - sum(layers.values()), **layers}

    def _pages_of_crawl(self, store_url: str, archive: Path) -> list[str]:
        self._crawl(store_url, archive)
        return _asked(archive)

    def _measured(self) -> Measurement:
        return Measurement(
            posts=len(self.urls),
            page_bytes=len(_get(self.urls[0])),
            listing_pages=len(self.pages["many"]) - len(self.urls),
            rounds=len(self.series[WHOLE].large),
            bytes_a_post=self.archive_bytes[WHOLE] / len(self.urls),
            bytes_a_recrawl=(self.archive_bytes[AGAIN] - self.archive_bytes[WHOLE])
            / len(self.urls),
            series=self.series,
            layers={name: self._layer_medians(rounds) for name, rounds in self.layers.items()},
        )

    def _layer_medians(self, rounds: list[dict[str, float]]) -> dict[str, float]:
        return {
            layer: median(took[layer] for took in rounds) / self.series[WHOLE].pages * 1000
            for layer in rounds[0]
        }

    def _fresh(self, name: str) -> Path:
        for old in self.folder.glob(f"{name}*"):
            old.unlink()
        return self.folder / name


def post_urls(store_url: str) -> list[str]:
    """The addresses of the store's posts, from its sitemaps."""
    sitemaps = blog_sitemaps(parse_sitemap(_get(f"{store_url}/sitemap.xml"))).own
    entries = (entry.url for url in sitemaps for entry in parse_sitemap(_get(url)).entries)
    return [url for url in entries if canonical_post_url(url)]


def _get(url: str) -> bytes:
    with urlopen(url, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def _bare(kind: str, addresses: Path) -> list[str]:
    return ["-m", "tests.bench.bare", kind, str(addresses)]


def _asked(archive: Path) -> list[str]:
    """Every page that the last crawl got: posts, robots.txt, sitemaps, feeds, blog indexes."""
    with closing(sqlite3.connect(archive)) as connection:
        sql = (
            "SELECT url FROM captures WHERE crawl_id = (SELECT max(id) "
            "FROM crawls) AND http_status = 200 ORDER BY id"
        )
        return [url for (url,) in connection.execute(sql)]


def checkpointed_size(archive: Path) -> int:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return archive.stat().st_size
