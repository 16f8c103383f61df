"""One list of the elements that part text: for the text of a post, for what of it is saved, and for
what `explain` shows."""

from __future__ import annotations

from scraper.extract import extract_post
from scraper.extract.body.render.sanitize import sanitise
from scraper.extract.dom import BLOCK_TAGS
from scraper.extract.page.text import html_to_text
from tests.each_row import each_row

TABLE_PARTS = {"caption", "tbody", "tfoot", "thead", "tr"}


@each_row("tag", sorted(BLOCK_TAGS - {"hr"}))
def test_a_block_parts_words(tag: str) -> None:
    assert html_to_text(f"one<{tag}>two</{tag}>three").split() == ["one", *items(tag), "three"]


def items(tag: str) -> list[str]:
    return ["•", "two"] if tag == "li" else ["two"]


def test_an_inline_element_parts_none() -> None:
    assert html_to_text("one<b>two</b>three") == "onetwothree"


def test_every_block_but_that_of_a_form_is_saved() -> None:
    lost = [
        tag
        for tag in sorted(BLOCK_TAGS - TABLE_PARTS)
        if f"<{tag}>" not in sanitise(f"<{tag}>x</{tag}>")
    ]
    assert lost == ["fieldset"]
    assert sanitise("<fieldset>x</fieldset>") == "x"


@each_row("tag", ["details", "center", "form", "section"])
def test_explain_shows_each_block_by_itself(tag: str) -> None:
    body = f"<p>{'Words of the post. ' * 20}</p><div>before<{tag}>inside of it</{tag}></div>"
    html = f"<html><body><main><h1>A title</h1><div class='rte'>{body}</div></main></body></html>"
    blocks = extract_post(html, url="https://shop.example/blogs/news/a", explain=True).blocks
    assert "inside of it" in [block.text for block in blocks]
