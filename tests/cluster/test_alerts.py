"""Alerts of a cluster: what workers put into the outbox, and what its one sender delivers, over
real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from sqlite_utils import Database

from scraper.alerts.background import network_delivery
from scraper.alerts.channel_queue import SendReport
from scraper.alerts.channels import Channel
from scraper.alerts.notices import Message
from scraper.alerts.outbox import FAILURES_TO_REPORT
from scraper.archive.database import open_for_writing
from scraper.archive.write.incidents import set_incident
from scraper.cli.main import main
from scraper.cluster.database import ClusterDatabase
from scraper.cluster.job import read_end
from scraper.cluster.outbox import send_alerts
from scraper.cluster.queue import ClaimedRun, PostgresQueue
from scraper.cluster.status import read_status
from scraper.cluster.stores import import_stores
from scraper.exceptions import StoreLost
from scraper.items import Post
from scraper.schedule.runs import RunResult
from tests.alerts.receivers import Receiver, webhook
from tests.archive.shop import Shop
from tests.cluster.running import Cluster
from tests.factories import TEXT, make_post

FILE = """
[channels.{hook}]
webhook = "http://127.0.0.1:{port}/in"
[channels.duty]
webhook = "http://127.0.0.1:{port}/duty"
[defaults]
schedule = "0 5 1 1 *"
incidents = ["duty"]
[[defaults.alerts]]
channels = ["{hook}"]
when = "{when}"
[stores.ash]
url = "https://ash.example"
[stores.birch]
url = "https://birch.example"
"""
EDITED = TEXT.replace("Wait four", "Wait five")
COMPARISON = "https://room.example/stores/{}/-/post/1/compare/1/2"
LONG_AGO = "2026-01-01T00:00:00Z"


@dataclass
class World:
    """A cluster of two stores, ash and birch, whose crawls a test writes."""

    cluster: Cluster
    queue: PostgresQueue
    hook: Receiver

    def use(self, when: str = "at_once", hook: str = "hook") -> None:
        text = FILE.format(port=self.hook.port, when=when, hook=hook)
        import_stores(self.queue.database, text)

    def archive(self, store: str) -> Database:
        return open_for_writing(self.cluster.folder / f"{store}.db")

    def claim(self, store: str) -> ClaimedRun:
        sql = "UPDATE blogkeep.stores SET next_at = now(), due_at = now() WHERE name = %s"
        self.cluster.write(sql, store)
        assert self.queue.enqueue_due() == 1
        claim = self.queue.claim()
        assert claim is not None
        return claim

    def finish(self, claim: ClaimedRun) -> None:
        """End a run as a worker does."""
        with closing(self.archive(claim.run.store.name)) as db:
            end = read_end(db, claim, RunResult("complete"), "https://room.example")
        self.queue.finish(claim, end)

    def crawl(self, store: str, day: int, *posts: Post) -> None:
        with closing(self.archive(store)) as db:
            Shop(db, f"https://{store}.example").crawl(day, *posts)

    def run(self, store: str, day: int, text: str) -> None:
        claim = self.claim(store)
        self.crawl(store, day, post(store, text))
        self.finish(claim)

    def send(self) -> SendReport | None:
        """As a worker does with each heartbeat, once what waits for its time is due."""
        self.cluster.write("UPDATE blogkeep.alerts SET created_at = %s", LONG_AGO)
        self.cluster.write("UPDATE blogkeep.alert_messages SET next_attempt_at = %s", LONG_AGO)
        return send_alerts(
            self.cluster.conninfo, network_delivery(self.cluster.folder), "https://room.example"
        )

    @property
    def subjects(self) -> list[str]:
        return [message["subject"] for message in self.hook.taken]


def post(store: str, text: str) -> Post:
    return make_post(url=f"https://{store}.example/blogs/news/slow-tea", text=text)


@pytest.fixture
def world(cluster: Cluster) -> Iterator[World]:
    with webhook() as hook, closing(ClusterDatabase(cluster.conninfo)) as database:
        queue = PostgresQueue(database, "one")
        queue.register()
        made = World(cluster, queue, hook)
        made.use()
        cluster.write("UPDATE blogkeep.stores SET next_at = NULL")
        yield made


def test_digest_spans_stores(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.use(when="daily")
    world.cluster.write("UPDATE blogkeep.stores SET next_at = NULL")
    for store in ("ash", "birch"):
        world.run(store, 1, TEXT)
        world.run(store, 2, EDITED)
    words = ["alerts", "--cluster", "--json", *world.cluster.settings()]
    assert main(words) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["timing"], row["state"]) for row in listed] == [("daily", "waiting")] * 2
    world.send()
    world.send()
    (digest,) = world.hook.taken
    assert digest["subject"].startswith("2 changes at ash.example, birch.example, in the day ")
    assert [change["store"] for change in digest["changes"]] == ["ash.example", "birch.example"]
    links = [change["links"]["comparison"] for change in digest["changes"]]
    assert links == [COMPARISON.format(store) for store in ("ash", "birch")]
    assert digest["text"].count("[-four-] {+five+}") == 2
    assert world.cluster.rows("SELECT DISTINCT notice FROM alerts") == [("",)]


def test_alert_of_a_run_that_was_taken_over_is_sent_once(world: World) -> None:
    world.run("ash", 1, TEXT)
    lost = world.claim("ash")
    world.crawl("ash", 2, post("ash", EDITED))
    assert world.queue.recover(0) == ["ash"]
    with pytest.raises(StoreLost):
        world.finish(lost)
    assert world.cluster.rows("SELECT count(*) FROM alerts") == [(0,)]
    world.queue.register()
    claim = world.claim("ash")
    world.finish(claim)
    world.finish(claim)  # again, after a lost answer
    world.finish(world.claim("ash"))  # a run that found nothing new
    for _ in range(2):
        world.send()
    assert world.subjects == ["ash.example: Edited: Slow Tea"]
    (change,) = world.hook.taken[0]["changes"]
    assert change["links"]["comparison"] == COMPARISON.format("ash")


def test_message_of_a_killed_sender_is_sent_again_under_its_key(world: World) -> None:
    world.run("ash", 1, TEXT)
    world.run("ash", 2, EDITED)
    hand = network_delivery(world.cluster.folder)

    def die(channel: Channel, message: Message, key: str, created_at: str) -> None:
        hand(channel, message, key, created_at)
        assert world.send() is None  # another one, meanwhile
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_alerts(world.cluster.conninfo, die, "")
    sent = world.send()
    assert sent is not None
    assert sent.delivered == 1
    assert len(world.hook.taken) == 2
    assert len({message["key"] for message in world.hook.taken}) == 1


def test_failing_channel_is_one_incident_for_others(world: World) -> None:
    world.run("ash", 1, TEXT)
    world.run("ash", 2, EDITED)
    world.hook.plan = ["500"] * FAILURES_TO_REPORT
    world.send()
    with closing(ClusterDatabase(world.cluster.conninfo)) as database:
        status = read_status(database)
    assert status.unsent_messages == 1
    assert status.unsent_s > 0
    for _ in range(FAILURES_TO_REPORT):
        world.send()
    assert world.subjects == [
        "archive: Alerts not delivered",
        "ash.example: Edited: Slow Tea",
        "archive: Alerts not delivered: resolved",
    ]


def test_incident_of_a_store_is_reported_once(world: World) -> None:
    for day, detail in enumerate(["it answered 403", "", ""], start=1):
        claim = world.claim("ash")
        world.crawl("ash", day, post("ash", TEXT))
        with closing(world.archive("ash")) as db:
            set_incident(db.conn, 1, "blocked", detail, f"2026-03-0{day}T07:00:00Z")
        world.finish(claim)
        world.send()
    assert world.subjects == [
        "ash.example: The store blocks the crawler",
        "ash.example: The store blocks the crawler: resolved",
    ]


def test_refused_messages_are_sent_again_or_dropped(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for store in ("ash", "birch"):
        world.run(store, 1, TEXT)
        world.run(store, 2, EDITED)
    world.hook.refuses = "ash.example/blogs"
    for _ in range(FAILURES_TO_REPORT):
        world.send()
    assert world.subjects[0] == "birch.example: Edited: Slow Tea"
    world.hook.refuses = ""
    alerts = ["alerts", "--cluster"]
    assert main([*alerts, "retry", *world.cluster.settings()]) == 0
    assert main([*alerts, "send", *world.cluster.settings()]) == 0
    assert "hook: 1 message queued again\n" in capsys.readouterr().out
    assert "ash.example: Edited: Slow Tea" in world.subjects
    # A channel that the file has no more: its messages wait, and can be dropped.
    claim = world.claim("ash")
    world.crawl("ash", 3, post("ash", TEXT))
    world.use(hook="bell")
    world.finish(claim)
    sent = world.send()
    assert sent is not None
    assert sent.failing == {"hook"}
    assert main([*alerts, "drop", "hook", *world.cluster.settings()]) == 0
    assert capsys.readouterr().out == "hook: 1 message dropped\n"
    assert main([*alerts, *world.cluster.settings()]) == 0
    assert capsys.readouterr().out == "0 messages waiting or refused\n"
