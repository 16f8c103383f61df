"""`blogkeep`: the same commands as Scrapy runs, from any folder, without importing Scrapy."""

from __future__ import annotations

import inspect
import json
import os
import pkgutil
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import scraper.commands
from scraper import __version__
from scraper.cli.catalog import COMMANDS
from scraper.cli.main import SHELLS, main
from scraper.cli.timestamping import CALENDARS
from scraper.commands.crawl import SPIDER_ARGUMENTS
from scraper.spiders.blog import BlogSpider
from tests.conftest import (
    ENDS_S,
    ROOT,
    Start,
    ThreeDays,
    crawl_words,
    quiet_environment,
    rows,
    wait_until,
)
from tests.each_row import each_row
from tests.storefront import ROBOTS, post, serving, sitemap
from tests.warm import BLOGKEEP, Done, Warm

LATIN = "caf\udce9"
"""A word of the command line in Latin-1, as Python reads it."""

READING = [
    ["--help"],
    ["changes"],
    ["changes", "--json"],
    ["diff", "journal/magnesium-and-muscle-cramps"],
    ["related", "journal/teapot-care"],
    ["graph", "--dead-links"],
    ["graph", "--metrics"],
    ["explain", "journal/teapot-care"],
    ["export", "--format", "warc", "{tmp}/out.warc.gz"],
    ["stores"],
    ["status"],
    ["alerts"],
    ["verify"],
    ["backup", "--to", "{tmp}/backups"],
    ["prune", "--before", "2020-01-01"],
    ["reextract", "--dry-run"],
    ["import", str(ROOT / "tests/demo/data/lookalike.txt"), "--store", "https://tea.example"],
]
"""A call of every command that fetches nothing and ends by itself."""

RUN_EACH = """
import json, sys
from scraper.cli.main import main

for words in json.loads(sys.argv[1]):
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    heavy = {"scrapy", "twisted"} | ({"numpy"} if words[0] == "changes" else set())
    loaded = sorted(heavy & set(sys.modules))
    print(json.dumps([words[0], code, loaded]), file=sys.stderr)
"""


@pytest.fixture
def copied(tmp_path: Path, three_days: ThreeDays) -> Path:
    """An archive of its own, with captures and a file of stores beside it."""
    for name in ("archive.db", "captures.db"):
        shutil.copy(three_days.db.with_name(name), tmp_path / name)
    (tmp_path / "stores.toml").write_text(
        '[stores.demo]\nurl = "demo"\nschedule = "0 5 * * *"\n', encoding="utf-8"
    )
    return tmp_path / "archive.db"


def test_commands_that_fetch_nothing_import_no_scrapy(copied: Path) -> None:
    calls = [
        [word.replace("{tmp}", str(copied.parent)) for word in words]
        + (["--db", str(copied)] if words[0] in COMMANDS else [])
        for words in READING
    ]
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH, json.dumps(calls)],
        cwd=ROOT,
        env=quiet_environment(),
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    results = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("[")]
    assert [name for name, _, _ in results] == [words[0] for words in calls], done.stderr
    assert {name for name, _, loaded in results if loaded} == set()
    # The demo store has not been crawled for a day or has, as the clock will have it.
    assert {name for name, code, _ in results if code} <= {"status"}, done.stderr


def test_every_command_module_is_listed_and_no_other() -> None:
    modules = {info.name for info in pkgutil.iter_modules(scraper.commands.__path__)}
    assert set(COMMANDS) == modules


def test_help_has_a_line_for_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert {name: text for name, *texts in filter(None, lines) for text in texts}.items() >= (
        COMMANDS.items()
    )


def by_scrapy(warm: Warm, *words: str) -> Done:
    """Run a command by Scrapy's own entry point."""
    environment = quiet_environment()
    return warm.run(words, folder=ROOT, environment=environment, timeout_s=ENDS_S, module="scrapy")


def test_scrapy_offers_the_same_commands_with_the_same_lines(warm: Warm) -> None:
    lines = [line.split(maxsplit=1) for line in by_scrapy(warm, "-h").out.splitlines()]
    assert {name: text for name, *texts in filter(None, lines) for text in texts}.items() >= (
        COMMANDS.items()
    )


def test_scrapy_lists_the_spider_that_a_person_can_run(warm: Warm) -> None:
    assert by_scrapy(warm, "list").out == "blog\n"


