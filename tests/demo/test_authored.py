from __future__ import annotations

import pytest

from scraper.demo.plain_text import plain_text
from tests.demo.authored import AuthoredItem, split_related
from tests.each_row import each_row

ITEMS = (AuthoredItem("One", "/blogs/journal/one"), AuthoredItem("Two", ""))
LIST = '<ul><li><a href="/blogs/journal/one">One</a></li><li>Two</li></ul>'


@each_row(
    "tail",
    [
        pytest.param(f"<p>Related Sleep articles:</p>\n{LIST}", id="paragraph and list"),
        pytest.param(f"<p><strong>Related Tea Articles:</strong></p>{LIST}", id="bold paragraph"),
        pytest.param(f"<h3>Related articles:</h3>{LIST}", id="heading"),
        pytest.param(
            '<p>Related Sleep articles:<br>• <a href="/blogs/journal/one">One</a><br>• Two</p>',
            id="bullets in one paragraph",
        ),
    ],
)
def test_a_typed_related_list_is_taken_apart(tail: str):
    assert split_related(f"<p>Body.</p>{tail}") == ("<p>Body.</p>", ITEMS)


def test_a_post_may_speak_of_related_articles_without_a_list():
    html = "<p>Related articles are listed elsewhere.</p><p>End.</p>"

    assert split_related(html) == (html, ())


def test_plain_text_keeps_every_visible_word_and_parts_blocks():
    html = "<p>A&nbsp;b<br>c</p><ul><li>d</li><li>e</li></ul><script>x</script>"
    html += '<table><tr><td>f</td><td>g</td></tr></table><meta charset="utf-8">h'

    assert plain_text(html) == "A b c\n\nd\n\ne\n\nf\n\ng\n\nh"


def test_only_a_first_heading_that_repeats_the_title_is_skipped():
    assert plain_text("<h2>T &amp; U</h2><p>T &amp; U</p>", skip_heading="T & U") == "T & U"
    assert plain_text("<p>T &amp; U</p>", skip_heading="T & U") == "T & U"
