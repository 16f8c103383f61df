"""Alerts of a real archive, over real sockets, to a webhook and a mail server that fail at times; the clock is moved by the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from scraper.archive.alerts.outbox import settle
from scraper.archive.database import open_for_reading, open_for_writing
from scraper.archive.incidents import close_incidents, open_incident
from scraper.archive.verify import verify
from scraper.history.crawls import IncidentKind
from scraper.items import Post
from scraper.runner.alerts import MANY, Sender
from scraper.runner.clock import stamp
from scraper.runner.delivery import deliver
from scraper.runner.posting import Sent
from scraper.scheduling.channels import PATIENCE
from scraper.scheduling.stores import StoresFile, parse_stores
from tests.archive.shop import Shop
from tests.conftest import rows
from tests.factories import TEXT, make_post, seen
from tests.runner.receivers import Receiver, mail_server, webhook

STORE = """
[stores.shop]
url = "https://shop.example"
schedule = "0 5 * * *"
"""
RULE = """
[[stores.shop.alerts]]
channels = ["{channel}"]
"""
FAULTS = ["500", "hang up", "ok", "slow", "redirect", "ok", "500"]
MAIL_FAULTS = ["500", "hang up", "ok", "busy", "500", "ok", "hang up"]


def post(number: int, text: str = TEXT, **more: object) -> Post:
    return make_post(f"p{number}", article_id=str(number), text=f"{text}\nNumber {number}.", **more)


@dataclass
class World:
    """An archive with a store whose crawls a test writes, and who is told of them."""

    path: Path
    hook: Receiver
    mail: Receiver
    time: datetime = datetime(2026, 3, 1, 7, tzinfo=UTC)
    told: list[str] = field(default_factory=list)

    def crawl(self, day: int, *posts: Post, **more: object) -> None:
        db = open_for_writing(self.path)
        Shop(db).crawl(day, *posts, **more)  # type: ignore[arg-type]
        db.close()
        self.time = datetime(2026, 3, day, 7, tzinfo=UTC)

    def channels(self, **more: str) -> str:
        return f"""
