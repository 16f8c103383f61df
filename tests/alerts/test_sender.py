"""Alerts of a real archive, over real sockets, to a webhook and a mail server that fail at times;
the clock is moved by the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.alerts.messages import MOST_SINGLE_MESSAGES
from scraper.alerts.outbox import FAILURES_TO_REPORT
from scraper.alerts.sender import Sender
from scraper.archive.database import open_for_writing
from scraper.archive.write.incidents import open_incident
from scraper.schedule.timetable.stores import parse_stores
from tests.alerts.alerted import (
    BOTH,
    RULE,
    STORE,
    World,
    edited,
    keys,
    post,
    settled,
    subjects,
    titles,
)
from tests.alerts.receivers import Receiver
from tests.archive.shop import Shop
from tests.conftest import rows
from tests.factories import TEXT, seen

FAULTS = ["500", "hang up", "ok", "slow", "redirect", "ok", "500"]
MAIL_FAULTS = ["500", "hang up", "ok", "busy", "500", "ok", "hang up"]


def test_each_change_once_and_in_order_however_the_channels_fail(world: World) -> None:
    edited(world)
    world.hook.plan, world.mail.plan = list(FAULTS), list(MAIL_FAULTS)
    assert world.send_all(BOTH) > 3
    expected = ["P1", "P2", "P3", "P4", "P5"]
    assert (titles(world.hook), titles(world.mail)) == (expected, expected)
    assert len(set(keys(world.hook.got))) == len(set(keys(world.mail.got))) == 5
    assert len(world.hook.got) > 5
    assert world.send(BOTH).delivered == 0
    assert rows(
        world.path, "SELECT channel, state, content, count(*) FROM alert_messages GROUP BY 1, 2, 3"
    ) == [
        ("hook", "sent", "", 5),
        ("mail", "sent", "", 5),
    ]
    assert rows(
        world.path,
        "SELECT count(*), count(DISTINCT channel || change_id), count(message_id) FROM alerts",
    ) == [(10, 10, 10)]


def test_message_accepted_unnoticed_is_sent_again_under_its_key(world: World) -> None:
    edited(world)
    world.hook.plan = ["taken, then hang up"]
    world.mail.plan = ["taken, then hang up"]
    world.send_all(BOTH)
    for receiver in (world.hook, world.mail):
        assert keys(receiver.taken)[0] == keys(receiver.taken)[1]
        assert len(dict.fromkeys(keys(receiver.taken))) == 5
        assert list(dict.fromkeys(titles(receiver))) == ["P1", "P2", "P3", "P4", "P5"]
        assert str(receiver.taken[0]) == str(receiver.taken[1])


def test_failing_channel_is_one_incident(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"] * (FAILURES_TO_REPORT + 3)
    world.send_all(BOTH)
    found = (
        "SELECT kind, subject, opened_at IS NOT NULL, closed_at IS NOT NULL, detail FROM incidents"
    )
    assert rows(world.path, found) == [
        ("alerts_undelivered", "hook", 1, 1, "hook takes no messages: it answered 500")
    ]
    assert world.lines.count("hook accepts messages again") == 1
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_delays_grow(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"] * 20
    world.send(BOTH)
    for minutes in (1, 2, 4, 8):
        world.time += timedelta(minutes=minutes, seconds=-1)
        before = len(world.hook.got)
        world.send(BOTH)
        assert len(world.hook.got) == before
        world.time += timedelta(seconds=1)
        world.send(BOTH)
        assert len(world.hook.got) == before + 1


def test_failing_channel_delays_no_other(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"]
    world.send(BOTH)
    assert (titles(world.hook), titles(world.mail)) == ([], ["P1", "P2", "P3", "P4", "P5"])


def test_identical_changes_are_one_message(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(1, 8)))
    world.send(BOTH)
    world.crawl(2, *(post(n, TEXT.replace("four", "five")) for n in range(1, 8)))
    world.send(BOTH)
    (message,) = world.hook.taken
    assert message["subject"] == "shop.example: 7 posts: Edited (P1, P2, P3, P4, P5 and 2 more)"
    assert (message["changes"][0]["posts"], message["changes"][0]["links"]) == (
        7,
        {"group": "https://room.example/-/changes/group/1"},
    )
    assert "[-four-] {+five+}" in message["text"]
    assert len(world.mail.taken) == 1


def test_changes_by_a_theme_or_an_import_send_no_alert(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(1, 8)))
    world.send(BOTH)
    world.crawl(2, *(post(n, tags=()) for n in range(1, 8)))
    db = open_for_writing(world.path)
    Shop(db).imported(3, post(9))
    db.close()
    world.crawl(
        4, *(post(n, f"{TEXT} And more.") for n in range(1, 8)), extractor="rules 2", lastmod=""
    )
    found = rows(
        world.path,
        "SELECT DISTINCT coalesce(g.origin, c.origin) FROM changes c "
        "LEFT JOIN change_groups g ON g.id = group_id",
    )
    assert {"technical", "imported"} <= {origin for (origin,) in found}
    assert world.send(BOTH).delivered == 0
    assert world.hook.got == []


def test_posts_of_the_first_crawl_are_not_new_and_later_ones_are(world: World) -> None:
    world.crawl(1, post(1))
    world.send(BOTH)
    world.crawl(2, post(1), post(2))
    world.send(BOTH)
    assert subjects(world.hook.taken) == ["shop.example: Created: P2"]
    assert "Warm the pot" in world.hook.taken[0]["text"]


def test_alerts_of_a_store_begin_with_its_last_crawl(world: World) -> None:
    for day in (1, 2, 3):
        world.crawl(day, post(1, f"{TEXT} Day {day}."))
    world.send(BOTH)
    assert len(world.hook.taken) == 1
    assert "{+3.+}" in world.hook.taken[0]["text"]
    assert world.lines == [
        (
            "shop.example: alerts begin with its last crawl; for earlier ones see blogkeep alerts "
            "replay"
        )
    ]


def test_crawl_under_way_is_left_for_later(world: World) -> None:
    world.crawl(1, post(1))
    world.send(BOTH)
    db = open_for_writing(world.path)
    writer = Shop(db).begin(2)
    writer.record_visit(seen(post(1, "Another text."), "2026-03-02T06:01:00Z"))
    assert world.send(BOTH).delivered == 0
    db.close()
    world.crawl(3, post(1, "Another text."))
    assert rows(world.path, "SELECT outcome FROM crawls") == [
        ("complete",),
        ("killed",),
        ("complete",),
    ]
    world.send(BOTH)
    assert (len(world.hook.taken), len(world.mail.taken)) == (1, 1)


DAILY = (
    RULE.format(channel="hook")
    + 'when = "daily"\n'
    + RULE.format(channel="mail")
    + 'when = "weekly"\n'
)


def test_digests_are_complete_and_come_once(world: World) -> None:
    """At nine in Berlin every day, and on Fridays: 2 March 2026 is a Monday."""
    more = {
        "hook": 'timezone = "Europe/Berlin"\ndigest_at = "09:00"',
        "mail": 'digest_day = "friday"',
    }
    world.crawl(1, *(post(n) for n in range(1, 6)))
    world.send(DAILY, **more)
    world.hook.plan, world.mail.plan = ["500", "hang up"], ["500"]
    for day in range(2, 7):
        world.crawl(day, *(post(n, f"{TEXT} On {min(day, n + 1)}-{n}.") for n in range(1, 6)))
        for hours in (0, 6, 12, 18, 23):
            world.time = datetime(2026, 3, day, 7, tzinfo=UTC) + timedelta(hours=hours)
            world.send(DAILY, **more)
    assert rows(
        world.path, "SELECT count(*) FROM alerts WHERE message_id IS NULL AND channel = 'mail'"
    ) == [(0,)]
    world.time = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
    world.send_all(DAILY, **more)
    changed = rows(world.path, "SELECT id FROM changes WHERE kind != 'created' ORDER BY id")
    assert [
        (change["change"],) for message in world.hook.taken for change in message["changes"]
    ] == changed
    assert len(world.hook.taken) == 5
    (weekly,) = world.mail.taken
    assert (
        weekly["Subject"]
        == f"{len(changed)} changes at shop.example, in the week before 2026-03-06 08:00"
    )
    plain = weekly.get_body(("plain",)).get_content()
    assert [line for line in plain.splitlines() if line.startswith("Edited: ")] == [
        f"Edited: {title}"
        for (title,) in rows(
            world.path,
            "SELECT title FROM changes JOIN posts ON posts.id = post_id WHERE kind != 'created' "
            "ORDER BY changes.id",
        )
    ]
    assert weekly.get_body(("html",)).get_content().count("<h2>") == len(changed)


def test_flood_of_one_crawl_is_one_message(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(MOST_SINGLE_MESSAGES + 1)))
    world.send(BOTH)
    world.crawl(2, *(post(n, f"{TEXT} Now {n}.") for n in range(MOST_SINGLE_MESSAGES + 1)))
    world.send(BOTH)
    (message,) = world.hook.taken
    assert (len(message["changes"]), message["subject"]) == (
        MOST_SINGLE_MESSAGES + 1,
        "21 changes at shop.example, found by one crawl",
    )


def test_messages_of_a_removed_channel_wait(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"]
    world.send(BOTH)
    other = parse_stores('[channels.new]\nwebhook = "http://127.0.0.1:9/"\n' + STORE)
    sender = Sender(archive=world.path, deliver=lambda *_: None, clock=lambda: world.time)
    for _ in range(2):
        sent = sender.send(other)
        assert sent is not None
        assert sent.failing == {"hook"}
    assert rows(world.path, "SELECT subject, closed_at FROM incidents") == [("hook", None)]
    world.send_all(BOTH)
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]
    assert rows(world.path, "SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [(0,)]


def test_clock_that_was_wrong_delays_nothing_for_long(world: World) -> None:
    edited(world)
    right, world.time = world.time, datetime(2036, 1, 1, tzinfo=UTC)
    world.hook.plan = ["500"]
    world.send(BOTH)
    world.time = right
    world.send(BOTH)
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_other_incidents_stay_as_they_are(world: World) -> None:
    edited(world)
    db = open_for_writing(world.path)
    open_incident(
        db.conn,
        None,
        "alerts_undelivered",
        "somebody else's",
        "2026-03-01T00:00:00Z",
        subject="other",
    )
    db.close()
    world.send(BOTH)
    assert rows(world.path, "SELECT subject, closed_at FROM incidents") == [("other", None)]


@pytest.mark.parametrize("way", ["hook", "mail"])
def test_message_that_is_refused_is_set_aside_once_a_later_one_is_taken(
    world: World, way: str
) -> None:
    edited(world)
    receiver: Receiver = getattr(world, way)
    receiver.refuses = "P2"
    world.send_all(BOTH)
    assert titles(receiver) == ["P1", "P3", "P4", "P5"]
    assert (
        len([key for key in keys(receiver.got) if key == keys(receiver.got)[1]])
        == FAILURES_TO_REPORT
    )
    assert rows(
        world.path, "SELECT channel, subject FROM alert_messages WHERE state = 'refused'"
    ) == [(way, "shop.example: Edited: P2")]
    open_ones = "SELECT kind, subject FROM incidents WHERE closed_at IS NULL"
    assert rows(world.path, open_ones) == [("alerts_refused", way)]
    receiver.refuses = ""
    assert settled(world, way, to="waiting") == 1
    world.send(BOTH)
    assert titles(receiver) == ["P1", "P3", "P4", "P5", "P2"]
    assert rows(world.path, open_ones) == []


def test_several_refused_in_a_row_hold_up_nothing_that_comes_after(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(1, 9)))
    assert world.send(BOTH).delivered == 0
    world.crawl(
        2,
        *(
            post(n, TEXT.replace("Wait four", f"{'Refuse' if n < 6 else 'Wait'} {n + 20}"))
            for n in range(1, 9)
        ),
    )
    world.hook.refuses = "Refuse"
    for _ in range(6 * FAILURES_TO_REPORT):
        world.send(BOTH)
        world.time += timedelta(hours=6, minutes=1)
    assert titles(world.hook) == ["P6", "P7", "P8"]


def test_messages_of_a_channel_that_refuses_all_wait(world: World) -> None:
    edited(world)
    world.hook.refuses = "shop.example"
    for _ in range(FAILURES_TO_REPORT + 3):
        world.send(BOTH)
        world.time += timedelta(hours=6, minutes=1)
    assert rows(
        world.path, "SELECT state, count(*) FROM alert_messages WHERE channel = 'hook' GROUP BY 1"
    ) == [("waiting", 5)]
    assert rows(world.path, "SELECT kind FROM incidents WHERE closed_at IS NULL") == [
        ("alerts_undelivered",)
    ]
    world.hook.refuses = ""
    world.send_all(BOTH)
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_message_that_is_dropped_never_goes_out(world: World) -> None:
    edited(world)
    world.hook.refuses = "P2"
    world.send_all(BOTH)
    world.hook.refuses = ""
    assert settled(world, "hook", to="dropped") == 1
    world.send(BOTH)
    assert titles(world.hook) == ["P1", "P3", "P4", "P5"]
    assert rows(world.path, "SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [(0,)]


def test_channel_with_an_unusable_url_delays_no_other(world: World) -> None:
    edited(world)
    file = parse_stores(
        world.channels().replace(f"127.0.0.1:{world.hook.port}", f"{'a' * 64}.example")
        + STORE
        + BOTH
    )
    sent = world.send_file(file)
    assert (sent.failing, titles(world.mail)) == ({"hook"}, ["P1", "P2", "P3", "P4", "P5"])
