"""Sends alerts: makes messages of what crawls found and of incidents, and delivers them, one after
the other for each channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import Timeout
from sqlite_utils import Database

from scraper.alerts.channel_queue import ChannelQueue, Deliver, SendReport
from scraper.alerts.channels import read_channels
from scraper.alerts.messages import messages_of_crawl, queue_digests, queue_incidents
from scraper.alerts.outbox import Outbox, missing
from scraper.alerts.routing import alerts_for_crawl, rules_for_crawl
from scraper.archive.database import open_for_writing, write_errors
from scraper.archive.locks import file_lock
from scraper.archive.queries.notices import unprocessed_crawls
from scraper.archive.write.outbox import ArchiveOutbox, record_processed_crawl, skip_crawls
from scraper.schedule.timetable.stores import StoresFile
from scraper.timestamps import format_timestamp


def sending_lock(archive: Path, timeout_s: float = -1) -> AbstractContextManager[None]:
    """Return the lock of the process that sends an archive's messages or changes their state."""
    return file_lock(Path(f"{archive.resolve()}.alerts"), timeout_s)


def send_waiting(
    outbox: Outbox,
    file: StoresFile,
    deliver: Deliver,
    clock: Callable[[], datetime],
    web_url: str,
) -> SendReport:
    """Make messages of the digests that are due and of incidents, and deliver what waits. The
    caller sees to it that nobody else does."""
    report, channels = SendReport(), read_channels(file.channels)
    queue = ChannelQueue(outbox, deliver, clock, report)
    queue_digests(outbox, channels, clock(), web_url)
    queue_incidents(outbox, file, format_timestamp(clock()))
    for name in outbox.waiting_channels():
        if name in channels:
            queue.flush(channels[name])
            continue
        report.failing.add(name)
        if outbox.record_missing_channel(name, format_timestamp(clock())):
            report.add(missing(name))
    # A channel that just failed or recovered is itself an incident for other channels.
    for name in queue_incidents(outbox, file, format_timestamp(clock())):
        if name in channels:
            queue.flush(channels[name])
    return report


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
            db = stack.enter_context(closing(open_for_writing(self.archive)))
            lines = self._process_crawls(db, file)
            report = send_waiting(ArchiveOutbox(db), file, self.deliver, self.clock, self.web_url)
            report.lines = (*lines, *report.lines)
            return report

    def _process_crawls(self, db: Database, file: StoresFile) -> list[str]:
        """Queue the alerts of crawls that are not processed yet; returns lines for people. Of a
        store without any processed crawl, only the last one counts."""
        crawls, now = unprocessed_crawls(db), format_timestamp(self.clock())
        last = {crawl.store_id: crawl.id for crawl in crawls}
        skipped = [
            crawl for crawl in crawls if crawl.is_first_check and crawl.id != last[crawl.store_id]
        ]
        skip_crawls(db, [crawl.id for crawl in skipped], now)
        for crawl in crawls:
            if crawl not in skipped:
                alerts = alerts_for_crawl(db, crawl.id, rules_for_crawl(file, crawl))
                messages = messages_of_crawl(alerts, self.web_url)
                record_processed_crawl(db, crawl.id, messages, now)
        return [
            f"{store}: alerts begin with its last crawl; for earlier ones see "
            "blogkeep alerts replay"
            for store in dict.fromkeys(crawl.store for crawl in skipped)
        ]
