from __future__ import annotations

from scraper.extract.page.text import (
    count_words,
    html_to_text,
    letters_only,
    one_line,
    text_to_words,
)
from tests.each_row import each_row

CASES = {
    "paragraphs": ("<p>One</p><p>Two</p>", "One\n\nTwo"),
    "line break": ("<p>One<br>Two</p>", "One\nTwo"),
    "double break parts paragraphs": ("<p>One<br> <br>\nTwo</p>", "One\n\nTwo"),
    "list": (
        "<p>Buy:</p><ul><li>Tea</li><li><p>Oats</p></li></ul><p>Done</p>",
        "Buy:\n\n• Tea\n• Oats\n\nDone",
    ),
    "nested list": (
        "<ul><li>Tea<ul><li>Green</li></ul></li><li>Oats</li></ul>",
        "• Tea\n• Green\n• Oats",
    ),
    "table": (
        "<table><tr><th>Tea</th><th>Time</th></tr><tr><td>Green</td><td>3</td></tr></table>",
        "Tea | Time\nGreen | 3",
    ),
    "layout table": ("<table><tr><td><p>One</p><p>Two</p></td></tr></table>", "One\n\nTwo"),
    "neighbouring blocks": ("<div>One</div><div>Two</div>", "One\n\nTwo"),
    "inline elements": ("<p>Un<b>believ</b>able <i>tea</i></p>", "Unbelievable tea"),
    "spaces": ("<p>One&nbsp;&nbsp;two\n three</p>", "One two three"),
    "invisible signs": ("<p>One\u200b\ufefftwo\u00ad</p>", "Onetwo"),
    "entities": ("<p>Tea &amp; oats &lt;3</p>", "Tea & oats <3"),
    "attribute with a bracket": ('<p><img alt="a>b" src="x">Tea</p>', "Tea"),
    "block names inside inline ones": (
        '<p>Tea<small class="p">, oats</small><picture></picture></p>',
        "Tea, oats",
    ),
    "rows of breaks": ("<p>One<br>\n<br>Two <br> three</p>", "One\n\nTwo\nthree"),
    "preformatted": ("<pre>a\n  b</pre>", "a\n  b"),
    "text without a block": ("One <b>two</b><p>Three</p>four", "One two\n\nThree\n\nfour"),
}


@each_row(("html", "text"), CASES.values(), ids=CASES)
def test_html_reads_as_text(html, text):
    assert html_to_text(html) == text


def test_words_keep_inner_signs():
    assert text_to_words("Don’t pay £7.80 for well-known tea.") == [
        "Don’t",
        "pay",
        "7.80",
        "for",
        "well-known",
        "tea",
    ]


@each_row(
    "text", ["Don’t pay £7.80 -- well-known_tea.", "a_b - ' .x. 2.5 e.g.", "", "Tea… “oats”—now"]
)
def test_words_are_counted_as_they_are_read(text):
    assert count_words(text) == len(text_to_words(text))


def test_squash_ignores_spacing_and_punctuation():
    assert letters_only("Hallowe'en — Tangled  Web!") == letters_only("halloween tangled web")


def test_one_line_drops_invisible_signs():
    assert one_line(" a\u00a0b\u200b \n c ") == "a b c"
