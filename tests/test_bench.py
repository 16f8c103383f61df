"""The bench runs and prints its ratios; what they are is no test's business."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from scraper.demo import DemoServer
from tests.bench.__main__ import main
from tests.bench.children import (
    LONGEST_RUN_S,
    Client,
    ClientFailed,
    Usage,
    own_environment,
    run_client,
)
from tests.bench.real import OURS, PAGES, RealPages, measure_real_pages
from tests.bench.recrawl import measure_captures, measure_recrawls
from tests.bench.report import captures_table, real_lines, recrawl_table
from tests.bench.rounds import NO_LIKENESS, post_urls
from tests.bulk_store import BulkStore
from tests.conftest import ANEW, ROOT, await_the_next_second
from tests.warm import Warm


@pytest.fixture
def forked(warm: Warm) -> Client:
    """Runs a client as the bench does, but in a fork: what is counted here are requests, rows and
    bytes."""

    def run(arguments: Sequence[str], *, longest_s: float = LONGEST_RUN_S) -> Usage:
        option, module, *words = arguments
        assert option == "-m"
        if ANEW[1] in words:
            await_the_next_second()
        began = time.monotonic()
        done = warm.run(
            words, folder=ROOT, environment=own_environment(), timeout_s=longest_s, module=module
        )
        assert done.code == 0, done.out + done.err
        return Usage(cpu_s=done.cpu_s, wall_s=time.monotonic() - began, peak_mb=done.peak_kb / 1000)

    return run


MEASURED = 24


@pytest.fixture(scope="module")
def real_pages(tmp_path_factory: pytest.TempPathFactory) -> RealPages:
    """Some of the saved real pages, each measured once."""
    folder = tmp_path_factory.mktemp("pages")
    if PAGES.is_dir():
        entries = json.loads((PAGES / "manifest.json").read_text(encoding="utf-8"))
        articles = [entry for entry in entries if entry["kind"] == "article"][:MEASURED]
        found = [entry | {"file": str((PAGES / entry["file"]).resolve())} for entry in articles]
        (folder / "manifest.json").write_text(json.dumps(found), encoding="utf-8")
    return measure_real_pages(folder, rounds=1)


def test_the_bench_prints_its_ratios_its_layers_and_the_size_of_the_archive(
    forked: Client,
    warm: Warm,
    real_pages: RealPages,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.bench.__main__.measure_real_pages", lambda: real_pages)
    for name in (
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
    ):  # the bench may change them, for itself
        monkeypatch.setenv(name, os.environ.get(name, ""))
    words = ["--posts", "6", "--page-bytes", "5000", "--rounds", "1", "--seconds", "1"]
    words += [
        "--recrawl-posts",
        "--capture-posts",
        "0",
        "--noisy-recrawls",
        "1",
        "--schedule-stores",
        "0",
        "--reading-posts",
        "30",
        "--reading-rounds",
        "2",
        "--graph-posts",
        "50",
    ]
    code = main(words, client=forked, warm=warm)
    told = capsys.readouterr()
    assert code == 0, told.err
    for theirs in ("bare Scrapy, its defaults", "bare Scrapy, tuned"):
        assert f"ratio of CPU a page, whole path, first crawl / {theirs}: " in told.out
    lines = [line.strip("│ ") for line in told.out.splitlines()]
    for layer in ("fetch", "judge", "listings", "extract", "archive"):
        assert any(line.startswith(layer) for line in lines)
    assert "bytes a post" in told.out
    assert "control fetches on a store whose pages vary: 2 of " in told.out
    assert any(line.startswith("a comparison") for line in lines)
    assert "real pages: " in told.out


def test_a_client_is_started_from_nothing_and_measured(integration: None, tmp_path: Path) -> None:
    addresses = tmp_path / "addresses.txt"
    with DemoServer(BulkStore(2, page_bytes=5000)) as store:
        addresses.write_text("\n".join(post_urls(store.url)))
        used = run_client(["-m", "tests.bench.bare", "tuned", str(addresses)])
        asked = [request.path for request in store.requests]
    assert [asked.count(post.path) for post in store.store.posts(1)] == [1, 1]
    assert min(used.cpu_s, used.wall_s) > 0
    assert run_client(["-c", "bytearray(b'x') * 300_000_000"]).peak_mb > 290


def test_a_client_that_fails_is_reported_with_its_last_words(integration: None) -> None:
    with pytest.raises(ClientFailed, match=r"(?s)exited with 3:.*no page answers"):
        run_client(["-c", "import sys; print('no page answers'); sys.exit(3)"])
    with pytest.raises(ClientFailed, match="exited with -9"):
        run_client(["-c", "import time; time.sleep(60)"], longest_s=0.2)


def test_a_recrawl_asks_for_the_listings_and_for_what_changed(
    forked: Client, tmp_path: Path
) -> None:
    def client(arguments: Sequence[str], **more: float) -> Usage:
        return forked([*arguments, *NO_LIKENESS], **more)

    (found,) = measure_recrawls(tmp_path, [60], 5000, start_ups=1, client=client)
    requests = {crawl.name: crawl.requests for crawl in found.crawls}
    # The posts, the index pages of twelve each, the listings and the page for what is not there.
    walked = 60 + 5 + 6
    assert requests == {
        "first crawl": walked,
        "0 % changed": 5,
        # An edit is fetched once more, and ten unchanged posts beside it, until twenty fetches have
        # shown that pages do not vary; twice more, where no post is unchanged.
        "1 % changed": 5 + 1 + 1 + 10,
        "100 % changed": 5 + 60 + 20,
        "0 % changed, all fetched anew": walked,
    }
    told = [line.strip("│ ").split() for line in printed(recrawl_table(found)).splitlines()]
    assert all(
        any(words[: len(name.split())] == name.split() for words in told) for name in requests
    )


def test_a_later_capture_is_smaller_than_the_first(forked: Client, tmp_path: Path) -> None:
    first, *later = measure_captures(tmp_path, 4, client=forked)
    assert len(later) == 2
    assert all(0 < kind.packed < first.packed for kind in later)
    assert "bytes of a capture, 4 pages of 100 KB" in printed(captures_table(4, [first, *later]))


def printed(table: Table) -> str:
    """What a table shows on a wide terminal."""
    out = StringIO()
    Console(file=out, width=140).print(table)
    return out.getvalue()


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared pages are not beside the checkout")
def test_real_pages_are_measured_each_by_itself(real_pages: RealPages) -> None:
    found = real_pages
    assert len(found.cpu_ms[OURS]) == MEASURED
    assert min(found.cpu_ms[OURS]) > 0
    assert real_lines(found)[0].startswith(
        f"extraction on {len(found.cpu_ms[OURS])} real pages: median "
    )


def test_absent_pages_are_said_to_be_absent(tmp_path: Path) -> None:
    assert "not measured" in real_lines(measure_real_pages(tmp_path))[0]
