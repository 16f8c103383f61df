"""`blogkeep alerts` as a person and as cron run it; killed between sending and noting, and side by
side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from scraper.alerts.outbox import FAILURES_TO_REPORT
from scraper.archive.database import open_for_writing
from scraper.demo import DemoServer
from tests.alerts.receivers import Receiver, mail_server, webhook
from tests.archive.shop import Shop
from tests.conftest import ENDS_S, Command, Start, rows
from tests.factories import TEXT, make_post
from tests.warm import Running

STORE = '[stores.shop]\nurl = "https://shop.example"\nschedule = "0 5 * * *"\n'
COUNT = 4


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[Receiver]:
    with mail_server() as receiver:
        yield receiver


@pytest.fixture
def archive(db_path: Path, hook: Receiver, mail: Receiver) -> Path:
    """Four posts that were edited on the second day, and two channels for them."""
    crawl(db_path, 1, TEXT)
    crawl(db_path, 2, TEXT.replace("Wait four", "Refund in {n}0"))
    db_path.with_name("hook-address").write_text(
        f"http://127.0.0.1:{hook.port}/s3cret\n", encoding="utf-8"
    )
    write_stores(db_path, mail, f'{STORE}[[stores.shop.alerts]]\nchannels = ["hook", "mail"]\n')
    return db_path


def crawl(path: Path, day: int, text: str) -> None:
    db = open_for_writing(path)
    Shop(db).crawl(
        day,
        *(
            make_post(f"p{n}", article_id=str(n), text=text.format(n=n))
            for n in range(1, COUNT + 1)
        ),
    )
    db.close()


def write_stores(path: Path, mail: Receiver, stores: str) -> None:
    channels = f"""
[channels.hook]
webhook = "file:hook-address"
[channels.mail]
mail = "ann@shop.example"
server = "127.0.0.1:{mail.port}"
from = "keep@shop.example"
security = "none"
"""
    path.with_name("stores.toml").write_text(stores + channels, encoding="utf-8")


@pytest.fixture(scope="session")
def send(start: Start) -> Callable[[Path], Running]:
    """Begin to send what waits, in a process of its own."""
    return lambda path: start("alerts", "send", "--db", str(path))


def titles(receiver: Receiver) -> list[str]:
    return [str(message["subject"]).rpartition(": ")[2] for message in receiver.taken]


def key(message) -> str:
    return message["key"] if isinstance(message, dict) else message["Message-ID"]


ALL = [f"P{n}" for n in range(1, COUNT + 1)]


def test_killed_between_sending_and_recording(
    send: Callable[[Path], Running], archive: Path, hook: Receiver, mail: Receiver
) -> None:
    """The process dies before it hears that its second message was taken, by each channel: the
    receiver knows the copy by its key."""
    begun: SimpleQueue[Running] = SimpleQueue()
    for receiver in (hook, mail):
        receiver.on_message = lambda receiver=receiver: (
            begun.get().kill() if len(receiver.got) == 2 else None
        )
    for code in (-9, -9, 0):
        process = send(archive)
        begun.put(process)
        assert process.wait(ENDS_S) == code
    for receiver in (hook, mail):
        assert titles(receiver) == ["P1", "P2", "P2", "P3", "P4"]
        assert len({key(message) for message in receiver.got}) == COUNT
        assert str(receiver.got[1]) == str(receiver.got[2])
    assert rows(archive, "SELECT count(*), count(sent_at) FROM alert_messages") == [
        (2 * COUNT, 2 * COUNT)
    ]


def test_two_at_once_send_nothing_twice(
    send: Callable[[Path], Running], archive: Path, hook: Receiver, mail: Receiver
) -> None:
    for process in [send(archive) for _ in range(2)]:
        out, errors = process.communicate(timeout=ENDS_S)
        assert (process.returncode, errors) == (0, ""), out
    assert (titles(hook), titles(mail)) == (ALL, ALL)
    assert len(hook.got) == len(mail.got) == COUNT


def test_send_reports_a_failing_channel_and_exits_with_3(
    blogkeep: Command, archive: Path, hook: Receiver, mail: Receiver
) -> None:
    hook.plan = ["500"]
    done = blogkeep("alerts", "send", "--db", str(archive))
    assert done.returncode == 3
    assert done.stdout.splitlines()[1].startswith(
        "hook accepted no message: it answered 500; next attempt at "
    )
    assert done.stdout.splitlines()[2:] == [f"{COUNT} sent"]
    assert "s3cret" not in done.stdout + done.stderr
    listed = blogkeep("alerts", "--db", str(archive)).stdout.splitlines()
    assert listed[0].startswith(
        "hook  shop.example: Edited: P1  1 attempt, it answered 500, next at "
    )
    assert listed[-1] == f"{COUNT} messages waiting or refused"
    assert (titles(hook), titles(mail)) == ([], ALL)


def test_replay_ends_whatever_pattern_the_operator_wrote(db_path: Path, blogkeep: Command) -> None:
    crawl(db_path, 1, TEXT)
    crawl(db_path, 2, TEXT.replace("Wait four", "a" * 60))
    stores = db_path.with_name("stores.toml")
    rule = r"""[[stores.shop.alerts]]
