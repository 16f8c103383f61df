"""The health of the archive as a file in Prometheus's text format, for the textfile collector of
its node exporter."""

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
    "trouble": "How many things are wrong with the store",
    "failed_runs": "Runs for the present time that came to nothing",
    "last_good_crawl_timestamp_seconds": "When the last good crawl began; 0 if there never was one",
    "next_run_timestamp_seconds": "When the next crawl may begin; 0 if never",
    "read_surely_ratio": "Share of the posts read by the last crawl whose body was found surely",
    "agreed_with_feed_ratio": "Share of the posts held against the feed by the last crawl that agree with it",
}


def write_metrics(health: Health, path: Path) -> None:
    """Write the file, by a rename: whoever reads it meanwhile has the old one or the new. Raises
    OSError."""
    registry = CollectorRegistry()
    gauges = {
        name: Gauge(f"blogkeep_store_{name}", told, ["store"], registry=registry)
        for name, told in _OF_STORE.items()
    }
    counts = Gauge(
        "blogkeep_store_last_crawl_posts",
        "What the last crawl counted",
        ["store", "count"],
        registry=registry,
    )
    open_ones = Gauge(
        "blogkeep_incidents_open",
        "Incidents that stand open; store is empty for trouble of our own",
        ["store", "kind"],
        registry=registry,
    )
    for one in health.stores:
        name = one.store.name
        for key, value in _values(one).items():
            gauges[key].labels(name).set(value)
        for column, number in one.status.counts.items():
            counts.labels(name, column.removeprefix("n_")).set(number)
        for kind, _, _ in one.status.incidents:
            open_ones.labels(name, kind).inc()
    for kind, _, _ in health.incidents:
        open_ones.labels("", kind).inc()
    for key, told, value in (
        ("disk_free_bytes", "Free on the disk of the archive", health.free_bytes),
        ("archive_bytes", "Size of the archive", health.archive_bytes),
        ("captures_bytes", "Size of the captures", health.captures_bytes),
        ("well", "1 if nothing is wrong", int(health.well)),
        ("status_timestamp_seconds", "When this was looked at", health.at.timestamp()),
    ):
        Gauge(f"blogkeep_{key}", told, registry=registry).set(value)
    write_to_textfile(str(path), registry)


def _values(one: StoreHealth) -> dict[str, float]:
    counts, past = one.status.counts, one.status.past
    read, checked = counts.get("n_fetched", 0), counts.get("n_feed_checked", 0)
    return {
        "posts": one.status.posts,
        "paused": one.store.paused,
        "overdue": one.overdue,
        "under_way": one.under_way,
        "trouble": len(one.trouble),
        "failed_runs": one.plan.tries,
        "last_good_crawl_timestamp_seconds": parse_timestamp(past.good_at).timestamp()
        if past.good_at
        else 0,
        "next_run_timestamp_seconds": one.plan.at.timestamp() if one.plan.at else 0,
        "read_surely_ratio": counts.get("n_confident", 0) / read if read else 1,
        "agreed_with_feed_ratio": counts.get("n_feed_matched", 0) / checked if checked else 1,
    }
