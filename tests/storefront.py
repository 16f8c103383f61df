"""A few pages served as they are, for what the demo store has no reason to do."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import urlsplit

from tests.loopback import answering

ROBOTS = "User-agent: *\nSitemap: {origin}/sitemap.xml\n"
POST = """<!doctype html><html lang="en"><head><title>{title}</title>\
<link rel="canonical" href="{origin}{path}">
<script id="__st">var __st={{"a":77777777,"offset":0,"p":"article",\
"rtyp":"article","rid":{rid}}};</script></head>
<body><main><h1>{title}</h1><div class="rte"><p>{text}</p></div></main></body></html>"""


@dataclass(frozen=True)
class Raw:
    """An answer byte for byte, with its length if `has_length`. Of a dripping one a byte comes
    every `drip_s`, for ever once the body is out."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    drip_s: float = 0.0
    has_length: bool = True


Page = str | tuple[int, str] | Raw | Callable[[int], str]
"""A callable is given how often its path was asked for before."""


class Storefront:
    """Serves `pages` (path to text, or to status and text, or to a Location), and remembers what
    was asked, with its headers. Its answers bear the `date` (RFC 9110), or, if empty, that of now.

    It is its own proxy: asked for ``http://shop.example/path`` it serves the path, as that store.
    """

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.asked_at: list[float] = []
        self.pages = dict(pages)
        self.date = ""
        self.stopping = False
        self.url = ""

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Serve on a free port of loopback for as long as the block lasts."""
        with answering(self._handler()) as self.url:
            try:
                yield self
            finally:
                self.stopping = True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        storefront = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                storefront.asked.append((self.path, dict(self.headers)))
                storefront.asked_at.append(time.monotonic())
                origin = f"http://{self.headers['Host']}"
                if self.path.startswith("http://"):
                    parts = urlsplit(self.path)
                    origin, self.path = (
                        f"http://{parts.netloc}",
                        parts.path + (f"?{parts.query}" if parts.query else ""),
                    )
                page = storefront.pages.get(
                    self.path,
                    (404, "<html><body><h1>Nothing here under this address</h1></body></html>"),
                )
                if callable(page):
                    page = page(storefront.paths.count(self.path) - 1)
                if isinstance(page, Raw):
                    with suppress(ConnectionError):
                        self.send_raw(page)
                    return
                status, text = page if isinstance(page, tuple) else (200, page)
                body = text.replace("{origin}", origin).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", body.decode())
                kind = (
                    "text/plain"
                    if self.path.endswith(".txt")
                    else "application/xml"
                    if self.path.endswith((".xml", ".atom"))
                    else "text/html"
                )
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def send_raw(self, page: Raw) -> None:
                self.send_response(page.status)
                for name, value in page.headers:
                    self.send_header(name, value)
                if page.has_length and not page.drip_s:
                    self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                if not page.drip_s:
                    self.wfile.write(page.body)
                    return
                for at in itertools.count():
                    if storefront.stopping:
                        return
                    self.wfile.write(page.body[at : at + 1] or b" ")
                    time.sleep(page.drip_s)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return storefront.date or super().date_time_string(timestamp)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def serving(pages: Mapping[str, Page]) -> AbstractContextManager[Storefront]:
    """Serve pages on a free port of loopback for as long as the block lasts."""
    return Storefront(pages).open()


def post(
    path: str,
    title: str = "A post",
    text: str = "Enough words that this reads like a post of a store's blog, and then some more.",
    rid: int = 5550001,
) -> str:
    """A page of a post."""
    return (
        POST.replace("{path}", path)
        .replace("{title}", title)
        .replace("{text}", text)
        .replace("{rid}", str(rid))
        .replace("{{", "{")
        .replace("}}", "}")
    )


def sitemap(*paths: str, day: int = 1) -> str:
    """A sitemap of these paths, last modified on a day of March."""
    urls = "".join(
        f"<url><loc>{path if '://' in path else '{origin}' + path}</loc><lastmod>"
        f"2026-03-{day:02}T10:00:00+00:00</lastmod></url>"
        for path in paths
    )
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{urls}</urlset>"
    )


def index(*paths: str) -> str:
    """A blog's index page with links to these posts."""
    links = "".join(
        f'<article><h2><a href="{path}">A post that the index names</a></h2></article>'
        for path in paths
    )
    return (
        "<!doctype html><html><head><title>News</title></head><body><main><h1>News</h1>"
        f"{links}</main></body></html>"
    )
