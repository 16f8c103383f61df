"""Sentences as a person would quote them, and the passages that hold a phrase."""

from __future__ import annotations

from scraper.sentences import passages, split_sentences
from tests.each_row import each_row

SENTENCES = {
    "One. Two! Three? Four… Five": ["One.", "Two!", "Three?", "Four…", "Five"],
    "“It stops cramps.” So they say.": ["“It stops cramps.”", "So they say."],
    "It costs £4.50 at most. Take 2.5 g.": ["It costs £4.50 at most.", "Take 2.5 g."],
    "Dr. Ann and Mr. B. Lee agree. It works.": ["Dr. Ann and Mr. B. Lee agree.", "It works."],
    "Is it a cure? The answer is no. It is tea.": [
        "Is it a cure?",
        "The answer is no.",
        "It is tea.",
    ],
    "Herbs, e.g. mint, help. U.S. law differs.": ["Herbs, e.g. mint, help.", "U.S. law differs."],
    "A heading\n\n• First item\n• Second item": ["A heading", "• First item", "• Second item"],
    "Wait ... what? and then": ["Wait ... what? and then"],
    "": [],
    "\n \n": [],
    "Привет мир. Как дела?": ["Привет мир.", "Как дела?"],
    "お茶です。「本当？」はい！": ["お茶です。", "「本当？」", "はい！"],
    "هل هو شاي؟ نعم.": ["هل هو شاي؟", "نعم."],
}

TEXT = "It Stops night-cramps. For good! We swear.\nCafé stops\u00a0night cramps too."
PASSAGES = {
    "stops night cramps": ["It Stops night-cramps.", "Café stops night cramps too."],
    "cafe STOPS": ["Café stops night cramps too."],
    "cramps. For": ["It Stops night-cramps. For good!"],
    "swear Café": ["We swear. Café stops night cramps too."],
    "absent": [],
    "night": ["It Stops night-cramps.", "Café stops night cramps too."],
    "…": [],
}


def test_sentences_of_a_text() -> None:
    found = {text: [one.text for one in split_sentences(text)] for text in SENTENCES}
    assert found == SENTENCES


def test_a_sentence_stands_where_it_says() -> None:
    for text in (*SENTENCES, TEXT):
        assert all(text[one.start : one.end] == one.text for one in split_sentences(text))
    assert [one.paragraph for one in split_sentences("a\n\nbb. C")] == [0, 2, 2]


@each_row("phrase", PASSAGES)
def test_the_passages_that_hold_a_phrase(phrase: str) -> None:
    assert passages(TEXT, phrase) == PASSAGES[phrase]


def test_a_text_without_blanks_or_without_ends_takes_no_longer_than_others() -> None:
    assert len(split_sentences("." * 200_000)) == 1
    assert len(split_sentences("a. " * 50_000)) == 1
    assert passages("word " * 50_000, "word " * 20)[0].startswith("word word")
