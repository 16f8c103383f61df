"""A worker with what it needs: its database, its depot, and the process that crawls are forked
from."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from scraper.alerts.background import BackgroundSender, network_delivery
from scraper.cluster.database import open_cluster
from scraper.cluster.depot import ObjectDepot
from scraper.cluster.outbox import send_alerts
from scraper.cluster.queue import PostgresQueue
from scraper.cluster.worker import Worker
from scraper.schedule.crawl_process import ForkServer
from scraper.schedule.runs import JobSettings
from scraper.schedule.timetable.stores import StoreConfig


@contextmanager
def open_worker(
    conninfo: str,
    depot: str,
    settings: JobSettings,
    *,
    crawls: int,
    takeover_s: float,
    ping: Callable[[StoreConfig], None],
    report: Callable[[str], None],
) -> Iterator[Worker]:
    """A worker that is ready to run. Its crawls are killed when this process ends, however it
    does. Raises ClusterError, UsageProblem."""
    store = ObjectDepot.at(depot)
    alerts = BackgroundSender(lambda: _send(conninfo, settings), report)
    forks = ForkServer(environment={"ARCHIVE_CLUSTER": conninfo}, kill_crawls=True)
    with closing(forks), open_cluster(conninfo) as database:
        yield Worker(
            PostgresQueue(database, f"{socket.gethostname()}:{os.getpid()}"),
            store,
            settings,
            forks=forks,
            crawls=crawls,
            takeover_s=takeover_s,
            ping=ping,
            alert=alerts.soon,
            report=report,
        )
    alerts.wait()


def _send(conninfo: str, settings: JobSettings) -> Sequence[str]:
    sent = send_alerts(conninfo, network_delivery(settings.config_folder), settings.web_url)
    return sent.lines if sent else ()
