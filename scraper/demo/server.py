"""The demo store as a real HTTP server on loopback: keep-alive, gzip, an optional validator, and
faults on demand."""

from __future__ import annotations

import time
from collections import deque
from ipaddress import ip_address
from itertools import count
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from scraper.demo.answers import TEXT, Answer, Asked, redirect
from scraper.demo.faults import Delivery, Fault, FaultBook, misbehave
from scraper.demo.rendered import RenderCache, Rendered, render
from scraper.demo.store import DemoStore
from scraper.demo.wire import Listener, WireRequest, WireResponse

LOGGED_REQUESTS = 50_000
CACHED_BYTES = 256 * 1024 * 1024


class LoggedRequest(NamedTuple):
    """A request as it came: `path` with its query, headers by lower-case name, `at_s` on the
    monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    authority: str
    at_s: float


class DemoServer:
    """Serves `store` as it stands on `day`, on a free port unless one is given; a context manager.

    `day` can be set while it runs. `requests` holds the last 50,000 requests. With `etags`, pages
    have a weak validator and If-None-Match is answered 304, as storefronts did until 2024. With
    `fresh_tokens`, no two pages are equal byte for byte, as on real storefronts; that costs a
    rendering each, so without it the token in a page is the same all day.
    """

    def __init__(
        self,
        store: DemoStore,
        day: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        etags: bool = False,
        fresh_tokens: bool = False,
    ) -> None:
        self.store = store
        self.requests: deque[LoggedRequest] = deque(maxlen=LOGGED_REQUESTS)
        self.day = day
        self._faults = FaultBook()
        self._fresh = count(1) if fresh_tokens else None
        self._cache = RenderCache(store, CACHED_BYTES, etags=etags)
        self._listener = Listener((host, port), self.respond)
        self._thread = Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="demo-store",
            daemon=True,
        )
        self._thread.start()

    @property
    def host(self) -> str:
        return str(self._listener.server_address[0])

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """The store's address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def day(self) -> int:
        return self._day

    @day.setter
    def day(self, day: int) -> None:
        self.store.edition(day)
        self._day = day

    def fault(self, fault: Fault) -> None:
        """Misbehave so from now on, on top of what was told before."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        self._faults.clear()

    def stop(self) -> None:
        """Stop listening and close every connection; the port is free afterwards. Safe to call
        twice."""
        if not self._thread.is_alive():
            return
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.close_connections()
        self._thread.join()

    def respond(self, request: WireRequest) -> WireResponse | None:
        """The response to a request, or None where a fault drops the connection. Called by the
        listener, from many threads."""
        self.requests.append(
            LoggedRequest(
                request.method, request.target, request.headers, request.authority, time.monotonic()
            )
        )
        asked = Asked(
            target=request.target,
            authority=request.authority,
            accept=_accept_kind(request.headers.get("accept", "")),
        )
        day = self._day
        refused = _refuse_method(request.method) or self._refuse_host(asked)
        if refused:
            return _plain(render(self.store, day, asked, refused))
        due = self._faults.due(asked.target)
        token = str(next(self._fresh)) if self._fresh else ""
        compressed = "gzip" in request.headers.get("accept-encoding", "") and not due
        rendered = self._cache.rendered(day, asked, token, compressed=compressed)
        if due:
            return self._spoil(day, asked, rendered, due)
        if rendered.etag and request.headers.get("if-none-match") == rendered.etag:
            return WireResponse(304, rendered.head, b"")
        return _plain(rendered)

    def _spoil(
        self, day: int, asked: Asked, rendered: Rendered, due: tuple[Fault, ...]
    ) -> WireResponse | None:
        delivery = Delivery(answer=rendered.answer)
        for fault in due:
            delivery = misbehave(fault, delivery)
        if delivery.dropped:
            return None
        spoilt = render(self.store, day, asked, delivery.answer)
        return _plain(spoilt)._replace(delay_s=delivery.delay_s, sent_bytes=delivery.sent_bytes)

    def _refuse_host(self, asked: Asked) -> Answer | None:
        """Shopify sends every host name of a store on to the primary one; a name that is not the
        store's is refused."""
        host = _host_of(asked.authority)
        shop = self.store.shop
        if host in {shop.host, self.host} or _is_loopback(host):
            return None
        if host in {f"www.{shop.host}", shop.myshopify_domain}:
            return redirect(f"http://{shop.host}{asked.target}", 301)
        return Answer(
            status=421, body=f"This server does not serve {host}.\n".encode(), content_type=TEXT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _plain(rendered: Rendered) -> WireResponse:
    return WireResponse(rendered.answer.status, rendered.head, rendered.body)


def _refuse_method(method: str) -> Answer | None:
    if method in {"GET", "HEAD"}:
        return None
    return Answer(
        status=405,
        body=b"Method Not Allowed\n",
        content_type=TEXT,
        headers=(("Allow", "GET, HEAD"),),
    )


def _accept_kind(accept: str) -> str:
    # Answers are kept by what was asked for: two kinds of Accept are enough, whatever a client
    # spells out.
    return (
        "text/markdown" if "text/markdown" in accept and "text/html" not in accept else "text/html"
    )


def _host_of(authority: str) -> str:
    try:
        return (urlsplit(f"//{authority}").hostname or "").removesuffix(".")
    except ValueError:
        return authority


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}
