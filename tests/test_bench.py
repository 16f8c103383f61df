"""The bench runs and prints its ratios; what they are is no test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.real import OURS, PAGES, measure_real_pages
from tests.bench.report import real_lines
from tests.conftest import ROOT


def test_the_bench_prints_its_ratios_its_layers_and_the_size_of_the_archive() -> None:
    # One test, for one run of it takes a quarter of a minute.
    command = [sys.executable, "-m", "tests.bench", "--posts", "20", "--page-bytes", "5000", "--rounds", "1", "--seconds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    for theirs in ("bare Scrapy, its defaults", "bare Scrapy, tuned"):
        assert f"ratio of CPU a page, whole path, first crawl / {theirs}: " in done.stdout
    lines = [line.strip("│ ") for line in done.stdout.splitlines()]
    for layer in ("fetch", "judge", "listings", "extract", "archive"):
        assert any(line.startswith(layer) for line in lines)
    assert "bytes a post" in done.stdout
    assert "real pages: " in done.stdout


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared pages are not beside the checkout")
def test_real_pages_are_measured_each_by_itself() -> None:
    found = measure_real_pages(rounds=1)
    assert len(found.cpu_ms[OURS]) == sum(1 for _ in PAGES.glob("*/article__*.html.gz"))
    assert min(found.cpu_ms[OURS]) > 0
    assert real_lines(found)[0].startswith(f"extraction on {len(found.cpu_ms[OURS])} real pages: median ")


def test_absent_pages_are_said_to_be_absent(tmp_path: Path) -> None:
    assert "not measured" in real_lines(measure_real_pages(tmp_path))[0]
