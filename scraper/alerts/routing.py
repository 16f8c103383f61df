"""Which alerts of a crawl go to which channel, by the rules of the file of stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from scraper.alerts.channels import Channel, digest_at, read_channels
from scraper.alerts.notices import Alert, IncidentNotice
from scraper.alerts.rules import AlertRule, choose_alerts
from scraper.archive.queries.notices import EndedCrawl, crawls_since, notices_of_crawl
from scraper.schedule.timetable.stores import StoreConfig, StoresFile
from scraper.timestamps import format_timestamp, parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedAlert:
    """An alert that a rule would have sent for a crawl, at `goes_out_at` (UTC)."""

    crawl_id: int
    goes_out_at: str
    alert: Alert


def replay(db: Database, file: StoresFile, since: str, until: str) -> Iterator[ReplayedAlert]:
    """The alerts that the current rules would have sent for the crawls from `since` until before
    `until` (UTC), in the order of crawls."""
    channels = read_channels(file.channels)
    for crawl in crawls_since(db, since, until):
        for alert in alerts_for_crawl(db, crawl.id, rules_for_crawl(file, crawl)):
            goes_out_at = crawl.finished_at
            if alert.timing != "at_once":
                channel = channels.get(alert.channel, default_channel(alert.channel))
                finished = parse_timestamp(crawl.finished_at)
                goes_out_at = format_timestamp(digest_at(channel, alert.timing, finished))
            yield ReplayedAlert(crawl_id=crawl.id, goes_out_at=goes_out_at, alert=alert)


def default_channel(name: str) -> Channel:
    """A channel that the file no longer has, with the default time of digests."""
    return Channel(name=name, transport="webhook", to="")


def rules_for_crawl(file: StoresFile, crawl: EndedCrawl) -> tuple[AlertRule, ...]:
    """The alert rules for the store of a crawl: those of the first store in the file with a present
    or former host of it."""
    store = _first_at(file, crawl.hosts)
    return store.rules if store else ()


def channels_for_incident(file: StoresFile, incident: IncidentNotice) -> tuple[str, ...]:
    """The channels for an incident: those of its store or, without a store, those of `defaults`."""
    store = _first_at(file, incident.hosts)
    if store is None and incident.kind == "overdue":  # of a store that was never archived
        store = file.stores.get(incident.subject)
    if store:
        return store.incidents
    return () if incident.hosts else file.incidents


def _first_at(file: StoresFile, hosts: Sequence[str]) -> StoreConfig | None:
    """The store of the file at the first host at which it has one."""
    stores = {store.host: store for store in file.stores.values()}
    return next((stores[host] for host in hosts if host in stores), None)


def alerts_for_crawl(db: Database, crawl_id: int, rules: Sequence[AlertRule]) -> list[Alert]:
    """The alerts of a crawl: for each channel, each change once and each group once."""
    alerts: dict[tuple[str, int, int], Alert] = {}
    if not rules:
        return []
    for change in notices_of_crawl(db, crawl_id):
        for alert in choose_alerts(change, rules):
            change_id = 0 if change.group_id else change.id
            alerts.setdefault((alert.channel, change.group_id, change_id), alert)
    return list(alerts.values())
