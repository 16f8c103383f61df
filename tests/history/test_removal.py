"""Removed is earned: every row of the rule."""

from __future__ import annotations

from typing import get_args

import pytest

from scraper.history.removal import ABSENT, find_redirect_loops, next_state
from scraper.items import Verdict


@pytest.mark.parametrize("verdict", sorted(ABSENT))
@pytest.mark.parametrize(
    ("state", "after"), [("live", "missing"), ("missing", "removed"), ("removed", "removed")]
)
def test_gone_from_everywhere_moves_a_post_one_step(state, after, verdict):
    assert next_state(state, listed=False, verdict=verdict, healthy=True) == after


@pytest.mark.parametrize("state", ["live", "missing", "removed"])
@pytest.mark.parametrize(
    ("listed", "verdict", "healthy"),
    [
        pytest.param(True, "not_found", True, id="still listed"),
        pytest.param(False, "not_found", False, id="an unhealthy crawl"),
        *[
            pytest.param(False, verdict, True, id=verdict)
            for verdict in sorted(set(get_args(Verdict)) - ABSENT)
        ],
    ],
)
def test_everything_else_moves_nothing(state, listed, verdict, healthy):
    assert next_state(state, listed=listed, verdict=verdict, healthy=healthy) == state


@pytest.mark.parametrize(
    ("redirects", "rings"),
    [
        pytest.param({"a": ["b"], "b": ["a"]}, "ab", id="a ring"),
        pytest.param({"a": ["b"], "b": ["c"], "c": ["b"]}, "abc", id="a way into a ring"),
        pytest.param({"a": ["b"], "b": ["c"]}, "", id="a chain to an end"),
        pytest.param({"a": ["b"], "b": ["a", "end"]}, "", id="a ring with a way out"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_rings_are_found(redirects, rings):
    assert find_redirect_loops(redirects) == frozenset(rings)
