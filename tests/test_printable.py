"""Text that leaves: nothing in it steers a terminal, hides or reorders text, or runs in a
spreadsheet."""

from __future__ import annotations

import json
import unicodedata
from xml.etree import ElementTree as ET

from scraper.printable import csv_cell, escape_json, escape_xml, printable, single_line
from tests.conftest import Sample
from tests.each_row import each_row

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
TAGGED = "buy\U000e0041\U000e0042 now"

KEPT = {
    "plain": "Tea, and more tea",
    "lines": "one\n\ttwo",
    "Arabic": "شاي بالنعناع، ٣ أكواب",
    "Hebrew with marks": "תה ירוק\u200f (50\u200e%)",
    "Arabic letter mark": "\u061cشاي",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "heart": "\u2764\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "rainbow": "\U0001f3f3\ufe0f\u200d\U0001f308",
    "Scotland": SCOTLAND,
    "two flags": SCOTLAND * 2,
    "ideographic variant": "葛\U000e0100城",
    "Persian with a non-joiner": "می\u200cخواهم",
    "soft hyphen and space": "tea\u00adpot\u00a0x\u200by",
}
CHANGED = {
    "escape": ("\x1b[31mred", "\ufffd[31mred"),
    "C1": ("\x9b31mred\x85", "\ufffd31mred\ufffd"),
    "carriage return": ("good\rbad", "good\ufffdbad"),
    "delete": ("a\x7f", "a\ufffd"),
    "override": ("\u202egnp.exe", "\ufffdgnp.exe"),
    "isolates": ("\u2066a\u2069", "\ufffda\ufffd"),
    "tags": (TAGGED, "buy\ufffd\ufffd now"),
    "tags after a flag": (SCOTLAND + "\U000e0041", SCOTLAND + "\ufffd"),
    "tags in a flag": (
        "\U0001f3f4\U000e0068\U000e0069\U000e007f",
        "\U0001f3f4\ufffd\ufffd\ufffd",
    ),
    "surrogate": ("a\ud83d", "a\ufffd"),
    "line separator": ("a\u2028b", "a\ufffdb"),
    "annotation": ("\ufff9a\ufffab\ufffb", "\ufffda\ufffdb\ufffd"),
    "byte order mark": ("a\ufeffb", "a\ufffdb"),
    "noncharacters": ("a\ufdd0\ufdef\uffff\U0001fffe\U0010ffff", "a" + "\ufffd" * 5),
    "selectors in a row": ("\u263a\ufe0f\ufe01\U000e0110", "\u263a\ufe0f\ufffd\ufffd"),
    "selector alone": ("\ufe0fa", "\ufffda"),
}


@each_row("text", KEPT.values(), ids=KEPT)
def test_what_a_writer_needs_stays(text: str) -> None:
    assert printable(text) == text


@each_row(("text", "shown"), CHANGED.values(), ids=CHANGED)
def test_what_steers_hides_or_reorders_is_replaced(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_every_character_of_unicode(sample: Sample) -> None:
    """Only two controls and no surrogate, override, isolate or tag passes."""
    every = [
        chr(code) for plane in sample(range(17), 7) for code in range(plane << 16, plane + 1 << 16)
    ]
    shown = printable("a" + "a".join(every))[1::2]
    passed = {char for char, one in zip(every, shown, strict=True) if one != "\ufffd"}
    assert {char for char in passed if unicodedata.category(char) in {"Cc", "Cs"}} == {"\n", "\t"}
    assert not passed & {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    assert not passed & {chr(code) for code in range(0xE0000, 0xE0080)}
    noncharacters = {char for char in passed if ord(char) & 0xFFFE == 0xFFFE}
    assert not noncharacters | (passed & {chr(code) for code in range(0xFDD0, 0xFDF0)})
    assert len(every) - len(passed) < 7_000


def test_a_message_is_one_line() -> None:
    assert single_line("a\r\nb\x1b\tc") == "a  b  c"


@each_row("text", [text for text, _ in CHANGED.values()] + list(KEPT.values()))
def test_json_keeps_the_value_and_shows_nothing_raw(text: str) -> None:
    document = escape_json(json.dumps({"title": text}, ensure_ascii=False, indent=2))
    assert json.loads(document) == {"title": text}
    assert printable(document) == document


def test_json_shows_letters_as_they_are() -> None:
    document = json.dumps(list(KEPT.values()), ensure_ascii=False)
    assert escape_json(document) == document
    assert escape_json(f'"{TAGGED}"') == r'"buy\udb40\udc41\udb40\udc42 now"'


def test_xml_keeps_the_value_and_shows_nothing_raw() -> None:
    text = "\u202egnp\x9b\U000e0041 ☕" + SCOTLAND
    markup = escape_xml(f"<title>{text}</title>")
    assert printable(markup) == markup
    assert ET.fromstring(markup).text == text


@each_row(
    "text",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|x",
        "@SUM(1+1)",
        "\t=1",
        "\r=1",
        "\r\n=1",
        "\n=1",
        '"=1+1"',
        "  =1+1",
        "' =1",
        "\u00a0=1",
        "\u200b=1",
        "\u3164\u2800=1",
        "\ufeff@SUM(1)",
        "\u061c\u2063=1",
        "\uffa0\u17b4+1+cmd|x",
        "\ufe66SUM(1)",
        "\uff1d1+1",
        "-",
        "--5",
        "-1 tea",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_a_text(text: str) -> None:
    assert csv_cell(text).startswith("'")
    assert csv_cell(text)[1:] == printable(text.replace("\r\n", "\n"))


@each_row("text", ["", "5", "-5", "+1.5", "-1,234.50", "1e-5", "-2E+10", "tea = 1"])
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert csv_cell(text) == text


def test_cells_have_no_controls() -> None:
    assert csv_cell("\x1b[31m\x9b1m\u202e") == "\ufffd[31m\ufffd1m\ufffd"
