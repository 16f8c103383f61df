"""Runs attacks by name, all of them by default: prints a table of what held, and exits with 1 if
anything did not."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.attack import crawls
from tests.attack.damage import check_bundle, flip_bundle, flip_bytes
from tests.attack.pages import hostile_pages
from tests.attack.visitors import visit
from tests.conftest import ROOT, crawl_words, quiet_environment
from tests.warm import Warm
from tests.web.serving import served

MOST_PAGE_S = 0.2
"""CPU of a hostile page in a crawl: three times what one takes."""

SEEDS = (1, 2, 3)
"""Of the places of changed bytes."""


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    name: str
    held: bool
    note: str


def patterns(_: Path) -> Iterator[Result]:
    """Ten thousand strings over every pattern."""
    words = [sys.executable, "-m", "tests.attack.linear", "--strings", "10000"]
    yield _program("every pattern is linear", words, 3600)


def bytes_(_: Path) -> Iterator[Result]:
    """Broken pages."""
    words = [sys.executable, "-m", "tests.fuzz", "--cases", "2000"]
    yield _program("two thousand broken pages", words, 1800)


def stores(folder: Path) -> Iterator[Result]:
    """Bombs, floods, rings, walls and names that lead to private addresses: the tests of them, each
    a line."""
    files = ["test_attacks.py", "test_addresses.py", "test_blocked.py", "test_trouble.py"]
    report = folder / "report.xml"
    paths = [f"tests/spiders/{name}" for name in files] + ["tests/attack/test_crawls.py"]
    words = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *paths]
    _program("", words, 3600)
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        note = f"{float(case.get('time', 0)):.1f} s"
        yield Result(
            case.get("name", "").removeprefix("test_").replace("_", " "),
            wrong is None,
            note if wrong is None else f"{note}: {wrong.get('message', '')[:200]}",
        )


def pages(folder: Path) -> Iterator[Result]:
    """A crawl of forty good posts, and one of them beside forty hostile pages: all good posts are
    read, the crawl comes to its end in twice the time, and no page costs much of the processor."""
    hostile = hostile_pages()
    alone, done = _beside(crawls.Cold(), folder / "cold")
    with closing(Warm(ROOT)) as warm:
        loaded = _times(*_beside(warm, folder / "warm"))
    held = done.good and done.peak_mb < 1000 and "Traceback" not in done.told
    yield Result(
        f"{len(done.verdicts)} hostile pages beside 40 good ones, all of which are read",
        held and len(done.verdicts) >= 40,
        f"exit {done.code}, {done.took_s:.0f} s, {done.peak_mb:.0f} MB, "
        f"{dict(Counter(done.verdicts.values()))}",
    )
    yield Result(
        "in twice the time of the good ones alone",
        _times(alone, done) <= 2,
        f"{_times(alone, done):.2f} times; {loaded:.2f} without what the program's start takes",
    )
    paced = _beside(crawls.Cold(), folder / "paced", address="http://hostile.example")
    yield Result(
        "in twice the time at the pace of real stores, a request a second",
        _times(*paced) <= 2 and paced[1].good,
        f"{_times(*paced):.2f} times; {paced[0].took_s:.0f} s alone",
    )
    page_s = (done.cpu_s - alone.cpu_s) / len(hostile)
    yield Result(
        f"with at most {MOST_PAGE_S} s of the processor for each hostile page",
        page_s <= MOST_PAGE_S,
        f"{page_s:.2f} s; together they have {sum(map(len, hostile.values())) / 1e6:.0f} MB",
    )


def _beside(
    program: Warm | crawls.Cold, folder: Path, address: str = ""
) -> tuple[crawls.Crawled, crawls.Crawled]:
    """A crawl of forty good posts, and one of as many beside the hostile pages."""
    folder.mkdir()
    alone, both = (
        crawls.crawl_store(program, folder / f"{name}.db", found, n_good=40, address=address)
        for name, found in (("alone", {}), ("both", crawls.pages()))
    )
    return alone, both


def _times(alone: crawls.Crawled, both: crawls.Crawled) -> float:
    return both.took_s / alone.took_s


def visitors(folder: Path) -> Iterator[Result]:
    """Hostile visitors at length, with the reader's waits."""
    db = folder / "archive.db"
    with closing(Warm(ROOT)) as warm:
        environment = quiet_environment()
        warm.run(crawl_words("demo", db), folder=ROOT, environment=environment, timeout_s=600)
        with served(db, warm=warm) as url:
            found = visit(url, rounds=3, readings=100)
    waits = f"p95 {found.p95_s * 1000:.0f} ms, slowest {max(found.waits_s) * 1000:.0f} ms"
    yield Result(
        f"{found.answered} hostile requests while a reader opens {len(found.waits_s)} pages",
        not found.wrong and found.p95_s < 1,
        "; ".join([waits, *sorted(set(found.wrong))]),
    )


