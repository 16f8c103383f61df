"""Two texts side by side: every paragraph of both stands in its place with its status, and nothing
else does."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.diff.paragraphs import Paragraph, compare_paragraphs
from scraper.history.diff.words import Run
from tests.each_row import each_row
from tests.growth import is_linear

TEA = "Let the tea draw for four minutes."
POT = "Warm the pot before the leaves go in."
CUP = "A thin cup keeps the taste and loses the heat."

LINES = st.lists(
    st.lists(
        st.sampled_from(["tea", "pot", "10%", "cup.", "warm", "the"]), min_size=1, max_size=8
    ).map(" ".join),
    max_size=8,
)


def statuses_of(old: str, new: str) -> list[tuple[str, str]]:
    """Status and words of every paragraph, its new side where it has one."""
    return [(row.status, words(row.new or row.old)) for row in compare_paragraphs(old, new)]


def words(runs: tuple[Run, ...]) -> str:
    return " ".join(run.text for run in runs)


@each_row(
    ("old", "new", "expected"),
    [
        pytest.param([TEA, POT], [TEA, POT], [("same", TEA), ("same", POT)], id="nothing"),
        pytest.param([TEA], [TEA, POT], [("same", TEA), ("added", POT)], id="one came"),
        pytest.param([TEA, POT], [POT], [("removed", TEA), ("same", POT)], id="one went"),
        pytest.param(
            [TEA],
            [TEA.replace("four", "five")],
            [("reworded", TEA.replace("four", "five"))],
            id="a word",
        ),
        pytest.param(
            [TEA], [CUP], [("removed", TEA), ("added", CUP)], id="another paragraph altogether"
        ),
        pytest.param(
            [TEA, POT, CUP],
            [POT, CUP, TEA],
            [("moved_away", TEA), ("same", POT), ("same", CUP), ("moved_here", TEA)],
            id="moved",
        ),
        pytest.param(
            [TEA, POT, CUP],
            [POT, CUP, TEA.replace("four", "five")],
            [
                ("moved_away", TEA),
                ("same", POT),
                ("same", CUP),
                ("moved_here", TEA.replace("four", "five")),
            ],
            id="moved and reworded",
        ),
        pytest.param(
            ["Method", TEA, POT],
            [TEA, POT, "Method"],
            [("removed", "Method"), ("same", TEA), ("same", POT), ("added", "Method")],
            id="a heading is no move",
        ),
        pytest.param(
            ["£4 | a cup"], ["£5 | a cup"], [("reworded", "£5 | a cup")], id="a table's cell"
        ),
        pytest.param([], [], [], id="nothing at all"),
    ],
)
def test_every_paragraph_has_its_status(
    old: list[str], new: list[str], expected: list[tuple[str, str]]
):
    assert statuses_of("\n\n".join(old), "\n\n".join(new)) == expected


def test_both_places_of_a_move_share_its_number_and_show_what_was_reworded():
    later = TEA.replace("four", "five")
    went, came = (
        row
        for row in compare_paragraphs(f"{TEA}\n{POT}\n{CUP}", f"{POT}\n{CUP}\n{later}")
        if row.move
    )
    assert (went.move, came.move) == (1, 1)
    assert [run.text for run in went.old if run.operation == "removed"] == ["four"]
    assert [run.text for run in came.new if run.operation == "added"] == ["five"]


def test_a_paragraph_of_many_sentences_is_compared_by_them():
    sentences = [f"Sentence {i} says a little about tea." for i in range(600)]
    later = [*sentences[:300], "One more came.", *sentences[300:]]
    (row,) = compare_paragraphs(" ".join(sentences), " ".join(later))
    assert row.status == "reworded"
    assert [run.text for run in row.new if run.operation == "added"] == ["One more came."]


@pytest.mark.parametrize(("paragraphs", "words"), [(170, 290), (100, 450)])
def test_long_posts_that_changed_throughout_are_compared_by_paragraphs(paragraphs: int, words: int):
    """Each has another apostrophe, and one more stands at the top: no line is equal."""
    old = [f"It's paragraph {i}: " + f"tea{i} " * words for i in range(paragraphs)]
    new = ["One more of other words.", *(line.replace("'", "’") for line in old)]
    statuses = [row.status for row in compare_paragraphs("\n".join(old), "\n".join(new))]
    assert statuses == ["added", *["reworded"] * paragraphs]


@pytest.mark.parametrize("count", [30, 300])
def test_few_and_many_paragraphs_in_another_order_have_moved(count: int):
    lines = [
        f"Paragraph number {i} stands where it was put once, on page {i * i}." for i in range(count)
    ]
    statuses = {
        row.status
        for row in compare_paragraphs(
            "\n".join(lines), "\n".join(lines[count // 2 :] + lines[: count // 2])
        )
    }
    assert statuses == {"same", "moved_away", "moved_here"}


def other_words(count: int) -> Callable[[], object]:
    """Compares long paragraphs of the same words in other orders."""
    chance = random.Random(count)
    words = [f"word-{number}" for number in range(50)]
    old, new = (
        "\n".join(" ".join(chance.choices(words, k=1900)) for _ in range(count)) for _ in range(2)
    )
    return partial(compare_paragraphs, old, new)


def other_order(count: int) -> Callable[[], object]:
    """Compares a text with its own paragraphs, shuffled."""
    lines = [f"Paragraph number {i} stands where it was put once." for i in range(count)]
    shuffled = random.Random(count).sample(lines, count)
    return partial(compare_paragraphs, "\n".join(lines), "\n".join(shuffled))


@pytest.mark.parametrize(
    ("call", "size", "times"),
    [
        pytest.param(other_words, 80, 2, id="long paragraphs of the same words"),
        pytest.param(other_order, 4000, 4, id="many paragraphs in another order"),
    ],
)
def test_texts_that_somebody_made_for_it_take_no_longer_to_compare(
    call: Callable[[int], Callable[[], object]], size: int, times: int
):
    assert is_linear(call, size, times, most=1.75 * times)


@given(LINES, LINES)
def test_each_side_can_be_read_off_again(old: list[str], new: list[str]):
    rows = compare_paragraphs("\n".join(old), "\n".join(new))
    assert sorted(words(row.old) for row in rows if row.old) == sorted(old)
    assert [words(row.new) for row in rows if row.new] == new
    moves = [row.move for row in rows if row.move]
    assert sorted(moves) == sorted(2 * list(range(1, len(moves) // 2 + 1)))
    assert all(_is_whole(row) for row in rows)


def _is_whole(row: Paragraph) -> bool:
    sides = {
        "same": (True, True),
        "reworded": (True, True),
        "added": (False, True),
        "moved_here": (False, True),
    }
    return (bool(row.old), bool(row.new)) == sides.get(row.status, (True, False))
