"""`blogkeep alerts`: list, send, test and replay alerts, and retry or drop refused messages."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.text import Text

from scraper.alerts.background import make_sender
from scraper.alerts.channels import read_channels
from scraper.alerts.payload import change_as_values
from scraper.alerts.render import headline, render_test
from scraper.alerts.routing import Replayed, replay
from scraper.alerts.sender import sending_lock
from scraper.archive.database import check_writable, open_for_writing, write_errors
from scraper.archive.queries.stores import find_store
from scraper.archive.write.outbox import (
    MessageState,
    OutboxRow,
    read_outbox,
    refused_channels,
    set_message_state,
    waiting_channels,
)
from scraper.cli.arguments import day_span
from scraper.cli.base import ArchiveCommand
from scraper.cli.output import console, print_json
from scraper.cli.rendering import visible
from scraper.exceptions import NotDelivered, UsageProblem
from scraper.history.humanize import plural
from scraper.schedule.stores_file import read_stores, stores_path
from scraper.timestamps import utc_now

INCOMPLETE = 3
ACTIONS = ("list", "send", "test", "replay", "retry", "drop")
NAMING = ("test", "retry", "drop")
"""Actions with names of channels as arguments."""


class Command(ArchiveCommand):
    """Send, try and replay alerts."""

    usage = (
        "[options] [list] | send | test [CHANNEL …] | replay --since DATE | retry [CHANNEL …] "
        "| drop CHANNEL …"
    )
    example = "blogkeep alerts replay --since 2026-03-01"

    def add_own_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            metavar="DATE",
            help="replay: crawls that ended on this day (UTC, YYYY-MM-DD) or later",
        )
        parser.add_argument(
            "--until", metavar="DATE", help="replay: crawls that ended on this day (UTC) or before"
        )
        parser.add_argument(
            "--store",
            metavar="NAME",
            default="",
            help="replay: one store only, by its name or address in the archive",
        )

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        action, *rest = args or ["list"]
        given = [name for name in ("since", "until", "store") if getattr(opts, name)]
        if (
            action not in ACTIONS
            or (rest and action not in NAMING)
            or (given and action != "replay")
            or (action == "drop" and not rest)
        ):
            raise UsageProblem(f"usage: scrapy alerts {self.syntax()}")
        if action == "replay" and not opts.since:
            raise UsageProblem("give --since, such as scrapy alerts replay --since 2026-03-01")
        file = stores_path(self.archive_path(opts), self.settings["ARCHIVE_STORES"])
        if action == "list":
            self._list(opts)
        elif action == "send":
            self._send(file, opts)
        elif action == "test":
            self._test(file, rest, opts)
        elif action in ("retry", "drop"):
            self._settle(file, action, rest, opts)
        else:
            self._replay(file, opts)

    def _list(self, opts: argparse.Namespace) -> None:
        waiting = read_outbox(self.open_archive(opts))
        if opts.json:
            print_json(waiting)
            return
        out = console()
        for one in map(visible, waiting):
            out.print(
                Text(f"{one.channel}  {one.subject}"), Text(_state(one), style="dim"), sep="  "
            )
        out.print(f"{plural(len(waiting), 'message')} waiting or refused")

    def _send(self, file: Path, opts: argparse.Namespace) -> None:
        stores, archive = read_stores(file), self.archive_path(opts)
        self.open_archive(opts).close()  # there must be one
        check_writable(archive)
        sent = make_sender(archive, file, self.settings["ARCHIVE_WEB_URL"]).send(stores)
        if opts.json:
            print_json(
                {"delivered": sent.delivered, "failed": len(sent.failing), "lines": sent.lines}
                if sent
                else {"busy": True}
            )
        elif sent:
            for line in [*sent.lines, *([f"{sent.delivered} sent"] if sent.delivered else [])]:
                print(line)
        self.exitcode = INCOMPLETE if sent and sent.failing else 0

    def _settle(
        self, file: Path, action: str, names: Sequence[str], opts: argparse.Namespace
    ) -> None:
        """Queue the refused messages of channels again, or drop them; of a channel that the file no
        longer has, drop the waiting ones too."""
        channels, archive = read_stores(file).channels, self.archive_path(opts)
        self.open_archive(opts).close()  # there must be one
        check_writable(archive)
        # Wait until messages that are being sent have succeeded or failed.
        with sending_lock(archive), write_errors(archive), closing(open_for_writing(archive)) as db:
            refused = refused_channels(db)
            if unknown := [
                name for name in names if name not in {*refused, *channels, *waiting_channels(db)}
            ]:
                raise UsageProblem(
                    f"there is no channel {unknown[0]!r} in {file}, and no message waits for it"
                )
            results = {}
            for name in dict.fromkeys(names or refused):
                states: list[MessageState] = (
                    ["refused"] if action == "retry" or name in channels else ["refused", "waiting"]
                )
                results[name] = set_message_state(
                    db,
                    name,
                    to="waiting" if action == "retry" else "dropped",
                    of=states,
                    at=utc_now(),
                )
        what = "queued again" if action == "retry" else "dropped"
        if opts.json:
            print_json(results)
        else:
            print(
                "\n".join(
                    f"{name}: {plural(number, 'message')} {what}"
                    for name, number in results.items()
                )
                or "no refused messages"
            )

    def _test(self, file: Path, names: Sequence[str], opts: argparse.Namespace) -> None:
        channels = read_channels(read_stores(file).channels)
        for name in names:
            if name not in channels:
                known = ", ".join(channels) or "none"
                raise UsageProblem(f"there is no channel {name!r} in {file}; known: {known}")
        sender, results = make_sender(self.archive_path(opts), file, ""), {}
        at = utc_now()
        for name in names or channels:
            try:
                sender.deliver(
                    channels[name], render_test(name), f"test-{name}-{at}".replace(":", ""), at
                )
                results[name] = "delivered"
            except NotDelivered as problem:
                results[name] = str(problem)
        if opts.json:
            print_json(results)
        else:
            print(
                "\n".join(f"{name}: {what}" for name, what in results.items())
                or "there are no channels"
            )
        self.exitcode = int(any(what != "delivered" for what in results.values()))

    def _replay(self, file: Path, opts: argparse.Namespace) -> None:
        stores, db = read_stores(file), self.open_archive(opts)
        store = find_store(db, opts.store) if opts.store else ""
        found = (
            one
            for one in replay(db, stores, *day_span(opts.since, opts.until))
            if store in ("", one.alert.change.store)
        )
        if opts.json:
            print_json([_machine(one) for one in found])
            return
        out, number = console(), 0
        for number, one in enumerate(found, start=1):  # noqa: B007 - counted
            out.print(_line(one))
        out.print(plural(number, "alert"))


def _line(one: Replayed) -> Text:
    alert = one.alert
    where = alert.channel or "no channel yet"
    when = "" if alert.timing == "at_once" else f" {alert.timing} digest"
    change = visible(alert.change)
    return Text.assemble(
        (f"{one.goes_out_at}  {where}{when}, {alert.rule}  ", "dim"),
        f"{change.store}: {headline(change)}",
        (f"  {change.severity}", "dim"),
    )


def _machine(one: Replayed) -> dict[str, Any]:
    alert = one.alert
    results = {
        "crawl": one.crawl_id,
        "goes_out_at": one.goes_out_at,
        "channel": alert.channel,
        "rule": alert.rule,
        "timing": alert.timing,
    }
    return results | {"change": change_as_values(alert.change)}


def _state(one: OutboxRow) -> str:
    if not one.created_at:
        return f"waiting for the {one.timing} digest"
    if one.state == "refused":
        return f"refused: {one.last_error}"
    return (
        f"{plural(one.attempts, 'attempt')}, {one.last_error}, next at {one.next_attempt_at}"
        if one.attempts
        else f"created {one.created_at}"
    )
