"""The bench runs and prints its ratios; what they are is no test's business."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.bench.real import OURS, PAGES, measure_real_pages
from tests.bench.recrawl import measure_captures, measure_recrawls
from tests.bench.report import captures_table, real_lines, recrawl_table
from tests.conftest import ROOT


def test_the_bench_prints_its_ratios_its_layers_and_the_size_of_the_archive() -> None:
    # One test, for one run of it takes a quarter of a minute.
    command = [sys.executable, "-m", "tests.bench", "--posts", "20", "--page-bytes", "5000", "--rounds", "1", "--seconds", "1"]
    command += ["--recrawl-posts", "--capture-posts", "0", "--reading-posts", "30", "--graph-posts", "50"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    for theirs in ("bare Scrapy, its defaults", "bare Scrapy, tuned"):
        assert f"ratio of CPU a page, whole path, first crawl / {theirs}: " in done.stdout
    lines = [line.strip("│ ") for line in done.stdout.splitlines()]
    for layer in ("fetch", "judge", "listings", "extract", "archive"):
        assert any(line.startswith(layer) for line in lines)
    assert "bytes a post" in done.stdout
    assert any(line.startswith("a comparison") for line in lines)
    assert "real pages: " in done.stdout


def test_a_recrawl_asks_for_the_listings_and_for_what_changed(tmp_path: Path) -> None:
    (found,) = measure_recrawls(tmp_path, [100], 5000, start_ups=1)
    requests = {crawl.name: crawl.requests for crawl in found.crawls}
    walked = 100 + 9 + 6  # the posts, the index pages of twelve each, the listings and the page for what is not there
    assert requests == {
        "first crawl": walked,
        "0 % changed": 5,
        "1 % changed": 5 + 1,
        "100 % changed": 5 + 100,
        "0 % changed, all fetched anew": walked,
    }
    assert all(crawl.used.peak_mb > 20 and crawl.used.wall_s > 0 for crawl in found.crawls)
    told = [line.strip("│ ").split() for line in printed(recrawl_table(found)).splitlines()]
    assert all(any(words[: len(name.split())] == name.split() for words in told) for name in requests)


def test_a_later_capture_is_smaller_than_the_first(tmp_path: Path) -> None:
    first, *later = measure_captures(tmp_path, 10)
    assert len(later) == 2
    assert all(0 < kind.packed < first.packed for kind in later)
    assert "bytes of a capture, 10 pages of 100 KB" in printed(captures_table(10, [first, *later]))


def printed(table: Table) -> str:
    """What a table shows on a wide terminal."""
    out = StringIO()
    Console(file=out, width=140).print(table)
    return out.getvalue()


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared pages are not beside the checkout")
def test_real_pages_are_measured_each_by_itself() -> None:
    found = measure_real_pages(rounds=1)
    assert len(found.cpu_ms[OURS]) == sum(1 for _ in PAGES.glob("*/article__*.html.gz"))
    assert min(found.cpu_ms[OURS]) > 0
    assert real_lines(found)[0].startswith(f"extraction on {len(found.cpu_ms[OURS])} real pages: median ")


def test_absent_pages_are_said_to_be_absent(tmp_path: Path) -> None:
    assert "not measured" in real_lines(measure_real_pages(tmp_path))[0]
