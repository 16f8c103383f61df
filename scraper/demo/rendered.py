"""Cache of answers as bytes: each page is rendered and compressed once a day of the store."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from scraper.demo.answers import DemoResponse, PageRequest, answer, shopify_headers
from scraper.demo.poses import POSES, answer_as, headers_as
from scraper.demo.store import DemoStore

_GZIP_LEVEL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An answer as bytes: the header lines that do not depend on the request, and the body.

    If the body is compressed, `answer` has no body.
    """

    answer: DemoResponse
    head: bytes
    body: bytes


class RenderCache:
    """Rendered answers of a store by day and URL; drops the oldest above `most_bytes` in total."""

    def __init__(self, store: DemoStore, most_bytes: int) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._cached: OrderedDict[tuple[int, PageRequest, bool], Rendered] = OrderedDict()
        self._weight = 0

    def rendered(self, day: int, request: PageRequest, token: str, *, compressed: bool) -> Rendered:
        """The answer to `request`; one with a `token` is unique and not cached."""
        key = (day, request, compressed)
        cached = None if token else self._cached.get(key)
        if cached:
            return cached
        made = render(
            self._store,
            day,
            request,
            (answer_as if self._store.platform in POSES else answer)(
                self._store, day, request, token=token
            ),
            compressed=compressed,
        )
        if not token:
            self._store_answer(key, made)
        return made

    def _store_answer(self, key: tuple[int, PageRequest, bool], made: Rendered) -> None:
        with self._lock:
            if key in self._cached:
                return
            self._cached[key] = made
            self._weight += len(made.body)
            while self._weight > self._most_bytes and len(self._cached) > 1:
                _, oldest = self._cached.popitem(last=False)
                self._weight -= len(oldest.body)


def render(
    store: DemoStore,
    day: int,
    request: PageRequest,
    answered: DemoResponse,
    *,
    compressed: bool = False,
) -> Rendered:
    """`answered` with the headers of a storefront, compressed on request."""
    body = answered.body
    headers = headers_as if store.platform in POSES else shopify_headers
    lines = [f"{name}: {value}" for name, value in headers(store, day, request, answered)]
    if compressed and body:
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        lines.append("Content-Encoding: gzip")
        # The plain body beside the compressed one would take four times the memory.
        answered = replace(answered, body=b"")
    head = "\r\n".join(lines).encode("latin-1", "replace")
    return Rendered(answer=answered, head=head, body=body)
