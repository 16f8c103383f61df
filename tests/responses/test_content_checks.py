from __future__ import annotations

import time

from scraper.responses.content_checks import has_words, is_html
from tests.each_row import each_row

ALLOWED_S = 2.0
"""CPU seconds; each answer takes a hundredth of it, and took minutes before it was bounded."""


@each_row(
    ("content_type", "body"),
    [
        ("text/plain", b"<!---->" * 28),
        ("text/plain", b"<!-- a -->\n" * 2_000),
        ("text/plain", b"<!--" * 6_000),
        ("text/html", b"<?xml" + b" " * 24_000),
        ("text/html", b"<?xml" + b"<!--" * 6_000),
    ],
    ids=["empty comments", "comments", "open comments", "blanks", "open comments in XML"],
)
def test_a_start_made_to_be_slow_is_no_html(content_type, body):
    started = time.process_time()
    assert not is_html(content_type, body)
    assert time.process_time() - started < ALLOWED_S


def test_a_page_after_comments_is_html():
    assert is_html("text/plain", b"\n<!-- saved --> <!---->\n<!DOCTYPE  html><p>Tea</p>")
    assert not is_html("text/plain", b"<!-- saved --> Tea <p>")


def test_a_comment_ends_at_its_first_end():
    assert not is_html("text/plain", b"<!-- a --> b --> <p>")


@each_row(
    "body",
    [b"<script>" + b"</script" * 100_000, b"<script>" * 100_000, b"<!--" * 100_000],
    ids=["script never ended", "script in script", "comment in comment"],
)
def test_markup_made_to_be_slow_shows_no_words(body):
    started = time.process_time()
    assert not has_words(b"<body>" + body)
    assert time.process_time() - started < ALLOWED_S


def test_words_after_a_script_are_seen():
    assert has_words(b"<body><script>var a</script >Put the kettle on before all else.")
    assert not has_words(b"<body><script>Put the kettle on before all else.</script")
