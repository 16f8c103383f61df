"""Which signs of a text say nothing, and which spell a word."""

from __future__ import annotations

from scraper.history.normal_form.text import normal_line, normal_text
from tests.each_row import each_row

ZWSP, ZWNJ, ZWJ, WJ, BOM, SHY = "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"


@each_row(
    ("one", "other"),
    [
        (f"The red{ZWSP} clay", f"The red{ZWSP}{ZWSP} cl{WJ}ay"),
        (f"is warm{ZWNJ}.", f"is warm{ZWNJ}{ZWNJ}."),
        (f"{BOM}Warm clay", f"Warm c{SHY}lay"),
        (f"w{ZWJ}arm", "warm"),
        (f"t{ZWNJ}\u00e9a", "t\u00e9a"),
        ("cafe\u0301", "caf\u00e9"),
        (f"cafe{ZWSP}\u0301", "caf\u00e9"),
        (
            "\u0645\u06cc\u200c\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("one\n\n\n two", "one\n two"),
        ("one \t\ntwo\u00a0\n", "one\ntwo"),
    ],
    ids=[
        "zero-width space",
        "ZWNJ at a full stop",
        "byte order mark and soft hyphen",
        "ZWJ between Latin letters",
        "ZWNJ beside a letter with an accent",
        "composed",
        "sign before an accent",
        "ZWNJ repeated",
        "blank lines",
        "white space at the end of lines",
    ],
)
def test_these_texts_are_equal(one: str, other: str):
    assert normal_text(one) == normal_text(other)


@each_row(
    ("one", "other"),
    [
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u0937"),
        ("\U0001f469\u200d\U0001f33e", "\U0001f469\U0001f33e"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\U0001f525"),
        ("one two", "onetwo"),
        ("one\ntwo", "one two"),
        ("    indented", "indented"),
        ("caf\u00e9", "cafe"),
        ("5\u00b5g", "5mg"),
    ],
    ids=[
        "Persian",
        "Devanagari",
        "emoji",
        "emoji with a selector",
        "space between words",
        "line end",
        "indent",
        "accent",
        "unit",
    ],
)
def test_these_texts_differ(one: str, other: str):
    assert normal_text(one) != normal_text(other)


def test_a_field_is_one_line():
    assert normal_line(f" Slow\u00a0 {ZWSP}tea\n") == "Slow tea"
