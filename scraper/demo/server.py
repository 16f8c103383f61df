"""The demo store as an HTTP server on loopback: keep-alive, gzip, and faults on request."""

from __future__ import annotations

import time
from collections import deque
from ipaddress import ip_address
from itertools import count
from threading import Event, Thread
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from scraper.demo.answers import TEXT, DemoResponse, PageRequest, redirect
from scraper.demo.faults import Delivery, Fault, FaultRegistry, apply_fault
from scraper.demo.rendered import RenderCache, Rendered, render
from scraper.demo.store import DemoStore
from scraper.demo.wire import Listener, WireRequest, WireResponse

LOGGED_REQUESTS = 50_000
CACHED_BYTES = 256 * 1024 * 1024


class LoggedRequest(NamedTuple):
    """A received request: `path` with its query, headers by lower-case name, `at_s` on the
    monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    authority: str
    at_s: float


class DemoServer:
    """Serves `store` on `day`, on a free port unless one is given; a context manager.

    `day` can be set while it runs. `requests` holds the last 50,000 requests. With
    `fresh_tokens`, every page has its own token, as on real storefronts, and is rendered for each
    request; without it the token of a page is the same all day.
    """

    def __init__(
        self,
        store: DemoStore,
        day: int = 1,
        port: int = 0,
        *,
        fresh_tokens: bool = False,
    ) -> None:
        self.store = store
        self.requests: deque[LoggedRequest] = deque(maxlen=LOGGED_REQUESTS)
        self.day = day
        self._faults = FaultRegistry()
        self._fresh = count(1) if fresh_tokens else None
        self._cache = RenderCache(store, CACHED_BYTES)
        self._listener = Listener(("127.0.0.1", port), self.respond)
        self._thread = Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="demo-store",
            daemon=True,
        )
        self._thread.start()

    @property
    def host(self) -> str:
        """Address that the server listens on."""
        return str(self._listener.server_address[0])

    @property
    def port(self) -> int:
        """Port that the server listens on."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """The store's address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def day(self) -> int:
        """Day that the server serves; can be set."""
        return self._day

    @day.setter
    def day(self, day: int) -> None:
        self.store.edition(day)
        self._day = day

    def fault(self, fault: Fault) -> None:
        """Add a fault to those already set."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def stop(self) -> None:
        """Stop listening and close every connection; the port is free afterwards. Safe to call
        twice."""
        if not self._thread.is_alive():
            return
        self._faults.clear()
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.close_connections()
        self._thread.join()

    def respond(self, request: WireRequest) -> WireResponse | None:
        """The response to a request, or None if a fault drops the connection. The listener calls it
        from many threads."""
        self.requests.append(
            LoggedRequest(
                request.method, request.target, request.headers, request.authority, time.monotonic()
            )
        )
        page_request = PageRequest(
            target=request.target,
            authority=request.authority,
            accept=_accept_kind(request.headers.get("accept", "")),
        )
        day = self._day
        refused = _refuse_method(request.method) or self._refuse_host(page_request)
        if refused:
            return _plain(render(self.store, day, page_request, refused))
        release = self._faults.cleared
        due = self._faults.due(page_request.target)
        token = str(next(self._fresh)) if self._fresh else ""
        compressed = "gzip" in request.headers.get("accept-encoding", "") and not due
        rendered = self._cache.rendered(day, page_request, token, compressed=compressed)
        if due:
            return self._with_faults(day, page_request, rendered, due, release)
        return _plain(rendered)

    def _with_faults(
        self,
        day: int,
        page_request: PageRequest,
        rendered: Rendered,
        due: tuple[Fault, ...],
        release: Event,
    ) -> WireResponse | None:
        delivery = Delivery(answer=rendered.answer)
        for fault in due:
            delivery = apply_fault(fault, delivery)
        if delivery.dropped:
            return None
        faulty = render(self.store, day, page_request, delivery.answer)
        return _plain(faulty)._replace(
            delay_s=delivery.delay_s,
            sent_bytes=delivery.sent_bytes,
            release=release if delivery.held else None,
        )

    def _refuse_host(self, page_request: PageRequest) -> DemoResponse | None:
        """Redirect other host names of the store to the primary one, like Shopify; refuse foreign
        ones."""
        host = _host_of(page_request.authority)
        shop = self.store.shop
        if host in {shop.host, self.host} or _is_loopback(host):
            return None
        if host in {f"www.{shop.host}", shop.myshopify_domain}:
            return redirect(f"http://{shop.host}{page_request.target}", 301)
        return DemoResponse(
            status=421, body=f"This server does not serve {host}.\n".encode(), content_type=TEXT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _plain(rendered: Rendered) -> WireResponse:
    return WireResponse(rendered.answer.status, rendered.head, rendered.body)


def _refuse_method(method: str) -> DemoResponse | None:
    if method in {"GET", "HEAD"}:
        return None
    return DemoResponse(
        status=405,
        body=b"Method Not Allowed\n",
        content_type=TEXT,
        headers=(("Allow", "GET, HEAD"),),
    )


def _accept_kind(accept: str) -> str:
    # Answers are cached by Accept, and two kinds of it are enough.
    if "text/markdown" in accept and "text/html" not in accept:
        return "text/markdown"
    return "text/html"


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
