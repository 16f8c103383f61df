"""The file of stores: which are crawled, when and how. A file with errors is rejected; the
exception lists every error with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from scraper.alerts.channels import check_channel
from scraper.alerts.rules import AlertRule, check_alert, read_rules
from scraper.config import validators
from scraper.config.cron import Timetable, Window
from scraper.config.toml_lines import LocatedTable, Mistake, read_with_lines
from scraper.config.validators import Check, InvalidValue
from scraper.exceptions import StoresProblem
from scraper.history.store_addresses import host_key
from scraper.hosts import StoreAddress, parse_store_url

DEMO = "demo"
"""In place of a URL: the built-in demo store."""

DEMO_HOST = "hollow-fern.example"
"""The host of the demo store in the archive."""

KEYS: dict[str, Check] = {
    "url": validators.url,
    "schedule": validators.schedule,
    "timezone": validators.timezone,
    "window": validators.window,
    "jitter_minutes": validators.jitter_minutes,
    "rate": validators.rate,
    "sweep_days": validators.sweep_days,
    "images": validators.yes_or_no,
    "blogs": validators.handles,
    "skip_blogs": validators.handles,
    "credentials": validators.path,
    "heartbeat": validators.web_address,
    "paused": validators.yes_or_no,
    "channels": validators.names,
    "alerts": validators.tables,
    "incidents": validators.names,
}
"""The keys of a store's table, each with its validator."""

OWN = frozenset({"url", "credentials", "heartbeat", "paused", "blogs", "skip_blogs"})
"""Keys that belong to one store and are not allowed in `defaults`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """A store of the file. `name` is its key, `url` the value as given, ``demo`` for the built-in
    store.

    `rate` is the limit of requests a second to this store, `sweep_days` as ARCHIVE_SWEEP_DAYS,
    `images` as ARCHIVE_IMAGES; each is None to use the program's setting. Only `blogs` are crawled,
    or all but `skip_blogs`. `credentials` is a path relative to the file's folder. `heartbeat`
    is a URL requested after each good crawl. `alerts` are unparsed tables, the store's own or those
    of `defaults`. `channels` are the channels of alerts that name none, `incidents` those for
    incidents of the store. `table` is the store's own table, for its lines.
    """

    name: str
    url: str
    timetable: Timetable
    rate: float | None = None
    sweep_days: float | None = None
    images: bool | None = None
    blogs: tuple[str, ...] = ()
    skip_blogs: tuple[str, ...] = ()
    credentials: str = ""
    heartbeat: str = ""
    paused: bool = False
    channels: tuple[str, ...] = ()
    alerts: tuple[LocatedTable, ...] = ()
    incidents: tuple[str, ...] = ()
    table: LocatedTable

    @property
    def host(self) -> str:
        """The store's host in the archive: without ``www.``, with its port unless it is the default
        one."""
        return store_key(self.url)

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        """The store's alert rules, in the order in which they are tried."""
        return read_rules(self.alerts, self.channels)

    @property
    def address(self) -> StoreAddress | None:
        """The store's address, or None for the demo store."""
        return None if self.url == DEMO else parse_store_url(self.url)

    @property
    def origin(self) -> str:
        """The store's origin in the archive."""
        return self.address.origin if self.address else f"http://{DEMO_HOST}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoresFile:
    """A parsed file of stores: the stores by name, in the file's order; the unparsed tables of
    channels; the keys of `defaults`; and the channels for incidents without a store, which are
    those of `defaults`."""

    stores: Mapping[str, StoreConfig]
    channels: Mapping[str, LocatedTable]
    defaults: frozenset[str] = frozenset()
    incidents: tuple[str, ...] = ()


def parse_stores(text: str) -> StoresFile:
    """Parse a file of stores. Raises StoresProblem with all its errors, in the order of lines."""
    reader = _Reader(read_with_lines(text))
    found = reader.read()
    if reader.mistakes:
        raise StoresProblem(
            [str(mistake) for mistake in sorted(reader.mistakes, key=lambda one: one.line)]
        )
    return found


