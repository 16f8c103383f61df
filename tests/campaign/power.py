"""The power goes, a disk is full, a file is held: crawls of 300 posts meet it at random moments,
and a plain re-run makes up for it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from scraper.demo import DemoServer
from tests.bulk_store import BulkStore
from tests.campaign.runs import Bench, crawl, start, verified
from tests.conftest import ENDS_S
from tests.histories import history
from tests.storefront import ROBOTS, post, serving, sitemap
from tests.warm import Running

POSTS, POWER_CUTS, COPIES, FULL_DISKS = 300, 16, 12, 12
NOISY, NOISY_DISKS = 12, 4
EARLIEST_S = 0.3
FILES = ("archive.db", "captures.db")
BACKFILL_AT, LOG_HEAD, FRAME = 96, 32, 24 + 4096
"""Bytes, as https://www.sqlite.org/walformat.html has them; a page of the archive takes 4096."""
WORDS = ("posts", "post_urls", "contents", "versions", "changes", "links", "codes")
"""What a re-run must come to. How sure a reading is, it need not: a crawl that ended by its disk is
over, and the next one learns the template from the pages that it fetches itself."""


def run(bench: Bench) -> None:
    """Each kind of trouble in turn, on a first crawl; what there is afterwards is held against what
    a quiet crawl writes."""
    with DemoServer(BulkStore(POSTS, page_bytes=20_000), fresh_tokens=True) as server:
        quiet = bench.archive("quiet")
        begun = time.monotonic()
        bench.log.check(crawl(server.url, quiet)[0] == 0, "power: a quiet crawl")
        seconds = time.monotonic() - begun
        wanted = history(quiet, server.url)
        for turn in range(POWER_CUTS):
            _lose_power(bench, server, turn, bench.chance.uniform(EARLIEST_S, seconds), wanted)
        for turn in range(COPIES):
            _copy_running(bench, server, turn, bench.chance.uniform(EARLIEST_S, seconds), wanted)
        for turn in range(FULL_DISKS):
            _fill(bench, server, turn, quiet, wanted)
        for turn in range(NOISY_DISKS):
            _fill_captures(bench, turn)
        for name in FILES:
            _hold(bench, server, name, wanted)


def _lose_power(
    bench: Bench, server: DemoServer, turn: int, after: float, wanted: dict[str, list[str]]
) -> None:
    """All at once, and the archive's log, which is not flushed with every post, only as far as it
    may have come to the disk."""
    at, copy = bench.archive(f"cut-{turn:02}"), bench.archive(f"cut-{turn:02}-after")
    running = start(server.url, at)
    time.sleep(after)
    running.send_signal(signal.SIGSTOP)
    for name in FILES:
        _copy(at.parent, copy.parent, name)
    running.kill()
    running.communicate()
    _cut_log(copy, bench, flushed=_flushed_bytes(at))
    what = f"power cut {turn} after {after:.2f} s"
    if copy.exists() and _has_tables(copy):
        clean, said = verified(copy)
        bench.log.check(clean, f"{what}: before the re-run verify says {said[-300:]}")
    _goes_on(bench, server.url, copy, wanted, what)


def _cut_log(db: Path, bench: Bench, *, flushed: int) -> None:
    log = db.with_name("archive.db-wal")
    if log.exists() and log.stat().st_size > flushed:
        os.truncate(log, bench.chance.randrange(flushed, log.stat().st_size))


def _flushed_bytes(db: Path) -> int:
    """How much of a log was flushed for sure: what was moved into the file already (nBackfill in
    SQLite's index of the log)."""
    index = db.with_name(f"{db.name}-shm")
    if not index.exists() or index.stat().st_size < BACKFILL_AT + 4:
        return 0
    frames = int.from_bytes(index.read_bytes()[BACKFILL_AT : BACKFILL_AT + 4], sys.byteorder)
    return LOG_HEAD + frames * FRAME if frames else 0