[channels.hook]
webhook = "http://127.0.0.1:{self.hook.port}/in"
{more.get("hook", "")}
[channels.mail]
mail = "ann@shop.example"
server = "127.0.0.1:{self.mail.port}"
from = "keep@shop.example"
security = "none"
{more.get("mail", "")}
"""

    def file(self, rules: str, **more: str) -> StoresFile:
        return parse_stores(self.channels(**more) + STORE + rules)

    def send(self, rules: str, **more: str) -> Sent:
        return self.send_file(self.file(rules, **more))

    def send_file(self, file: StoresFile) -> Sent:
        def hand(channel: object, message: object, key: str, made_at: str) -> None:
            deliver(channel, message, key=key, made_at=made_at, folder=self.path.parent, wait_s=0.4)  # type: ignore[arg-type]

        sender = Sender(archive=self.path, deliver=hand, clock=lambda: self.time, room="https://room.example/")
        sent = sender.send(file)
        assert sent is not None
        self.told += sent.lines
        return sent

    def send_all(self, rules: str, **more: str) -> int:
        """Send until nothing waits, the clock going on by what a channel asks for; says how many rounds it took."""
        for number in range(40):
            if not self.send(rules, **more).down:
                return number
            self.time += timedelta(hours=6, minutes=1)
        raise AssertionError(self.told)


@pytest.fixture
def world(db_path: Path) -> Iterator[World]:
    with webhook() as hook, mail_server() as mail:
        found = World(db_path, hook, mail)
        yield found
        if db_path.exists():
            db: Database = open_for_reading(db_path)
            assert [problem for result in verify(db) for problem in result.problems] == []
            db.close()


BOTH = RULE.format(channel="hook") + RULE.format(channel="mail")
EDITS = [post(n, TEXT.replace("Wait four", f"Wait {n + 20}")) for n in range(1, 6)]


def edited(world: World) -> None:
    """Five posts, each edited in its own way on the second day; the first look was at the first day."""
    world.crawl(1, *(post(n) for n in range(1, 6)))
    assert world.send(BOTH).taken == 0
    world.crawl(2, *EDITS)


def titles(receiver: Receiver) -> list[str]:
    return [subject.rpartition(": ")[2] for subject in subjects(receiver.taken)]


def subjects(messages: list) -> list[str]:
    return [str(message["subject"]) for message in messages]


def keys(messages: list) -> list[str]:
    return [message["key"] if isinstance(message, dict) else message["Message-ID"] for message in messages]


def test_each_change_once_and_in_order_however_the_channels_fail(world: World) -> None:
    edited(world)
    world.hook.plan, world.mail.plan = list(FAULTS), list(MAIL_FAULTS)
    assert world.send_all(BOTH) > 3
    expected = ["P1", "P2", "P3", "P4", "P5"]
    assert (titles(world.hook), titles(world.mail)) == (expected, expected)
    assert len(set(keys(world.hook.got))) == len(set(keys(world.mail.got))) == 5
    assert len(world.hook.got) > 5
    assert world.send(BOTH).taken == 0
    assert rows(world.path, "SELECT channel, state, content, count(*) FROM alert_messages GROUP BY 1, 2, 3") == [
        ("hook", "sent", "", 5),
        ("mail", "sent", "", 5),
    ]
    assert rows(world.path, "SELECT count(*), count(DISTINCT channel || change_id), count(message_id) FROM alerts") == [(10, 10, 10)]


def test_message_that_was_taken_unnoticed_comes_again_under_its_key(world: World) -> None:
    edited(world)
    world.hook.plan = ["taken, then hang up"]
    world.mail.plan = ["taken, then hang up"]
    world.send_all(BOTH)
    for receiver in (world.hook, world.mail):
        assert keys(receiver.taken)[0] == keys(receiver.taken)[1]
        assert len(dict.fromkeys(keys(receiver.taken))) == 5
        assert list(dict.fromkeys(titles(receiver))) == ["P1", "P2", "P3", "P4", "P5"]
        assert str(receiver.taken[0]) == str(receiver.taken[1])


def test_channel_that_is_down_is_one_incident_closed_once(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"] * (PATIENCE + 3)
    world.send_all(BOTH)
    found = "SELECT kind, subject, opened_at IS NOT NULL, closed_at IS NOT NULL, detail FROM incidents"
    assert rows(world.path, found) == [("alerts_undelivered", "hook", 1, 1, "hook takes no messages: it answered 500")]
    assert world.told.count("hook takes messages again") == 1
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_pauses_grow(world: World) -> None:
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


def test_one_channel_down_keeps_no_other_waiting(world: World) -> None:
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
    assert (message["changes"][0]["posts"], message["changes"][0]["links"]) == (7, {"group": "https://room.example/-/changes/group/1"})
    assert "[-four-] {+five+}" in message["text"]
    assert len(world.mail.taken) == 1


def test_what_a_theme_or_a_file_did_is_told_nobody(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(1, 8)))
    world.send(BOTH)
    world.crawl(2, *(post(n, tags=()) for n in range(1, 8)))
    db = open_for_writing(world.path)
    Shop(db).imported(3, post(9))
    db.close()
    world.crawl(4, *(post(n, f"{TEXT} And more.") for n in range(1, 8)), extractor="rules 2")
    found = rows(world.path, "SELECT DISTINCT coalesce(g.origin, c.origin) FROM changes c LEFT JOIN change_groups g ON g.id = group_id")
    assert {"technical", "imported"} <= {origin for (origin,) in found}
    assert world.send(BOTH).taken == 0
    assert world.hook.got == []


def test_posts_of_the_first_crawl_are_not_new_and_later_ones_are(world: World) -> None:
    world.crawl(1, post(1))
    world.send(BOTH)
    world.crawl(2, post(1), post(2))
    world.send(BOTH)
    assert subjects(world.hook.taken) == ["shop.example: Published: P2"]
    assert "Warm the pot" in world.hook.taken[0]["text"]


def test_store_looked_at_for_the_first_time_begins_with_its_last_crawl(world: World) -> None:
    for day in (1, 2, 3):
        world.crawl(day, post(1, f"{TEXT} Day {day}."))
    world.send(BOTH)
    assert len(world.hook.taken) == 1
    assert "{+3.+}" in world.hook.taken[0]["text"]
    assert world.told == ["shop.example: alerts begin with its last crawl; scrapy alerts replay shows what came before"]


def test_crawl_under_way_is_left_for_later(world: World) -> None:
    world.crawl(1, post(1))
    world.send(BOTH)
    db = open_for_writing(world.path)
    writer = Shop(db).begin(2)
    writer.note_visit(seen(post(1, "Another text."), "2026-03-02T06:01:00Z"))
    assert world.send(BOTH).taken == 0
    db.close()
    world.crawl(3, post(1, "Another text."))
    assert rows(world.path, "SELECT outcome FROM crawls") == [("complete",), ("killed",), ("complete",)]
    world.send(BOTH)
    assert (len(world.hook.taken), len(world.mail.taken)) == (1, 1)


DAILY = RULE.format(channel="hook") + 'when = "daily"\n' + RULE.format(channel="mail") + 'when = "weekly"\n'


def test_digests_are_complete_and_come_once(world: World) -> None:
    """At nine in Berlin every day, and on Fridays: 2 March 2026 is a Monday."""
    more = {"hook": 'timezone = "Europe/Berlin"\ndigest_at = "09:00"', "mail": 'digest_day = "friday"'}
    world.crawl(1, *(post(n) for n in range(1, 6)))
    world.send(DAILY, **more)
    world.hook.plan, world.mail.plan = ["500", "hang up"], ["500"]
    for day in range(2, 7):
        world.crawl(day, *(post(n, f"{TEXT} On {min(day, n + 1)}-{n}.") for n in range(1, 6)))
        for hours in (0, 6, 12, 18, 23):
            world.time = datetime(2026, 3, day, 7, tzinfo=UTC) + timedelta(hours=hours)
            world.send(DAILY, **more)
    assert rows(world.path, "SELECT count(*) FROM alerts WHERE message_id IS NULL AND channel = 'mail'") == [(0,)]
    world.time = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
    world.send_all(DAILY, **more)
    changed = rows(world.path, "SELECT id FROM changes WHERE kind != 'created' ORDER BY id")
    assert [(change["change"],) for message in world.hook.taken for change in message["changes"]] == changed
    assert len(world.hook.taken) == 5
    (weekly,) = world.mail.taken
    assert weekly["Subject"] == f"{len(changed)} changes at shop.example, in the week before 2026-03-06 08:00"
    plain = weekly.get_body(("plain",)).get_content()
    assert [line for line in plain.splitlines() if line.startswith("Edited: ")] == [
        f"Edited: {title}"
        for (title,) in rows(
            world.path, "SELECT title FROM changes JOIN posts ON posts.id = post_id WHERE kind != 'created' ORDER BY changes.id"
        )
    ]
    assert weekly.get_body(("html",)).get_content().count("<h2>") == len(changed)


def test_flood_of_one_crawl_is_one_message(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(MANY + 1)))
    world.send(BOTH)
    world.crawl(2, *(post(n, f"{TEXT} Now {n}.") for n in range(MANY + 1)))
    world.send(BOTH)
    (message,) = world.hook.taken
    assert (len(message["changes"]), message["subject"]) == (MANY + 1, "21 changes at shop.example, found by one crawl")


def test_channel_that_went_from_the_file_keeps_its_messages(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"]
    world.send(BOTH)
    other = parse_stores('[channels.new]\nwebhook = "http://127.0.0.1:9/"\n' + STORE)
    sender = Sender(archive=world.path, deliver=lambda *_: None, clock=lambda: world.time)
    for _ in range(2):
        sent = sender.send(other)
        assert sent is not None
        assert sent.down == {"hook"}
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
    open_incident(db.conn, None, "alerts_undelivered", "somebody else's", "2026-03-01T00:00:00Z", subject="other")
    db.close()
    world.send(BOTH)
    assert rows(world.path, "SELECT subject, closed_at FROM incidents") == [("other", None)]


@pytest.mark.parametrize("way", ["hook", "mail"])
def test_message_that_is_refused_is_set_aside_once_a_later_one_is_taken(world: World, way: str) -> None:
    edited(world)
    receiver: Receiver = getattr(world, way)
    receiver.refuses = "P2"
    world.send_all(BOTH)
    assert titles(receiver) == ["P1", "P3", "P4", "P5"]
    assert len([key for key in keys(receiver.got) if key == keys(receiver.got)[1]]) == PATIENCE
    assert rows(world.path, "SELECT channel, subject FROM alert_messages WHERE state = 'refused'") == [(way, "shop.example: Edited: P2")]
    open_ones = "SELECT kind, subject FROM incidents WHERE closed_at IS NULL"
    assert rows(world.path, open_ones) == [("alerts_refused", way)]
    receiver.refuses = ""
    assert settled(world, way, to="waiting") == 1
    world.send(BOTH)
    assert titles(receiver) == ["P1", "P3", "P4", "P5", "P2"]
    assert rows(world.path, open_ones) == []


def test_several_refused_in_a_row_hold_up_nothing_that_comes_after(world: World) -> None:
    world.crawl(1, *(post(n) for n in range(1, 9)))
    assert world.send(BOTH).taken == 0
    world.crawl(2, *(post(n, TEXT.replace("Wait four", f"{'Refuse' if n < 6 else 'Wait'} {n + 20}")) for n in range(1, 9)))
    world.hook.refuses = "Refuse"
    for _ in range(6 * PATIENCE):
        world.send(BOTH)
        world.time += timedelta(hours=6, minutes=1)
    assert titles(world.hook) == ["P6", "P7", "P8"]


def test_channel_that_refuses_everything_keeps_everything(world: World) -> None:
    edited(world)
    world.hook.refuses = "shop.example"
    for _ in range(PATIENCE + 3):
        world.send(BOTH)
        world.time += timedelta(hours=6, minutes=1)
    assert rows(world.path, "SELECT state, count(*) FROM alert_messages WHERE channel = 'hook' GROUP BY 1") == [("waiting", 5)]
    assert rows(world.path, "SELECT kind FROM incidents WHERE closed_at IS NULL") == [("alerts_undelivered",)]
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


def settled(world: World, channel: str, *, to: str, of: str = "refused") -> int:
    db = open_for_writing(world.path)
    found = settle(db, channel, to=to, of=[of], at=stamp(world.time))  # type: ignore[arg-type, list-item]
    db.close()
    return found


TROUBLE = """
[defaults]
incidents = ["mail"]
[stores.shop]
url = "https://shop.example"
schedule = "0 5 * * *"
incidents = ["hook", "mail"]
"""


def test_trouble_with_a_store_is_told_once_and_once_that_it_is_over(world: World) -> None:
    world.crawl(1, post(1))
    world.hook.plan, world.mail.plan = ["500", "hang up"], ["busy"]
    incident(world, "blocked", "it answered 403 to most requests")
    for _ in range(3):
        send_trouble(world)
    closed(world, "blocked")
    for _ in range(3):
        send_trouble(world)
    expected = ["shop.example: The store blocks crawls", "shop.example: The store blocks crawls: over"]
    assert (subjects(world.hook.taken), subjects(world.mail.taken)) == (expected, expected)
    told = world.hook.taken[1]["incident"]
    assert (told["kind"], told["detail"], told["closed_at"]) == ("blocked", "it answered 403 to most requests", stamp(CLOSED_AT))
    assert "it answered 403 to most requests" in world.mail.taken[0].get_body(("plain",)).get_content()
    incident(world, "blocked", "again")
    send_trouble(world)
    assert subjects(world.hook.taken)[2:] == expected[:1]


def test_end_of_trouble_is_not_told_where_its_beginning_was_dropped(world: World) -> None:
    world.crawl(1, post(1))
    world.hook.plan = ["500"]
    incident(world, "blocked", "it answered 403 to most requests")
    send_trouble(world)
    assert settled(world, "hook", to="dropped", of="waiting") == 1
    closed(world, "blocked")
    send_trouble(world)
    assert (subjects(world.hook.taken), len(world.mail.taken)) == ([], 2)


def test_trouble_of_no_store_goes_to_the_channels_of_defaults(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "disk_space", "80 MB are free", store_id=None)
    send_trouble(world)
    assert subjects(world.mail.taken) == ["archive: Little room on the disk"]
    assert world.hook.got == []


def test_channel_that_is_down_is_told_to_the_others_and_not_to_itself(world: World) -> None:
    edited(world)
    world.hook.plan = ["500"] * PATIENCE
    rules = TROUBLE + 'alerts = [{ channels = ["hook"] }]\n'
    for _ in range(PATIENCE):
        send_trouble(world, rules)
    assert subjects(world.mail.taken) == ["archive: A channel takes no messages"]
    send_trouble(world, rules)
    assert subjects(world.mail.taken)[1:] == ["archive: A channel takes no messages: over"]
    assert titles(world.hook) == ["P1", "P2", "P3", "P4", "P5"]


def test_trouble_that_was_over_before_anybody_was_to_be_told_is_told_nobody(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "outage", "it did not answer")
    closed(world, "outage")
    send_trouble(world)
    assert world.hook.got == world.mail.got == []


def test_channel_that_went_from_the_file_is_not_told_that_trouble_is_over(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "blocked", "it answered 403")
    send_trouble(world)
    closed(world, "blocked")
    sender = Sender(archive=world.path, deliver=lambda *_: None, clock=lambda: world.time)
    sent = sender.send(parse_stores(STORE))
    assert (sent and sent.down, rows(world.path, "SELECT count(*) FROM alert_messages WHERE state = 'waiting'")) == (set(), [(0,)])


def test_trouble_with_a_store_without_channels_is_told_nobody(world: World) -> None:
    world.crawl(1, post(1))
    incident(world, "outage", "it did not answer")
    assert world.send(BOTH).taken == 0


CLOSED_AT = datetime(2026, 3, 4, 7, tzinfo=UTC)


def incident(world: World, kind: IncidentKind, detail: str, store_id: int | None = 1) -> None:
    db = open_for_writing(world.path)
    assert open_incident(db.conn, store_id, kind, detail, stamp(world.time))
    db.close()


def closed(world: World, kind: IncidentKind) -> None:
    db = open_for_writing(world.path)
    assert close_incidents(db.conn, 1, kinds=[kind], at=stamp(CLOSED_AT)) == 1
    db.close()


def send_trouble(world: World, rules: str = TROUBLE) -> None:
    world.send_file(parse_stores(world.channels() + rules))
    world.time += timedelta(hours=6, minutes=1)


def test_channel_whose_address_cannot_be_used_keeps_no_other_waiting(world: World) -> None:
    edited(world)
    file = parse_stores(world.channels().replace(f"127.0.0.1:{world.hook.port}", f"{'a' * 64}.example") + STORE + BOTH)
    sent = world.send_file(file)
    assert (sent.down, titles(world.mail)) == ({"hook"}, ["P1", "P2", "P3", "P4", "P5"])
