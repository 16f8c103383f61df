"""One list of the elements that part text: for the text of a post, for what of it is saved, and for
what `explain` shows."""

from __future__ import annotations

import re

from scraper.extract import extract_post
from scraper.extract.body.render.sanitize import sanitise
from scraper.extract.dom import BLOCK_TAGS
from scraper.extract.page.markdown import html_to_markdown
from scraper.extract.page.text import html_to_text
from tests.each_row import each_row
from tests.extract.pages import URL, page

TABLE_PARTS = {"caption", "tbody", "tfoot", "thead", "tr"}


@each_row("tag", sorted(BLOCK_TAGS - {"hr"}))
def test_a_block_parts_words(tag: str) -> None:
    assert html_to_text(f"one<{tag}>two</{tag}>three").split() == ["one", *items(tag), "three"]


def items(tag: str) -> list[str]:
    return ["•", "two"] if tag == "li" else ["two"]


def test_an_inline_element_parts_none() -> None:
    assert html_to_text("one<b>two</b>three") == "onetwothree"


def test_every_block_is_saved() -> None:
    for tag in sorted(BLOCK_TAGS - TABLE_PARTS):
        assert f"<{tag}>" in sanitise(f"<{tag}>x</{tag}>")


@each_row("tag", sorted(BLOCK_TAGS - TABLE_PARTS - {"hr", "table"}))
def test_blocks_side_by_side_join_no_words_in_markdown(tag: str) -> None:
    markdown = html_to_markdown(f"<{tag}>Tea</{tag}><{tag}>Jam</{tag}>")
    assert re.findall(r"\w+", markdown) == ["Tea", "Jam"]


@each_row("tag", ["fieldset", "hgroup", "menu", "search", "section"])
def test_blocks_side_by_side_in_a_body_join_no_words(tag: str) -> None:
    text = f"<p>{'Words of the post. ' * 20}</p>"
    blocks = f"<{tag}>Tea</{tag}><{tag}>Jam</{tag}>"
    post = extract_post(page(f"<div class='rte'>{text}{blocks}{text}</div>"), url=URL)
    assert "Tea\n\nJam" in post.text
    assert blocks in post.html


@each_row("tag", ["menu", "ol", "ul"])
def test_each_list_begins_a_paragraph(tag: str) -> None:
    html = f"<{tag}><li>Tea<li>Jam</{tag}><{tag}><li>Pot</{tag}>"
    assert html_to_text(html) == "• Tea\n• Jam\n\n• Pot"


@each_row("tag", ["details", "center", "form", "section"])
def test_explain_shows_each_block_by_itself(tag: str) -> None:
    body = f"<p>{'Words of the post. ' * 20}</p><div>before<{tag}>inside of it</{tag}></div>"
    html = f"<html><body><main><h1>A title</h1><div class='rte'>{body}</div></main></body></html>"
    blocks = extract_post(html, url="https://shop.example/blogs/news/a", explain=True).blocks
    assert "inside of it" in [block.text for block in blocks]
