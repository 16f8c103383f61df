"""`blogkeep stores` edits the file of stores, and tries a real store before it adds one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from scraper.demo import DemoServer
from tests.conftest import Command, rows

ADDED = (
    '[stores.tea]\nurl = "https://tea.example"\nschedule = "30 4 * * *"\n# at night\n'
    'window = "22:00-06:00"\n'
)
SLOWER = ADDED.replace('window = "22:00-06:00"\n', "").replace(
    'example"\n', 'example"\nrate = 0.5\n'
)


@pytest.fixture
def file(db_path: Path) -> Path:
    path = db_path.with_name("stores.toml")
    path.write_text(ADDED, encoding="utf-8")
    return path


def test_store_is_tried_and_added(blogkeep: Command, db_path: Path, demo: DemoServer) -> None:
    proxy = (
        "-s",
        f"ARCHIVE_PROXY={demo.url}",
        "-s",
        f"ARCHIVE_RATE_STATE={db_path.with_name('rate_state.json')}",
        "-s",
        "ARCHIVE_RATE=25",
    )
    words = ("add", "http://hollow-fern.example/blogs/journal", "--jitter-minutes", "10", "--json")
    done = blogkeep("stores", *words, "--db", str(db_path), *proxy, alone=True)
    assert done.returncode == 0, done.stderr
    told, found = json.loads(done.stdout), dict(Counter(post.blog for post in demo.store.posts(1)))
    assert (told["name"], told["url"], told["found"]) == (
        "hollow-fern.example",
        "http://hollow-fern.example",
        found,
    )
    assert 1 <= told["first_crawl_s"] <= 3  # 35 posts at twenty-five a second
    text = db_path.with_name("stores.toml").read_text("utf-8")
    assert (
        '[stores."hollow-fern.example"]\nurl = "http://hollow-fern.example"\n'
        'schedule = "0 5 * * *"\njitter_minutes = 10\n' in text
    )
    assert not db_path.exists()
    words = ("try", "http://hollow-fern.example/blogs/journal", "--json")
    done = blogkeep("stores", *words, "--db", str(db_path), *proxy, alone=True)
    assert json.loads(done.stdout) == {
        "origin": "http://hollow-fern.example",
        "platform": "shopify",
        "found": found,
        "failed": 0,
        "first_crawl_s": told["first_crawl_s"],
    }
    assert db_path.with_name("stores.toml").read_text("utf-8") == text
    words = ("add", "http://hollow-fern.example", "--name", "tea", "--blogs", "jounral")
    done = blogkeep(
        "stores", *words, "--db", str(db_path.with_name("b") / "a.db"), *proxy, alone=True
    )
    assert (done.returncode, done.stderr) == (
        1,
        "blogkeep: --blogs: no blog 'jounral'; there is journal, recipes; nothing was changed\n",
    )
    asked = {request.path for request in demo.requests}
    assert {path for path in asked if path.startswith("/blogs/")} == {
        "/blogs/journal.atom",
        "/blogs/recipes.atom",
    }


def test_address_that_is_no_store_is_not_added(blogkeep: Command, db_path: Path) -> None:
    done = blogkeep("stores", "add", "http://127.0.0.1:9", "--db", str(db_path), alone=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "blogkeep: no posts found at http://127.0.0.1:9: it did not answer; nothing was changed "
        "(--no-try adds it without them)\n"
    )
    assert not db_path.with_name("stores.toml").exists()


def test_untried_store_is_added(blogkeep: Command, db_path: Path, file: Path) -> None:
    done = blogkeep(
        "stores",
        "add",
        "https://coffee.example/",
        "--no-try",
        "--name",
        "coffee",
        "--blogs",
        "news,events",
        "--db",
        str(db_path),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"coffee is in {file}; next run now\n"
    assert file.read_text("utf-8") == (
        ADDED
        + (
            '\n[stores.coffee]\nurl = "https://coffee.example"\nschedule = "0 5 * * *"\n'
            'blogs = ["news", "events"]\n'
        )
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["edit", "tea", "--schedule", "0 3 * * *"], ADDED.replace("30 4", "0 3")),
        (["edit", "tea.example", "--window", "", "--rate", "0.5"], SLOWER),
        (
            ["pause", "https://tea.example"],
            ADDED.replace('example"\n', 'example"\npaused = true\n'),
        ),
        (["remove", "tea"], ""),
    ],
)  # fmt: skip
def test_edits(blogkeep: Command, db_path: Path, file: Path, words: list[str], text: str) -> None:
    done = blogkeep("stores", *words, "--db", str(db_path))
    assert done.returncode == 0, done.stderr
    assert file.read_text("utf-8") == text


def test_pause_and_resume_leave_the_file_as_it_was(
    blogkeep: Command, db_path: Path, file: Path
) -> None:
    for action in ("pause", "resume"):
        assert blogkeep("stores", action, "tea", "--db", str(db_path)).returncode == 0
    assert file.read_text("utf-8") == ADDED


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ["add", "https://x.example", "--no-try", "--schedule", "0 25 * * *"],
            2,
            "blogkeep: --schedule: not a cron expression: hour 25 is out of range",
        ),
        (["edit", "tea", "--window", "25:00-26:00"], 2, "blogkeep: --window: "),
        (["edit", "tea"], 2, "edit needs an option"),
        (["edit", "tea", "--rate", "fast"], 2, "--rate takes a number, not 'fast'"),
        (["pause", "coffee"], 1, "no store 'coffee' is in the file of stores; there is tea"),
        (
            ["add", "http://www.tea.example", "--no-try"],
            2,
            "http://www.tea.example is there already, as tea",
        ),
        (
            ["add", "https://x.example", "--no-try", "--name", "tea"],
            2,
            "there is a store tea already",
        ),
        (["add"], 2, "usage: blogkeep stores"),
        (["sell", "tea"], 2, "'sell tea' does not fit the usage: blogkeep stores"),
    ],
)
def test_wrong_edits_change_nothing(
    blogkeep: Command, db_path: Path, file: Path, words: list[str], code: int, told: str
) -> None:
    done = blogkeep("stores", *words, "--db", str(db_path))
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert file.read_text("utf-8") == ADDED


def test_list_and_removal_keep_what_was_archived(
    blogkeep: Command, three_days, tmp_path: Path
) -> None:
    file = tmp_path / "stores.toml"
    file.write_text(
        '[stores.demo]\nurl = "demo"\nschedule = "0 5 * * *"\npaused = true\n' + ADDED,
        encoding="utf-8",
    )
    words = ("--db", str(three_days.db), "-s", f"ARCHIVE_STORES={file}")
    demo, tea = json.loads(blogkeep("stores", *words, "--json").stdout)
    assert (
        demo["name"],
        demo["health"],
        demo["next_run_at"],
        tea["health"],
        tea["last_good_at"],
    ) == (
        "demo",
        "healthy",
        "paused",
        "never crawled",
        "never",
    )
    (started,) = rows(three_days.db, "SELECT max(started_at) FROM crawls")[0]
    assert demo["last_good_at"] == started
    assert "demo   demo" in blogkeep("stores", "list", *words).stdout
    assert blogkeep("stores", "remove", "demo", *words).returncode == 0
    assert [store["name"] for store in json.loads(blogkeep("stores", *words, "--json").stdout)] == [
        "tea"
    ]
    assert rows(three_days.db, "SELECT count(*) FROM posts")[0][0] > 70  # type: ignore[operator]