class _Reader:
    """Parses one file and collects its errors, so that all of them can be reported."""

    def __init__(self, top: LocatedTable) -> None:
        self.top = top
        self.mistakes: list[Mistake] = []
        self.defaults: dict[str, Any] = {}
        self.channels: dict[str, LocatedTable] = {}

    def read(self) -> StoresFile:
        self._reject_unknown(self.top, {"defaults", "channels", "stores"})
        self.channels = self._tables("channels")
        for name, table in self.channels.items():
            self._check_name(table, name)
            self.mistakes += check_channel(table)
        defaults = self._table(self.top, "defaults")
        self.defaults = self._values(defaults, set(KEYS) - OWN) if defaults else {}
        stores = {
            name: store
            for name, table in self._tables("stores").items()
            if (store := self._store(name, table))
        }
        self._check_duplicates(stores)
        incidents = self.defaults.get("incidents", ())
        return StoresFile(
            stores=stores,
            channels=self.channels,
            defaults=frozenset(self.defaults),
            incidents=incidents,
        )

    def _store(self, name: str, table: LocatedTable) -> StoreConfig | None:
        before = len(self.mistakes)
        self._check_name(table, name)
        values = self.defaults | self._values(table, set(KEYS))
        for key in ("url", "schedule"):
            if key not in values and key not in table.values:
                self.mistakes.append(table.mistake(f"it has no {key}"))
        if values.get("blogs") and values.get("skip_blogs"):
            self.mistakes.append(table.mistake("give blogs or skip_blogs, not both", "skip_blogs"))
        if len(self.mistakes) > before:
            return None
        jitter, window = values.pop("jitter_minutes", 0), values.pop("window", None)
        timetable = _timetable(
            name,
            values.pop("schedule"),
            values.pop("timezone", validators.timezone("UTC")),
            jitter,
            window,
        )
        return StoreConfig(name=name, timetable=timetable, table=table, **values)

    def _values(self, table: LocatedTable, known: set[str]) -> dict[str, Any]:
        """The validated values of a table; each invalid one becomes an error."""
        self._reject_unknown(table, known)
        values: dict[str, Any] = {}
        for key, raw in table.values.items():
            if key not in known:
                continue
            try:
                values[key] = KEYS[key](raw)
            except InvalidValue as invalid:
                self.mistakes.append(table.mistake(str(invalid), key, *invalid.within))
        if "alerts" in values:
            values["alerts"] = tuple(
                table.table("alerts", number) for number in range(len(values["alerts"]))
            )
            self.mistakes += [
                found
                for alert in values["alerts"]
                for found in check_alert(alert, frozenset(self.channels))
            ]
        for key in ("channels", "incidents"):
            for number, name in enumerate(values.get(key, ())):
                if name not in self.channels:
                    self.mistakes.append(
                        table.mistake(f"there is no channel {name!r} in this file", key, number)
                    )
        return values

    def _reject_unknown(self, table: LocatedTable, known: set[str]) -> None:
        for key in table.values:
            if key not in known:
                self.mistakes.append(table.mistake(validators.nearest(key, known), key))

    def _table(self, table: LocatedTable, key: str) -> LocatedTable | None:
        if key not in table.values:
            return None
        if not isinstance(table.values[key], dict):
            self.mistakes.append(table.mistake("it must be a table", key))
            return None
        return table.table(key)

    def _tables(self, key: str) -> dict[str, LocatedTable]:
        outer = self._table(self.top, key)
        found = {name: self._table(outer, name) for name in outer.values} if outer else {}
        return {name: table for name, table in found.items() if table}

    def _check_name(self, table: LocatedTable, name: str) -> None:
        if not validators.NAME.fullmatch(name):
            self.mistakes.append(
                table.mistake("a name has up to 64 letters, digits, dots, dashes and underscores")
            )

    def _check_duplicates(self, stores: Mapping[str, StoreConfig]) -> None:
        first: dict[str, str] = {}
        for name, store in stores.items():
            other = first.setdefault(store_key(store.url), name)
            if other != name:
                self.mistakes.append(store.table.mistake(f"it is the same store as {other}", "url"))


def _timetable(
    name: str, expression: str, zone: Any, jitter_minutes: int, window: Window | None
) -> Timetable:
    return Timetable(
        expression=expression,
        zone=zone,
        key=name,
        jitter=timedelta(minutes=jitter_minutes),
        window=window,
    )


@lru_cache(maxsize=10_000)
def store_key(url: str) -> str:
    """What all URLs of one store share: the host without a leading ``www.``, and the port unless it
    is the default one."""
    return DEMO_HOST if url == DEMO else host_key(parse_store_url(url).origin)
