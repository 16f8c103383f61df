"""Sends alerts: makes messages of what crawls found and of incidents, and delivers them, one after
the other for each channel."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import Timeout
from sqlite_utils import Database

from scraper.alerts.channel_queue import ChannelQueue, Deliver, SendReport
from scraper.alerts.channels import Channel, digest_at, read_channels
from scraper.alerts.notices import Alert, IncidentNotice, Message, Timing
from scraper.alerts.render import render_change, render_digest, render_incident
from scraper.alerts.routing import (
    alerts_for_crawl,
    channels_for_incident,
    default_channel,
    rules_for_crawl,
)
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.locks import file_lock
from scraper.archive.queries.notices import (
    EndedCrawl,
    Event,
    channels_notified,
    closed_incident_notices,
    open_incident_notices,
    put_incident_message,
    read_notice,
    unprocessed_crawls,
)
from scraper.archive.write.outbox import (
    OutboxMessage,
    add_digest,
    pending_digests,
    record_missing_channel,
    record_processed_crawl,
    skip_crawls,
    waiting_channels,
)
from scraper.schedule.timetable.stores import StoresFile
from scraper.timestamps import format_timestamp, parse_timestamp

MOST_SINGLE_MESSAGES = 20
"""If one crawl has more alerts than this for a channel, they go out as one message."""


def sending_lock(archive: Path, timeout_s: float = -1) -> AbstractContextManager[None]:
    """Return the lock of the process that sends an archive's messages or changes their state."""
    return file_lock(Path(f"{archive.resolve()}.alerts"), timeout_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends the alerts of an archive. `web_url` is the address of the web interface, or empty;
    `clock` returns the time, UTC."""

    archive: Path
    deliver: Deliver
    clock: Callable[[], datetime]
    web_url: str = ""

    def send(self, file: StoresFile) -> SendReport | None:
        """Process new crawls, make the digests that are due, and deliver waiting messages. None if
        another process is doing so."""
        with ExitStack() as stack:
            try:
                stack.enter_context(sending_lock(self.archive, timeout_s=0))
            except Timeout:
                return None
            stack.enter_context(write_errors(self.archive))
            return self._send(stack.enter_context(closing(open_for_writing(self.archive))), file)

    def _send(self, db: Database, file: StoresFile) -> SendReport:
        report, channels = SendReport(), read_channels(file.channels)
        queue = ChannelQueue(db, self.deliver, self.clock, report)
        self._process_crawls(db, file, report)
        self._queue_digests(db, channels)
        self._queue_incidents(db, file)
        for name in waiting_channels(db):
            if name in channels:
                queue.flush(channels[name])
                continue
            report.failing.add(name)
            if record_missing_channel(db, name, self._now()):
                report.add(f"messages wait for {name}, which the file of stores does not have")
        # A channel that just failed or recovered is itself an incident for other channels.
        for name in self._queue_incidents(db, file):
            if name in channels:
                queue.flush(channels[name])
        return report

    def _process_crawls(self, db: Database, file: StoresFile, report: SendReport) -> None:
        """Queue the alerts of crawls that are not processed yet. Of a store without any processed
        crawl, only the last one counts."""
        crawls = unprocessed_crawls(db)
        last = {crawl.store_id: crawl.id for crawl in crawls}
        skipped = [
            crawl for crawl in crawls if crawl.is_first_check and crawl.id != last[crawl.store_id]
        ]
        skip_crawls(db, [crawl.id for crawl in skipped], self._now())
        for store in dict.fromkeys(crawl.store for crawl in skipped):
            report.add(
                f"{store}: alerts begin with its last crawl; for earlier ones see "
                "blogkeep alerts replay"
            )
        for crawl in crawls:
            if crawl not in skipped:
                record_processed_crawl(
                    db, crawl.id, self._messages(_sent_alerts(db, file, crawl)), self._now()
                )

    def _messages(
        self, alerts: Sequence[Alert]
    ) -> Iterator[tuple[OutboxMessage | None, Sequence[Alert]]]:
        """The messages of a crawl, each with its alerts; None for alerts that wait for a digest."""
        for channel in dict.fromkeys(alert.channel for alert in alerts):
            of_channel = [alert for alert in alerts if alert.channel == channel]
            at_once = [alert for alert in of_channel if alert.timing == "at_once"]
            if len(at_once) > MOST_SINGLE_MESSAGES:
                changes = [alert.change for alert in at_once]
                message = render_digest(changes, period="found by one crawl", web_url=self.web_url)
                yield _outbox_message(channel, "at_once", message), at_once
            else:
                for alert in at_once:
                    message = render_change(alert.change, web_url=self.web_url)
                    yield _outbox_message(channel, "at_once", message), [alert]
            yield None, [alert for alert in of_channel if alert.timing != "at_once"]

    def _queue_digests(self, db: Database, channels: dict[str, Channel]) -> None:
        """Put the digests that are due into the outbox."""
        for pending in pending_digests(db):
            channel = channels.get(pending.channel, default_channel(pending.channel))
            due = digest_at(channel, pending.timing, parse_timestamp(pending.first_created_at))
            if due > self.clock():
                continue
            length = "week" if pending.timing == "weekly" else "day"
            message = render_digest(
                [read_notice(db, change) for change in pending.changes],
                period=f"in the {length} before {due.astimezone(channel.zone):%Y-%m-%d %H:%M}",
                web_url=self.web_url,
            )
            outbox_message = _outbox_message(pending.channel, pending.timing, message)
            add_digest(db, outbox_message, pending.alerts, self._now())

    def _queue_incidents(self, db: Database, file: StoresFile) -> tuple[str, ...]:
        """Put messages on open incidents, and on reported ones that are resolved, into the outbox;
        return their channels.

        An incident that opens and closes between two rounds is not reported. A channel's own
        incidents are not reported to that channel.
        """
        queued: list[tuple[Event, IncidentNotice, str]] = []
        for incident in open_incident_notices(db):
            channels = set(channels_for_incident(file, incident))
            channels -= {*channels_notified(db, incident.incident_id), _channel_in(incident)}
            queued += [("opened", incident, channel) for channel in sorted(channels)]
        for incident, channel in closed_incident_notices(db):
            if channel in file.channels:
                queued.append(("closed", incident, channel))
        for event, incident, channel in queued:
            message = _outbox_message(channel, "at_once", render_incident(incident))
            put_incident_message(db, incident, event, message, self._now())
        return tuple(dict.fromkeys(channel for _, _, channel in queued))

    def _now(self) -> str:
        return format_timestamp(self.clock())


def _sent_alerts(db: Database, file: StoresFile, crawl: EndedCrawl) -> list[Alert]:
    """The alerts of a crawl that have a channel."""
    alerts = alerts_for_crawl(db, crawl, rules_for_crawl(file, crawl))
    return [alert for alert in alerts if alert.channel]


def _channel_in(incident: IncidentNotice) -> str:
    """The channel that an incident is about, or empty."""
    is_of_channel = incident.kind in {"alerts_undelivered", "alerts_refused"}
    return incident.subject if is_of_channel else ""


def _outbox_message(channel: str, timing: Timing, message: Message) -> OutboxMessage:
    return OutboxMessage(channel=channel, timing=timing, key=secrets.token_hex(16), message=message)
