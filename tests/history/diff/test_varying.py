"""Which figures of a post are known to vary, and what that may hide."""

from __future__ import annotations

import pytest

from scraper.history.changes import compare
from scraper.history.diff.varying import varying_lines
from scraper.history.snapshots import Fields, Snapshot

STORY = "The potter keeps every broken cup in a drawer, and shows it to those who ask."
FIELDS = Fields(title="", author="", published_at="", excerpt="", image_url="", tags=())


@pytest.mark.parametrize(
    ("versions", "lines"),
    [
        (["17 cups so far", "18 cups so far", "19 cups so far"], {"# cups so far"}),
        (["17 cups so far", "18 cups so far", "17 cups so far"], set()),
        (["Cup 1\nCup 2\nCup 3", "Cup 1\nCup 2\nCup 3"], set()),
        (["Costs $17", "Costs $18", "Costs $19"], set()),
        (["17 euros", "18 euros", "19 euros"], set()),
        (["17 % off", "18 % off", "19 % off"], set()),
        (["Take 10 drops", "Take 12 drops", "Take 14 drops"], set()),
        (["7 of 10 slept", "8 of 10 slept", "9 of 10 slept"], set()),
        (["Aged 12", "Aged 13", "Aged 14"], set()),
        (["In a study of 12", "In a study of 13", "In a study of 14"], set()),
        (["one cup", "two cups", "three cups"], set()),
    ],
    ids=[
        "counter",
        "taken back",
        "list",
        "price",
        "euros",
        "share",
        "dose",
        "ratio",
        "age",
        "study",
        "words",
    ],
)
def test_a_line_varies_if_its_figure_never_stood_still(versions: list[str], lines: set[str]):
    assert varying_lines(versions) == lines


@pytest.mark.parametrize(
    ("line", "new", "severity"),
    [
        ("17 cups so far", "20 cups so far", "minor"),
        ("17 cups so far", "20 mugs so far", "major"),
        ("17 cups so far", "20 cups so far\nTake 10 drops", "major"),
        ("17 cups so far", "20 cups so far\nIt never breaks", "major"),
    ],
    ids=["figure alone", "another line", "a dose beside it", "a negation beside it"],
)
def test_a_figure_that_is_known_to_vary_makes_nothing_major(line: str, new: str, severity: str):
    before, after = _post(line), _post(f"{new}\nCome and see.")
    seen = ["18 cups so far", "19 cups so far"]
    assert _severity(before, after, seen) == severity
    assert _severity(before, after, seen[:1]) == "major"


def _post(line: str) -> Snapshot:
    return Snapshot(
        fields=FIELDS, html="", markdown="", text="\n".join([STORY, STORY, STORY, line])
    )


def _severity(before: Snapshot, after: Snapshot, varied: list[str]) -> str:
    difference = compare(before, after, (), varied)
    assert difference is not None
    return difference.severity
