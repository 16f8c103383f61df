"""Where a link belongs: the sentence, the words, and what is no place for one."""

from __future__ import annotations

from scraper.graph.advice import WordWeights, find_place
from tests.each_row import each_row

TARGET = "Turmeric lattes, and what turmeric is for. Turmeric is a root; its curcumin stains."
TITLE = "Turmeric: what we know"
OTHERS = ["We know a lot of tea and what it is for."] * 30
WEIGHTS = WordWeights([TARGET, "Ground turmeric with pepper.", *OTHERS])

PLACES = {
    "We like tea. Most of us stir ground turmeric root into it at night.": (
        "Most of us stir ground turmeric root into it at night.",
        "turmeric",
    ),
    "Everyone asks us which Turmeric lattes stain a cup the least.": (
        "Everyone asks us which Turmeric lattes stain a cup the least.",
        "Turmeric",
    ),
    "We know what it is, and what it is for, as you do.": None,  # common words alone
    "Someone spilled turmeric over the new green cushion.": None,  # one word in common
    "Turmeric root": None,  # a heading
    "• Of turmeric root, take two spoons and stir them in well": None,
    "Turmeric | 2 spoons | root of your choice | stirred for a while": None,
    "The root that stains lattes orange is one that we all sell.": None,  # not named
    "": None,
}


@each_row("text", PLACES)
def test_the_sentence_that_names_the_subject_is_the_place(text: str) -> None:
    found = find_place(text, title=TITLE, target=TARGET, weights=WEIGHTS)
    assert (found and (found.sentence, found.words)) == PLACES[text]


def test_a_sentence_that_has_a_link_is_no_place_unless_only_letters_are_the_same() -> None:
    text = "Most of us stir ground turmeric root into it at night."
    for taken, is_free in ((["Turmeric Root"], False), (["urmeric", "us all", ""], True)):
        found = find_place(text, title=TITLE, target=TARGET, weights=WEIGHTS, taken=taken)
        assert (found is not None) is is_free


def test_words_of_a_title_that_stand_together_are_linked_together() -> None:
    target = "A cork mat is a mat of cork. Clean a cork mat with water, as a mat should be."
    text = "For the floor, the slipperiest of all is a Cork yoga mat in the rain."
    weights = WordWeights([target, text, *OTHERS])
    found = find_place(text, title="How to clean a cork mat", target=target, weights=weights)
    assert found is not None
    assert (found.words, found.shared) == ("Cork yoga mat", ("cork", "mat"))