patterns_appear = ['(\w+\s?)+guarantee']
"""
    stores.write_text(STORE + rule, encoding="utf-8")
    done = blogkeep("alerts", "replay", "--since", "2026-03-01", "--db", str(db_path))
    assert (done.returncode, done.stdout) == (0, "0 alerts\n")
    stores.write_text(STORE + rule.replace(")+g", ")+(?=g)g"), encoding="utf-8")
    done = blogkeep("alerts", "replay", "--since", "2026-03-01", "--db", str(db_path))
    assert done.returncode == 1
    assert "stores.toml: line 5: stores.shop.alerts.1.patterns_appear.1: " in done.stderr
    assert "RE2 does not support look-ahead: (?=" in done.stderr


def test_replay_shows_alerts_and_sends_nothing(
    blogkeep: Command, archive: Path, hook: Receiver, mail: Receiver
) -> None:
    rule = '[[stores.shop.alerts]]\nwords_appear = ["refund"]\nname = "refunds"\n'
    weekly = '[[stores.shop.alerts]]\nchannels = ["mail"]\nwhen = "weekly"\n'
    write_stores(archive, mail, STORE + rule + weekly)
    done = blogkeep("alerts", "replay", "--since", "2026-03-01", "--db", str(archive))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == [
        "2026-03-02T06:59:00Z  no channel yet, refunds  shop.example: Edited: P1  major",
        "2026-03-02T08:00:00Z  mail weekly digest, alert 2  shop.example: Edited: P1  major",
    ]
    assert done.stdout.splitlines()[-1] == f"{2 * COUNT} alerts"
    replayed = json.loads(
        blogkeep("alerts", "replay", "--since", "2026-03-01", "--json", "--db", str(archive)).stdout
    )
    assert [one["change"]["title"] for one in replayed if one["channel"] == "mail"] == ALL
    assert (
        blogkeep("alerts", "replay", "--since", "2026-03-03", "--db", str(archive)).stdout
        == "0 alerts\n"
    )
    assert rows(
        archive,
        "SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM alert_processed_crawls)",
    ) == [(0, 0)]
    assert hook.got == mail.got == []


def test_test_tries_each_channel(
    blogkeep: Command, archive: Path, hook: Receiver, mail: Receiver
) -> None:
    mail.plan = ["500"]
    done = blogkeep("alerts", "test", "--db", str(archive))
    assert (done.returncode, done.stdout) == (
        1,
        "hook: delivered\nmail: the mail server answered 554\n",
    )
    assert hook.taken[0]["subject"] == "Blogkeep: a test of hook"
    assert blogkeep("alerts", "test", "hook", "--db", str(archive)).stdout == "hook: delivered\n"
    assert rows(archive, "SELECT count(*) FROM alert_messages") == [(0,)]


def test_apprise_is_missed_only_where_it_is_used(blogkeep: Command, archive: Path) -> None:
    archive.with_name("stores.toml").write_text(
        STORE + '[channels.chat]\napprise = "json://127.0.0.1:9/"\n', encoding="utf-8"
    )
    done = blogkeep("alerts", "test", "--db", str(archive))
    assert (done.returncode, done.stdout) == (
        1,
        "chat: apprise is not installed: .venv/bin/python -m pip install apprise\n",
    )


def test_refused_message_is_listed_and_sent_again_or_dropped(
    blogkeep: Command, archive: Path, hook: Receiver, mail: Receiver
) -> None:
    hook.refuses = "P2"
    for _ in range(FAILURES_TO_REPORT):
        blogkeep("alerts", "send", "--db", str(archive))
        db = open_for_writing(archive)
        db.execute("UPDATE alert_messages SET next_attempt_at = created_at")
        db.close()
    listed = blogkeep("alerts", "--db", str(archive)).stdout.splitlines()
    assert listed == [
        "hook  shop.example: Edited: P2  refused: it answered 413",
        "1 message waiting or refused",
    ]
    assert (
        blogkeep("alerts", "retry", "hook", "hook", "--db", str(archive)).stdout
        == "hook: 1 message queued again\n"
    )
    hook.refuses = ""
    assert blogkeep("alerts", "send", "--db", str(archive)).stdout == "1 sent\n"
    assert (titles(hook), titles(mail)) == (["P1", "P3", "P4", "P2"], ALL)
    assert blogkeep("alerts", "retry", "--db", str(archive)).stdout == "no refused messages\n"
    assert (
        blogkeep("alerts", "drop", "hook", "--db", str(archive)).stdout
        == "hook: 0 messages dropped\n"
    )


def test_messages_of_a_removed_channel_can_be_dropped(
    blogkeep: Command, archive: Path, hook: Receiver, mail: Receiver
) -> None:
    hook.plan = ["500"]
    blogkeep("alerts", "send", "--db", str(archive))
    archive.with_name("stores.toml").write_text(STORE, encoding="utf-8")
    assert blogkeep("alerts", "send", "--db", str(archive)).returncode == 3
    dropped = blogkeep("alerts", "drop", "hook", "--json", "--db", str(archive))
    assert json.loads(dropped.stdout) == {"hook": COUNT}
    assert blogkeep("alerts", "send", "--db", str(archive)).returncode == 0
    assert rows(archive, "SELECT count(*) FROM incidents WHERE closed_at IS NULL") == [(0,)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["replay"], "give --since"),
        (["send", "--since", "2026-03-01"], "usage: blogkeep alerts"),
        (["sing"], "usage: blogkeep alerts"),
        (["test", "nobody"], "there is no channel 'nobody'"),
        (["drop"], "usage: blogkeep alerts"),
        (["drop", "nobody"], "there is no channel 'nobody'"),
    ],
    ids=[
        "no day",
        "a day too much",
        "no such action",
        "no such channel",
        "dropped for nobody",
        "dropped for an unknown",
    ],
)
def test_wrong_usage(blogkeep: Command, archive: Path, words: list[str], reason: str) -> None:
    done = blogkeep("alerts", *words, "--db", str(archive))
    assert done.returncode == 2
    assert reason in done.stderr


def test_schedule_sends_alerts_after_its_crawl(
    blogkeep: Command, db_path: Path, demo: DemoServer, hook: Receiver, mail: Receiver
) -> None:
    """The demo store is crawled by hand on its first day, and on the second by the runner, which
    then reports the changes."""
    db_path.with_name("hook-address").write_text(
        f"http://127.0.0.1:{hook.port}/s3cret", encoding="utf-8"
    )
    store = (
        f'[stores.demo]\nurl = "{demo.url}"\nschedule = "0 5 * * *"\n[[stores.demo.alerts]]\n'
        'channels = ["hook"]\nwords_go = ["stops"]\n'
    )
    write_stores(db_path, mail, store)
    assert blogkeep("crawl", demo.url, "--db", str(db_path)).returncode == 0
    demo.day = 2
    db = open_for_writing(db_path)
    db.execute(
        "UPDATE crawls SET started_at = '2026-01-01T00:00:00Z', finished_at = "
        "'2026-01-01T00:01:00Z'"
    )
    db.close()
    done = blogkeep("schedule", "--once", "--db", str(db_path), alone=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (message,) = hook.taken
    assert "Does magnesium help with night cramps?" in message["subject"]
    assert "[-stops-]" in message["text"]
    assert "s3cret" not in done.stdout + done.stderr
