"""How a cluster does, in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from scraper.cluster.database import ClusterDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """The figures of a cluster at a moment; `METRICS` says what each is."""

    stores: int
    planned: int
    queued: int
    running: int
    workers: int
    complete_runs: int
    failed_runs: int
    lost_runs: int
    takeovers: int
    overdue_s: float
    checkpoint_s: float
    depot_bytes: int
    slowness: float
    unsent_messages: int
    unsent_s: float


def read_status(database: ClusterDatabase) -> ClusterStatus:
    """Read the figures. Raises ClusterUnavailable."""
    with database.transaction() as connection:
        row = connection.execute(_STATUS).fetchone()
        assert row is not None
        return ClusterStatus(**row)


METRICS: Final = {
    "stores": "Stores that are crawled",
    "planned": "Stores whose next run is planned",
    "queued": "Runs that wait for a worker",
    "running": "Runs under way",
    "workers": "Workers with a heartbeat in the last two minutes",
    "complete_runs": "Complete runs of the last 24 hours",
    "failed_runs": "Failed runs of the last 24 hours",
    "lost_runs": "Runs of the last 24 hours whose worker or crawl was killed",
    "takeovers": "Runs of the last 24 hours whose worker was taken for dead",
    "overdue_s": "Seconds for which the run that has waited longest has been due",
    "checkpoint_s": "Age of the oldest checkpoint of a store that is being crawled, in seconds",
    "depot_bytes": "Size of the newest archives in the depot",
    "slowness": "How many times as slowly as usual the slowest store is asked",
    "unsent_messages": "Messages of alerts that wait for their channel",
    "unsent_s": "Seconds for which the oldest of them has waited",
}
"""The help of each figure, as Prometheus shows it."""


def write_cluster_metrics(status: ClusterStatus, path: Path) -> None:
    """Write the figures for the textfile collector of Prometheus's node exporter. Raises
    OSError."""
    registry = CollectorRegistry()
    for name, value in asdict(status).items():
        metric = name.replace("_s", "_seconds") if name.endswith("_s") else name
        Gauge(f"blogkeep_cluster_{metric}", METRICS[name], registry=registry).set(value)
    write_to_textfile(str(path), registry)


_STATUS = """
    SELECT
        (SELECT count(*) FROM stores WHERE NOT is_retired) AS stores,
        (SELECT count(*) FROM stores WHERE next_at IS NOT NULL) AS planned,
        (SELECT count(*) FROM runs WHERE ended_at IS NULL AND outcome = 'queued') AS queued,
        (SELECT count(*) FROM runs WHERE ended_at IS NULL AND outcome = 'running') AS running,
        (SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat > now() - interval '2 minutes') AS workers,
        (SELECT count(*) FROM runs WHERE outcome = 'complete'
            AND ended_at > now() - interval '24 hours') AS complete_runs,
        (SELECT count(*) FROM runs WHERE outcome IN ('failed', 'refused', 'incomplete')
            AND ended_at > now() - interval '24 hours') AS failed_runs,
        (SELECT count(*) FROM runs WHERE outcome = 'lost'
            AND ended_at > now() - interval '24 hours') AS lost_runs,
        (SELECT count(*) FROM runs WHERE outcome = 'lost' AND exit_code IS NULL
            AND ended_at > now() - interval '24 hours') AS takeovers,
        greatest(
            (SELECT extract(epoch FROM now() - min(queued_at)) FROM runs
                WHERE ended_at IS NULL AND outcome = 'queued'),
            (SELECT extract(epoch FROM now() - min(next_at)) FROM stores
                WHERE next_at <= now() AND NOT is_retired),
            0
        )::float AS overdue_s,
        coalesce((
            SELECT extract(epoch FROM now() - min(greatest(published_at, started_at)))
            FROM runs JOIN archives USING (store) WHERE outcome = 'running' AND ended_at IS NULL
        ), 0)::float AS checkpoint_s,
        (SELECT coalesce(sum(bytes), 0)::bigint FROM archives) AS depot_bytes,
        coalesce((
            SELECT max((host.value ->> 'slowness')::float)
            FROM budget, jsonb_each(state::jsonb -> 'hosts') AS host
        ), 1) AS slowness,
        (SELECT count(*) FROM alert_messages WHERE state = 'waiting') AS unsent_messages,
        coalesce((
            SELECT extract(epoch FROM now() - min(created_at)::timestamptz) FROM alert_messages
            WHERE state = 'waiting'
        ), 0)::float AS unsent_s
"""
