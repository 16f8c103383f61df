"""A machine that runs out of file descriptors, memory or disk: one line, the exit code 1, no
traceback."""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from scraper.archive.database import open_for_writing
from scraper.cli.resources import describe_exhaustion
from tests.archive.shop import Shop
from tests.conftest import ENDS_S, ROOT
from tests.factories import make_post
from tests.storefront import post
from tests.warm import Warm

COMMANDS = {
    "crawl": ["crawl", "http://127.0.0.1:9"],
    "import": ["import", "page.html", "--store", "https://shop.example"],
    "changes": ["changes"],
    "verify": ["verify"],
    "serve": ["serve", "--port", "0"],
}
ENOUGH_TO_IMPORT = 8
"""Descriptors with which Python imports the program; the tests with fewer start it from nothing."""

COMPILED = {name: os.environ[name] for name in {"PYTHONPYCACHEPREFIX"} & os.environ.keys()}
"""Where this process finds its modules compiled, if not beside their source."""


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of one post, and a page to import."""
    folder = tmp_path_factory.mktemp("resources")
    db = open_for_writing(folder / "archive.db")
    Shop(db).crawl(1, make_post())
    db.close()
    page = post("/blogs/news/one")
    link = '<link rel="canonical" href="https://shop.example/blogs/news/one">'
    (folder / "page.html").write_text(page.replace("<head>", f"<head>{link}"))
    return folder


@pytest.fixture(scope="module")
def run(warm: Warm) -> Run:
    """Run a command with a limit; `forked`, where nothing is to fail before it begins."""

    def run_limited(
        folder: Path, words: list[str], limit: int, value: int, *, forked: bool = False
    ) -> Ended:
        words = [*words, "--db", "archive.db"]
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"} | COMPILED
        if forked:
            done = warm.run(
                words,
                folder=folder,
                environment=environment,
                timeout_s=ENDS_S,
                limits=[(limit, value)],
            )
            return Ended(done.code, done.out, done.err)
        process = subprocess.run(
            [sys.executable, "-m", "scraper", *words],
            cwd=folder,
            env=environment,
            preexec_fn=lambda: resource.setrlimit(limit, (value, value)),
            capture_output=True,
            text=True,
            timeout=ENDS_S,
            check=False,
        )
        return Ended(process.returncode, process.stdout, process.stderr)

    return run_limited


def _check_line(done: Ended) -> None:
    assert done.code == 1, done.out + done.err
    (line,) = done.err.splitlines()
    assert line.startswith("blogkeep: ")


@pytest.mark.parametrize(
    ("command", "descriptors"), [("crawl", 5), ("crawl", 20), ("serve", 8), ("serve", 40)]
)
def test_too_few_descriptors_end_it_before_it_begins(
    run: Run, folder: Path, command: str, descriptors: int
) -> None:
    # What serves imports as it begins: from nothing, that is where files run out.
    forked = descriptors >= ENOUGH_TO_IMPORT and command != "serve"
    _check_line(run(folder, COMMANDS[command], resource.RLIMIT_NOFILE, descriptors, forked=forked))


@pytest.mark.parametrize(
    ("command", "descriptors"),
    [
        *(("import", number) for number in (5, 7, 10, 12, 20)),
        *(("changes", number) for number in (6, 8, 20)),
        *(("verify", number) for number in (5, 7, 12, 30)),
    ],
)
def test_commands_that_need_few_work_or_fail_with_one_line(
    run: Run, folder: Path, command: str, descriptors: int
) -> None:
    forked = descriptors >= ENOUGH_TO_IMPORT
    done = run(folder, COMMANDS[command], resource.RLIMIT_NOFILE, descriptors, forked=forked)
    if descriptors >= 20:
        assert (done.code, done.err) == (0, "")
    elif done.code:
        _check_line(done)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("command", "megabytes"),
    [
        *(("crawl", 48), ("crawl", 80), ("crawl", 96)),
        *(("import", 64), ("import", 96)),
        *(("changes", 48), ("verify", 64)),
    ],
)
def test_too_little_memory_is_reported_in_one_line(
    run: Run, folder: Path, command: str, megabytes: int
) -> None:
    done = run(folder, COMMANDS[command], resource.RLIMIT_AS, megabytes * 2**20)
    assert "Traceback" not in done.err
    if done.code:
        _check_line(done)


@pytest.mark.parametrize("megabytes", [112, 128, 130, 160, 191])
def test_a_crawl_with_too_little_memory_does_not_begin(
    run: Run, tmp_path: Path, megabytes: int
) -> None:
    done = run(tmp_path, ["crawl", "demo"], resource.RLIMIT_AS, megabytes * 2**20)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"blogkeep: 192 MB of memory are needed, the limit is {megabytes} MB: "
        "raise it (ulimit -v 196608)\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("megabytes", [114, 135, 200, 271])
def test_a_schedule_without_memory_for_its_crawls_says_so(
    run: Run, tmp_path: Path, megabytes: int
) -> None:
    (tmp_path / "stores.toml").write_text(
        '[stores.tea]\nurl = "http://127.0.0.1:9"\nschedule = "0 6 * * *"\n'
    )
    done = run(tmp_path, ["schedule", "--once"], resource.RLIMIT_AS, megabytes * 2**20)
    assert done.code == 3
    assert done.out.endswith(
        "the process that starts crawls has ended: 272 MB of memory are needed, "
        f"the limit is {megabytes} MB: raise it (ulimit -v 278528)\n"
    )
    assert done.err == ""


@pytest.mark.parametrize("size", [0, 4096, 40_000, 200_000])
def test_a_file_that_cannot_grow_is_reported_in_one_line(
    run: Run, folder: Path, tmp_path: Path, size: int
) -> None:
    words = [
        str(folder / "page.html") if word == "page.html" else word for word in COMMANDS["import"]
    ]
    # What a fork prints is a file too, which must be able to grow.
    _check_line(run(tmp_path, words, resource.RLIMIT_FSIZE, size, forked=size > 0))


def test_a_command_ends_without_standard_streams(
    folder: Path, tmp_path: Path, integration: None
) -> None:
    words = [str(folder / word) if word == "page.html" else word for word in COMMANDS["import"]]
    process = subprocess.run(
        [sys.executable, "-m", "scraper", *words, "--db", str(tmp_path / "archive.db")],
        cwd=ROOT,
        preexec_fn=lambda: os.closerange(0, 3),
        timeout=ENDS_S,
        check=False,
    )
    assert process.returncode == 0


def test_an_error_is_said_though_standard_output_is_closed(
    tmp_path: Path, integration: None
) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "scraper", "show", "nosuch", "--db", str(tmp_path / "archive.db")],
        cwd=ROOT,
        preexec_fn=lambda: os.close(1),
        stderr=subprocess.PIPE,
        timeout=ENDS_S,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.startswith(b"blogkeep: ")
    assert b"Traceback" not in process.stderr


def test_a_limit_that_may_be_raised_is_raised(integration: None) -> None:
    code = (
        "import resource as r; from scraper.cli.resources import require_descriptors;"
        "r.setrlimit(r.RLIMIT_NOFILE, (20, 100)); require_descriptors();"
        "print(r.getrlimit(r.RLIMIT_NOFILE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(64, 100)\n"


def test_only_exhaustion_is_described() -> None:
    assert "files" in describe_exhaustion(OSError(errno.EMFILE, "Too many open files"))
    assert "memory" in describe_exhaustion(MemoryError())
    for words in (
        "error return without exception set",
        "f returned NULL without setting an exception",
    ):
        assert "memory" in describe_exhaustion(SystemError(words))
    assert "disk" in describe_exhaustion(OSError(errno.ENOSPC, "No space left on device"))
    assert "memory" in describe_exhaustion(ImportError("x.so: failed to map segment from shared"))
    for other in (OSError(errno.ENOENT, "none"), ValueError("x"), ImportError("No module named x")):
        assert describe_exhaustion(other) == ""
    with pytest.raises(sqlite3.OperationalError) as raised:
        sqlite3.connect(":memory:").execute("SELECT missing")
    assert describe_exhaustion(raised.value) == ""
