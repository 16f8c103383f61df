"""Where the request budget stands that crawls share: a file that all crawls of a machine change, or
whatever else offers `change`."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from filelock import FileLock, Timeout

from scraper.middlewares.rate_budget import Budget, parse_budget, write_budget

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

Change = Callable[[Budget, float], Budget]
"""From a budget and the time (Unix seconds) to the budget after it."""


class BudgetBusy(Exception):
    """Another process changes the budget, or the budget cannot be reached: nothing was changed."""


class BudgetState(Protocol):
    """A budget that processes change one after the other."""

    asked_without_rate: ClassVar[bool]
    """Whether a crawl asks even where no rate is set, or the store is on loopback."""

    @property
    def known(self) -> Budget:
        """The budget as this process last saw it."""

    @property
    def busy_s(self) -> float:
        """Seconds until a change that was refused as busy is tried again."""

    def change(self, change: Change, *, lock_s: float) -> Budget:
        """Replace the budget by what `change` makes of it, by the time at which nobody else could
        change it: a time read before would be written after later ones.

        Waits at most `lock_s` for others. Raises BudgetBusy, or StoreLost where another worker has
        taken over the store.
        """

    def close(self) -> None:
        """Let go of what is open."""


class BudgetFile:
    """The budget in the file at `path`, under a lock beside it.

    If the file cannot be read or written, this crawl uses its last known budget (at first the
    defaults) and logs one warning.
    """

    asked_without_rate: ClassVar[bool] = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = Budget()
        self.busy_s = 0.01
        self._lock = FileLock(f"{path}.lock")
        self._warned = self._unwritten = False

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """The file of the settings, or else beside the archive."""
        beside = Path(settings["ARCHIVE_DB"]).with_name("rate_state.json")
        return cls(Path(settings["ARCHIVE_RATE_STATE"] or beside))

    def change(self, change: Change, *, lock_s: float) -> Budget:
        """As `BudgetState.change`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Whoever only waits needs no lock, which would hold up the others.
            if not self._unwritten and change(stored := self._read(), time.time()) == stored:
                self.known = stored
                return stored
            with self._lock.acquire(timeout=lock_s):
                stored = self.known if self._unwritten else self._read()
                self.known = change(stored, time.time())
                if self.known != stored or self._unwritten:
                    self._write()
        except Timeout:
            raise BudgetBusy(f"{self.path} is locked") from None
        except OSError as error:
            self._warn(str(error))
            self.known = change(self.known, time.time())
        return self.known

    def close(self) -> None:
        """As `BudgetState.close`: nothing stays open."""

    def _read(self) -> Budget:
        """The budget in the file; the last one that this crawl knew where the file is damaged."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return self.known
        except UnicodeDecodeError:
            text = ""
        try:
            return parse_budget(text)
        except (ValueError, RecursionError) as error:
            self._warn(f"{self.path}: {error}")
            return self.known

    def _write(self) -> None:
        # Atomic: a crawl that is killed here leaves the old state.
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            fresh.write_text(write_budget(self.known), encoding="utf-8")
            os.replace(fresh, self.path)
            self._unwritten = False
        except OSError as error:  # a full disk: what the file says is older than what is known
            self._unwritten = True
            self._warn(str(error))

    def _warn(self, why: str) -> None:
        if not self._warned:
            logger.warning(
                "cannot use the budget shared with other crawls (%s): "
                "this crawl now limits its rate by itself",
                why,
            )
            self._warned = True
