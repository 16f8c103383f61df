"""What tests share: the real demo store on loopback, the real commands in processes of their own,
and no network beyond that."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers

from scraper.hosts import is_loopback
from tests.warm import RARELY, Limits, Running, Warm

# What is slow to import is imported where it is used: the process that hands out the tests needs
# none of it, and starts the others only when it has this file.
if TYPE_CHECKING:
    from scraper.demo import DemoServer

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would every command
# that they start, also those that are interrupted to see how they end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared"

ENDS_S = 300.0
"""A command that runs for longer is hung: no test depends on how long one takes."""

# Settings that make a refusal cost a moment rather than minutes, and no crawl compare texts, which
# is a fifth of what a crawl of the demo store takes: what crawls do with them is tested where it is
# asked for (`ARCHIVE_COMPARE_TEXTS=1`), and in the three days that most tests read.
QUICK = [
    "-s",
    "ARCHIVE_COMPARE_TEXTS=0",
    "-s",
    "ARCHIVE_BACKOFF_FIRST=0.05",
    "-s",
    "ARCHIVE_BACKOFF_MAX=2",
    "-s",
    "RETRY_TIMES=1",
    "-s",
    "DOWNLOAD_TIMEOUT=60",
]

# Every post is asked for, whatever the store says of it: the sweep of all days at once.
ANEW = ["-s", "ARCHIVE_SWEEP_DAYS=0.000001"]


def crawl_words(url: str, db: Path, *more: str) -> list[str]:
    """The command that crawls a store into an archive with quick refusals."""
    return ["crawl", "blog", "-a", f"store={url}", "--db", str(db), *QUICK, *more]


Command = Callable[..., "subprocess.CompletedProcess[str]"]
Sample = Callable[..., Any]
Start = Callable[..., Running]


INTEGRATION = "integration"
FURTHER = pytest.mark.further
"""Marks what takes long where other cases, or other tests, look at the same: ``--short`` leaves it
out."""

SHORT_EXAMPLES = 20
"""Of Hypothesis, with ``--short``."""


IN_MEMORY = Path("/dev/shm")
"""Where pytest makes the folders of tests, if there is enough of it: an archive on a disk waits for
the disk some four hundred times in a crawl."""

MOST_FILES = 4 * 2**30
"""Bytes that tests need there at once, amply: the folder of a test that passed is removed."""


LONGEST = (
    "cluster/test_faults.py",
    "commands/test_reextract.py",
    "test_patterns.py",
    "spiders/test_contradictions.py",
    "test_bench.py",
    "test_examples.py",
    "spiders/test_attacks.py",
    "spiders/test_resume.py",
    "schedule/test_five_weeks.py",
    "attack/test_hostile_stores.py",
    "cli/test_resources.py",
    "web/test_browser.py",
    "spiders/test_every_edit.py",
    "imports/test_web_archives.py",
    "spiders/test_pace.py",
    "spiders/test_volatile.py",
    "web/test_stores_form.py",
    "spiders/test_trouble.py",
    "attack/test_crawls.py",
    "web/test_hostile.py",
    "cli/test_main.py",
    "spiders/test_recrawl.py",
    "archive/test_captures.py",
    "spiders/test_platforms.py",
    "commands/test_schedule.py",
    "spiders/test_flips.py",
    "web/test_security.py",
)
"""Modules that take the longest. They begin first, so that no process works on one alone in the
end."""


# Hypothesis would fail an example that takes 0.2 s by the clock, as any does on a busy machine.
hypothesis_settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "short", hypothesis_settings.get_profile("busy machine"), max_examples=SHORT_EXAMPLES
)
hypothesis_settings.load_profile("busy machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--short",
        action="store_true",
        help="of many cases of one kind check some, as `make check` does",
    )


def pytest_configure(config: pytest.Config) -> None:
    # Before the tests are imported, which the collector would look through again and again.
    gc.set_threshold(RARELY)
    # Tests name the certificate of each server that they ask over TLS: to read those of all
    # authorities would take each client of httpx 28 ms.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = os.devnull
    if _has_memory_for_files():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
    if config.getoption("short"):
        hypothesis_settings.load_profile("short")
        # Else it parses every module of the program for constants to try, in each process. Set so,
        # this fails where Hypothesis renames it.
        pytest.MonkeyPatch().setattr(providers, "_get_local_constants", providers.Constants)


def _has_memory_for_files() -> bool:
    return os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > MOST_FILES


@pytest.fixture(scope="session")
def sample(request: pytest.FixtureRequest) -> Sample:
    """Choose among many cases of one kind: with ``--short`` each `every`-th from `start` on, else
    all. Any number from 0 on may be a start, so that one test's sample is not another's."""
    short = request.config.getoption("short")
    return lambda cases, every, start=0: cases[start % every :: every] if short else cases


def pytest_sessionstart(session: pytest.Session) -> None:
    """Of several processes each imports its share of the tests first, by which those are compiled,
    and finds the others' shares compiled when it collects: in a clean checkout, to compile takes
    longer than to import."""
    if (worker := os.environ.get("PYTEST_XDIST_WORKER")) is None:
        return
    of = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    modules = sorted(path for name in session.config.args for path in Path(name).rglob("test_*.py"))
    for path in modules[int(worker.removeprefix("gw")) :: of]:
        with contextlib.suppress(Exception):  # it is reported where the module is collected
            import_module(".".join(path.resolve().relative_to(ROOT).with_suffix("").parts))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts a process, a server, a browser or a crawl, by its fixtures alone; put the
    longest modules first, then what is marked. With ``--short`` leave further cases out."""
    if config.getoption("short"):
        further = [item for item in items if item.get_closest_marker("further")]
        config.hook.pytest_deselected(items=further)
        items[:] = [item for item in items if not item.get_closest_marker("further")]
    for item in items:
        if INTEGRATION in getattr(item, "fixturenames", ()):
            item.add_marker(INTEGRATION)
    marked = {item.path for item in items if item.get_closest_marker(INTEGRATION)}
    places = {TESTS / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (places.get(item.path, len(places)), item.path not in marked))


