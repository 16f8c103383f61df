"""Which figures of a post are known to vary, and which edits are no graver for them."""

from __future__ import annotations

from scraper.history.changes import compare
from scraper.history.diff.varying import varying_figures, with_readings
from scraper.history.snapshots import Fields, Snapshot
from tests.each_row import each_row
from tests.growth import is_linear

STORY = "The potter keeps every broken cup in a drawer, and shows it to those who ask."
FIELDS = Fields(title="", author="", published_at="", excerpt="", image_url="", tags=())


@each_row(
    ("versions", "masked"),
    [
        (["17 cups so far", "18 cups so far", "19 cups so far"], "# cups so far"),
        (
            ["Old. We made 17 cups so far", "New. We made 18 cups so far", "We made 9 cups so"],
            "Old. We made # cups so far",
        ),
        (
            [f"Take {number} drops. We made {number} cups." for number in (5, 6, 7)],
            "Take 5 drops. We made # cups.",
        ),
        ([f"By hand, {number} sold" for number in (5, 6, 7)], "By hand, # sold"),
        (["17 cups so far", "18 cups so far", "17 cups so far"], ""),
        (["Cup 1\nCup 2\nCup 3", "Cup 1\nCup 2\nCup 3"], ""),
        (["Costs $17", "Costs $18", "Costs $19"], ""),
        (["17 euros", "18 euros", "19 euros"], ""),
        (["17 % off", "18 % off", "19 % off"], ""),
        (["Take 10 drops", "Take 12 drops", "Take 14 drops"], ""),
        (["7 of 10 slept", "8 of 10 slept", "9 of 10 slept"], ""),
        (["Aged 12", "Aged 13", "Aged 14"], ""),
        (["In a study of 12", "In a study of 13", "In a study of 14"], ""),
        (["By hand, A5 sold", "By hand, A6 sold", "By hand, A7 sold"], ""),
        (["one cup", "two cups", "three cups"], ""),
    ],
    ids=[
        "counter",
        "counter among edits",
        "counter beside a dose",
        "count",
        "taken back",
        "list",
        "price",
        "euros",
        "share",
        "dose",
        "ratio",
        "age",
        "study",
        "number in a name",
        "words",
    ],
)
def test_a_figure_varies_if_it_never_stood_still(versions: list[str], masked: str):
    marks = dict.fromkeys(varying_figures(versions), "#")
    assert with_readings(versions[0], marks) == (masked or versions[0])


def test_the_cost_of_a_sentence_grows_with_its_figures():
    assert is_linear(lambda size: lambda: varying_figures(["5% off " * size]), 40, 4, most=8)


@each_row(
    ("line", "new", "severity", "added"),
    [
        ("17 cups so far", "20 cups so far", "minor", 4),
        ("17 cups so far, as we said", "20 cups so far, as they said", "minor", 5),
        ("It broke. 17 cups so far", "It cracked. 20 cups so far", "minor", 5),
        ("17 cups so far", "20 mugs so far", "major", 5),
        ("17 cups so far", "", "major", 3),
        ("17 cups so far", "20 cups so far\nTake 10 drops", "major", 7),
        ("17 cups so far", "20 cups so far\nIt never breaks", "major", 7),
    ],
    ids=[
        "figure alone",
        "in an edited sentence",
        "in an edited line",
        "another word beside it",
        "a line that went",
        "a dose beside it",
        "a negation beside it",
    ],
)
def test_a_figure_that_is_known_to_vary_makes_no_edit_major(
    line: str, new: str, severity: str, added: int
) -> None:
    before, after = _post(line), _post(f"{new}\nCome and see.")
    seen = ["18 cups so far", "19 cups so far"]
    assert _judged(before, after, seen) == (severity, added)
    assert _judged(before, after, seen[:1]) == ("major", added)
    # Where nothing else differs, it is the edit.
    assert _judged(_post(line), _post(line.replace("17", "20")), seen) == ("minor", 1)


@each_row(
    ("line", "new", "severity", "added"),
    [
        ("17 cups so far", "20 cups so far", "minor", 3),
        ("17 cups so far", "20 mugs so far", "major", 5),
        ("17 cups so far. Take 5 drops", "20 cups so far. Take 9 drops", "major", 4),
        ("17 cups so far. 9 pots so far", "20 cups so far. 8 pots so far", "major", 4),
        ("17 cups so far", "", "major", 3),
    ],
    ids=["figure alone", "another word beside it", "a dose", "another figure", "a line that went"],
)
def test_a_figure_that_moved_between_fetches_is_no_part_of_an_edit(
    line: str, new: str, severity: str, added: int
) -> None:
    before, after = _post(line), _post(f"{new}\nCome and see.")
    places = frozenset({("#", "cups", "so")})
    found = compare(before, after, moving=places)
    assert found is not None
    assert (found.severity, found.words_added) == (severity, added)
    # Where nothing else differs, it is the edit.
    assert compare(_post(line), _post(line.replace("17", "20")), moving=places) is not None


def _post(line: str) -> Snapshot:
    return Snapshot(
        fields=FIELDS, html="", markdown="", text="\n".join([STORY, STORY, STORY, line])
    )


def _judged(before: Snapshot, after: Snapshot, varied: list[str]) -> tuple[str, int]:
    difference = compare(before, after, (), varied)
    assert difference is not None
    return difference.severity, difference.words_added
