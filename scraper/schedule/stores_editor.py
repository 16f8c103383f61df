"""Edits of the file of stores by readers of the web interface: an address is first tried, by a
process of its own, and only what was found there can be added."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scraper.exceptions import EditRefused, NoSuchStore, PrivateAddress
from scraper.hosts import is_private_address, parse_store_url
from scraper.printable import single_line
from scraper.schedule.crawl_process import import_path
from scraper.schedule.stores_file import edit_stores, read_stores
from scraper.schedule.timetable.edit import add_store, check_new, default_name, edit_store
from scraper.schedule.timetable.stores import StoresFile, parse_stores

TRIAL_S: Final = 120.0
"""Seconds after which the trial of an address is killed."""

MOST_TRIALS: Final = 20
"""Addresses that are remembered as tried."""

_MOST_OUTPUT: Final = 1_000_000
_PREFIX: Final = "blogkeep: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a store's listings name: posts by the handle of each blog. `failed` counts listings that
    could not be read, `first_crawl_s` is how long a first crawl will take."""

    origin: str
    platform: str
    found: Mapping[str, int]
    failed: int
    first_crawl_s: int


@dataclass(kw_only=True)
class StoresEditor:
    """Edits `file`. A trial runs `blogkeep stores try` with the settings `assignments`
    (``NAME=VALUE``), so by the manners of a crawl; one at a time, for `trial_s` seconds at most.

    A literal private address is refused unless `allow_private`; names are resolved by the process,
    which refuses those that lead to one.
    """

    file: Path
    assignments: Sequence[str] = ()
    allow_private: bool = False
    trial_s: float = TRIAL_S
    _tried: dict[str, Trial] = field(default_factory=dict)
    _is_trying: bool = False

    def read(self) -> StoresFile:
        """The stores of the file; none where there is no file. Raises StoresProblem."""
        return read_stores(self.file) if self.file.exists() else parse_stores("")

    async def try_address(self, address: str) -> Trial:
        """Fetch the listings at an address.

        Raises NotAStoreURL, PrivateAddress, UsageProblem for a store that is there already, and
        EditRefused with what the process said.
        """
        origin = self._checked(address)
        check_new(self.read(), "", origin)
        if self._is_trying:
            raise EditRefused("another address is being tried: try again in a minute")
        self._is_trying = True
        try:
            trial = Trial(**json.loads(await self._run(origin)))
        finally:
            self._is_trying = False
        self._checked(trial.origin)
        self._tried[trial.origin] = trial
        while len(self._tried) > MOST_TRIALS:
            del self._tried[next(iter(self._tried))]
        return trial

    def find_trial(self, origin: str) -> Trial | None:
        """The trial of an address; None if there was none."""
        return self._tried.get(origin)

    def add(self, origin: str, name: str, values: Mapping[str, Any]) -> str:
        """Add a store that was tried, and return its name. Raises EditRefused, StoresProblem, and
        UsageProblem for one that is there already."""
        if origin not in self._tried:
            raise EditRefused("this address was not tried: enter it again")
        name = name or default_name(origin)

        def change(text: str) -> str:
            check_new(parse_stores(text), name, origin)
            return add_store(text, name, {"url": origin, **values})

        edit_stores(self.file, change)
        return name

    def set_paused(self, name: str, *, paused: bool) -> None:
        """Pause or resume a store by its name. Raises NoSuchStore, StoresProblem."""
        if name not in self.read().stores:
            raise NoSuchStore("no store of this name is in the file of stores")
        values = {"paused": True if paused else None}
        edit_stores(self.file, lambda text: edit_store(text, name, values))

    def _checked(self, address: str) -> str:
        store = parse_store_url(address)
        if is_private_address(store.host) and not self.allow_private:
            raise PrivateAddress(
                f"{store.host} is a private address, which is not asked unless"
                " ARCHIVE_ALLOW_PRIVATE is set"
            )
        return store.origin

    async def _run(self, origin: str) -> str:
        """Run the trial's process, and return what it printed. Raises EditRefused."""
        words = [word for assignment in self.assignments for word in ("-s", assignment)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scraper", "stores", "try", origin, "--json", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": import_path()},
            limit=_MOST_OUTPUT,
            start_new_session=True,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), self.trial_s)
        except TimeoutError:
            raise EditRefused(
                f"{origin} took longer than {self.trial_s:g} seconds: try it on the command line"
            ) from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise EditRefused(_last_line(err) or "the address could not be tried")
        return out.decode()


def _last_line(err: bytes) -> str:
    lines = err.decode("utf-8", "replace").splitlines()
    said = [line.removeprefix(_PREFIX) for line in lines if line.startswith(_PREFIX)]
    return single_line(said[-1])[:500] if said else ""
