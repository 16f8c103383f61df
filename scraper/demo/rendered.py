"""Answers made ready for the wire, and kept: rendering and compressing are paid once a page and
day."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from scraper.demo.answers import Answer, Asked, answer, shopify_headers
from scraper.demo.store import DemoStore

_GZIP_LEVEL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An answer as bytes: header lines, without those that differ from request to request, and the
    body.

    Where the body is compressed, `answer` holds none.
    """

    answer: Answer
    head: bytes
    body: bytes
    etag: str = ""


class RenderCache:
    """Rendered answers of a store by day and address; the oldest leave when all together weigh more
    than `most_bytes`."""

    def __init__(self, store: DemoStore, most_bytes: int, *, etags: bool) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._etags = etags
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, Asked, bool], Rendered] = OrderedDict()
        self._weight = 0

    def rendered(self, day: int, asked: Asked, token: str, *, compressed: bool) -> Rendered:
        """The answer to `asked`; a `token` makes it unlike every other, and then it is not kept."""
        key = (day, asked, compressed)
        kept = None if token else self._kept.get(key)
        if kept:
            return kept
        made = render(
            self._store,
            day,
            asked,
            answer(self._store, day, asked, token=token),
            compressed=compressed,
            etags=self._etags,
        )
        if not token:
            self._keep(key, made)
        return made

    def _keep(self, key: tuple[int, Asked, bool], made: Rendered) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self._weight += _weight(made)
            while self._weight > self._most_bytes and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._weight -= _weight(oldest)


def render(
    store: DemoStore,
    day: int,
    asked: Asked,
    given: Answer,
    *,
    compressed: bool = False,
    etags: bool = False,
) -> Rendered:
    """`given` with the headers of a storefront, compressed and with a weak validator if wanted."""
    body = (
        gzip.compress(given.body, _GZIP_LEVEL, mtime=0) if compressed and given.body else given.body
    )
    lines = [f"{name}: {value}" for name, value in shopify_headers(store, day, asked, given)]
    if body is not given.body:
        lines.append("Content-Encoding: gzip")
    etag = (
        f'W/"cacheable:{hashlib.md5(given.body, usedforsecurity=False).hexdigest()}"'
        if etags and given.status == 200
        else ""
    )
    if etag:
        lines.append(f"ETag: {etag}")
    # What is compressed need not be kept plain as well: a bulk store would take four times the
    # memory.
    kept = given if body is given.body else replace(given, body=b"")
    return Rendered(
        answer=kept, head="\r\n".join(lines).encode("latin-1", "replace"), body=body, etag=etag
    )


def _weight(made: Rendered) -> int:
    return len(made.body)