def pytest_collection_finish() -> None:
    """Spare the collector all that was imported."""
    gc.freeze()


@pytest.fixture(scope="session")
def integration() -> None:
    """Permission to start processes and to listen: whichever fixture or test does so depends on
    this one, which marks the test. `make check` leaves marked tests out."""


@pytest.fixture(scope="session", autouse=True)
def _unhurried_sql() -> None:
    """Queries of the web interface as slow as a busy machine makes them: the limit of seconds has
    tests of its own, which set it. Whoever asks the interface imports it with the module."""
    if server := sys.modules.get("scraper.web.server"):
        server.SETTINGS["sql_time_limit_ms"] = int(ENDS_S * 1000)


STARTS = {
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "socket.bind",
    "subprocess.Popen",
}
"""Audit events of Python by which a process begins or a port is taken."""

_watched_test: list[str] = []


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """A test that reaches for the network fails, and so does one that starts what it may not."""
    if event == "socket.connect":
        _, address = arguments
        if isinstance(address, tuple) and not is_loopback(str(address[0])):
            raise AssertionError(f"a test reached for the network: {address}")
    elif _watched_test and event in STARTS:
        raise AssertionError(f"{event} in {_watched_test[0]}, which is not marked {INTEGRATION}")


sys.addaudithook(_refuse)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test without the mark fails where it, or a fixture of it, starts a process or listens."""
    if not item.get_closest_marker(INTEGRATION):
        _watched_test.append(item.nodeid)
    try:
        return (yield)
    finally:
        _watched_test.clear()


@pytest.fixture(scope="session")
def warm(integration: None) -> Iterator[Warm]:
    """A process that has the program loaded, and runs each command in a fork of itself: one for
    all test processes."""
    process = Warm(ROOT, os.environ.get("PYTEST_XDIST_TESTRUNUID", ""))
    yield process
    process.close()


@pytest.fixture(scope="session")
def start(warm: Warm) -> Start:
    """Begin a command in a process of its own and go on, to wait for it, signal it or kill it:
    ``start(*crawl_words(url, db))``."""
    return starter(warm)


def starter(warm: Warm) -> Start:
    """What the fixture `start` is, also without pytest."""

    def begin(*words: str, limits: Limits = (), log: Path | None = None) -> Running:
        environment = quiet_environment()
        return warm.start(words, folder=ROOT, environment=environment, limits=limits, log=log)

    return begin


@pytest.fixture(scope="session")
def blogkeep(warm: Warm) -> Command:
    """Run a command as a person does, and give what it printed and its exit code.

    A crawl, and what else fetches (`alone`), has a process of its own, for Scrapy's reactor runs
    once in each; the others run in this one.
    """

    def run(
        *words: str, timeout_s: float = ENDS_S, alone: bool = False
    ) -> subprocess.CompletedProcess[str]:
        if not alone and (words[0] != "crawl" or "--help" in words):
            return _here(words)
        if ANEW[1] in words:
            await_the_next_second()
        done = warm.run(words, folder=ROOT, environment=quiet_environment(), timeout_s=timeout_s)
        return subprocess.CompletedProcess(words, done.code, done.out, done.err)

    return run


def wait_until(what: Callable[[], bool]) -> None:
    """Wait for an event; a test that waits in vain fails after `ENDS_S`."""
    until = time.monotonic() + ENDS_S
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def await_the_next_second() -> None:
    """The archive's times are whole seconds: what was seen in this one is due for no sweep in the
    same."""
    time.sleep(1 - time.time() % 1)


def quiet_environment() -> dict[str, str]:
    """This one, on a wide terminal, and without what would lead a command to another archive."""
    environment = {**os.environ, "COLUMNS": "160"}
    environment.pop("ARCHIVE_DB", None)
    environment.pop("ARCHIVE_CAPTURES", None)
    return environment


def _here(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    from scraper.cli.main import main  # noqa: PLC0415

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(ROOT):
        try:
            code = main(words)
        except SystemExit as ended:  # of argparse
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def crawl(blogkeep: Command) -> Command:
    """Crawl a store into an archive with quick refusals: ``crawl(url, db, *more)``."""

    def run(
        url: str, db: Path, *more: str, timeout_s: float = ENDS_S
    ) -> subprocess.CompletedProcess[str]:
        return blogkeep(*crawl_words(url, db, *more), timeout_s=timeout_s)

    return run


@dataclass(frozen=True)
class ThreeDays:
    """The demo store archived by `blogkeep crawl blog -a store=demo` on each of its three days, and
    what each crawl printed."""

    db: Path
    printed: list[str]


@pytest.fixture(scope="session")
def three_days(blogkeep: Command, tmp_path_factory: pytest.TempPathFactory) -> ThreeDays:
    """Made once for all test processes, by whichever comes first."""

    def make(db: Path) -> list[str]:
        told = []
        for _ in range(3):
            # Times are whole seconds: a day that ended in the second in which the next one began
            # could not be asked for by its end.
            await_the_next_second()
            done = blogkeep("crawl", "blog", "-a", "store=demo", "--db", str(db))
            assert done.returncode == 0, done.stdout + done.stderr
            told.append(done.stdout)
        return told

    return ThreeDays(*_made_once(tmp_path_factory, "three-days", make))


def _made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], list[str]]
) -> tuple[Path, list[str]]:
    """An archive that whichever test process comes first makes for all, and what was printed."""
    folder = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    db, printed = folder / name / "archive.db", folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            db.parent.mkdir()
            printed.write_text(json.dumps(make(db)), encoding="utf-8")
    return db, json.loads(printed.read_text(encoding="utf-8"))


DEMO_ORIGIN = "http://hollow-fern.example"
"""The demo store's own address, which is the same at whichever port it is served."""


