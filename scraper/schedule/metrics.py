"""The health of the archive in Prometheus's text format, for the textfile collector of its node
exporter."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from scraper.schedule.health import Health, StoreHealth
from scraper.timestamps import parse_timestamp

_OF_STORE = {
    "posts": "Live posts of the store",
    "paused": "1 if the store is paused",
    "overdue": "1 if there was no good crawl for twice the store's interval",
    "under_way": "1 if a crawl is under way",
    "problems": "Number of problems with the store",
    "failed_runs": "Failed runs for the current scheduled time",
    "last_good_crawl_timestamp_seconds": "When the last good crawl began; 0 if there was none",
    "next_run_timestamp_seconds": "When the next crawl may begin; 0 if never",
    "confident_ratio": "Share of the posts of the last crawl whose body was found with confidence",
    "feed_match_ratio": "Share of the posts compared with the feed by the last crawl that match it",
}


def write_metrics(health: Health, path: Path) -> None:
    """Write the file atomically. Raises OSError."""
    registry = CollectorRegistry()
    _add_stores(registry, health)
    _add_incidents(registry, health)
    for key, help_text, value in (
        ("disk_free_bytes", "Free space on the archive's disk", health.free_bytes),
        ("archive_bytes", "Size of the archive", health.archive_bytes),
        ("captures_bytes", "Size of the captures", health.captures_bytes),
        ("healthy", "1 if there is no problem", int(health.is_healthy)),
        ("status_timestamp_seconds", "When the status was read", health.at.timestamp()),
    ):
        Gauge(f"blogkeep_{key}", help_text, registry=registry).set(value)
    write_to_textfile(str(path), registry)


def _add_stores(registry: CollectorRegistry, health: Health) -> None:
    gauges = {
        name: Gauge(f"blogkeep_store_{name}", help_text, ["store"], registry=registry)
        for name, help_text in _OF_STORE.items()
    }
    counts = Gauge(
        "blogkeep_store_last_crawl_posts",
        "Counts of the last crawl",
        ["store", "count"],
        registry=registry,
    )
    for store in health.stores:
        for key, value in _values(store).items():
            gauges[key].labels(store.store.name).set(value)
        for column, number in store.status.counts.items():
            counts.labels(store.store.name, column.removeprefix("n_")).set(number)


def _add_incidents(registry: CollectorRegistry, health: Health) -> None:
    gauge = Gauge(
        "blogkeep_incidents_open",
        "Open incidents; store is empty for those of no store",
        ["store", "kind"],
        registry=registry,
    )
    for store in health.stores:
        for kind, _, _ in store.status.incidents:
            gauge.labels(store.store.name, kind).inc()
    for kind, _, _ in health.incidents:
        gauge.labels("", kind).inc()


def _values(store: StoreHealth) -> dict[str, float]:
    counts, good_at, next_at = store.status.counts, store.status.past.good_at, store.plan.at
    return {
        "posts": store.status.posts,
        "paused": store.store.paused,
        "overdue": store.overdue,
        "under_way": store.under_way,
        "problems": len(store.problems),
        "failed_runs": store.plan.failed_runs,
        "last_good_crawl_timestamp_seconds": parse_timestamp(good_at).timestamp() if good_at else 0,
        "next_run_timestamp_seconds": next_at.timestamp() if next_at else 0,
        "confident_ratio": _ratio(counts, "n_confident", "n_fetched"),
        "feed_match_ratio": _ratio(counts, "n_feed_matched", "n_feed_checked"),
    }


def _ratio(counts: dict[str, int], part: str, total: str) -> float:
    """The ratio of two counts; 1 if there is nothing to count."""
    return counts.get(part, 0) / counts[total] if counts.get(total) else 1