def damage(folder: Path) -> Iterator[Result]:
    """A thousand bytes of an archive and its captures are changed, then every file of a bundle."""
    db, bundle = folder / "archive.db", folder / "bundle"
    with closing(Warm(ROOT)) as warm:
        environment = quiet_environment()
        words = [*crawl_words("demo", db), "-s", "ARCHIVE_IMAGES=1"]
        for _ in range(3):
            warm.run(words, folder=ROOT, environment=environment, timeout_s=600)
        words = ["evidence", "--db", str(db), "1", str(folder / "bundle.zip")]
        warm.run(words, folder=ROOT, environment=environment, timeout_s=600)
    for seed in SEEDS:
        (folder / f"copy{seed}").mkdir()
        found = flip_bytes(folder, folder / f"copy{seed}", 1000, random.Random(seed))
        yield Result(
            f"every changed byte of an archive is found, seed {seed}",
            found.found == 1000,
            f"{found.found} found, {found.unread} changed nothing; " + "; ".join(found.missed[:9]),
        )
    with zipfile.ZipFile(folder / "bundle.zip") as package:
        package.extractall(bundle)
    held = check_bundle(bundle).returncode == 0
    missed = flip_bundle(bundle, 20, random.Random(2))
    yield Result(
        "a bundle from which one byte differs fails its own script",
        held and not missed,
        "; ".join(missed[:9]) or "all found",
    )


ATTACKS: dict[str, Callable[[Path], Iterator[Result]]] = {
    "patterns": patterns,
    "bytes": bytes_,
    "stores": stores,
    "pages": pages,
    "visitors": visitors,
    "damage": damage,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit with 0 if every attack held."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument(
        "attacks", nargs="*", metavar="attack", help=f"which: {', '.join(ATTACKS)} (default: all)"
    )
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.attacks if name not in ATTACKS]:
        parser.error(f"no attack is called {', '.join(unknown)}")
    failed = 0
    for name in options.attacks or ATTACKS:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            for result in ATTACKS[name](Path(folder)):
                failed += not result.held
                outcome = "held  " if result.held else "FAILED"
                _print(f"{outcome}  {name:<9} {result.name}  ({result.note})")
        _print(f"        {name:<9} {time.monotonic() - begun:.0f} s")
    _print(f"{failed} did not hold" if failed else "everything held")
    return 1 if failed else 0


def _program(name: str, words: Sequence[str], most_s: float) -> Result:
    """A program that exits with 0 if it held, with its last line."""
    try:
        done = subprocess.run(
            words, cwd=ROOT, capture_output=True, text=True, timeout=most_s, check=False
        )
    except subprocess.TimeoutExpired:
        return Result(name, False, f"no end within {most_s:.0f} s")
    lines = (done.stdout + done.stderr).strip().splitlines() or [""]
    return Result(
        name, done.returncode == 0, " | ".join(lines[-1:] if not done.returncode else lines[-20:])
    )


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
