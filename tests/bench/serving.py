"""`python -m tests.bench.serving POSTS PAGE_BYTES`: a bulk store in a process of its own, told line
by line which day it is.

A line of JSON in, one out: ``{"share": 0.01, "day": 2, "warm": "edited"}`` is answered with the
store's address once it stands so, and ``{}`` with how many requests came since. Pages are made
before they are asked for, so that no client waits for them, and the token in each differs from day
to day, as it does on real stores from request to request.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from scraper.demo import DemoServer
from scraper.demo.views import POSTS_A_PAGE
from scraper.demo.wire import WireRequest
from tests.bench.children import PROJECT, ClientFailed, own_environment
from tests.bulk_store import BulkStore

LISTINGS = ("/robots.txt", "/sitemap.xml", "/sitemap_blogs_1.xml", "/fr/sitemap_blogs_1.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the store is to stand: `share` of its posts are edited on day 2. `warm` says which posts'
    pages are made ready."""

    share: float
    day: int
    warm: Literal["all", "edited"]


class ServedStore:
    """A store in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def stand(self, standing: Standing) -> str:
        """Have the store stand so; returns its address, which stays the same. Counts requests from
        now on."""
        return str(self._ask(json.dumps(asdict(standing))))

    def requests(self) -> int:
        """How many requests came since the store stood so."""
        return int(str(self._ask("{}")))

    def _ask(self, line: str) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ClientFailed("the demo server ended")
        return json.loads(answer)


@contextmanager
def served_store(posts: int, page_bytes: int) -> Iterator[ServedStore]:
    """A store of so many posts for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.bench.serving", str(posts), str(page_bytes)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True, env=own_environment()
    ) as process:
        try:
            yield ServedStore(process)
        finally:
            process.terminate()


def main(arguments: Sequence[str]) -> int:
    """Serve until the input ends."""
    posts, page_bytes = map(int, arguments)
    share, server = -1.0, None
    for line in sys.stdin:
        told = json.loads(line)
        if told:
            standing = Standing(**told)
            if server is None or standing.share != share:
                share, server = standing.share, _serve(posts, page_bytes, standing.share, server)
            server.day = standing.day
            _warm(server, standing)
            server.requests.clear()
        assert server is not None, "first say how the store is to stand"
        sys.stdout.write(json.dumps(server.url if told else len(server.requests)) + "\n")
        sys.stdout.flush()
    return 0


def _serve(posts: int, page_bytes: int, share: float, before: DemoServer | None) -> DemoServer:
    """A store of that share in the place of the one before, at the same address: to an archive it
    is the same store."""
    port = before.port if before else 0
    if before:
        before.stop()
    return DemoServer(BulkStore(posts, page_bytes=page_bytes, edited_share=share), port=port)


def _warm(server: DemoServer, standing: Standing) -> None:
    """Make every page that will be asked for, by the way on which it will be: it is kept as the
    server's own."""
    store, day = server.store, standing.day
    edited = (
        [change.post for change in store.changes(day)]
        if day > 1 and standing.warm == "edited"
        else store.posts(day)
    )
    feeds = [f"/blogs/{blog.handle}.atom" for blog in store.shop.blogs]
    indexes: list[str] = []
    if standing.warm == "all":
        indexes = [
            f"/blogs/{handle}{page}"
            for handle, row in store.edition(day).blogs.items()
            for page in _index_pages(len(row))
        ]
    for path in (*LISTINGS, *feeds, *indexes, *(post.path for post in edited)):
        server.respond(
            WireRequest(
                "GET", path, f"{server.host}:{server.port}", {"accept-encoding": "gzip"}, True
            )
        )


def _index_pages(posts: int) -> list[str]:
    return ["", *(f"?page={number}" for number in range(2, -(-posts // POSTS_A_PAGE) + 1))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
