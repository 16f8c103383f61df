"""Labels of times and brackets, and the parts of comparisons."""

from __future__ import annotations

import re
from typing import get_args

from scraper.claims.quotations import MOST_WORDS
from scraper.history.changes import KIND_OF_FIELD, ChangeKind
from scraper.history.crawl_health import Health
from scraper.history.diff.paragraphs import compare_paragraphs
from scraper.history.humanize import exact
from scraper.items import LinkKind, Verdict
from scraper.web import labels
from scraper.web.config import WEB_FOLDER
from scraper.web.parts.paragraphs import (
    MAX_PART_CHARS,
    Skipped,
    collapse_unchanged,
    headings_of,
    is_heading,
    split,
)
from tests.each_row import each_row


@each_row(
    ("value", "offset_s", "text"),
    [
        ("2026-03-03T04:02:05Z", 3600, "3 March 2026, 05:02:05 (UTC+01:00)"),
        ("9999-12-31T23:59:59Z", 3600, "31 December 9999, 23:59:59 UTC"),
        ("0001-01-01T00:00:00Z", -3600, "1 January 1, 00:00:00 UTC"),
        ("0001-01-01T00:00:00+05:00", 0, "0001-01-01T00:00:00+05:00"),
        ("soon", 3600, "soon"),
    ],
)
def test_a_time_by_the_clock_of_the_store(value, offset_s, text):
    assert exact(value, offset_s) == text


@each_row(
    ("not_before", "not_after", "text"),
    [
        (
            "2026-03-03T04:02:00Z",
            "2026-03-04T04:01:00Z",
            "between 3 March 04:02 and 4 March 2026 04:01 UTC",
        ),
        (
            "2025-12-31T23:00:00Z",
            "2026-01-01T01:00:00Z",
            "between 31 December 2025 23:00 and 1 January 2026 01:00 UTC",
        ),
        (
            "2026-03-03T04:02:00Z",
            "2026-03-03T09:00:00Z",
            "on 3 March 2026 between 04:02 and 09:00 UTC",
        ),
        (
            "2026-03-03T04:02:01Z",
            "2026-03-03T04:02:09Z",
            "on 3 March 2026 between 04:02:01 and 04:02:09 UTC",
        ),
        ("", "2026-03-03T04:02:00Z", "by 3 March 2026 04:02 UTC"),
        ("", "", ""),
    ],
)
def test_the_text_of_a_bracket(not_before: str, not_after: str, text: str):
    assert labels.bracket(not_before, not_after) == text


@each_row(
    ("value", "text"),
    [
        ("2026-03-03T04:02:00Z", "3 March 2026"),
        ("2026-03-03", "3 March 2026"),
        ("", ""),
        ("<b>", "<b>"),
        ("2026-13-40", "2026-13-40"),
    ],
)
def test_the_text_of_a_day(value: str, text: str):
    assert labels.day(value) == text


def test_no_link_searches_a_part_of_a_word_or_more_than_can_be_searched():
    shown = "\n".join(path.read_text("utf-8") for path in WEB_FOLDER.rglob("*.html"))
    assert re.findall(r"(\w+)(?:\([^()]*\))? \| urlencode", shown).count("shorten") == 2
    assert not re.search(r"truncate\([^()]*\) \| urlencode", shown)
    assert labels.FILTERS["shorten"]("a " * 60) == ("a " * MOST_WORDS).strip()


def test_an_invalid_time_is_escaped():
    assert labels.when("<script>") == "&lt;script&gt;"


def test_every_value_has_a_label():
    assert set(get_args(ChangeKind)) <= set(labels.KINDS)
    assert {field for field, _ in KIND_OF_FIELD} <= set(labels.FIELDS)
    assert set(get_args(LinkKind)) <= set(labels.LINK_KINDS)
    assert set(get_args(Verdict)) - {"ok"} <= set(labels.VERDICTS)
    assert set(get_args(Health)) <= set(labels.HEALTH)


def test_an_empty_heading_makes_no_paragraph_a_heading():
    headings = headings_of("<h2>Tea</h2>", '<h2><img src="tea.jpg"></h2><h3></h3><p>It cools.</p>')
    rows = compare_paragraphs("Tea\nIt is hot.", "Tea\nNothing of that holds.")
    assert [(row.status, is_heading(row, headings)) for row in rows] == [
        ("same", True),
        ("removed", False),
        ("added", False),
    ]


def test_unchanged_paragraphs_are_collapsed():
    lines = [f"Line {i} of a text about tea." for i in range(20)]
    rows = compare_paragraphs("\n".join(lines), "\n".join([*lines[:10], "One more.", *lines[10:]]))
    collapsed = collapse_unchanged(rows)
    assert [row.count if isinstance(row, Skipped) else row.status for row in collapsed] == [
        8,
        "same",
        "same",
        "added",
        "same",
        "same",
        8,
    ]


def test_parts_hold_every_paragraph_once():
    rows = compare_paragraphs("\n".join(f"Paragraph {i} " + "tea " * 200 for i in range(400)), "")
    parts = split(rows)
    assert len(parts) > 2
    assert [row for part in parts for row in part] == list(rows)
    assert all(
        sum(len(run.text) for row in part if not isinstance(row, Skipped) for run in row.runs)
        <= MAX_PART_CHARS
        for part in parts
    )


def test_a_long_paragraph_is_split_and_loses_no_word():
    text = " ".join(f"word{i}" for i in range(60_000))
    parts = split(compare_paragraphs(text, text.replace("word7 ", "other ")))
    rows = [row for part in parts for row in part if not isinstance(row, Skipped)]
    assert len(parts) > 5
    assert {row.status for row in rows} == {"reworded"}
    assert " ".join(run.text for row in rows for run in row.old) == text
