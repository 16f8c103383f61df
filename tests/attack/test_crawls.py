"""The short part of `make attack`: stores and visitors that mean harm, against the real program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack import crawls
from tests.attack.visitors import visit
from tests.conftest import ThreeDays
from tests.storefront import Page
from tests.warm import Warm
from tests.web.serving import served


@pytest.mark.parametrize(
    ("make_pages", "most_asked"),
    [
        (crawls.redirects, 1500),
        (crawls.large_body, 20),
        (crawls.large_header, 20),
    ],
    ids=["redirects without an end", "a body of 100 MB", "a header of 1 MB"],
)
def test_one_bad_answer_costs_no_more_than_itself(
    warm: Warm, db_path: Path, make_pages: Callable[[], dict[str, Page]], most_asked: int
) -> None:
    done = crawls.crawl_store(warm, db_path, make_pages())
    assert done.good, done.told
    assert "ok" not in done.verdicts.values(), done.verdicts
    assert done.code == 3, done.told
    assert done.peak_mb < crawls.MOST_MB, f"{done.peak_mb:.0f} MB"
    assert done.asked <= most_asked
    assert "Traceback" not in done.told


def test_hostile_visitors_get_nothing_and_stop_nobody(three_days: ThreeDays, warm: Warm) -> None:
    with served(three_days.db, warm=warm) as url:
        found = visit(url, rounds=2, readings=20)
    assert found.wrong == []
    assert found.answered
