"""The passage that a search shows."""

from __future__ import annotations

from functools import partial

from scraper.history.phrases.snippets import SNIPPET_WORDS, make_snippet, split_terms
from tests.growth import is_linear

MARKS = ("<", ">")


def test_terms_have_neither_case_nor_accents():
    assert split_terms("Thé, VERT_tea Çay!") == ["the", "vert", "tea", "cay"]


def test_a_short_text_is_shown_with_its_matches():
    text = "Loose Thé is best; thé bags are not."
    assert make_snippet(text, {"the"}, MARKS) == "Loose <Thé> is best; <thé> bags are not."
    assert make_snippet(text, {"coffee"}, MARKS) == ""


def test_the_passage_with_the_most_terms_is_shown():
    text = f"tea {'and so on ' * 50}. A pot of tea. {'and so on ' * 50}"
    snippet = make_snippet(text, {"tea", "pot"}, MARKS)
    assert snippet.startswith("…")
    assert "A <pot> of <tea>." in snippet
    assert snippet.endswith("…")
    assert len(snippet.split()) <= SNIPPET_WORDS + 1


def test_a_text_that_repeats_a_word_takes_linear_time():
    assert is_linear(
        lambda count: partial(make_snippet, "tea " * count, {"tea"}, MARKS), 5_000, 10, most=40
    )
