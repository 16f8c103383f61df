"""When stores are crawled next, by the stores file beside the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from scraper.archive.queries.pages.store import read_history
from scraper.archive.queries.run_query import Connection
from scraper.exceptions import StoresProblem
from scraper.history.humanize import exact
from scraper.history.store_addresses import host_key
from scraper.schedule.timetable.due import plan_run
from scraper.schedule.timetable.stores import StoreConfig, parse_stores
from scraper.timestamps import format_timestamp


def describe_next_run(connection: Connection, stores_file: Path, origin: str) -> str:
    """Say when the store at an origin is crawled next; empty where no file schedules it."""
    store = _scheduled(stores_file).get(host_key(origin))
    if store is None:
        return ""
    if store.paused:
        return "paused"
    now = datetime.now(UTC).replace(microsecond=0)
    history = read_history(connection, store.host, format_timestamp(now))
    if history.attempts and history.attempts[-1].outcome == "running":
        return "under way"
    plan = plan_run(store, history, now)
    if plan.at is None:
        return "never: its timetable has ended"
    if plan.at <= now:
        return "due now"
    again = f", after {plan.failed_runs} failed" if plan.failed_runs else ""
    return f"{exact(format_timestamp(plan.at))}{again}"


def _scheduled(path: Path) -> dict[str, StoreConfig]:
    try:
        stat = path.stat()
    except OSError:
        return {}
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int, size: int) -> dict[str, StoreConfig]:
    """The stores of a file by their hosts, as long as the file does not change; none of a file with
    errors, which `blogkeep status` reports."""
    try:
        stores = parse_stores(path.read_text(encoding="utf-8")).stores.values()
    except (OSError, UnicodeDecodeError, StoresProblem):
        return {}
    return {store.host: store for store in stores}
