"""The bench runs and prints its ratios; what they are is no test's business."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def printed() -> str:
    command = [sys.executable, "-m", "tests.bench", "--posts", "20", "--page-bytes", "5000", "--rounds", "1", "--seconds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("theirs", ["bare Scrapy, its defaults", "bare Scrapy, tuned"])
def test_the_whole_path_is_held_against_bare_scrapy(printed: str, theirs: str) -> None:
    assert f"ratio of CPU a page, whole path, first crawl / {theirs}: " in printed


@pytest.mark.parametrize("layer", ["fetch", "judge", "listings", "extract", "archive"])
def test_every_layer_has_its_line(printed: str, layer: str) -> None:
    assert any(line.strip("│ ").startswith(layer) for line in printed.splitlines())


def test_the_size_of_the_archive_is_told(printed: str) -> None:
    assert "bytes a post" in printed
