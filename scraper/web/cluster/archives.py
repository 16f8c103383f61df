"""The archives of a cluster's stores, each behind a Datasette of its own that is made on demand."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import WeakValueDictionary

from datasette.utils.asgi import Response

from scraper.archive.database import open_for_reading
from scraper.archive.maintenance.catalogue import CatalogueOverview
from scraper.exceptions import ClusterError, NoArchive
from scraper.history.web_paths import ARCHIVES
from scraper.printable import single_line
from scraper.web.pictures import IMAGES
from scraper.web.security import PAGE_POLICY, with_headers

if TYPE_CHECKING:
    from datasette.app import Datasette

logger = logging.getLogger(__name__)

MOST_OPEN: Final = 32
"""Archives that are open at once; the one that was read longest ago is closed first. Each takes
1.4 MB of memory, and its file on the disk."""

CHECK_S: Final = 10.0
"""Seconds after which the cluster is asked again whether a store has a newer archive."""

_STORE_PATH: Final = re.compile(
    rf"^{ARCHIVES}(?P<name>[A-Za-z0-9_-][A-Za-z0-9._-]*)(?P<below>/.*)?$"
)
_WITH_CAPTURES: Final = re.compile(rf"^(?:/-/capture/|{IMAGES})")

App = Callable[
    [Mapping[str, Any], Callable[..., Any], Callable[..., Awaitable[None]]], Awaitable[None]
]


class ClusterSource(Protocol):
    """What is asked of a cluster. Each method raises ClusterError, or NoArchive."""

    def read_overview(self, words: str) -> CatalogueOverview:
        """What the catalogue says of all stores."""

    def newest_key(self, store: str) -> str:
        """Where the newest archive of a store is, empty for none."""

    def fetch_archive(self, key: str, into: Path) -> None:
        """Write an archive."""

    def fetch_captures(self, key: str, into: Path) -> None:
        """Write the captures of an archive."""


@dataclass
class _OpenArchive:
    """An archive of a store in the state of `key`; `users` are requests under way."""

    key: str
    folder: Path
    datasette: Datasette
    app: App
    checked_at: float
    users: int = 0
    is_closing: bool = False

    @property
    def captures(self) -> Path:
        return self.folder / "captures.db"

    def release(self) -> None:
        """End the use by a request."""
        self.users -= 1
        self._close_if_unused()

    def close(self) -> None:
        """Free what it takes, once nobody reads it."""
        self.is_closing = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self.is_closing and not self.users:
            self.datasette.get_database(self.datasette.blogkeep.database).end()
            self.datasette.executor.shutdown(wait=False)
            shutil.rmtree(self.folder, ignore_errors=True)


class StoreArchives:
    """Serves the archives of stores below `ARCHIVES`, from files that it fetches into `folder`.
    `make` makes the Datasette of an archive below a path. Requests are checked before they come
    here."""

    def __init__(
        self,
        source: ClusterSource,
        folder: Path,
        *,
        make: Callable[[Path, str], Datasette],
        most_open: int = MOST_OPEN,
        check_s: float = CHECK_S,
    ) -> None:
        self.source, self.folder, self.make = source, folder, make
        self.most_open, self.check_s = most_open, check_s
        self._open: OrderedDict[str, _OpenArchive] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._number = 0

    def is_below(self, path: str) -> bool:
        """Whether a path is one of a store."""
        return _STORE_PATH.match(path) is not None

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[..., Any],
        send: Callable[..., Awaitable[None]],
    ) -> None:
        """Answer a request for a page of a store. Raises NoArchive before anything is sent."""
        found = _STORE_PATH.match(scope["path"])
        assert found is not None
        if not found["below"]:
            redirect = Response.redirect(f"{scope['path']}/")
            await redirect.asgi_send(with_headers(send, PAGE_POLICY))
            return
        try:
            archive = await self._opened(found["name"], found["below"])
        except ClusterError as error:
            await _unavailable(error).asgi_send(with_headers(send, PAGE_POLICY))
            return
        try:
            await archive.app(scope, receive, send)
        finally:
            archive.release()

    async def _opened(self, name: str, below: str) -> _OpenArchive:
        """The archive for a request, which must release it. Raises ClusterError, NoArchive."""
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            archive = await self._newest(name)
            self._open.move_to_end(name)
            self._close_oldest()
            archive.users += 1
            try:
                if _WITH_CAPTURES.match(below) and not archive.captures.exists():
                    await self._fetch(self.source.fetch_captures, archive.key, archive.captures)
            except BaseException:
                archive.release()
                raise
        return archive

    def _close_oldest(self) -> None:
        while len(self._open) > self.most_open:
            _, oldest = self._open.popitem(last=False)
            oldest.close()

    async def _newest(self, name: str) -> _OpenArchive:
        """The newest archive of a store, opened; where the cluster is away, the one that is open.
        Raises ClusterError, NoArchive."""
        archive = self._open.get(name)
        now = time.monotonic()
        if archive and now - archive.checked_at < self.check_s:
            return archive
        try:
            key = await asyncio.to_thread(self.source.newest_key, name)
            archive = self._open.get(name)  # another store's request may have closed it meanwhile
            if archive is None or archive.key != key:
                fresh = await self._make(name, key)
                if earlier := self._open.pop(name, None):
                    earlier.close()
                archive = self._open[name] = fresh
        except ClusterError as error:
            archive = self._open.get(name)
            if archive is None:
                raise
            logger.warning("%s: %s; an earlier archive is shown", name, single_line(str(error)))
        archive.checked_at = now
        return archive

    async def _make(self, name: str, key: str) -> _OpenArchive:
        if not key:
            raise NoArchive(f"there is no archive of {name}")
        self._number += 1
        folder = self.folder / f"{self._number}"
        await asyncio.to_thread(folder.mkdir, parents=True)
        try:
            await self._fetch(self.source.fetch_archive, key, folder / "archive.db")
            return await asyncio.to_thread(self._start, name, key, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    async def _fetch(self, fetch: Callable[[str, Path], None], key: str, into: Path) -> None:
        """Fetch a file, which has its name once it is whole."""
        fresh = into.with_name(f"{into.name}.new")
        await asyncio.to_thread(fetch, key, fresh)
        fresh.replace(into)

    def _start(self, name: str, key: str, folder: Path) -> _OpenArchive:
        archive = folder / "archive.db"
        open_for_reading(archive).close()  # brings one of an older version up to date
        datasette = self.make(archive, f"{ARCHIVES}{name}/")
        return _OpenArchive(key, folder, datasette, datasette.app(), time.monotonic())


def _unavailable(error: ClusterError) -> Response:
    reason = single_line(str(error))
    logger.error("503: %s", reason)
    return Response.text(f"{reason}\n", HTTPStatus.SERVICE_UNAVAILABLE)