def test_scrapy_runs_what_needs_no_crawl(warm: Warm, three_days: ThreeDays) -> None:
    done = by_scrapy(warm, "posts", "--state", "missing", "--db", str(three_days.db))
    assert (done.code, done.err) == (0, "")
    assert "mint-cucumber-fizz" in done.out


def test_scrapy_crawls(warm: Warm, db_path: Path) -> None:
    path = "/blogs/news/one"
    with serving({"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(path), path: post(path)}) as store:
        done = by_scrapy(warm, *crawl_words(store.url, db_path))
    assert done.code == 0, done.err
    assert "1 listed, 1 fetched, 1 new" in done.out


def test_scrapy_ends_a_crawl_at_ctrl_c_with_exit_code_3(warm: Warm, db_path: Path) -> None:
    with serving({"/robots.txt": "User-agent: *\nCrawl-delay: 3600\n"}) as store:
        words = crawl_words(store.url, db_path)
        running = warm.start(words, folder=ROOT, environment=quiet_environment(), module="scrapy")
        wait_until(lambda: bool(store.paths))
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=ENDS_S)
    assert running.returncode == 3, err
    assert err.splitlines()[-1] == f"blogkeep: {store.url}: interrupted; nothing was archived"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("words", "code"),
    [(["stores"], 130), (["crawl", "http://127.0.0.1:9", "-s", "ARCHIVE_CREDENTIALS={file}"], 3)],
)
def test_a_signal_ends_a_command_that_reads_a_file(
    start: Start, tmp_path: Path, words: list[str], code: int, sign: signal.Signals
) -> None:
    file = tmp_path / "stores.toml"
    os.mkfifo(file)
    words = [word.format(file=file) for word in words]
    running = start(*words, "--db", str(tmp_path / "archive.db"))
    with file.open("wb"):  # opened once the command reads it, and waits
        running.send_signal(sign)
    # Closed: a signal that comes just before the read begins does not end it.
    _, err = running.communicate(timeout=ENDS_S)
    assert (running.returncode, err) == (code, "")


def test_a_signal_before_the_spider_is_opened_ends_a_crawl_with_3(
    start: Start, tmp_path: Path
) -> None:
    file, url = tmp_path / "credentials.toml", "http://127.0.0.1:9"
    os.mkfifo(file)
    words = ["crawl", url, "-s", f"ARCHIVE_CREDENTIALS={file}"]
    running = start(*words, "--db", str(tmp_path / "archive.db"))
    with file.open("wb"):  # read by the command, and then by Scrapy as it sets itself up
        file.unlink()
        os.mkfifo(file)
    with file.open("wb"):
        running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=ENDS_S)
    assert (running.returncode, err) == (3, f"blogkeep: {url}: interrupted; nothing was archived\n")


LOADING = """
import os, runpy, sys
*sys.argv, module, sign = sys.argv
class Interrupt:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), int(sign))
            print("goes on")
sys.meta_path.insert(0, Interrupt())
runpy.run_module("scraper", run_name="__main__")
"""
"""A signal while a module is being loaded."""


@pytest.mark.usefixtures("integration")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("command", "module", "code", "out"),
    [
        ("crawl", "scraper.cli.main", 3, ""),
        ("verify", "scraper.cli.main", 130, ""),
        ("serve", "scraper.cli.main", 0, ""),
        ("search open", "scraper.cli.main", 130, ""),
        ("schedule", "sqlite_utils", 0, "goes on\n"),
        ("serve", "datasette.facets", 0, "goes on\n"),
        # Within an import it waits: the lock by which Python imports would stay taken.
        ("crawl", "scrapy.crawler", 3, "goes on\n"),
        ("verify", "sqlite_utils", 130, "goes on\n"),
    ],
)
def test_a_signal_while_the_program_is_loaded_is_no_traceback(
    command: str, module: str, code: int, out: str, sign: signal.Signals
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADING, *command.split(), module, str(sign.value)],
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # for tests under nohup
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, out, "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"blogkeep {__version__}\n")