def _copy_running(
    bench: Bench, server: DemoServer, turn: int, after: float, wanted: dict[str, list[str]]
) -> None:
    """Files copied from under a crawl, a moment apart, in either order: sound, or told for what
    they are and made up for by a re-run."""
    at, copy = bench.archive(f"copy-{turn:02}"), bench.archive(f"copy-{turn:02}-after")
    running = start(server.url, at)
    time.sleep(after)
    order = FILES if turn % 2 else FILES[::-1]
    for name in order:
        _copy(at.parent, copy.parent, name)
        time.sleep(bench.chance.uniform(0, 0.3))
    running.kill()
    running.communicate()
    what = f"copy {turn}, {order[0]} first, after {after:.2f} s"
    if copy.exists() and _has_tables(copy):
        clean, said = verified(copy)
        bench.log.report(f"{what}: {'sound' if clean else said.strip().splitlines()[0][-160:]}")
        if "malformed" in said or "is damaged" in said:
            return  # a checkpoint came in between: the copy is torn and refused, nothing resumes
    _goes_on(bench, server.url, copy, wanted, what)


def _fill(
    bench: Bench, server: DemoServer, turn: int, quiet: Path, wanted: dict[str, list[str]]
) -> None:
    """No file may grow beyond a random size: that meets the archive, which grows faster."""
    db = bench.archive(f"full-{turn:02}")
    size = bench.chance.randrange(1_000, quiet.stat().st_size)
    what = f"disk full at {size} bytes"
    _ends(bench, start(server.url, db, file_bytes=size), "cannot write", what)
    _goes_on(bench, server.url, db, wanted, what)


def _fill_captures(bench: Bench, turn: int) -> None:
    """The same with pages of noise, which the captures hold and the archive does not: these are
    what does not fit."""
    paths = [f"/blogs/news/note-{number}" for number in range(NOISY)]
    with serving({"/robots.txt": ROBOTS, "/sitemap.xml": sitemap(*paths)}) as store:
        for number, path in enumerate(paths):
            noise = bench.chance.randbytes(500_000).hex()
            store.pages[path] = (
                f"{post(path, title=f'Note {number}', rid=7000 + number)}<!-- {noise} -->"
            )
        quiet, db = bench.archive(f"noise-{turn:02}-quiet"), bench.archive(f"noise-{turn:02}")
        bench.log.check(crawl(store.url, quiet)[0] == 0, f"noise {turn}: a quiet crawl")
        what = f"disk full of captures, {turn}"
        _ends(
            bench,
            start(store.url, db, file_bytes=bench.chance.randrange(1_500_000, 5_000_000)),
            "captures.db",
            what,
        )
        _goes_on(bench, store.url, db, history(quiet, store.url), what)


def _ends(bench: Bench, running: Running, words: str, what: str) -> None:
    """A crawl ends with 1 and one clear line."""
    done = running.done(ENDS_S)
    said = done.out + done.err
    bench.log.check(
        done.code == 1 and "Traceback" not in said,
        f"{what}: exit code {done.code}: {said[-300:]}",
    )
    bench.log.check(words in said.splitlines()[-1], f"{what}: it says {said[-300:]}")


def _hold(bench: Bench, server: DemoServer, name: str, wanted: dict[str, list[str]]) -> None:
    """Another program holds a file from the midst of a crawl on, for longer than a writer waits."""
    db = bench.archive(f"held-{name}")
    running = start(server.url, db)
    time.sleep(EARLIEST_S)
    while running.poll() is None and not _has_tables(db.with_name(name)):
        time.sleep(0.05)
    with closing(sqlite3.connect(db.with_name(name), timeout=10, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        _ends(bench, running, f"{name}: database is locked", f"{name} is held")
        holder.execute("ROLLBACK")
    _goes_on(bench, server.url, db, wanted, f"{name} is held")


def _goes_on(bench: Bench, url: str, db: Path, wanted: dict[str, list[str]], what: str) -> None:
    code, said = crawl(url, db)
    bench.log.check(code == 0, f"{what}: the re-run ends with {code}: {said[-300:]}")
    if code:
        return
    found = history(db, url)
    differing = [name for name in WORDS if found[name] != wanted[name]]
    bench.log.check(not differing, f"{what}: {', '.join(differing)} differ in {db}")
    clean, said = verified(db)
    bench.log.check(clean, f"{what}: verify says {said[-300:]}")


def _copy(here: Path, there: Path, name: str) -> None:
    """A file and its log, without what SQLite shares in memory."""
    for each in (name, f"{name}-wal"):
        if (here / each).exists():
            shutil.copy(here / each, there / each)


def _has_tables(path: Path) -> bool:
    """Whether an archive or its captures are more than begun. Asked of SQLite itself, for commands
    refuse captures as no archive."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    except sqlite3.Error:  # it is being made at this moment
        return False
