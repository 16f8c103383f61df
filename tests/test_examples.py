"""Every printed example of README.md and docs is what the commands print, times aside."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraper.demo import DemoServer, DemoStore
from scraper.demo.answers import PageRequest, answer
from tests.conftest import ENDS_S, ROOT, ThreeDays, quiet_environment
from tests.examples import Example, examples, matches, normalize
from tests.warm import Warm

HOST = "hollow-fern.example"
SAVED = {
    "saved/spoons.html": "/blogs/journal/teapot-care",
    "saved/front-page.html": "/",
    "teapot-care.html": "/blogs/journal/teapot-care",
}
LETTER = """Your blog says that “Magnesium stops night cramps for good”, and that
“it cures cancer within a week”.
"""
STORES = """
[defaults]
channels = ["ann"]

[stores.demo]
url = "demo"
schedule = "0 {hour} * * *"

[[stores.demo.alerts]]
severities = ["major"]
when = "daily"

[channels.ann]
mail = "ann@shop.example"
from = "blogkeep@shop.example"
server = "smtp.shop.example:587"
"""
CRAWL_DAYS = {"day-1": 0, "day-2": 1, "day-3": 2}


@pytest.fixture(scope="session")
def demo_on_day_3() -> Iterator[DemoServer]:
    """The demo store behind a proxy, for commands that fetch."""
    with DemoServer(DemoStore(), day=3) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, three_days: ThreeDays) -> Path:
    """A folder with the demo store's archive after three days, and saved pages of it."""
    (tmp_path / "data").mkdir()
    for name in ("archive.db", "captures.db"):
        for suffix in ("", ".hashes"):
            shutil.copy(three_days.db.with_name(f"{name}{suffix}"), tmp_path / "data")
    for name, path in SAVED.items():
        page = answer(DemoStore(), 1, PageRequest(target=path, authority=HOST))
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(page.body)
    (tmp_path / "warning.txt").write_text(LETTER, encoding="utf-8")
    return tmp_path


def _name(example: Example) -> str:
    return f"{example.page}:{example.line}"


@pytest.mark.parametrize(
    "example", [one for one in examples() if one.place in CRAWL_DAYS], ids=_name
)
def test_example_of_a_crawl_is_what_it_prints(example: Example, three_days: ThreeDays) -> None:
    (step,) = example.steps
    assert step.command in {"make crawl", "blogkeep crawl demo"}
    printed = three_days.printed[CRAWL_DAYS[example.place]]
    assert matches(step.printed, printed), normalize(printed)


@pytest.mark.parametrize(
    "example", [one for one in examples() if one.place not in CRAWL_DAYS], ids=_name
)
def test_example_is_what_the_commands_print(
    example: Example, folder: Path, warm: Warm, demo_on_day_3: DemoServer
) -> None:
    assert example.place in {"", "empty", "scheduled", "first-run"}
    if example.place in {"empty", "first-run"}:
        shutil.rmtree(folder / "data")
    if example.place in {"scheduled", "first-run"}:
        (folder / "data").mkdir(exist_ok=True)
        # Twelve hours away, so that no crawl has been due since the demo store's last.
        stores = STORES.format(hour=(datetime.now(UTC).hour + 12) % 24)
        (folder / "data" / "stores.toml").write_text(stores, encoding="utf-8")
    for step in example.steps:
        output = run(step.command, folder, warm, demo_on_day_3)
        assert matches(step.printed, output), f"$ {step.command}\n{normalize(output)}"


def run(command: str, folder: Path, warm: Warm, store: DemoServer) -> str:
    """What a command prints, errors first. The demo store's name leads to `store`."""
    program, *words = shlex.split(command)
    assert program == "blogkeep", command
    if any(HOST in word for word in words):
        words += ["-s", f"ARCHIVE_PROXY={store.url}", "-s", "ARCHIVE_RATE=0"]
    environment = {**quiet_environment(), "PYTHONPATH": str(ROOT)}
    if words[0] == "serve":
        return _first_line([*words, "--port", "0"], folder, environment, warm)
    if words[0] == "open":
        return _first_line(words, folder, {**environment, "BROWSER": "true"}, warm)
    done = warm.run(words, folder=folder, environment=environment, timeout_s=ENDS_S)
    return done.err + done.out


def _first_line(words: list[str], folder: Path, environment: dict[str, str], warm: Warm) -> str:
    """What a command prints that goes on until Ctrl+C."""
    running = warm.start(words, folder=folder, environment=environment)
    line = running.first_line(ENDS_S)
    running.send_signal(2)
    running.wait(ENDS_S)
    return line


def test_an_example_is_compared_word_by_word() -> None:
    assert matches("a 2026-03-01T05:00:00Z\n[…]\nend", "a 2025-01-01T00:00:01Z\nx\ny\nend\n")
    assert not matches("3 posts", "4 posts")
    assert not matches("first", "first\nsecond")


@pytest.mark.parametrize("page", sorted({one.page for one in examples()}))
def test_every_command_with_output_is_an_example(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(r"^```(\w*)[^\n]*\n(.+?)^```", text, re.S | re.M)
    shown = [body for language, body in blocks if re.search(r"^\$ ", body, re.M)]
    assert [body for language, body in blocks if language == "console"] == shown