@each_row(
    ("words", "message"),
    [
        pytest.param(["chagnes"], "no command 'chagnes': did you mean changes?", id="command"),
        pytest.param(["changes", "--sicne", "x"], "unknown option --sicne", id="option"),
        pytest.param(["changes", "x"], "changes takes options only, not 'x'", id="argument"),
        pytest.param(["graph", "--format", "doc"], "argument --format", id="choice"),
        pytest.param(["changes", "--crawl", "x"], "argument --crawl: 'x' is not", id="number"),
        pytest.param(
            ["changes", "-s", "ARCHIVE_DBB=x"],
            "-s ARCHIVE_DBB: no such setting; did you mean ARCHIVE_DB?",
            id="setting",
        ),
        pytest.param(["changes", "-s", "x"], "-s takes NAME=VALUE, not 'x'", id="no value"),
        pytest.param(
            ["reextract", "-s", "ARCHIVE_COMPARE_TEXTS=yes"],
            "ARCHIVE_COMPARE_TEXTS takes 1 or 0, not 'yes'",
            id="no boolean",
        ),
        pytest.param(
            ["status", "-s", "ARCHIVE_DISK_FREE_MB=much"],
            "ARCHIVE_DISK_FREE_MB takes a number from 0 to 10,000,000,000, not 'much'",
            id="no number",
        ),
        pytest.param(
            ["changes", "-s", "ARCHIVE_RATE=nan"],
            "ARCHIVE_RATE takes a number from 0 to 10,000,000,000, not 'nan'",
            id="of a setting that the command does not read",
        ),
        pytest.param(
            ["changes", "-s", "ARCHIVE_BACKOFF_MAX=1e12"],
            "ARCHIVE_BACKOFF_MAX takes a number from 0 to 10,000,000,000, not '1e12'",
            id="beyond any date",
        ),
        pytest.param(
            ["changes", "-s", "ARCHIVE_SWEEP_DAYS=36501"],
            "ARCHIVE_SWEEP_DAYS takes a number from 0 to 36,500, not '36501'",
            id="days beyond any date",
        ),
        pytest.param(
            ["changes", "-s", "ARCHIVE_REMOVAL_HOURS=1e9"],
            "ARCHIVE_REMOVAL_HOURS takes a number from 0 to 876,000, not '1e9'",
            id="hours beyond any date",
        ),
        pytest.param(["seal", "--calendar", CALENDARS[0]], "--calendar needs", id="calendar"),
        pytest.param(["seal", "--opentimestamps", "--list"], "--list takes no", id="list"),
        *(
            pytest.param(
                ["seal", "--opentimestamps", "--calendar", unfit],
                f"{unfit!r} is no address of a time-stamping authority or calendar",
                id=unfit,
            )
            for unfit in ("http://[x", "foo", "http://a:b")
        ),
    ],
)
def test_wrong_usage_is_one_line(
    copied: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    try:
        code = main([*words, "--db", str(copied)] if words[0] in COMMANDS else words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith(f"blogkeep: {message}")
    assert error.count("\n") == 1


ALTERED = {
    "a column": "ALTER TABLE posts RENAME COLUMN title TO name",
    "a view": (
        "ALTER TABLE posts RENAME TO old; CREATE VIEW posts AS WITH RECURSIVE endless(id) AS "
        "(SELECT 1 UNION ALL SELECT id + 1 FROM endless) SELECT max(id) AS id FROM endless"
    ),
    "a text": "UPDATE posts SET title = CAST(x'ff41' AS TEXT)",
    "a size": "UPDATE posts SET title = printf('%.*c', 100001, 'x')",
    "a page": "DELETE FROM revisions_fts_data WHERE id > 10",
}


_WRITABLE = (
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')"
    " WHERE name IN ('stores', 'posts', 'revisions'); PRAGMA writable_schema = RESET; "
)
UNREADABLE = {
    "JSON": ("reextract", "UPDATE revisions SET tags = '{', readings = '{'"),
    "a time": ("reextract", f"{_WRITABLE}UPDATE revisions SET first_seen_at = NULL, title = NULL"),
    "a title": ("search", f"{_WRITABLE}UPDATE posts SET title = NULL, url = NULL, label = NULL"),
}


@pytest.mark.parametrize(("command", "sql"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_value_that_no_command_writes_is_one_line(
    copied: Path, capsys: pytest.CaptureFixture[str], command: str, sql: str
) -> None:
    with closing(sqlite3.connect(copied)) as db:
        db.executescript(sql)
    words = ["tea"] if command == "search" else ["--dry-run"]
    assert main([command, *words, "--db", str(copied)]) == 1
    error = capsys.readouterr().err
    assert f"{copied} is damaged or altered: " in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("sql", ALTERED.values(), ids=ALTERED)
def test_an_archive_that_another_program_altered_is_one_line(
    copied: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    if "printf" in sql:
        monkeypatch.setattr("scraper.archive.database.MAX_VALUE_BYTES", 100_000)
    with closing(sqlite3.connect(copied)) as db:
        db.executescript(f"PRAGMA legacy_alter_table = ON; {sql}")
    assert main(["search", "tea", "--db", str(copied)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"blogkeep: {copied} is damaged or altered: ")
    assert error.count("\n") == 1
    assert main(["verify", "--db", str(copied)]) == 1


@pytest.mark.parametrize("program", ["scrapy", BLOGKEEP])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["blog", "-a", "stroe=demo"], "-a stroe: no such argument; the spider takes store, blogs"),
        (["demo", "-a", "store=demo"], "give the store as 'demo' or by -a store=, not both"),
        (["demo", "--jsno"], "unknown option --jsno"),
        (["demo", "-s", "ARCHIVE_RAET=1"], "-s ARCHIVE_RAET: no such setting"),
        (
            ["demo", "-s", "ARCHIVE_CONFIRM_SIGHTS=2.5"],
            "ARCHIVE_CONFIRM_SIGHTS takes a whole number from 0 to 10,000,000,000, not '2.5'",
        ),
        (
            ["demo", "-s", "DOWNLOAD_DELAY=-1"],
            "DOWNLOAD_DELAY takes a number from 0 to 10,000,000,000, not '-1'",
        ),
    ],
)
def test_wrong_argument_of_a_crawl_is_one_line(
    warm: Warm, tmp_path: Path, program: str, words: list[str], message: str
) -> None:
    done = warm.run(
        ["crawl", *words, "--db", str(tmp_path / "archive.db")],
        folder=ROOT,
        environment=quiet_environment(),
        timeout_s=ENDS_S,
        module=program,
    )
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith(f"blogkeep: {message}")


def test_arguments_of_a_crawl_are_those_of_its_spider() -> None:
    parameters = inspect.signature(BlogSpider).parameters.values()
    assert [one.name for one in parameters if one.kind is not one.VAR_KEYWORD] == list(
        SPIDER_ARGUMENTS
    )


def test_crawl_takes_a_store_and_archives_it_in_the_current_folder(
    warm: Warm, tmp_path: Path
) -> None:
    done = warm.run(
        ["crawl", "demo"],
        folder=tmp_path,
        environment=quiet_environment(),
        timeout_s=ENDS_S,
    )
    assert done.code == 0, done.err
    assert "71 listed, 71 fetched, 71 new" in done.out
    assert rows(tmp_path / "data" / "archive.db", "SELECT count(*) FROM posts") == [(71,)]


@pytest.mark.usefixtures("integration")
def test_package_runs_by_its_path_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scraper"), "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"blogkeep {__version__}\n")


@pytest.mark.usefixtures("integration")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        pytest.param("blogkeep ch", ["changes "], id="command"),
        pytest.param("blogkeep changes --s", ["--set", "--since", "--store"], id="options"),
        pytest.param("blogkeep graph --format j", ["json "], id="choices"),
    ],
)
def test_completion_offers_what_may_follow(tmp_path: Path, line: str, offered: list[str]) -> None:
    answer = tmp_path / "answer"
    subprocess.run(
        [sys.executable, str(ROOT / "scraper")],
        env=quiet_environment()
        | {
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_IFS": "\n",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
            "COMP_LINE": line,
            "COMP_POINT": str(len(line)),
        },
        timeout=ENDS_S,
        check=True,
    )
    assert answer.read_text("utf-8").splitlines() == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_of_a_shell_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", shell]) == 0
    assert "blogkeep" in capsys.readouterr().out


@pytest.mark.usefixtures("integration")
def test_completion_is_taken_by_bash(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "blogkeep").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "scraper"} "$@"\n')
    (folder / "blogkeep").chmod(0o755)
    done = subprocess.run(
        [bash, "-c", 'eval "$(blogkeep --completion bash)"; complete -p blogkeep'],
        env=quiet_environment() | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "python_argcomplete" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["show", LATIN],
        ["search", LATIN],
        ["said", LATIN],
        ["absent", "tea", "--post", LATIN],
        ["changes", "--store", LATIN],
        ["explain", LATIN],
        ["prune", "--post", LATIN],
    ],
    ids=lambda words: words[0],
)
def test_a_word_that_is_not_utf8_is_one_line(
    words: list[str], three_days: ThreeDays, capsys: pytest.CaptureFixture[str]
):
    assert main([*words, "--db", str(three_days.db)]) == 2
    assert capsys.readouterr().err == "blogkeep: b'caf\\xe9' is not UTF-8\n"
