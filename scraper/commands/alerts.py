"""`blogkeep alerts`: list, send, test and replay alerts, and retry or drop refused messages."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from scraper.alerts.background import make_sender, network_delivery
from scraper.alerts.channels import read_channels
from scraper.alerts.outbox import MessageState, Outbox, OutboxRow
from scraper.alerts.payload import change_as_values
from scraper.alerts.render import headline, render_test
from scraper.alerts.routing import ReplayedAlert, replay
from scraper.alerts.sender import sending_lock
from scraper.archive.database import check_writable, open_for_writing, write_errors
from scraper.archive.queries.stores import find_store
from scraper.archive.write.outbox import ArchiveOutbox
from scraper.cli.arguments import add_span_options, day_span
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import visible
from scraper.cli.resources import connection_string, libraries_of
from scraper.exceptions import INCOMPLETE, NotDelivered, UsageProblem
from scraper.history.humanize import plural
from scraper.printable import single_line
from scraper.schedule.stores_file import read_stores
from scraper.timestamps import utc_now

if TYPE_CHECKING:
    from scraper.cluster.outbox import PostgresOutbox

DELIVERED = "delivered"
ACTIONS = ("list", "send", "test", "replay", "retry", "drop")
NAMING = ("test", "retry", "drop")
"""Actions with names of channels as arguments."""


class Command(ArchiveCommand):
    usage = (
        "[options] [list] | send | test [CHANNEL …] | replay --since DATE"
        " | retry [CHANNEL …] | drop CHANNEL …"
    )
    example = "blogkeep alerts replay --since 2026-03-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        add_span_options(parser, "replay: crawls that ended on")
        parser.add_argument(
            "--store",
            metavar="NAME",
            default="",
            help="replay: one store only, by its name or address in the archive",
        )
        parser.add_argument(
            "--cluster",
            action="store_true",
            help="list, send, retry, drop: the alerts of a cluster (ARCHIVE_CLUSTER)",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the first argument says; list the waiting messages without one."""
        action, *names = args or ["list"]
        self._check(action, names, opts)
        file = self.stores_path(opts)
        if action == "list":
            self._list(opts)
        elif action == "send":
            self._send(file, opts)
        elif action == "test":
            self._test(file, names, opts)
        elif action in ("retry", "drop"):
            self._set_state(file, action, names, opts)
        else:
            self._replay(file, opts)

    def _check(self, action: str, names: Sequence[str], opts: argparse.Namespace) -> None:
        """Raises UsageProblem for an action with the wrong names or options."""
        with_span = opts.since or opts.until or opts.store
        if (
            action not in ACTIONS
            or (names and action not in NAMING)
            or (with_span and action != "replay")
            or (action == "drop" and not names)
            or (opts.cluster and action in ("test", "replay"))
        ):
            raise self.usage_problem([action, *names])
        if action == "replay" and not opts.since:
            raise UsageProblem(f"give --since, such as {self.example}")

    def _list(self, opts: argparse.Namespace) -> None:
        if opts.cluster:
            with self._cluster_outbox() as cluster:
                waiting: Sequence[OutboxRow] = cluster.rows()
        else:
            waiting = ArchiveOutbox(self.open_archive(opts)).rows()
        if opts.json:
            print_json(waiting)
            return
        out = console()
        for row in map(visible, waiting):
            out.print(
                Text(f"{row.channel}  {row.subject}"), Text(_state(row), style="dim"), sep="  "
            )
        out.print(f"{plural(len(waiting), 'message')} waiting or refused")

    def _send(self, file: Path, opts: argparse.Namespace) -> None:
        web_url = self.settings["ARCHIVE_WEB_URL"]
        if opts.cluster:
            conninfo = connection_string(self.settings)
            with libraries_of("cluster"):
                from scraper.cluster.outbox import send_alerts  # noqa: PLC0415 - an extra
            report = send_alerts(conninfo, network_delivery(file.parent), web_url)
        else:
            stores, archive = read_stores(file), self.archive_path(opts)
            self.open_archive(opts).close()  # there must be one
            check_writable(archive)
            report = make_sender(archive, file, web_url).send(stores)
        if report is None:  # another process is sending
            if opts.json:
                print_json({"busy": True})
            return
        if opts.json:
            failed = len(report.failing)
            print_json({"delivered": report.delivered, "failed": failed, "lines": report.lines})
        else:
            for line in report.lines:
                print(single_line(line))
            if report.delivered:
                print(f"{report.delivered} sent")
        self.exitcode = INCOMPLETE if report.failing else 0

    def _set_state(
        self, file: Path, action: str, names: Sequence[str], opts: argparse.Namespace
    ) -> None:
        """Send refused messages again, or drop them. Of a channel that the file no longer has,
        drop the waiting messages too."""
        with self._held_outbox(file, opts) as (outbox, channels):
            refused = outbox.refused_channels()
            for name in names:
                if name not in {*refused, *channels, *outbox.waiting_channels()}:
                    where = "the cluster" if opts.cluster else file
                    raise UsageProblem(
                        f"there is no channel {name!r} in {where}, and no message waits for it"
                    )
            counts = {
                name: _set_channel_state(outbox, name, action, is_configured=name in channels)
                for name in dict.fromkeys(names or refused)
            }
        if opts.json:
            print_json(counts)
            return
        result = {"retry": "queued again", "drop": "dropped"}[action]
        for name, count in counts.items():
            print(f"{name}: {plural(count, 'message')} {result}")
        if not counts:
            print("no refused messages")

    @contextmanager
    def _held_outbox(
        self, file: Path, opts: argparse.Namespace
    ) -> Iterator[tuple[Outbox, Collection[str]]]:
        """The outbox and the names of the channels. The lock waits for a sender, which may be about
        to change the state of messages."""
        if opts.cluster:
            with self._cluster_outbox() as cluster:
                cluster.lock()
                yield cluster, cluster.channels().channels
            return
        channels, archive = read_stores(file).channels, self.archive_path(opts)
        self.open_archive(opts).close()  # there must be one
        check_writable(archive)
        with sending_lock(archive), write_errors(archive), closing(open_for_writing(archive)) as db:
            yield ArchiveOutbox(db), channels

    def _cluster_outbox(self) -> AbstractContextManager[PostgresOutbox]:
        conninfo = connection_string(self.settings)
        with libraries_of("cluster"):
            from scraper.cluster.outbox import open_outbox  # noqa: PLC0415 - an extra
        return open_outbox(conninfo)

    def _test(self, file: Path, names: Sequence[str], opts: argparse.Namespace) -> None:
        channels = read_channels(read_stores(file).channels)
        for name in names:
            if name not in channels:
                known = ", ".join(channels) or "none"
                raise UsageProblem(f"there is no channel {name!r} in {file}; known: {known}")
        sender, at = make_sender(self.archive_path(opts), file, ""), utc_now()
        results: dict[str, str] = {}
        for name in names or channels:
            key = f"test-{name}-{at}".replace(":", "")
            try:
                sender.deliver(channels[name], render_test(name), key, at)
                results[name] = DELIVERED
            except NotDelivered as error:
                results[name] = str(error)
        if opts.json:
            print_json(results)
        else:
            for name, result in results.items():
                print(single_line(f"{name}: {result}"))
            if not results:
                print("there are no channels")
        self.exitcode = int(any(result != DELIVERED for result in results.values()))

    def _replay(self, file: Path, opts: argparse.Namespace) -> None:
        stores, db = read_stores(file), self.open_archive(opts)
        store = find_store(db, opts.store)
        replayed = (
            alert
            for alert in replay(db, stores, *day_span(opts.since, opts.until))
            if store in ("", alert.alert.change.store)
        )
        if opts.json:
            print_json([_as_values(alert) for alert in replayed])
            return
        out, count = console(), 0
        for alert in replayed:
            out.print(_line(alert))
            count += 1
        out.print(plural(count, "alert"))


