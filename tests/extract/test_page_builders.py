"""Bodies as page builders set them: copies for other screens, sections of one article."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, page
from tests.extract.test_bodies_of_themes import BODY, FOUR, H1, ONE, TEXT, THREE, TWO, WORDS, box

COPY = f"<h2>{TITLE} again</h2>{BODY}"
COPIES = {
    "for three screens": box("v a1", COPY) + box("v a2", COPY) + box("v a3", COPY),
    "in parts of their own": box("v", box("a1", COPY)) + box("v", box("a2", box("x", COPY))),
    "the first hidden by its style": f'<div style="display:none">{COPY}</div>' + box("v", COPY),
}


@each_row("markup", COPIES.values(), ids=COPIES)
def test_a_copy_for_another_screen_is_read_once(markup):
    for around in (f"{H1}{box('zz', markup)}", f"{H1}{box('rte', markup)}"):
        text = extract_post(page(around), url=URL).text
        assert text == f"{TITLE} again\n\n{TEXT}"


REPEATED = {
    "a refrain": (ONE + TWO) * 3,
    "three paragraphs again, in the flow": BODY + ONE + TWO + THREE,
    "a copy with a word of its own": BODY + box("v", ONE, TWO, "<p>But not here.</p>", THREE, FOUR),
    "two paragraphs in a frame": BODY + box("v", ONE, TWO),
}


@each_row("markup", REPEATED.values(), ids=REPEATED)
def test_what_an_author_says_twice_stays(markup):
    text = extract_post(page(f"{H1}{box('rte', markup)}"), url=URL).text
    assert text.count(WORDS[0]) == markup.count(WORDS[0])
    assert ("But not here." in text) == ("But not here." in markup)
