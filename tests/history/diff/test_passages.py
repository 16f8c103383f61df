"""The sentences that a change touched are shown whole, and no word is lost or made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.diff.passages import (
    as_plain_text,
    changed_passages,
    first_passages,
    in_context,
    opening,
)
from scraper.history.diff.words import PARAGRAPH, Run, diff_texts
from tests.each_row import each_row

WORDS = st.sampled_from(["tea", "pot", "10", "10%", "cup,", "cup.", "A", "why?"])
LINES = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=6).map("\n".join)


def _marked(runs: tuple[Run, ...]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return " ".join(marks[run.operation].format(run.text) for run in runs)


@each_row(
    ("old", "new", "expected"),
    [
        pytest.param("Tea is hot. It heals.", "Tea is hot. It heals.", [], id="no change"),
        pytest.param(
            "Tea is hot. Magnesium stops cramps for good. Drink.",
            "Tea is hot. Magnesium may ease cramps for some. Drink.",
            ["Magnesium [-stops-] {+may ease+} cramps for [-good.-] {+some.+}"],
            id="the last word of the sentence too",
        ),
        pytest.param(
            "One. Two. Three. Four.",
            "One. Two! Three. Fore.",
            ["[-Two.-] {+Two!+}", "[-Four.-] {+Fore.+}"],
            id="two places",
        ),
        pytest.param(
            "One is here. Two is there. Three.",
            "One was here. Two was there. Three.",
            ["One [-is-] {+was+} here. Two [-is-] {+was+} there."],
            id="neighbours are one passage",
        ),
        pytest.param("One. Two.", "One. And more. Two.", ["{+And more.+}"], id="a new sentence"),
        pytest.param("One. And more. Two.", "One. Two.", ["[-And more.-]"], id="a lost sentence"),
        pytest.param(
            "A title\nIt heals", "A title\nIt helps", ["It [-heals-] {+helps+}"], id="line"
        ),
        pytest.param("One two", "One\ntwo", [], id="only a line end moved"),
        pytest.param("", "All of it. New.", ["{+All of it. New.+}"], id="from nothing"),
        pytest.param(
            " ".join(map(str, range(80))) + " ends",
            " ".join(map(str, range(80))) + " stops",
            ["… " + " ".join(map(str, range(50, 80))) + " [-ends-] {+stops+}"],
            id="a sentence without an end is cut",
        ),
    ],
)
def test_changed_sentences_are_shown_whole(old: str, new: str, expected: list[str]):
    assert [_marked(found.runs) for found in changed_passages(diff_texts(old, new))] == expected


@given(LINES, LINES)
def test_every_changed_word_is_in_a_passage(old: str, new: str):
    diff = diff_texts(old, new)
    for operation in ("added", "removed"):
        changed = [
            word
            for run in diff.runs
            if run.operation == operation
            for word in run.text.split()
            if word != PARAGRAPH
        ]
        shown = [
            word
            for passage in changed_passages(diff)
            for run in passage.runs
            if run.operation == operation
            for word in run.text.split()
        ]
        assert shown == changed


def test_what_does_not_fit_is_counted_and_never_silently_cut():
    diff = diff_texts(
        "One is. Two. Three is. Four. Five is.", "One was. Two. Three was. Four. Five."
    )
    shown, n_more = first_passages(changed_passages(diff), 30)
    assert [_marked(found.runs) for found in shown] == [
        "One [-is.-] {+was.+}",
        "Three [-is.-] {+was.+}",
    ]
    assert n_more == 1


@each_row(
    ("text", "most", "expected"),
    [
        ("Tea is hot", 10, "Tea is hot"),
        ("Tea\nis  hot", 10, "Tea is hot"),
        ("Tea is hot.", 10, "Tea is …"),
        ("x" * 100, 10, "x" * 10 + " …"),
        ("x " * 100, 10, "x x x x x …"),
        ("", 10, ""),
        (" " * 50 + "late", 10, " …"),
    ],
)
def test_the_beginning_of_a_text(text: str, most: int, expected: str):
    assert opening(text, most) == expected


@each_row(
    ("old", "new", "expected"),
    [
        pytest.param(
            "Magnesium stops night cramps for good. Drink.",
            "Magnesium may ease night cramps for some people. Drink.",
            "Magnesium [stops → may ease] night cramps for [good. → some people.] Drink.",
            id="replaced",
        ),
        pytest.param("Tea is hot", "Tea is", "Tea is [−hot]", id="gone"),
        pytest.param("Tea is", "Tea is hot", "Tea is [+hot]", id="new"),
        pytest.param("a " * 30 + "b", "a " * 30 + "c", "… a a a a a a a a [b → c]", id="cut"),
    ],
)
def test_a_change_in_its_context_as_text(old: str, new: str, expected: str):
    assert as_plain_text(in_context(diff_texts(old, new), 600)) == expected


def test_a_long_change_in_its_context_is_cut_visibly():
    runs = in_context(diff_texts("x " * 5000, "y " * 5000), 200)
    assert [run.operation for run in runs] == ["removed", "added"]
    assert all(run.text.endswith("…") for run in runs)
