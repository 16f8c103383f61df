"""Which differences between two texts count as formatting, and which touch a claim."""

from __future__ import annotations

from time import process_time

import pytest

from scraper.history.diff.significance import are_alike, is_material
from scraper.history.diff.words import diff_texts


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("Slow Tea", "slow  tea!", True),
        ("It costs $1.99", "It costs $199", False),
        ("10 %", "10", False),
        ("Caf\u00e9", "Cafe\u0301", True),
        ("a\u200bb", "ab", True),
        ("(20%), as before", "20%, as before", False),
        ("tea", "coffee", False),
    ],
    ids=[
        "case and space",
        "point in a price",
        "percent",
        "composed",
        "zero width",
        "figure",
        "term",
    ],
)
def test_only_the_shape_of_letters_may_differ(old, new, alike):
    assert are_alike(old, new) is alike


@pytest.mark.parametrize(
    ("old", "new", "material"),
    [
        ("It works.", "It works well.", False),
        ("It works.", "It never works.", True),
        ("It may help.", "It will help.", True),
        ("Take 10 drops", "Take 12 drops", True),
        ("Ask your doctor first. Then drink.", "Then drink.", True),
        ("one\ntwo 2", "two 2\none", False),
    ],
    ids=["plain", "negation", "hedge", "figure", "warning", "order of lines"],
)
def test_figures_negations_hedges_and_warnings_are_material(old, new, material):
    assert is_material(old, new, diff_texts(old, new)) is material


def test_the_cost_of_text_without_blanks_grows_with_its_length():
    def spent_s(signs: int) -> float:
        text = "茶" * signs
        start = process_time()
        are_alike(text, text)
        return process_time() - start

    # Four times the text: a linear search takes four times as long, a quadratic one sixteen times.
    assert spent_s(16_000) < 8 * spent_s(4_000) + 0.02
