"""Words that went and words that came, and never an empty or a wrong account of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.diff import words
from scraper.history.diff.words import PARAGRAPH, TextDiff, diff_texts
from tests.each_row import each_row

WORDS = st.sampled_from(["tea", "pot", "10", "10%", "cup,", "cup.", "A", "a"])
LINES = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=6).map("\n".join)


def _changed(diff: TextDiff) -> list[tuple[str, str]]:
    return [(run.operation, run.text) for run in diff.runs if run.operation != "same"]


def _side(diff: TextDiff, *operations: str) -> list[str]:
    return [
        word for run in diff.runs if run.operation in operations for word in run.text.split(" ")
    ]


def _words(text: str) -> list[str]:
    return [
        word for line in text.splitlines() if line.strip() for word in (*line.split(), PARAGRAPH)
    ]


@each_row(
    ("old", "new", "expected"),
    [
        pytest.param(
            "the tea cures",
            "the tea may help",
            [("removed", "cures"), ("added", "may help")],
            id="a claim softened",
        ),
        pytest.param("take 10", "take 10 %", [("added", "%")], id="a percent sign"),
        pytest.param(
            "take 10%",
            "take 10",
            [("removed", "10%"), ("added", "10")],
            id="a percent sign on the figure",
        ),
        pytest.param(
            "only $1.99 each",
            "only $199 each",
            [("removed", "$1.99"), ("added", "$199")],
            id="a point in a price",
        ),
        pytest.param(
            "Rest, then drink",
            "Rest then drink",
            [("removed", "Rest,"), ("added", "Rest")],
            id="a comma",
        ),
        pytest.param("Tea", "tea", [("removed", "Tea"), ("added", "tea")], id="a capital"),
        pytest.param(
            "one\ntwo", "one\ntwo\nthree", [("added", f"three {PARAGRAPH}")], id="a new paragraph"
        ),
        pytest.param("one two", "one\ntwo", [("added", PARAGRAPH)], id="a paragraph parted"),
        pytest.param("", "tea", [("added", f"tea {PARAGRAPH}")], id="from nothing"),
        pytest.param("tea", "", [("removed", f"tea {PARAGRAPH}")], id="to nothing"),
    ],
)
def test_the_changed_words(old, new, expected):
    assert _changed(diff_texts(old, new)) == expected


@each_row(
    ("old", "new"),
    [
        pytest.param("a b\n\nc", "a b\nc", id="blank lines"),
        pytest.param("a  b\u00a0c", "a b c", id="spaces"),
        pytest.param("", "\n", id="nothing"),
    ],
)
def test_white_space_alone_is_no_word(old, new):
    diff = diff_texts(old, new)
    assert (_changed(diff), diff.words_added, diff.words_removed, diff.similarity) == (
        [],
        0,
        0,
        1.0,
    )


def test_a_moved_paragraph_goes_and_comes_with_the_same_words():
    diff = diff_texts("first line\nsecond line\nthird line", "third line\nfirst line\nsecond line")
    assert sorted(_changed(diff)) == [
        ("added", f"third line {PARAGRAPH}"),
        ("removed", f"third line {PARAGRAPH}"),
    ]


def test_words_are_counted_without_paragraph_marks():
    diff = diff_texts("a b c d", "a b c d\ne f")
    assert (diff.words_added, diff.words_removed) == (2, 0)


def test_similarity_is_twice_the_shared_words_over_all_words():
    assert diff_texts("a b c d", "a b x y").similarity == 0.5


def test_removals_come_before_additions_within_a_stretch():
    diff = diff_texts("one\ntwo", "eins\nzwei")
    assert [run.operation for run in diff.runs if run.text != PARAGRAPH][:2] == ["removed", "added"]


@given(LINES, LINES)
def test_both_texts_can_be_read_back_from_the_runs(old, new):
    diff = diff_texts(old, new)
    assert _side(diff, "same", "removed") == _words(old)
    assert _side(diff, "same", "added") == _words(new)


@given(LINES)
def test_a_text_equals_itself(text):
    assert diff_texts(text, text).similarity == 1.0


@given(LINES, LINES)
def test_neighbouring_runs_differ_in_their_operation(old, new):
    operations = [run.operation for run in diff_texts(old, new).runs]
    assert all(a != b for a, b in pairwise(operations))


def test_one_word_among_fifty_thousand_is_found():
    lines = [" ".join(f"w{line}x{word}" for word in range(20)) for line in range(2500)]
    edited = [*lines[:1200], lines[1200].replace("w1200x7", "other"), *lines[1201:]]
    diff = diff_texts("\n".join(lines), "\n".join(edited))
    assert _changed(diff) == [("removed", "w1200x7"), ("added", "other")]


def test_two_different_texts_of_fifty_thousand_words_are_one_hunk():
    diff = diff_texts(
        " ".join(f"a{n}" for n in range(50_000)), " ".join(f"b{n}" for n in range(50_000))
    )
    assert (diff.words_removed, diff.words_added, diff.similarity) == (50_000, 50_000, 0.0)


def test_one_word_of_a_single_line_of_fifty_thousand_is_found():
    words = [f"w{n}" for n in range(50_000)]
    diff = diff_texts(" ".join(words), " ".join([*words[:25_000], "other", *words[25_001:]]))
    assert _changed(diff) == [("removed", "w25000"), ("added", "other")]


def test_the_tables_of_all_lines_together_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "_MAX_CELLS", 100)
    old = "\n".join(f"{name} old half of old line" for name in "abcd")
    diff = diff_texts(old, old.replace("old", "new"))
    # Two tables of 7 by 7 words, with the marks of line ends; then what lies between the ends.
    fine, coarse = ["old", "old"], ["old half of old"]
    assert _removed(diff) == [*fine, *fine, *coarse, *coarse]


def test_only_tables_that_are_made_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "_MAX_CELLS", 100)
    large = " ".join(f"word-{n}" for n in range(11))
    old = f"{large}\nan old half of old line"
    removed = _removed(diff_texts(old, old.replace("word", "name").replace("old", "new")))
    assert removed == [large, "old", "old"]
    # Of long lines with common ends, what lies between: six tables of 4 by 4 words.
    old = "\n".join(f"{large} {name} old half of old {large}" for name in "abcdefg")
    removed = _removed(diff_texts(old, old.replace("old", "new")))
    assert removed == [*["old", "old"] * 6, "old half of old"]


def _removed(diff: TextDiff) -> list[str]:
    return [text for operation, text in _changed(diff) if operation == "removed"]
