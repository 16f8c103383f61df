from __future__ import annotations

from pathlib import Path

import pytest

from scraper.exceptions import ExtractionError
from scraper.extract import extract_text_dump
from scraper.items import CodeMention, Link
from tests.each_row import each_row

SEED = Path(__file__).resolve().parents[2] / ".." / "shared" / "seed"
DUMP = """Product Title

Go to product

Your browser is old.

Quiet mornings

Posted by Ann Fern on
Quiet mornings

*Read to the end for a code

Put the kettle on first, and look at nothing that has a screen before the tea is ready to drink.

Buy these:

• Oats

• Tea

Please use code DAWN10 at checkout to claim 10% off.

Related Morning articles:

• Oats at dawn

• Quiet mornings

← Older Post Newer Post →

Related Posts"""


def dump(text: str = DUMP):
    return extract_text_dump(text)


def test_title_and_author_stand_once_and_no_date_is_made_up():
    post = dump()
    assert (post.title, post.author, post.published_at, post.url, post.method) == (
        "Quiet mornings",
        "Ann Fern",
        "",
        "",
        "text_dump",
    )


def test_the_text_is_the_body_alone():
    text = dump().text
    assert text.startswith("*Read to the end")
    assert text.endswith("to claim 10% off.")
    assert "• Oats\n\n• Tea" in text


def test_the_typed_list_is_edges_and_html_but_no_text():
    post = dump()
    assert post.links == (Link(url="", kind="related_list", anchor="Oats at dawn", position=0),)
    assert post.self_links == (
        Link(url="", kind="related_list", anchor="Quiet mornings", position=0),
    )
    assert post.html.endswith(
        "<p>Related Morning articles:</p><ul><li>Oats at dawn</li><li>Quiet mornings</li></ul>"
    )


def test_codes_are_read_from_the_text():
    (code,) = dump().codes
    assert (code.code, code.kind, code.value) == ("DAWN10", "percent", 10.0)


def test_a_date_in_the_byline_is_read():
    assert dump(DUMP.replace("Fern on\n", "Fern on May 4, 2026\n")).published_at == "2026-05-04"


def test_without_a_byline_the_repeated_line_is_the_title():
    post = dump(DUMP.replace("Posted by Ann Fern on\n", ""))
    assert (post.title, post.author) == ("Quiet mornings", "")
    assert post.text.startswith("*Read to the end")


LOOKALIKE = Path(__file__).resolve().parents[1] / "demo" / "data" / "lookalike.txt"


def without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(LOOKALIKE, id="lookalike"),
        pytest.param(
            next(SEED.glob("*.txt"), SEED),
            id="seed",
            marks=pytest.mark.skipif(
                not SEED.is_dir(), reason="the shared seed is not beside the checkout"
            ),
        ),
    ],
)
def test_blank_lines_are_not_needed(path):
    text = path.read_text(encoding="utf-8")
    spaced, tight = dump(text), dump(without_blank_lines(text))
    assert len(tight.links) == 2
    assert (tight.title, tight.author, tight.text, tight.links, tight.self_links) == (
        spaced.title,
        spaced.author,
        spaced.text,
        spaced.links,
        spaced.self_links,
    )


def test_a_typed_list_right_below_a_paragraph_is_found():
    post = dump(DUMP.replace("10% off.\n\nRelated", "10% off.\nRelated"))
    assert [link.anchor for link in post.links] == ["Oats at dawn"]
    assert "Related" not in post.text


def test_a_lone_surrogate_is_replaced():
    assert (
        "ready \ufffd to drink"
        in dump(DUMP.replace("ready to drink", "ready \ud83d to drink")).text
    )


@each_row(
    "text", ["", " \n\n", "Quiet mornings\n\nPosted by Ann on\n"], ids=["empty", "blank", "no body"]
)
def test_a_dump_without_a_post_is_refused(text):
    with pytest.raises(ExtractionError):
        dump(text)


@pytest.mark.skipif(not SEED.is_dir(), reason="the shared seed is not beside the checkout")
def test_the_seed_reads_word_for_word():
    post = dump(next(SEED.glob("*.txt")).read_text(encoding="utf-8"))
    assert (post.author, post.published_at) == ("Lewis Olden", "")
    assert post.text.startswith("*Scroll down to the bottom")
    assert post.text.endswith("left hand side of your screen.")
    assert "Older Post" not in post.html
    assert [link.position for link in post.links] == [0, 1]
    assert [link.anchor for link in post.self_links] == [post.title]
    assert post.codes[0] == CodeMention(
        code="BLOG15", kind="percent", value=15.0, currency="", snippet=post.codes[0].snippet
    )
