"""The file of stores: parsed with its lines, rejected with all its errors."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from scraper.config.cron import Window
from scraper.config.toml_lines import read_with_lines
from scraper.exceptions import StoresProblem
from scraper.schedule.processes import CrawlProcesses
from scraper.schedule.stores_file import StoresReader, edit_stores
from scraper.schedule.timetable.stores import parse_stores

WHOLE = """\
# ours
[defaults]
schedule = "15 4 * * *"
timezone = "Europe/Berlin"
jitter_minutes = 20
channels = ["team"]

[channels.team]
webhook = "https://chat.example/hook"

[stores.tea]
url = "https://tea.example/blogs/news"
window = "22:00-05:30"
rate = 0.5
sweep_days = 60
blogs = ["news", "recipes"]
credentials = "secrets/tea.toml"
heartbeat = "https://ping.example/abc"

[[stores.tea.alerts]]
kinds = ["removed"]

[[stores.tea.alerts]]
words_go = [
    "refund",
    "warranty",
]

[stores."coffee.example"]
url = "coffee.example"
schedule = "0 */6 * * MON-FRI"
timezone = "America/New_York"
skip_blogs = ["events"]
paused = true
channels = []
images = true
"""


def test_complete_file_is_parsed() -> None:
    found = parse_stores(WHOLE)
    tea, coffee = found.stores.values()
    assert (tea.name, tea.url, tea.address.origin if tea.address else "") == (
        "tea",
        "https://tea.example/blogs/news",
        "https://tea.example",
    )
    assert (tea.images, coffee.images) == (None, True)
    assert (tea.rate, tea.sweep_days, tea.blogs, tea.credentials) == (
        0.5,
        60,
        ("news", "recipes"),
        "secrets/tea.toml",
    )
    assert (tea.heartbeat, tea.paused, tea.channels) == (
        "https://ping.example/abc",
        False,
        ("team",),
    )
    assert tea.timetable.expression == "15 4 * * *"
    assert (str(tea.timetable.zone), tea.timetable.jitter) == (
        "Europe/Berlin",
        timedelta(minutes=20),
    )
    assert tea.timetable.window == Window(opens=time(22), closes=time(5, 30))
    assert (coffee.name, coffee.timetable.expression, str(coffee.timetable.zone)) == (
        "coffee.example",
        "0 */6 * * MON-FRI",
        "America/New_York",
    )
    assert (coffee.skip_blogs, coffee.paused, coffee.channels, coffee.rate) == (
        ("events",),
        True,
        (),
        None,
    )


def test_alerts_and_channels_keep_their_lines() -> None:
    found = parse_stores(WHOLE)
    first, second = found.stores["tea"].alerts
    assert (dict(first.values), first.line(), first.line("kinds"), first.where("kinds")) == (
        {"kinds": ["removed"]},
        20,
        21,
        "stores.tea.alerts.1.kinds",
    )
    assert (
        second.line("words_go"),
        second.line("words_go", 1),
        second.line("no such key"),
        second.where(),
    ) == (
        24,
        24,
        23,
        "stores.tea.alerts.2",
    )
    assert (found.channels["team"].line(), found.channels["team"].line("webhook")) == (8, 9)
    assert found.stores["coffee.example"].alerts == ()


def test_alerts_of_all_stores_stand_in_defaults() -> None:
    text = """\
