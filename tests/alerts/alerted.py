"""An archive whose changes and incidents are sent, over real sockets, to a webhook and a mail
server that fail at times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.alerts.channel_queue import SendReport
from scraper.alerts.channels import Channel
from scraper.alerts.delivery import deliver
from scraper.alerts.notices import Message
from scraper.alerts.sender import Sender
from scraper.archive.database import open_for_writing
from scraper.archive.write.outbox import ArchiveOutbox
from scraper.items import Post
from scraper.schedule.timetable.stores import StoresFile, parse_stores
from scraper.timestamps import format_timestamp
from tests.alerts.receivers import Receiver
from tests.archive.shop import Shop
from tests.factories import TEXT, make_post

STORE = """
[stores.shop]
url = "https://shop.example"
schedule = "0 5 * * *"
"""
RULE = """
[[stores.shop.alerts]]
channels = ["{channel}"]
"""


def post(number: int, text: str = TEXT, **more: object) -> Post:
    return make_post(f"p{number}", article_id=str(number), text=f"{text}\nNumber {number}.", **more)


@dataclass
class World:
    """An archive with a store whose crawls a test writes, and the receivers of its alerts."""

    path: Path
    hook: Receiver
    mail: Receiver
    time: datetime = datetime(2026, 3, 1, 7, tzinfo=UTC)
    lines: list[str] = field(default_factory=list)

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

    def send(self, rules: str, **more: str) -> SendReport:
        return self.send_file(self.file(rules, **more))

    def send_file(self, file: StoresFile) -> SendReport:
        def hand(channel: Channel, message: Message, key: str, created_at: str) -> None:
            receiver = {"hook": self.hook, "mail": self.mail}.get(channel.name, Receiver())
            with receiver.until_given_up() as wait_s:
                deliver(
                    channel,
                    message,
                    key=key,
                    created_at=created_at,
                    folder=self.path.parent,
                    timeout_s=wait_s,
                )

        sender = Sender(
            archive=self.path,
            deliver=hand,
            clock=lambda: self.time,
            web_url="https://room.example/",
        )
        sent = sender.send(file)
        assert sent is not None
        self.lines += sent.lines
        return sent

    def send_all(self, rules: str, **more: str) -> int:
        """Send until no message waits, six hours later each time; return the number of rounds."""
        for number in range(40):
            if not self.send(rules, **more).failing:
                return number
            self.time += timedelta(hours=6, minutes=1)
        raise AssertionError(self.lines)


BOTH = RULE.format(channel="hook") + RULE.format(channel="mail")
EDITS = [post(n, TEXT.replace("Wait four", f"Wait {n + 20}")) for n in range(1, 6)]


def edited(world: World) -> None:
    """Five posts, each edited in its own way on the second day; the first look was at the first
    day."""
    world.crawl(1, *(post(n) for n in range(1, 6)))
    assert world.send(BOTH).delivered == 0
    world.crawl(2, *EDITS)


def titles(receiver: Receiver) -> list[str]:
    return [subject.rpartition(": ")[2] for subject in subjects(receiver.taken)]


def subjects(messages: list) -> list[str]:
    return [str(message["subject"]) for message in messages]


def keys(messages: list) -> list[str]:
    return [
        message["key"] if isinstance(message, dict) else message["Message-ID"]
        for message in messages
    ]


def settled(world: World, channel: str, *, to: str, of: str = "refused") -> int:
    db = open_for_writing(world.path)
    found = ArchiveOutbox(db).set_state(channel, to=to, of=[of], at=format_timestamp(world.time))  # type: ignore[arg-type, list-item]
    db.close()
    return found