def as_demo(server: DemoServer) -> list[str]:
    """Options of a crawl of `DEMO_ORIGIN` that ask a server for it."""
    return ["-s", f"ARCHIVE_PROXY={server.url}", "-s", "ARCHIVE_RATE=0"]


@pytest.fixture(scope="session")
def first_day(crawl: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the small demo store under its own address after one good crawl, made once for
    all test processes: to be copied and crawled again."""
    from scraper.demo import DemoServer  # noqa: PLC0415
    from tests.small_store import small_store  # noqa: PLC0415

    def make(db: Path) -> list[str]:
        with DemoServer(small_store()) as server:
            done = crawl(DEMO_ORIGIN, db, *as_demo(server))
        assert done.returncode == 0, done.stdout + done.stderr
        return [done.stdout]

    return _made_once(tmp_path_factory, "first-day", make)[0]


@pytest.fixture
def demo(integration: None) -> Iterator[DemoServer]:
    """The demo store in small, every theme in it, on day 1."""
    from scraper.demo import DemoServer  # noqa: PLC0415
    from tests.small_store import small_store  # noqa: PLC0415

    with DemoServer(small_store()) as server:
        yield server


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    """Where a test's archive stands."""
    return tmp_path / "archive.db"


def rows(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    """Ask an archive, reading it as commands do."""
    from scraper.archive.database import open_for_reading  # noqa: PLC0415

    db = open_for_reading(path)
    try:
        return [tuple(row) for row in db.execute(sql, values).fetchall()]
    finally:
        db.close()


def wait_for_posts(running: Running, db: Path, number: int) -> None:
    """Wait until a crawl that is under way has saved so many posts."""
    while count_posts(db) < number:
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)


def count_posts(db: Path) -> int:
    """The posts of an archive that is being written, read without touching it: a reader of ours
    would migrate a file that is being made."""
    if not db.exists():
        return 0
    with closing(sqlite3.connect(f"{db.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM posts").fetchone()[0])
        except sqlite3.Error:
            return 0
