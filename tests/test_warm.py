"""The process that runs commands for the tests outlives an order that it cannot take."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.warm import Warm


@pytest.mark.integration
def test_a_bad_order_fails_at_once_and_the_next_one_runs() -> None:
    warm = Warm(ROOT, "bad orders")
    other = Warm(ROOT, "bad orders")
    how = {"folder": ROOT, "environment": {}}
    try:
        with pytest.raises(AssertionError, match="does not take"):
            warm.start([["no word"]], **how)
        for one in (warm, other):
            assert one.run(["--version"], **how, timeout_s=60).code == 0
    finally:
        other.close()
        warm.close()