[defaults]
schedule = "0 4 * * *"
[[defaults.alerts]]
kinds = ["removed"]
[stores.a]
url = "a.example"
[stores.b]
url = "b.example"
alerts = []
"""
    found = parse_stores(text).stores
    assert [alert.line("kinds") for alert in found["a"].alerts] == [4]
    assert found["b"].alerts == ()


def broken(more: str) -> list[str]:
    """The errors of a file with one valid store, followed by other lines."""
    with pytest.raises(StoresProblem) as raised:
        parse_stores(
            '[stores.ok]\nurl = "https://ok.example"\nschedule = "0 4 * * *"\n\n[stores.x]\n'
            f'url = "https://x.example"\n{more}'
        )
    return list(raised.value.lines)


X = "stores.x"
FIVE = "a cron expression has five fields: minute, hour, day of the month, month, day of the week"
NO_HANDLE = "is not the handle of a blog: write the part of its address after /blogs/"
NO_ADDRESS = (
    "is not the address of a store: a store's address begins with https:// or http://; give its "
    "web address, such as https://shop.example"
)
TOO_MUCH = "it is nested too deeply, or a number in it is far too long"
NO_NAME = "a name has up to 64 letters, digits, dots, dashes and underscores"
NONE_OF = (
    "it is none of alerts, channels, images, incidents, jitter_minutes, rate, schedule, "
    "sweep_days, timezone, window"
)
S = 'schedule = "0 4 * * *"\n'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", f"line 5: {X}: it has no schedule"),
        ('schedule = "0 4 * *"', f"line 7: {X}.schedule: {FIVE}"),
        ('schedule = "0 25 * * *"', (
            f"line 7: {X}.schedule: not a cron expression: hour 25 is out of range"
        )),
        ('schedule = "0 0 30 2 *"', (
            f"line 7: {X}.schedule: not a cron expression: day of the month '30' is not valid"
        )),
        ("schedule = 4", f"line 7: {X}.schedule: it must be a text, in quotes"),
        (S + 'timezone = "Europe/Berlim"', (
            f"line 8: {X}.timezone: 'Europe/Berlim' is not a time zone: write one such as "
            "Europe/Berlin"
        )),
        (S + 'timezone = "../../etc/passwd"', (
            f"line 8: {X}.timezone: '../../etc/passwd' is not a time zone: write one such as "
            "Europe/Berlin"
        )),
        (S + 'window = "9-17"', (
            f"line 8: {X}.window: write two times of the day that differ, such as 22:00-05:30"
        )),
        (S + 'window = "24:00-05:00"', (
            f"line 8: {X}.window: write two times of the day that differ, such as 22:00-05:30"
        )),
        (S + 'window = "05:00-05:00"', (
            f"line 8: {X}.window: write two times of the day that differ, such as 22:00-05:30"
        )),
        (S + "jitter_minutes = 1.5", (
            f"line 8: {X}.jitter_minutes: it must be a whole number from 0 to 720"
        )),
        (S + "jitter_minutes = true", (
            f"line 8: {X}.jitter_minutes: it must be a whole number from 0 to 720"
        )),
        (S + "rate = 0", f"line 8: {X}.rate: it must be more than 0"),
        (S + "rate = inf", f"line 8: {X}.rate: it must be a number from 0 to 100"),
        (S + "sweep_days = -1", f"line 8: {X}.sweep_days: it must be a number from 0 to 36500"),
        (S + 'blogs = [\n  "a",\n  "b/c"]', f"line 8: {X}.blogs.2: 'b/c' {NO_HANDLE}"),
        (S + 'blogs = "a"', f'line 8: {X}.blogs: it must be a list of texts, such as ["news"]'),
        (S + 'blogs = ["a"]\nskip_blogs = ["b"]', (
            f"line 9: {X}.skip_blogs: give blogs or skip_blogs, not both"
        )),
        (S + 'heartbeat = "ping.example"', (
            f"line 8: {X}.heartbeat: it must be an address that begins with https:// or http://"
        )),
        (S + 'paused = "yes"', f"line 8: {X}.paused: it must be true or false, without quotes"),
        (S + 'channels = ["team"]', (
            f"line 8: {X}.channels.1: there is no channel 'team' in this file"
        )),
        (S + 'shedule = "0 4 * * *"', f"line 8: {X}.shedule: unknown key; did you mean schedule?"),
        (S + "alerts = [1]", (
            f"line 8: {X}.alerts: it must be a list of tables: begin each with a header in double "
            "brackets"
        )),
        (S + "[[stores.x.alerts]]", f"line 8: {X}.alerts.1: the alert is empty"),
        (S + '[stores.y]\nurl = "http://www.ok.example"\n' + S, (
            "line 9: stores.y.url: it is the same store as ok"
        )),
        (S + '[stores.y]\nurl = "ftp://y.example"\n' + S, (
            f"line 9: stores.y.url: 'ftp://y.example' {NO_ADDRESS}"
        )),
        (S + '[stores."a b"]\nurl = "https://y.example"\n' + S, f"line 8: stores.a b: {NO_NAME}"),
        (S + "[stores]\ny = 1", "line 9: stores.y: it must be a table"),
        (S + "[stores.ok]\ny = 1", "line 8: it is not TOML: Cannot declare ('stores', 'ok') twice"),
        (S + "[defaults]\nurl = 'a.example'", f"line 9: defaults.url: unknown key: {NONE_OF}"),
        (S + "[channels.team]", "line 8: channels.team: the channel is empty"),
        (S + "[storse.y]", "line 8: storse: unknown key; did you mean stores?"),
        (S + "channels = [[", "line 8: it is not TOML: Invalid value"),
        (S + f"a = {'9' * 5000}", TOO_MUCH),
        (S + f"{'a.' * 20_000}a = 1", TOO_MUCH),
        (f"[{'a.' * 20_000}a]\n", TOO_MUCH),
        (S + f"[defaults]\nrate = {'9' * 400}", (
            "line 9: defaults.rate: it must be a number from 0 to 100"
        )),
    ],
)  # fmt: skip
def test_error_has_its_line(more: str, expected: str) -> None:
    assert broken(more) == [expected]


def test_all_errors_are_reported_in_the_order_of_lines() -> None:
    assert [
        line.split(":")[0]
        for line in broken('rate = "x"\nschedule = "?"\nwindow = 1\n[stores.y]\n')
    ] == [
        "line 7",
        "line 8",
        "line 9",
        "line 10",
        "line 10",
    ]


@pytest.mark.parametrize(
    "text", ["", "# nothing yet\n", "[stores]\n", '[channels.a]\nwebhook = "https://x.example"\n']
)
def test_file_without_a_store_is_valid(text: str) -> None:
    assert dict(parse_stores(text).stores) == {}


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        ('a = """\n[x]\nb = 1\n"""\nb = 2\n', ("b",), 5),
        ("a.b.c = 1\na.b.d = 2\n", ("a", "b", "d"), 2),
        ("a = {b = 1, c = {d = 2}}\n", ("a", "c", "d"), 1),
        ("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n", ("a", 1, "c", "d"), 6),
        ("[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\nc = 1\n", ("a", 1, "b", 0, "c"), 6),
        ("[a]\r\nb = 1\r\nc = [ # one\r\n  1,\r\n]\r\nd = 1\r\n", ("a", "d"), 6),
        ('["a.b"]\n"c d" = 1\n', ("a.b", "c d"), 2),
    ],
)
def test_line_of_a_place(text: str, place: tuple[str | int, ...], line: int) -> None:
    assert read_with_lines(text).line(*place) == line


def test_file_is_parsed_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "stores.toml"
    text = '[stores.tea]\nurl = "https://tea.example"\nschedule = "0 5 * * *"\n'
    path.write_text(text)
    reader = StoresReader(path)
    first = reader()
    assert reader() is first
    edit_stores(path, lambda before: before.replace("tea]", "jam]"))
    assert list(reader().stores) == ["jam"]
    path.write_text(text + "[")
    for _ in range(2):
        with pytest.raises(StoresProblem, match="line 4"):
            reader()
    path.write_text(text)
    assert reader() == first
    path.unlink()
    with pytest.raises(StoresProblem, match="there is no file"):
        reader()


@pytest.mark.parametrize(
    ("line", "words"), [("images = true", ["1"]), ("images = false", ["0"]), ("", [])]
)
def test_a_store_may_archive_its_images(tmp_path: Path, line: str, words: list[str]) -> None:
    text = f'[stores.tea]\nurl = "https://tea.example"\nschedule = "0 5 * * *"\n{line}\n'
    (store,) = parse_stores(text).stores.values()
    given = CrawlProcesses(tmp_path / "archive.db", [], tmp_path).words(store)
    assert [word[15:] for word in given if word.startswith("ARCHIVE_IMAGES=")] == words
