"""What a letter quotes, and what is nearly the same."""

from __future__ import annotations

from functools import partial

from scraper.claims.quotations import (
    MOST_WORDS,
    NEARLY,
    find_quotations,
    is_verbatim,
    nearest_passage,
)
from tests.each_row import each_row
from tests.growth import is_linear

QUOTED = {
    'You say: "It cures gout in a week."': ["It cures gout in a week"],
    "“Magnesium stops night\n   cramps for good.”": ["Magnesium stops night cramps for good"],
    "«Es heilt jede Gicht» and „Es heilt jede Grippe“": [
        "Es heilt jede Gicht",
        "Es heilt jede Grippe",
    ],
    "“It cures … gout in a week [emphasis added] and never fails”": [
        "gout in a week",
        "and never fails",
    ],
    "“It is a “slow” tea of ours”, «wie ein «Tee» am Abend»": [
        "It is a “slow” tea of ours",
        "wie ein «Tee» am Abend",
    ],
    "“It is not closed. “It cures gout at last”": ["It cures gout at last"],
    "the word “cure” and “two words”": [],
    "“It cures gout in May” “It cures gout in May”": ["It cures gout in May"],
    "“one is not closed\n\nand “It cures gout at last”": ["It cures gout at last"],
    'It\'s 5" wide and 6" high': [],
    "You write:\n> It cures gout\n> in a week.\n>\n> Order it at once.\n\nTake it down.": [
        "It cures gout in a week",
        "Order it at once",
    ],
    "> > It cures gout, “our best tea ever”": [
        "It cures gout, “our best tea ever”",
        "our best tea ever",
    ],
    "5 > 3 of our teas": [],
    "": [],
}


@each_row("text", QUOTED)
def test_the_quotations_of_a_letter(text: str) -> None:
    assert find_quotations(text) == QUOTED[text]


def test_a_long_quotation_is_divided_into_sentences() -> None:
    found = find_quotations(f"“{'It cures gout at night. ' * 20}{'Word ' * 60}”")
    assert found == ["It cures gout at night", " ".join(["Word"] * MOST_WORDS)]


def test_a_passage_is_found_though_words_differ() -> None:
    text = "You know the one. Magnesium may ease night cramps for some people. So they say."
    found = nearest_passage("Magnesium may ease the night cramps of some people", text)
    assert found.passage == "Magnesium may ease night cramps for some people."
    assert found.score >= NEARLY
    assert nearest_passage("Garlic lowers blood pressure", text).score < 0.2
    assert nearest_passage(
        "the one magnesium may ease night cramps for some", text
    ).passage.startswith("You know the one. Magnesium")
    assert nearest_passage("anything at all", "").score == 0
    beside = nearest_passage(
        "a spoonful of honey stops every cough overnight in the winter.",
        "We sell it in winter. A spoonful of honey stops every cough overnight in the cold winter.",
    )
    assert beside.passage.startswith("A spoonful"), "a word that the sentence before has by chance"


LONG = (
    "It is warm. Hibiscus does lower blood pressure slightly, by around 7 points in pooled trials,"
    " so if you are on tablets for that keep to a glass or two. So much for hibiscus."
)
PARTS = {
    "Hibiscus lowers blood pressure slightly, by around 7 points": True,
    "if you are on the tablets for that keep to two glasses": True,
    "Garlic lowers blood sugar slightly, by around 12 points": False,
    "you are on tablets": False,
    "if you are not on a diet, keep a glass of wine for that": False,
}


def test_a_part_of_a_long_sentence_is_found_though_words_differ() -> None:
    found = {part: nearest_passage(part, LONG) for part in PARTS}
    assert {part: one.score >= NEARLY for part, one in found.items()} == PARTS
    assert {one.passage[:8] for part, one in found.items() if PARTS[part]} == {"Hibiscus"}
    text = "a b " * 500
    assert is_linear(
        lambda count: partial(nearest_passage, "a b c d e f g", text * count), 1, 8, most=30
    )


TEXT = "No, it won’t cure gout.\n\nAnn’s  “best” tea: café 100 % pure, 5 cures."
VERBATIM = {
    "it won't cure gout": True,
    "“No, it won’t cure gout.": True,
    'gout. Ann\'s "best" tea': True,
    "cafe\u0301 100 % pure": True,
    "5 cures": True,
    "No it won’t cure gout": False,  # the comma that carries the sense
    "It won’t cure gout": False,  # the capital that begins another sentence
    "cure": True,
    "it won’t cure g": False,
    "caf": False,
    "cafe 100": False,
    "00 % pure": False,
    "": False,
    " ": False,
}


def test_what_is_verbatim_and_what_only_resembles() -> None:
    found = {quote: is_verbatim(quote.strip("“"), TEXT) for quote in VERBATIM}
    assert found == VERBATIM
