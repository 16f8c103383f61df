"""Messages for the outbox: of the alerts of a crawl, of digests that are due, and of incidents."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from scraper.alerts.channels import Channel, digest_at
from scraper.alerts.notices import Alert, IncidentNotice, Message, Timing
from scraper.alerts.outbox import CrawlMessage, Event, Outbox, OutboxMessage
from scraper.alerts.render import render_change, render_digest, render_incident
from scraper.alerts.routing import channels_for_incident, default_channel
from scraper.schedule.timetable.stores import StoresFile
from scraper.timestamps import format_timestamp, parse_timestamp

MOST_SINGLE_MESSAGES = 20
"""If one crawl has more alerts than this for a channel, they go out as one message."""


def messages_of_crawl(alerts: Sequence[Alert], web_url: str) -> Iterator[CrawlMessage]:
    """The messages of a crawl's alerts, by channel. Alerts without a channel are not sent."""
    for channel in dict.fromkeys(alert.channel for alert in alerts if alert.channel):
        of_channel = [alert for alert in alerts if alert.channel == channel]
        at_once = [alert for alert in of_channel if alert.timing == "at_once"]
        if len(at_once) > MOST_SINGLE_MESSAGES:
            changes = [alert.change for alert in at_once]
            message = render_digest(changes, period="found by one crawl", web_url=web_url)
            yield _outbox_message(channel, "at_once", message), at_once
        else:
            for alert in at_once:
                message = render_change(alert.change, web_url=web_url)
                yield _outbox_message(channel, "at_once", message), [alert]
        yield None, [alert for alert in of_channel if alert.timing != "at_once"]


def queue_digests(
    outbox: Outbox, channels: Mapping[str, Channel], now: datetime, web_url: str
) -> None:
    """Put the digests that are due into the outbox."""
    for pending in outbox.pending_digests():
        channel = channels.get(pending.channel, default_channel(pending.channel))
        due = digest_at(channel, pending.timing, parse_timestamp(pending.first_created_at))
        if due > now:
            continue
        length = "week" if pending.timing == "weekly" else "day"
        message = render_digest(
            outbox.changes_of(pending),
            period=f"in the {length} before {due.astimezone(channel.zone):%Y-%m-%d %H:%M}",
            web_url=web_url,
        )
        outbox_message = _outbox_message(pending.channel, pending.timing, message)
        outbox.add_digest(outbox_message, pending.alerts, format_timestamp(now))


def queue_incidents(outbox: Outbox, file: StoresFile, at: str) -> tuple[str, ...]:
    """Put messages on open incidents, and on reported ones that are resolved, into the outbox;
    return their channels.

    An incident that opens and closes between two calls is not reported. A channel's own incidents
    are not reported to that channel.
    """
    queued: list[tuple[Event, IncidentNotice, str]] = []
    for incident in outbox.open_incidents():
        channels = set(channels_for_incident(file, incident))
        channels -= {*outbox.channels_notified(incident.incident_id), _channel_in(incident)}
        queued += [("opened", incident, channel) for channel in sorted(channels)]
    for incident, channel in outbox.closed_incidents():
        if channel in file.channels:
            queued.append(("closed", incident, channel))
    for event, incident, channel in queued:
        message = _outbox_message(channel, "at_once", render_incident(incident))
        outbox.put_incident(incident, event, message, at)
    return tuple(dict.fromkeys(channel for _, _, channel in queued))


def _channel_in(incident: IncidentNotice) -> str:
    """The channel that an incident is about, or empty."""
    is_of_channel = incident.kind in {"alerts_undelivered", "alerts_refused"}
    return incident.subject if is_of_channel else ""


def _outbox_message(channel: str, timing: Timing, message: Message) -> OutboxMessage:
    return OutboxMessage(channel=channel, timing=timing, key=secrets.token_hex(16), message=message)
