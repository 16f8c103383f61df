"""`blogkeep cluster`: set up a cluster, import its stores, report how it does."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.cli.base import ArchiveCommand
from scraper.cli.output import print_json
from scraper.cli.resources import connection_string, libraries_of, open_cluster_and_depot
from scraper.exceptions import INCOMPLETE, BlogkeepError, StoresProblem
from scraper.history.humanize import plural
from scraper.schedule.stores_file import read_stores

if TYPE_CHECKING:
    from scraper.cluster.status import ClusterStatus


class Command(ArchiveCommand):
    usage = "[options] init | import [FILE] | index | status | repair"
    example = "blogkeep cluster import stores.toml"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--metrics",
            metavar="FILE",
            help="status: write a file for Prometheus's node exporter, and print nothing",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        match args:
            case ["init"]:
                self._init(opts)
            case ["import", *files] if len(files) <= 1:
                self._import(files, opts)
            case ["index"]:
                self._index(opts)
            case ["status"]:
                self._status(opts)
            case ["repair"]:
                self._repair(opts)
            case _:
                raise self.usage_problem(args)

    def _init(self, opts: argparse.Namespace) -> None:
        conninfo = connection_string(self.settings)
        with libraries_of("cluster"):
            from scraper.cluster.database import create_tables  # noqa: PLC0415 - an extra
        created = create_tables(conninfo)
        if opts.json:
            print_json({"created": created})
        else:
            print("the tables are ready" if created else "the tables are there already")

    def _import(self, files: list[str], opts: argparse.Namespace) -> None:
        conninfo = connection_string(self.settings)
        with libraries_of("cluster"):
            from scraper.cluster.database import open_cluster  # noqa: PLC0415
            from scraper.cluster.stores import import_stores  # noqa: PLC0415
        default = self.stores_path(opts)
        path = Path(files[0]) if files else default
        read_stores(path)
        with open_cluster(conninfo) as database:
            try:
                count = import_stores(database, path.read_text(encoding="utf-8"))
            except StoresProblem as problem:
                raise problem.of_file(str(path)) from None
        if opts.json:
            print_json(asdict(count))
        else:
            print(
                f"{plural(count.added, 'store')} added, {count.changed} changed, "
                f"{count.same} unchanged, {count.retired} retired"
            )

    def _index(self, opts: argparse.Namespace) -> None:
        with open_cluster_and_depot(self.settings) as (database, depot):
            from scraper.cluster.all_stores.indexing import fill_index  # noqa: PLC0415

            count = fill_index(database, depot, self.index_path())
        self.exitcode = INCOMPLETE if count.lacking else 0
        if opts.json:
            print_json(count)
            return
        for store, problem in count.lacking.items():
            print(f"{store}: {problem}")
        print(f"{plural(count.read, 'archive')} read, {count.same} unchanged")

    def _status(self, opts: argparse.Namespace) -> None:
        conninfo = connection_string(self.settings)
        with libraries_of("cluster"):
            from scraper.cluster.database import open_cluster  # noqa: PLC0415
            from scraper.cluster.status import read_status, write_cluster_metrics  # noqa: PLC0415
        with open_cluster(conninfo) as database:
            status = read_status(database)
        if opts.metrics:
            try:
                write_cluster_metrics(status, Path(opts.metrics))
            except OSError as error:
                reason = f"{opts.metrics} cannot be written: {error.strerror}"
                raise BlogkeepError(reason) from error
        elif opts.json:
            print_json(asdict(status))
        else:
            _print(status)

    def _repair(self, opts: argparse.Namespace) -> None:
        with open_cluster_and_depot(self.settings) as (database, depot):
            from scraper.cluster.generations import repair_keys  # noqa: PLC0415

            repaired = repair_keys(database, depot)
        self.exitcode = INCOMPLETE if "" in repaired.values() else 0
        if opts.json:
            print_json(repaired)
            return
        for store, key in repaired.items():
            print(f"{store}: {key or 'its archive is not in the depot'}")
        print(f"{plural(len(repaired), 'store')} repaired" if repaired else "nothing to repair")


def _print(status: ClusterStatus) -> None:
    print(
        f"{plural(status.stores, 'store')}: {status.planned} planned, {status.queued} queued, "
        f"{status.running} being crawled by {plural(status.workers, 'worker')}"
    )
    print(
        f"last 24 hours: {plural(status.complete_runs, 'run')} complete, "
        f"{status.failed_runs} failed, {status.lost_runs} lost, {status.takeovers} of them by "
        "workers that were taken for dead"
    )
    print(
        f"longest wait {status.overdue_s:,.0f} s, oldest checkpoint "
        f"{status.checkpoint_s:,.0f} s, slowest store {status.slowness:.1f} times as slow, "
        f"{status.depot_bytes:,} bytes in the depot"
    )
    if status.unsent_messages:
        waiting = plural(status.unsent_messages, "message")
        print(f"{waiting} of alerts not sent yet, the oldest for {status.unsent_s:,.0f} s")
