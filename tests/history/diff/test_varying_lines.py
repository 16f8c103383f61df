"""Which lines, words and pictures are known to vary, and that no word of the author's goes with
them."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.history.changes import Difference, compare
from scraper.history.snapshots import Snapshot
from tests.each_row import each_row
from tests.growth import is_linear
from tests.history.diff.test_varying import FIELDS

STORY = (
    "The potter keeps every broken cup in a drawer, and shows it to those who ask.",
    "On Sundays the kiln is cold and the cat sleeps on its lid until noon.",
    "Nobody has ever counted the steps to the shed, for they change with the snow.",
)
QUOTES = (
    "Whoever drinks tea slowly has the whole of the afternoon before him, and then some.",
    "A room without a lamp in the corner is one in which nobody will read a book.",
    "The best of all tools hangs where the hand finds it while the eye is on the work.",
    "Of two ways home the longer one has the better view, and the bench.",
)
TOWN = "Our friends in {} say that the cups of this shop are the finest they ever had."
Lines = Sequence[str]


def story(middle: Lines, *, word: str = "Sundays", html: str = "") -> Snapshot:
    """A version with lines, or markup, in its middle, and a word of its second sentence."""
    first, second, last = STORY
    lines = [first, second.replace("Sundays", word), *middle, last]
    parts = [*(f"<p>{line}</p>" for line in lines[:-1]), html, f"<p>{last}</p>"]
    return Snapshot(fields=FIELDS, html="".join(parts), markdown="", text="\n\n".join(lines))


def words_of(difference: Difference | None) -> str:
    assert difference is not None
    return " | ".join(f"{one.old} > {one.new}" for one in difference.fields)


@each_row(
    ("before", "varied", "now"),
    [
        (["kqxzv"], [["bvafe"], ["qpzza"]], ["wwnra"]),
        ([QUOTES[0]], [[QUOTES[1]], [QUOTES[2]]], [QUOTES[3]]),
        (["Rest more at home"], [["Sleep well tonight"]], ["Sleep well tonight"]),
        (["Full moon", "Ann, from Oslo"], [["New moon", "Bob"]] * 2, ["New moon", "Bob"]),
        (
            [TOWN.format("Lyon")],
            [[TOWN.format("Graz")], [TOWN.format("Kobe")]],
            [TOWN.format("Gent")],
        ),
        (["tea #oats #maps"], [["tea #maps #oats"]], ["tea #maps #oats"]),
    ],
    ids=["name", "quotation", "headline of two", "two lines", "town in a sentence", "order"],
)
def test_what_varied_is_no_part_of_an_edit(before: Lines, varied: Sequence[Lines], now: Lines):
    seen = [story(middle) for middle in varied]
    found = compare(story(before), story(now, word="Mondays"), (), seen)
    assert words_of(found) == "Sundays > Mondays"
    # Where nothing else differs, it is the edit.
    alone = compare(story(before), story(now), (), seen)
    assert alone is not None
    assert alone.words_added > 0


def pictures(*names: str, frame: str = "{}", alt: str = "") -> str:
    images = (f'<img src="/{name}.jpg" alt="{alt}">' for name in names)
    return f"<div>{''.join(map(frame.format, images))}</div>"


@each_row(
    ("before", "varied", "now"),
    [
        (
            pictures("a", "b", "c"),
            [pictures("d", "e", "f"), pictures("b", "g", "d")],
            pictures("h", "a", "e"),
        ),
        (pictures("a", "b", "c"), [pictures("b", "c", "a")], pictures("c", "a", "b")),
        (pictures("a"), [pictures("b")], pictures("b")),
        (pictures("a", alt="tea"), [pictures("a", alt="pot")], pictures("a", alt="pot")),
        (
            pictures("a", frame='<a href="/ad/1">{}</a>'),
            [
                pictures("b", frame='<a href="/ad/2">{}</a>'),
                pictures("c", frame='<a href="/ad/3">{}</a>'),
            ],
            pictures("a", frame='<a href="/ad/4">{}</a>'),
        ),
        (
            pictures("a", "b", "c"),
            [pictures("d", "b", "c"), pictures("a", "d", "c")],
            pictures("c", "a", "b"),
        ),
        (
            pictures("a", "x", "c", frame='<a href="/ad">{}</a>'),
            [pictures(*names, frame='<a href="/ad">{}</a>') for names in ("dxe", "fga")],
            pictures("h", "x", "i", frame='<a href="/ad">{}</a>'),
        ),
    ],
    ids=[
        "drawn",
        "first slide",
        "of two",
        "described anew",
        "linked",
        "some again",
        "linked, one again",
    ],
)
def test_pictures_that_varied_are_no_part_of_an_edit(before: str, varied: Sequence[str], now: str):
    seen = [story((), html=html) for html in varied]
    found = compare(story((), html=before), story((), word="Mondays", html=now), (), seen)
    assert words_of(found) == "Sundays > Mondays"


LISTED = ["Salt", "Flour", "Oats", "Yeast"]
TURNS = [[*LISTED[at:], *LISTED[:at]] for at in range(4)]


@each_row(
    ("before", "varied", "now", "told"),
    [
        (["kqxzv"], [["bvafe"]], ["A line of the author's."], "A line of the author's."),
        (["kqxzv"], [["bvafe"], ["qpzza"]], ["wwnra", "A new line."], "A new line."),
        (["kqxzv"], [["bvafe"], ["qpzza"]], [], "kqxzv"),
        ([], [["bvafe"], ["qpzza"], ["ggkqx"]], ["A new line."], "A new line."),
        (
            [TOWN.format("Lyon")],
            [[TOWN.format("Graz")], [TOWN.format("Kobe")]],
            [TOWN.format("Gent").replace("finest", "oldest")],
            "Sundays … finest > Mondays … oldest",
        ),
        (
            [TOWN.format("Lyon")],
            [[TOWN.format("Graz")]],
            [TOWN.format("Graz")],
            "Sundays … Lyon > Mondays … Graz",
        ),
        (TURNS[0], TURNS[1:3], ["Yeast", "Salt", "Rye", "Oats"], "Rye"),
        (
            ["Take ten drops or 5 %"],
            [["Take ten drops or 6 %"], ["Take ten drops or 7 %"]],
            ["Take ten drops or 8 %"],
            "Sundays … 5 > Mondays … 8",
        ),
        (
            ["Cups last."],
            [["x"] * 9, ["y"] * 9],
            ["Cups break."],
            "Sundays … last. > Mondays … break.",
        ),
    ],
    ids=[
        "two readings",
        "a line beside it",
        "it went",
        "it was not there",
        "a word beside it",
        "a sentence of two states",
        "a list in another order",
        "a share",
        "another page",
    ],
)
def test_no_word_of_the_authors_goes_with_what_varied(
    before: Lines, varied: Sequence[Lines], now: Lines, told: str
):
    seen = [story(middle) for middle in varied]
    assert told in words_of(compare(story(before), story(now, word="Mondays"), (), seen))


def test_a_picture_of_the_authors_counts_beside_those_that_vary():
    seen = [story((), html=f"<p>{pictures('x')}</p>{pictures(*names)}") for names in ("bca", "cab")]
    before, now = (
        story((), word=word, html=f"<p>{pictures(own)}</p>{pictures(*names)}")
        for word, own, names in (("Sundays", "x", "abc"), ("Mondays", "y", "bca"))
    )
    assert "x.jpg" in (told := words_of(compare(before, now, (), seen)))
    assert "a.jpg" not in told


def test_the_cost_grows_with_the_lines():
    def run(size: int):
        lines = [[f"{turn} line {at}" for at in range(size)] for turn in "abcd"]
        return lambda: compare(*map(story, lines[:2]), (), [*map(story, lines[2:])])

    assert is_linear(run, 200, 4, most=20)
