"""The queue of a cluster: what is due, who takes it, how it ended, and what was lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from procrastinate.sql import queries
from psycopg import Cursor

from scraper.alerts.outbox import CrawlMessage
from scraper.archive.maintenance.catalogue import CatalogueRows
from scraper.cluster.catalogue import write_catalogue
from scraper.cluster.database import ClusterDatabase, Connection
from scraper.cluster.outbox import write_alerts
from scraper.exceptions import StoreLost, StoresProblem
from scraper.schedule.runs import Run, RunResult
from scraper.schedule.timetable.due import plan_run
from scraper.schedule.timetable.history import Attempt, RunOutcome, StoreHistory
from scraper.schedule.timetable.stores import StoresFile, parse_stores
from scraper.timestamps import format_timestamp, parse_timestamp

QUEUE: Final = "crawls"
TASK: Final = "crawl"
RETRY_PRIORITY: Final = -1

ENQUEUED_AT_ONCE: Final = 500
"""So many runs are queued in one transaction: a longer one would hold up all others."""


NO_ROWS: Final = CatalogueRows()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedRun:
    """A run that a worker has taken, under a fence. `file` has its store and the channels that this
    names; `key` is where the depot has the store's archive, of that `generation`, empty for a store
    that has none; `last_crawl_id` the newest crawl that the catalogue has of it, 0 for none."""

    run: Run
    file: StoresFile
    job_id: int
    fence: int
    generation: int
    key: str
    last_crawl_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A pair of files in the depot that becomes the archive of a store, of `size` bytes."""

    key: str
    generation: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended: its result, what the depot now holds (None: nothing new), what the archive
    says of the store's crawls (None: there is no archive), rows for the catalogue, and messages for
    the outbox."""

    result: RunResult
    publication: Publication | None = None
    history: StoreHistory | None = None
    rows: CatalogueRows = NO_ROWS
    messages: Sequence[CrawlMessage] = ()


class PostgresQueue:
    """The queue in PostgreSQL, for one worker that is called `holder`.

    All times are the server's. The jobs are procrastinate's; a run and its job begin and end in one
    transaction, so that neither is ever without the other. Every method raises ClusterUnavailable.
    """

    def __init__(self, database: ClusterDatabase, holder: str) -> None:
        self.database, self.holder = database, holder
        self._worker_id = 0

    def register(self) -> None:
        """Begin to send heartbeats."""
        with self.database.transaction() as connection:
            row = connection.execute(queries["register_worker"].encode()).fetchone()
            assert row is not None
            self._worker_id = row["worker_id"]

    def unregister(self) -> None:
        """Send no more heartbeats."""
        with self.database.transaction() as connection:
            connection.execute(
                queries["unregister_worker"].encode(), {"worker_id": self._worker_id}
            )

    def beat(self) -> None:
        """Send a heartbeat. Raises StoreLost where others have taken this worker for dead."""
        worker = {"worker_id": self._worker_id}
        with self.database.transaction() as connection:
            connection.execute(queries["update_heartbeat"].encode(), worker)
            if not connection.execute(_IS_KNOWN, worker).fetchone():
                raise StoreLost("other workers have taken over the stores of this one")

    def enqueue_due(self) -> int:
        """Queue the runs that are due, some at once; returns how many."""
        with self.database.transaction() as connection:
            row = connection.execute(_ENQUEUE_DUE, _ENQUEUED).fetchone()
            return row["queued"] if row else 0

    def claim(self) -> ClaimedRun | None:
        """Take the next run; None where none waits."""
        while True:
            with self.database.pipeline() as connection:
                job = connection.execute(
                    queries["fetch_job"].encode(), {"queues": [QUEUE], "worker_id": self._worker_id}
                ).fetchone()
                if job is None or job["id"] is None:
                    return None
                row = connection.execute(
                    _CLAIM, {"run": job["args"]["run"], "holder": self.holder}
                ).fetchone()
                problem = "the store is retired"
                if row is not None:
                    try:
                        return _claimed_run(row, job["id"])
                    except StoresProblem as error:
                        problem = str(error)
                end = {"run": job["args"]["run"], "detail": problem}
                connection.execute(_END_RUN, {**_NOT_BEGUN, **end})
                _finish_job(connection, job["id"], "failed")

    def publish(self, claim: ClaimedRun, publication: Publication) -> None:
        """Make what the depot holds the archive of a store. Raises StoreLost where another worker
        has taken it over; nothing is changed then."""
        with self.database.transaction() as connection:
            _check_fence(claim, _lock_archive(connection, claim).fetchone())
            _publish(connection, claim, publication)

    def finish(self, claim: ClaimedRun, end: RunEnd) -> None:
        """Record how a run ended, with its publication, its rows of the catalogue, its alerts, and
        the plan of the next run. Raises StoreLost where another worker has taken over the store."""
        store, result = claim.run.store, end.result
        with self.database.pipeline() as connection:
            locked = _lock_archive(connection, claim)  # first: an earlier attempt may still commit
            ended = connection.execute(_HAS_ENDED, [claim.run.id])
            _check_fence(claim, locked.fetchone())
            if ended.fetchone():
                return  # the answer to an earlier attempt was lost on its way
            if end.publication:
                _publish(connection, claim, end.publication)
            connection.execute(
                _END_RUN,
                {
                    "run": claim.run.id,
                    "outcome": result.outcome,
                    "exit_code": result.exit_code,
                    "crawl_id": result.crawl.id if result.crawl else None,
                    "detail": result.detail,
                },
            )
            write_catalogue(connection, store.name, end.rows)
            # Closed incidents count too: that one is resolved is reported like the rest.
            if end.messages or end.rows.incidents:
                write_alerts(connection, store.name, claim.file, end.messages)
            _plan(connection, [store.name], end.history)
            _finish_job(connection, claim.job_id, "succeeded")

    def recover(self, stalled_s: float) -> list[str]:
        """Take the runs away from workers without a heartbeat for so many seconds: the fence moves,
        the run is lost, the next one planned. Returns the stores."""
        with self.database.transaction() as connection:
            # One worker at a time: else a job could be taken from who has just taken it over.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('blogkeep recover'))")
            jobs = connection.execute(
                queries["select_stalled_jobs_by_heartbeat"].encode(),
                {"seconds_since_heartbeat": stalled_s, "queue": QUEUE, "task_name": TASK},
            ).fetchall()
            for job in jobs:
                connection.execute(_MOVE_FENCE, [job["lock"]])
                if connection.execute(_LOSE_RUN, [job["args"]["run"]]).fetchone():
                    _plan(connection, [job["lock"]], None)
                _finish_job(connection, job["id"], "failed")
            connection.execute(
                queries["prune_stalled_workers"].encode(), {"seconds_since_heartbeat": stalled_s}
            )
            return [job["lock"] for job in jobs]


def plan_stores(
    connection: Connection, names: Sequence[str], of_archive: StoreHistory | None = None
) -> None:
    """Plan the next run of stores from what the cluster knows, and from their archive's history if
    that is given, but for those of which a run is queued or under way."""
    rows = connection.execute(_OPEN_RUNS, [list(names)]).fetchall()
    under_way = {row["store"] for row in rows}
    _plan(connection, [name for name in names if name not in under_way], of_archive)


def _claimed_run(row: dict[str, Any], job_id: int) -> ClaimedRun:
    file = parse_stores(row["file"])
    (store,) = file.stores.values()
    run = Run(
        id=row["run"],
        store=store,
        due_at=format_timestamp(row["due_at"]),
        started_at=format_timestamp(row["started_at"]),
        failed_runs=row["failed_runs"],
    )
    return ClaimedRun(
        run=run,
        file=file,
        job_id=job_id,
        fence=row["fence"],
        generation=row["generation"],
        key=row["key"],
        last_crawl_id=row["last_crawl_id"],
    )


def _lock_archive(connection: Connection, claim: ClaimedRun) -> Cursor[dict[str, Any]]:
    return connection.execute(_LOCK_ARCHIVE, [claim.run.store.name])


def _check_fence(claim: ClaimedRun, row: dict[str, Any] | None) -> None:
    if row is None or row["fence"] != claim.fence:
        raise StoreLost(f"another worker has taken over {claim.run.store.name}")


def _publish(connection: Connection, claim: ClaimedRun, publication: Publication) -> None:
    """The caller has checked the fence, and so locked the row."""
    connection.execute(
        _PUBLISH,
        {
            "store": claim.run.store.name,
            "generation": publication.generation,
            "key": publication.key,
            "size": publication.size,
        },
    )


def _finish_job(connection: Connection, job_id: int, status: str) -> None:
    values = {"job_id": job_id, "status": status, "delete_job": True}
    connection.execute(queries["finish_job"].encode(), values)


def _plan(connection: Connection, names: Sequence[str], of_archive: StoreHistory | None) -> None:
    """Plan the next run of stores, after the archive's history where there is a new one."""
    stores = connection.execute(_STORES, [list(names)])
    tried = connection.execute(_ATTEMPTS, [list(names)])
    rows, attempts = stores.fetchall(), defaultdict(list)
    for row in tried.fetchall():
        attempts[row["store"]].append(_attempt(row))
    plans = [_plan_of(row, _history(row, attempts[row["name"]], of_archive)) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(_SET_PLAN, [plan for plan in plans if plan])


def _plan_of(row: dict[str, Any], history: StoreHistory) -> dict[str, Any] | None:
    """The columns of a plan; None for a store that cannot be read."""
    try:
        (store,) = parse_stores(row["file"]).stores.values()
    except StoresProblem:
        return None  # another version of this program wrote it: import the stores again
    plan = plan_run(store, history, parse_timestamp(format_timestamp(row["now"])))
    is_planned = plan.at is not None and not row["is_retired"]
    return {
        "name": row["name"],
        "due_at": plan.due_at if is_planned else None,
        "next_at": plan.at if is_planned else None,
        "failed_runs": plan.failed_runs,
        "complete_at": history.complete_at,
        "good_at": history.good_at,
        "good_finished_at": history.good_finished_at,
        "retry_at": history.retry_at,
    }


def _history(
    row: dict[str, Any], attempts: Sequence[Attempt], of_archive: StoreHistory | None
) -> StoreHistory:
    """A store's history: crawls as its archive has them, or as they were last known; attempts as
    the cluster has them, for a lost worker writes nothing."""
    known = of_archive or StoreHistory(
        **{name: row[name] for name in ("complete_at", "good_at", "good_finished_at", "retry_at")}
    )
    # A worker whose clock is slow began before the due time, which must not come again.
    last_due_at = format_timestamp(row["last_due_at"]) if row["last_due_at"] else ""
    return replace(
        known,
        complete_at=max(known.complete_at, row["complete_at"], last_due_at),
        first_attempt_at=row["first_due_at"],
        attempts=tuple(attempts),
    )


def _attempt(row: dict[str, Any]) -> Attempt:
    outcome: RunOutcome = row["outcome"]
    return Attempt(
        started_at=format_timestamp(row["started_at"]),
        ended_at=format_timestamp(row["ended_at"]),
        outcome=outcome,
        detail=row["detail"],
    )


_IS_KNOWN = "SELECT id FROM procrastinate_workers WHERE id = %(worker_id)s"
_ENQUEUED = {"most": ENQUEUED_AT_ONCE, "queue": QUEUE, "task": TASK, "retry": RETRY_PRIORITY}
_ENQUEUE_DUE = """
    WITH due AS (
        SELECT name, due_at, failed_runs FROM stores
        WHERE next_at <= clock_timestamp() AND NOT is_retired
        ORDER BY next_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE stores SET next_at = NULL, first_due_at = CASE first_due_at
            WHEN '' THEN to_char(due.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            ELSE first_due_at END
        FROM due WHERE stores.name = due.name
    ), queued AS (
        INSERT INTO runs (store, due_at, try)
        SELECT name, due_at, (
            SELECT count(*) FROM runs WHERE runs.store = due.name AND runs.due_at = due.due_at
        ) FROM due
        RETURNING id, store
    )
    SELECT coalesce(cardinality(procrastinate_defer_jobs_v1(array_agg(
        ROW(
            %(queue)s, %(task)s, CASE WHEN failed_runs > 0 THEN %(retry)s ELSE 0 END, store, NULL,
            jsonb_build_object('run', id), NULL
        )::procrastinate_job_to_defer_v1 ORDER BY due_at, id
    ))), 0) AS queued
    FROM queued JOIN due ON name = store
"""
_CLAIM = """
    WITH run AS (
        UPDATE runs SET outcome = 'running', started_at = clock_timestamp(), holder = %(holder)s,
            fence = (SELECT fence + 1 FROM archives WHERE archives.store = runs.store)
        FROM stores JOIN store_files ON store_files.store = name
        WHERE id = %(run)s AND outcome = 'queued' AND name = runs.store AND NOT is_retired
        RETURNING id, name AS store, runs.due_at, started_at, file, failed_runs
    )
    UPDATE archives SET fence = fence + 1, holder = %(holder)s
    FROM run WHERE archives.store = run.store
    RETURNING run.id AS run, run.due_at, run.started_at, run.file, run.failed_runs, fence,
        generation, key,
        (SELECT coalesce(max(crawl_id), 0) FROM crawls WHERE crawls.store = run.store)
            AS last_crawl_id
"""
_LOCK_ARCHIVE = "SELECT fence FROM archives WHERE store = %s FOR UPDATE"
_PUBLISH = """
    UPDATE archives SET generation = %(generation)s, key = %(key)s, bytes = %(size)s,
        published_at = clock_timestamp()
    WHERE store = %(store)s
"""
_END_RUN = """
    UPDATE runs SET outcome = %(outcome)s, ended_at = clock_timestamp(), exit_code = %(exit_code)s,
        crawl_id = %(crawl_id)s, detail = %(detail)s
    WHERE id = %(run)s
"""
_HAS_ENDED = "SELECT id FROM runs WHERE id = %s AND ended_at IS NOT NULL"
_NOT_BEGUN: Final = {"outcome": "failed", "exit_code": None, "crawl_id": None}
_LOSE_RUN = """
    UPDATE runs SET outcome = 'lost', ended_at = clock_timestamp(),
        detail = 'no heartbeat of ' || holder
    WHERE id = %s AND outcome = 'running' RETURNING store
"""
_MOVE_FENCE = "UPDATE archives SET fence = fence + 1, holder = '' WHERE store = %s"
_OPEN_RUNS = "SELECT store FROM runs WHERE store = ANY(%s) AND ended_at IS NULL"
_STORES = """
    SELECT stores.*, file, clock_timestamp() AS now, (
        SELECT max(runs.due_at) FROM runs WHERE runs.store = name AND outcome = 'complete'
    ) AS last_due_at
    FROM stores JOIN store_files ON store_files.store = name WHERE name = ANY(%s)
"""
_ATTEMPTS = """
    SELECT store, started_at, ended_at, outcome, detail FROM runs
    WHERE store = ANY(%s) AND started_at IS NOT NULL AND ended_at IS NOT NULL AND id > (
        SELECT coalesce(max(id), 0) FROM runs AS complete
        WHERE complete.store = runs.store AND outcome = 'complete'
    )
    ORDER BY id
"""
_SET_PLAN = """
    UPDATE stores SET due_at = %(due_at)s, next_at = %(next_at)s, failed_runs = %(failed_runs)s,
        complete_at = %(complete_at)s, good_at = %(good_at)s,
        good_finished_at = %(good_finished_at)s, retry_at = %(retry_at)s
    WHERE name = %(name)s
"""
