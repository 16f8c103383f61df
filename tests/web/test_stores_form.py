"""Stores are added, paused and resumed in a real browser and by hostile clients, against the real
`blogkeep serve`, whose trial is a process that fetches from the demo store."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scraper.demo import DemoServer, DemoStore
from scraper.schedule.timetable.stores import parse_stores
from tests.conftest import ENDS_S, Command, ThreeDays
from tests.warm import Warm
from tests.web.conftest import MonitoredPage, new_context
from tests.web.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STORES = """# Our stores, by hand.
[channels.ann]
mail = "ann@shop.example"
from = "blogkeep@shop.example"
server = "smtp.shop.example:587"

# The tea shop, which asked for the night.
[stores.tea]
url = "https://tea.example"   # theirs since 2024
schedule = "30 4 * * *"
"""
PASSWORD = ("reader", "s3cret")
HOST = "hollow-fern.example"


@dataclass(frozen=True)
class Desk:
    """A server whose readers may edit `file`, and the demo store that it reaches."""

    url: str
    file: Path
    demo: DemoServer

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", auth=PASSWORD, timeout=ENDS_S)

    def post(self, path: str, fields: dict[str, Any], **more: Any) -> httpx.Response:
        options = {"auth": PASSWORD, "timeout": ENDS_S, **more}
        return httpx.post(f"{self.url}/-/stores/{path}", data=fields, **options)

    def token(self) -> str:
        found = re.search(r'name="form_token" value="([\w-]+)"', self.get("/-/stores").text)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def desk(
    three_days: ThreeDays, warm: Warm, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    for name in ("archive.db", "captures.db"):
        shutil.copy(three_days.db.with_name(name), folder / name)
    password = folder / "password"
    password.write_text(PASSWORD[1], encoding="utf-8")
    password.chmod(0o600)
    with DemoServer(DemoStore(), day=3) as demo:
        settings = {
            "ARCHIVE_WEB_EDIT": 1,
            "ARCHIVE_PROXY": demo.url,
            "ARCHIVE_RATE": 50,
            "ARCHIVE_RATE_STATE": folder / "rate.json",
        }
        words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        options = ["--password-file", str(password), *words]
        with served(folder / "archive.db", *options, warm=warm) as url:
            yield Desk(url, folder / "stores.toml", demo)


@pytest.fixture(autouse=True)
def fresh(desk: Desk) -> None:
    desk.file.write_text(STORES, encoding="utf-8")


def test_a_store_is_looked_at_added_paused_and_resumed_in_a_browser(
    desk: Desk, browser: Browser
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    options = {
        "http_credentials": {"username": PASSWORD[0], "password": PASSWORD[1]},
        "viewport": {"width": 390, "height": 800},
    }
    with new_context(browser, **options) as context:
        monitored = MonitoredPage(context.new_page(), desk.url)
        page = monitored.page
        page.goto(f"{desk.url}/")
        page.click("text=When stores are crawled")
        page.fill("#address", f"http://{HOST}/blogs/journal/teapot-care")
        page.click("text=Check the address")
        found = page.inner_text("section[aria-labelledby=found]")
        assert f"Found at http://{HOST}" in found
        for words in ("shopify", "journal (53)", "recipes (20)", "73"):
            assert words in found
        assert desk.file.read_text("utf-8") == STORES
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.check("text=every Monday at 05:00")
        page.fill("input[name=timezone]", "Europe/Berlin")
        page.check("text=major ones")
        page.select_option("select[name=when]", "daily")
        page.check("input[name=channels]")
        page.check("input[name=incidents]")
        page.click("text=Add this store")
        assert f"{HOST} is added." in page.inner_text("[role=status]")
        text = desk.file.read_text("utf-8")
        assert text.startswith(STORES)
        store = parse_stores(text).stores[HOST]
        assert (store.url, store.timetable.expression) == (f"http://{HOST}", "0 5 * * 1")
        assert (str(store.timetable.zone), store.incidents) == ("Europe/Berlin", ("ann",))
        (rule,) = store.rules
        assert (rule.channels, rule.timing, rule.severities) == (("ann",), "daily", {"major"})
        for button, paused in (("Pause", True), ("Resume", False)):
            page.click(f"tr:has-text('{HOST}') button:has-text('{button}')")
            assert parse_stores(desk.file.read_text("utf-8")).stores[HOST].paused is paused
        assert desk.file.read_text("utf-8") == text
        assert monitored.problems == []


def test_what_is_sent_by_anybody_else_changes_nothing(desk: Desk) -> None:
    good = {"form_token": desk.token(), "store": "tea"}
    chunked = (part for part in [b"form_token=", b"a" * 30_000])
    form = {"content-type": "application/x-www-form-urlencoded"}
    refused = {
        "no password": desk.post("pause", good, auth=None),
        "no token": desk.post("pause", {"store": "tea"}),
        "another token": desk.post("pause", {**good, "form_token": "é" * 43}),
        "another site": desk.post("pause", good, headers={"sec-fetch-site": "cross-site"}),
        "another type": desk.post("pause", good, headers={"content-type": "text/plain"}),
        "too large": desk.post("pause", {**good, "more": "a" * 30_000}),
        "chunked": httpx.post(
            f"{desk.url}/-/stores/pause", content=chunked, headers=form, auth=PASSWORD
        ),
        "too many fields": desk.post("pause", {**good, "a": ["b"] * 300}),
        "no UTF-8": httpx.post(
            f"{desk.url}/-/stores/pause", content=b"form_token=\xff%ff", headers=form, auth=PASSWORD
        ),
        "read": desk.get("/-/stores/pause"),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == {
        **dict.fromkeys(refused, 403),
        "no password": 401,
    }
    assert desk.file.read_text("utf-8") == STORES
    assert desk.post("pause", good).status_code == 303
    assert desk.file.read_text("utf-8") == STORES.replace(
        'example"   # theirs since 2024\n', 'example"   # theirs since 2024\npaused = true\n'
    )


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://127.0.0.1:9", "127.0.0.1 is a private address"),
        ("http://2130706433/", "127.0.0.1 is a private address"),
        ("http://[::ffff:10.0.0.1]/", "is a private address"),
        ("http://localhost:8001", "localhost is a private address"),
        ("http://169.254.169.254/latest/meta-data", "is a private address"),
        ("https://ann:s3cret@shop.example", "holds a user name or password"),
        ("file:///etc/passwd", "begins with https:// or http://"),
        ("--help", "its host or port cannot be read"),
        ("demo", "has no dot"),
        ("", "no address given"),
        ("https://shop.example\n[stores.evil]", "characters that no web address has"),
        ("https://www.tea.example/blogs/news", "is there already, as tea"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_fetched(
    desk: Desk, address: str, problem: str
) -> None:
    asked = len(desk.demo.requests)
    answer = desk.post("try", {"form_token": desk.token(), "address": address})
    assert answer.status_code == 400
    assert problem in answer.text
    assert "<script>alert" not in answer.text
    assert "s3cret" not in re.sub(r'value="[^"]*"', "", answer.text)
    assert (len(desk.demo.requests), desk.file.read_text("utf-8")) == (asked, STORES)


def test_a_name_or_choice_that_would_break_the_file_is_refused(desk: Desk) -> None:
    good = {"form_token": desk.token(), "origin": f"http://{HOST}", "rhythm": "0 5 * * *"}
    untried = desk.post("add", {**good, "origin": "https://other.example"})
    assert "was not tried" in untried.text
    assert desk.post("try", {**good, "address": f"http://{HOST}"}).status_code == 200
    wrong = {
        "a name has up to 64": {"name": 'evil"]\n[stores.more]\nurl = "https://more.example"'},
        "there is a store tea already": {"name": "tea"},
        "hour 25 is out of range": {"own_rhythm": "0 25 * * *"},
        "schedule: ": {"rhythm": "0 5 * * *\npaused = true"},
        "timezone: ": {"timezone": "Mars/Olympus"},
        "is not the name of a channel": {"channels": "ann\nbob", "alerts": "all"},
        "there is no channel": {"channels": "bob", "alerts": "all"},
        "choose a channel": {"alerts": "major"},
    }
    for problem, fields in wrong.items():
        answer = desk.post("add", {**good, **fields})
        assert (answer.status_code, problem in answer.text) == (400, True), problem
        assert desk.file.read_text("utf-8") == STORES
    assert desk.post("add", good).status_code == 303
    again = desk.post("add", {**good, "name": "again"})
    assert "is there already, as hollow-fern.example" in again.text
    unknown = desk.post("pause", {**good, "store": "no\nbody"})
    assert "no store of this name" in unknown.text


def test_a_file_with_mistakes_is_reported_and_not_touched(desk: Desk) -> None:
    token = desk.token()
    broken = STORES.replace("30 4", "30 44")
    desk.file.write_text(broken, encoding="utf-8")
    page = desk.get("/-/stores")
    assert (page.status_code, "line 10: stores.tea.schedule" in page.text) == (200, True)
    assert "no-store" in page.headers["cache-control"]
    for action in ("pause", "add", "try"):
        fields = {"form_token": token, "store": "tea", "address": f"http://{HOST}"}
        assert desk.post(action, fields).status_code == 400
    assert desk.file.read_text("utf-8") == broken


def test_without_the_setting_stores_are_listed_and_no_form_is_there(
    site: str, three_days: ThreeDays
) -> None:
    page = httpx.get(f"{site}/-/stores", timeout=ENDS_S)
    assert page.status_code == 200
    assert "No store is scheduled here yet" in page.text
    assert "form_token" not in page.text
    refused = httpx.post(f"{site}/-/stores/try", data={"form_token": ""}, timeout=ENDS_S)
    assert refused.status_code == 403


def test_editing_needs_a_password(blogkeep: Command, three_days: ThreeDays) -> None:
    done = blogkeep("serve", "--db", str(three_days.db), "-s", "ARCHIVE_WEB_EDIT=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "give --password-file with it" in done.stderr
