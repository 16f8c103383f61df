"""Blocks that come and go, and the words by which they differ."""

from __future__ import annotations

import pytest

from scraper.history.diff.blocks import find_volatile_blocks, times_varied


def page(n_lines: int, number: str) -> str:
    return "".join(f"<p>Cup {at} holds {number} of tea.</p>" for at in range(n_lines))


@pytest.mark.parametrize(
    ("n_lines", "expected"), [(1, True), (20, True), (21, False), (4000, False)]
)
def test_words_alone_are_compared_in_few_lines(n_lines: int, expected: bool) -> None:
    """Each line is compared with each: of a page that changed as a whole, that took a minute."""
    three = page(n_lines, "two"), page(n_lines, "three"), page(n_lines, "two")
    found = find_volatile_blocks([(1, three)])
    assert (("three",) in found) == expected
    assert times_varied(page(n_lines, "two"), page(n_lines, "three"), found) == [1] * 2 * n_lines
