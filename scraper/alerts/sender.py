"""Alerts on their way: what crawls found becomes messages, and messages go out, one after the other
for each channel."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from scraper.alerts.channel_queue import ChannelQueue, Deliver, SendReport
from scraper.alerts.channels import Channel, digest_at, read_channels
from scraper.alerts.notices import Alert, IncidentNotice, Message, Timing
from scraper.alerts.render import render_change, render_digest, render_incident
from scraper.alerts.rules import Rule, choose_alerts
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.queries.notices import (
    EndedCrawl,
    Event,
    channels_notified,
    closed_incident_notices,
    crawls_since,
    notices_of_crawl,
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

MANY = 20
"""More changes of one crawl than so many, for one channel at once, come as one message."""


def sending_lock(archive: Path) -> FileLock:
    """The lock of whoever sends an archive's messages, or settles what becomes of them."""
    return FileLock(f"{archive}.alerts.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends the alerts of an archive. `web_url` is the address of the web
    interface, or empty; `clock` returns the time, UTC."""

    archive: Path
    deliver: Deliver
    clock: Callable[[], datetime]
    web_url: str = ""

    def send(self, file: StoresFile) -> SendReport | None:
        """Look at new crawls, make the digests that are due, and send what waits. None where
        another process is at it, and sees to all."""
        lock = sending_lock(self.archive)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        try:
            with write_errors(self.archive):
                db = open_for_writing(self.archive)
                try:
                    return self._round(db, file)
                finally:
                    db.close()
        finally:
            lock.release()

    def _round(self, db: Database, file: StoresFile) -> SendReport:
        sent, channels = SendReport(), read_channels(file.channels)
        posting = ChannelQueue(db, self.deliver, self.clock, sent)
        self._look(db, file, sent)
        self._digest(db, channels)
        self._tell_troubles(db, file)
        for name in waiting_channels(db):
            if name in channels:
                posting.empty(channels[name])
            else:
                sent.down.add(name)
                if record_missing_channel(db, name, self._now()):
                    sent.tell(f"messages wait for {name}, which the file of stores does not have")
        # What went wrong, or right again, with a channel just now is told to others at once.
        for name in self._tell_troubles(db, file):
            if name in channels:
                posting.empty(channels[name])
        return sent

    def _look(self, db: Database, file: StoresFile, sent: SendReport) -> None:
        """Note what the crawls found that nobody has looked at. Of a store that is looked at for
        the first time, the last crawl is news."""
        crawls = unprocessed_crawls(db)
        last = {crawl.store_id: crawl.id for crawl in crawls}
        before = [
            crawl for crawl in crawls if crawl.is_first_check and crawl.id != last[crawl.store_id]
        ]
        skip_crawls(db, [crawl.id for crawl in before], self._now())
        for store in dict.fromkeys(crawl.store for crawl in before):
            sent.tell(
                f"{store}: alerts begin with its last crawl; scrapy alerts replay shows what came before"
            )
        for crawl in crawls:
            if crawl not in before:
                alerts = [
                    alert for alert in alerts_of(db, crawl, rules_of(file, crawl)) if alert.channel
                ]
                record_processed_crawl(db, crawl.id, self._letters(alerts), self._now())

    def _letters(
        self, alerts: Sequence[Alert]
    ) -> Iterator[tuple[OutboxMessage | None, Sequence[Alert]]]:
        for channel in dict.fromkeys(alert.channel for alert in alerts):
            now = [
                alert for alert in alerts if alert.channel == channel and alert.timing == "at_once"
            ]
            if len(now) > MANY:
                message = render_digest(
                    [alert.news for alert in now], period="found by one crawl", web_url=self.web_url
                )
                yield _letter(channel, "at_once", message), now
            else:
                for alert in now:
                    yield (
                        _letter(
                            channel, "at_once", render_change(alert.news, web_url=self.web_url)
                        ),
                        [alert],
                    )
            yield (
                None,
                [
                    alert
                    for alert in alerts
                    if alert.channel == channel and alert.timing != "at_once"
                ],
            )

    def _digest(self, db: Database, channels: dict[str, Channel]) -> None:
        for waiting in pending_digests(db):
            channel = channels.get(
                waiting.channel, Channel(name=waiting.channel, way="webhook", to="")
            )
            due = digest_at(channel, waiting.timing, parse_timestamp(waiting.first_created_at))
            if due <= self.clock():
                what = f"{'in the week' if waiting.timing == 'weekly' else 'in the day'} before {due.astimezone(channel.zone):%Y-%m-%d %H:%M}"
                message = render_digest(
                    [read_notice(db, change) for change in waiting.changes],
                    period=what,
                    web_url=self.web_url,
                )
                add_digest(
                    db,
                    _letter(waiting.channel, waiting.timing, message),
                    waiting.alerts,
                    self._now(),
                )

    def _tell_troubles(self, db: Database, file: StoresFile) -> tuple[str, ...]:
        """Put messages into the outbox of incidents that stand open, and of those told before that
        are over; says to which channels.

        One that opened and closed between two rounds is not told. Of its own troubles a channel is
        told nothing.
        """
        told: list[tuple[Event, IncidentNotice, str]] = [
            ("opened", trouble, channel)
            for trouble in open_incident_notices(db)
            for channel in sorted(
                set(channels_of(file, trouble))
                - channels_notified(db, trouble.incident_id)
                - {_channel_in(trouble)}
            )
        ]
        told += [
            ("closed", trouble, channel)
            for trouble, channel in closed_incident_notices(db)
            if channel in file.channels
        ]
        for event, trouble, channel in told:
            put_incident_message(
                db,
                trouble,
                event,
                _letter(channel, "at_once", render_incident(trouble)),
                self._now(),
            )
        return tuple(dict.fromkeys(channel for _, _, channel in told))

    def _now(self) -> str:
        return format_timestamp(self.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a rule would have told of a crawl: `goes_out_at` is when, UTC."""

    crawl_id: int
    goes_out_at: str
    alert: Alert


def replay(db: Database, file: StoresFile, since: str, until: str) -> Iterator[Replayed]:
    """What today's rules would have told of the crawls of a span of time (UTC, `until` excluded),
    in its order."""
    channels = read_channels(file.channels)
    for crawl in crawls_since(db, since, until):
        for alert in alerts_of(db, crawl, rules_of(file, crawl)):
            at = crawl.finished_at
            if alert.timing != "at_once":
                channel = channels.get(alert.channel, Channel(name="", way="webhook", to=""))
                at = format_timestamp(digest_at(channel, alert.timing, parse_timestamp(at)))
            yield Replayed(crawl_id=crawl.id, goes_out_at=at, alert=alert)


def rules_of(file: StoresFile, crawl: EndedCrawl) -> tuple[Rule, ...]:
    """The rules for the store of a crawl: of the first store in the file that stands where it
    stands, or else stood."""
    stores = {store.host: store for store in file.stores.values()}
    return next((stores[host].rules for host in crawl.hosts if host in stores), ())


def channels_of(file: StoresFile, trouble: IncidentNotice) -> tuple[str, ...]:
    """The channels that are told of an incident: its store's, or, of one of no store, those of
    `defaults`."""
    stores = {store.host: store for store in file.stores.values()}
    of_store = next((stores[host] for host in trouble.hosts if host in stores), None)
    if of_store is None and trouble.kind == "overdue":  # of a store that was never archived
        of_store = file.stores.get(trouble.subject)
    return of_store.incidents if of_store else () if trouble.hosts else file.incidents


def alerts_of(db: Database, crawl: EndedCrawl, rules: Sequence[Rule]) -> list[Alert]:
    """What is to be told of a crawl: to each channel each change once, and a group once."""
    told: dict[tuple[str, int, int], Alert] = {}
    for news in notices_of_crawl(db, crawl.id) if rules else ():
        for alert in choose_alerts(news, rules):
            told.setdefault((alert.channel, news.group_id, 0 if news.group_id else news.id), alert)
    return list(told.values())


def _channel_in(trouble: IncidentNotice) -> str:
    return trouble.subject if trouble.kind in {"alerts_undelivered", "alerts_refused"} else ""


def _letter(channel: str, timing: Timing, message: Message) -> OutboxMessage:
    return OutboxMessage(channel=channel, timing=timing, key=secrets.token_hex(16), message=message)
