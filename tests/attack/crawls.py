"""Real crawls of stores that mean harm, on loopback, with the memory and the time they took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.attack.pages import hostile_pages
from tests.conftest import ENDS_S, ROOT, crawl_words, quiet_environment, rows
from tests.storefront import ROBOTS, Page, Raw, index, post, serving, sitemap
from tests.warm import Done, Warm

GOOD = "/blogs/news/good"
HTML = ("Content-Type", "text/html; charset=utf-8")
MB = 1024 * 1024
MOST_MB = 400


@dataclass(frozen=True)
class Crawled:
    """What came of a crawl. `verdicts` are those of the pages under attack."""

    code: int
    told: str
    peak_mb: float
    took_s: float
    cpu_s: float
    asked: int
    verdicts: Mapping[str, str]
    good: bool


class Cold:
    """Runs commands as `Warm` does, but starts each anew, as people do."""

    def run(
        self,
        words: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float,
    ) -> Done:
        with tempfile.TemporaryFile("w+") as printed:
            command = [sys.executable, "-m", "scraper", *words]
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=printed, stderr=subprocess.STDOUT
            )
            late = Timer(timeout_s, process.kill)
            late.start()
            _, status, used = os.wait4(process.pid, 0)
            late.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            printed.seek(0)
            return Done(
                code=process.returncode,
                out=printed.read(),
                err="",
                peak_kb=used.ru_maxrss,
                cpu_s=used.ru_utime + used.ru_stime,
            )


def crawl_store(
    program: Warm | Cold,
    db: Path,
    pages: Mapping[str, Page],
    *more: str,
    n_good: int = 1,
    address: str = "",
) -> Crawled:
    """Crawl a store of good posts and of these pages, all of which its sitemap names if they are
    posts; under an `address` of its own at the pace of real stores, else on loopback."""
    good = [f"{GOOD}-{at}" if at else GOOD for at in range(n_good)]
    named = [*good, *(path for path in pages if path.startswith("/blogs/news/"))]
    store_pages: dict[str, Page] = {
        "/robots.txt": ROBOTS,
        "/sitemap.xml": sitemap("/blogs/news", *named),
        "/blogs/news": index(*named),
        **{path: _good_post(path, at) for at, path in enumerate(good)},
        **pages,
    }
    with serving(store_pages) as store:
        begun = time.monotonic()
        url = address or store.url
        proxy = ["-s", f"ARCHIVE_PROXY={store.url}"] if address else []
        words = crawl_words(url, db, *proxy, *more)
        done = program.run(words, folder=ROOT, environment=quiet_environment(), timeout_s=ENDS_S)
        took_s, asked = time.monotonic() - begun, len(store.asked)
    all_verdicts = {
        str(page).removeprefix(url): str(verdict)
        for page, verdict in rows(db, "SELECT url, verdict FROM captures")
    }
    return Crawled(
        code=done.code,
        told=done.out + done.err,
        peak_mb=done.peak_kb / 1024,
        took_s=took_s,
        cpu_s=done.cpu_s,
        asked=asked,
        verdicts={path: all_verdicts[path] for path in pages if path in all_verdicts},
        good=all(all_verdicts.get(path) == "ok" for path in good),
    )


def _good_post(path: str, number: int) -> str:
    """A post with words of its own, of 50 kB as the pages of stores are."""
    words = " ".join(f"word-{number}-{at % 97} and more" for at in range(200))
    page = post(path, f"Post {number}", words, 5550001 + number)
    return page.replace("</body>", f"<script>{' ' * 45_000}</script></body>")


def redirects() -> dict[str, Page]:
    """A ring of redirects, a redirect to itself, and a chain without an end."""
    return {
        "/blogs/news/ring-1": (302, "/blogs/news/ring-2"),
        "/blogs/news/ring-2": (302, "/blogs/news/ring-1"),
        "/blogs/news/self": (301, "/blogs/news/self"),
        **{f"/blogs/news/chain-{at}": (302, f"/blogs/news/chain-{at + 1}") for at in range(100)},
    }


def large_body() -> dict[str, Page]:
    """A post of 100 MB."""
    body = post("/blogs/news/large").encode() + b" " * (100 * MB)
    return {"/blogs/news/large": Raw(body, 200, (HTML,))}


def large_header() -> dict[str, Page]:
    """A header of 1 MB."""
    body = post("/blogs/news/header").encode()
    return {"/blogs/news/header": Raw(body, 200, (HTML, ("X-Flood", "x" * MB)))}


def pages(count: int = 1000) -> dict[str, Page]:
    """Pages that a parser may hang on."""
    return {
        f"/blogs/news/{name}": Raw(page, 200, (HTML,))
        for name, page in list(hostile_pages().items())[:count]
    }
