"""`blogkeep status`: the health of the archive and its stores, for people and for monitors."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.exceptions import BlogkeepError
from scraper.printable import single_line
from scraper.schedule.health import Health, StoreHealth, read_health
from scraper.schedule.metrics import write_metrics
from scraper.schedule.stores_file import read_stores
from scraper.timestamps import format_timestamp

FAILING = 1


class Command(ArchiveCommand):
    example = "blogkeep status --metrics /var/lib/node_exporter/blogkeep.prom"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--metrics",
            metavar="FILE",
            help="write a file for Prometheus's node exporter, and print nothing",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the health, or write the metrics."""
        archive = self.archive_path(opts)
        stores = read_stores(self.stores_path(opts)).stores.values()
        least = self.settings.getfloat("ARCHIVE_DISK_FREE_MB")
        health = read_health(
            stores, archive, self.captures_path(opts), datetime.now(UTC), least_free_mb=least
        )
        self.exitcode = 0 if health.is_healthy else FAILING
        if opts.metrics:
            try:
                write_metrics(health, Path(opts.metrics))
            except OSError as error:
                raise BlogkeepError(
                    f"{opts.metrics} cannot be written: {error.strerror}"
                ) from error
        if opts.json:
            print_json(as_values(health))
        elif not opts.metrics:
            _print(health)


def as_values(health: Health) -> dict[str, Any]:
    """The health as values for JSON."""
    return {
        "at": format_timestamp(health.at),
        "healthy": health.is_healthy,
        "problems": health.problems,
        "disk_free_bytes": health.free_bytes,
        "archive_bytes": health.archive_bytes,
        "captures_bytes": health.captures_bytes,
        "stores": [_store(one) for one in health.stores],
    }


def _store(one: StoreHealth) -> dict[str, Any]:
    return {
        "name": one.store.name,
        "health": one.status.health,
        "last_good_at": one.status.past.good_at or "never",
        "next_run_at": one.next_run,
        "overdue": one.overdue,
        "failed_runs": one.plan.failed_runs,
        "posts": one.status.posts,
        "counts": one.status.counts,
        "problems": one.problems,
    }


def _print(health: Health) -> None:
    out = console()
    table = Table(box=None)
    for column in ("store", "health", "last good crawl", "next run", "posts"):
        table.add_column(column, justify="right" if column == "posts" else "left")
    for one in health.stores:
        good = one.status.past.good_at or "never"
        table.add_row(
            one.store.name, one.status.health, good, one.next_run, f"{one.status.posts:,}"
        )
    out.print(table)
    lines = [
        *health.problems,
        *(f"{one.store.name}: {problem}" for one in health.stores for problem in one.problems),
    ]
    for line in lines:
        out.print(single_line(line), markup=False)
    out.print("failing" if lines else "healthy")