def _set_channel_state(outbox: Outbox, name: str, action: str, *, is_configured: bool) -> int:
    """Change the messages of one channel; returns how many."""
    if action == "retry":
        return outbox.set_state(name, to="waiting", of=["refused"], at=utc_now())
    states: list[MessageState] = ["refused"] if is_configured else ["refused", "waiting"]
    return outbox.set_state(name, to="dropped", of=states, at=utc_now())


def _line(replayed: ReplayedAlert) -> Text:
    alert = replayed.alert
    channel = alert.channel or "no channel yet"
    digest = "" if alert.timing == "at_once" else f" {alert.timing} digest"
    change = visible(alert.change)
    return Text.assemble(
        (f"{replayed.goes_out_at}  {channel}{digest}, {alert.rule}  ", "dim"),
        f"{change.store}: {headline(change)}",
        (f"  {change.severity}", "dim"),
    )


def _as_values(replayed: ReplayedAlert) -> dict[str, Any]:
    alert = replayed.alert
    return {
        "crawl": replayed.crawl_id,
        "goes_out_at": replayed.goes_out_at,
        "channel": alert.channel,
        "rule": alert.rule,
        "timing": alert.timing,
        "change": change_as_values(alert.change),
    }


def _state(row: OutboxRow) -> str:
    if not row.created_at:
        return f"waiting for the {row.timing} digest"
    if row.state == "refused":
        return f"refused: {row.last_error}"
    if row.attempts:
        attempts = plural(row.attempts, "attempt")
        return f"{attempts}, {row.last_error}, next at {row.next_attempt_at}"
    return f"created {row.created_at}"
