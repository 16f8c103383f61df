"""Incidents are reported when opened and when resolved, once to each of their channels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scraper.alerts.outbox import FAILURES_TO_REPORT
from scraper.alerts.sender import Sender
from scraper.archive.database import open_for_writing
from scraper.archive.write.incidents import close_incidents, open_incident
from scraper.history.crawl_health import IncidentKind
from scraper.schedule.timetable.stores import parse_stores
from scraper.timestamps import format_timestamp
from tests.alerts.alerted import BOTH, STORE, World, edited, post, settled, subjects, titles
from tests.conftest import rows

INCIDENTS = """
[defaults]
incidents = ["mail"]
[stores.shop]
url = "https://shop.example"
schedule = "0 5 * * *"
incidents = ["hook", "mail"]
"""


CLOSED_AT = datetime(2026, 3, 4, 7, tzinfo=UTC)


def incident(world: World, kind: IncidentKind, detail: str, store_id: int | None = 1) -> None:
    db = open_for_writing(world.path)
    assert open_incident(db.conn, store_id, kind, detail, format_timestamp(world.time))
    db.close()


def closed(world: World, kind: IncidentKind) -> None:
    db = open_for_writing(world.path)
    assert close_incidents(db.conn, 1, kinds=[kind], at=format_timestamp(CLOSED_AT)) == 1
    db.close()


def send_incidents(world: World, rules: str = INCIDENTS) -> None:
    world.send_file(parse_stores(world.channels() + rules))
    world.time += timedelta(hours=6, minutes=1)


def test_incident_of_a_store_is_reported_once_when_opened_and_once_when_resolved(
    world: World,
) -> None:
    world.crawl(1, post(1))
    world.hook.plan, world.mail.plan = ["500", "hang up"], ["busy"]
    incident(world, "blocked", "it answered 403 to most requests")
    for _ in range(3):
        send_incidents(world)
    closed(world, "blocked")
    for _ in range(3):
        send_incidents(world)
    expected = [
        "shop.example: The store blocks the crawler",
        "shop.example: The store blocks the crawler: resolved",
    ]
    assert (subjects(world.hook.taken), subjects(world.mail.taken)) == (expected, expected)
    reported = world.hook.taken[1]["incident"]
    assert (reported["kind"], reported["detail"], reported["closed_at"]) == (
        "blocked",
        "it answered 403 to most requests",
        format_timestamp(CLOSED_AT),
    )
    assert (
        "it answered 403 to most requests" in world.mail.taken[0].get_body(("plain",)).get_content()
    )
    incident(world, "blocked", "again")
    send_incidents(world)
    assert subjects(world.hook.taken)[2:] == expected[:1]


def test_resolved_incident_is_not_reported_if_its_opening_was_dropped(world: World) -> None:
    world.crawl(1, post(1))
    world.hook.plan = ["500"]
    incident(world, "blocked", "it answered 403 to most requests")
    send_incidents(world)
    assert settled(world, "hook", to="dropped", of="waiting") == 1
    closed(world, "blocked")
    send_incidents(world)
    assert (subjects(world.hook.taken), len(world.mail.taken)) == ([], 2)


def test_incident_without_a_store_goes_to_the_channels_of_defaults(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "disk_space", "80 MB are free", store_id=None)
    send_incidents(world)
    assert subjects(world.mail.taken) == ["archive: Low disk space"]
    assert world.hook.got == []


def test_failing_channel_is_reported_to_the_others_only(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"] * FAILURES_TO_REPORT
    rules = INCIDENTS + 'alerts = [{ channels = ["hook"] }]\n'
    for _ in range(FAILURES_TO_REPORT):
        send_incidents(world, rules)
    assert subjects(world.mail.taken) == ["archive: Alerts not delivered"]
    send_incidents(world, rules)
    assert subjects(world.mail.taken)[1:] == ["archive: Alerts not delivered: resolved"]
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_incident_resolved_between_two_rounds_is_not_reported(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "outage", "it did not answer")
    closed(world, "outage")
    send_incidents(world)
    assert world.hook.got == world.mail.got == []


def test_removed_channel_gets_no_message_on_a_resolved_incident(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "blocked", "it answered 403")
    send_incidents(world)
    closed(world, "blocked")
    sender = Sender(archive=world.path, deliver=lambda *_: None, clock=lambda: world.time)
    sent = sender.send(parse_stores(STORE))
    assert (
        sent and sent.failing,
        rows(world.path, "SELECT count(*) FROM alert_messages WHERE state = 'waiting'"),
    ) == (set(), [(0,)])


def test_incident_of_a_store_without_channels_is_not_reported(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "outage", "it did not answer")
    assert world.send(BOTH).delivered == 0
