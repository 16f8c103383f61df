"""What tests of the schedule share: a process with the program loaded that crawls are forked
from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from scraper.schedule.crawl_process import ForkServer


@pytest.fixture(scope="session")
def forks(integration: None) -> Iterator[ForkServer]:
    """Begun as a schedule begins it, once: it takes a second of CPU. No test ends it."""
    with closing(ForkServer()) as server:
        yield server
