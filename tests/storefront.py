"""A few pages served as they are, for what the demo store has no reason to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

ROBOTS = "User-agent: *\nSitemap: {origin}/sitemap.xml\n"
POST = """<!doctype html><html lang="en"><head><title>{title}</title><link rel="canonical" href="{origin}{path}">
<script id="__st">var __st={{"a":77777777,"offset":0,"p":"article","rtyp":"article","rid":{rid}}};</script></head>
<body><main><h1>{title}</h1><div class="rte"><p>{text}</p></div></main></body></html>"""


class Storefront:
    """Serves `pages` (path to text, or to status and text, or to a Location), and remembers what was asked, with its headers."""

    def __init__(self, pages: Mapping[str, str | tuple[int, str]]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.asked_at: list[float] = []
        self.pages = dict(pages)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        import time  # noqa: PLC0415

        storefront = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                storefront.asked.append((self.path, dict(self.headers)))
                storefront.asked_at.append(time.monotonic())
                page = storefront.pages.get(self.path, (404, "<html><body><h1>Nothing here under this address</h1></body></html>"))
                status, text = page if isinstance(page, tuple) else (200, page)
                body = text.replace("{origin}", storefront.url).encode()
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

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def serving(pages: Mapping[str, str | tuple[int, str]]) -> Iterator[Storefront]:
    """Serve pages on a free port of loopback for as long as the block lasts."""
    storefront = Storefront(pages)
    try:
        yield storefront
    finally:
        storefront.stop()


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


def sitemap(*paths: str) -> str:
    """A sitemap of these paths."""
    urls = "".join(
        f"<url><loc>{path if '://' in path else '{origin}' + path}</loc><lastmod>2026-03-01T10:00:00+00:00</lastmod></url>"
        for path in paths
    )
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
