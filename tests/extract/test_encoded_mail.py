"""Addresses that Cloudflare encodes: the author's word is the address, whatever the key."""

from __future__ import annotations

from scraper.extract import extract_post
from scraper.items import FeedEntry
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, URL, article


def encode(address: str, key: int) -> str:
    return bytes([key, *(sign ^ key for sign in address.encode())]).hex()


def plain(address: str, key: int) -> str:
    """An address that the author wrote as text."""
    return (
        '<a href="/cdn-cgi/l/email-protection" class="__cf_email__" '
        f'data-cfemail="{encode(address, key)}">[email&#160;protected]</a>'
    )


def linked(address: str, key: int, shown: str = "") -> str:
    """A link to an address, with the address or other words as its text."""
    words = shown or (
        f'<span class="__cf_email__" data-cfemail="{encode(address, key + 1)}">'
        "[email&#160;protected]</span>"
    )
    return f'<a href="/cdn-cgi/l/email-protection#{encode(address, key)}">{words}</a>'


@each_row("key", [0, 0x1F, 0xA3, 0xFE])
@each_row(
    ("encoded", "text", "html"),
    [
        (plain, "care@shop.example", "Write to care@shop.example today"),
        (
            linked,
            "care@shop.example",
            'Write to <a href="mailto:care@shop.example">care@shop.example</a> today',
        ),
        (
            lambda address, key: linked(f"{address}?subject=Tea", key, "our desk"),
            "our desk",
            'Write to <a href="mailto:care@shop.example?subject=Tea">our desk</a> today',
        ),
    ],
    ids=["text", "link", "link with a subject"],
)
def test_the_address_is_read_whatever_the_key(encoded, text: str, html: str, key: int):
    post = extract_post(
        article(f"{BODY}<p>Write to {encoded('care@shop.example', key)} today.</p>"), url=URL
    )
    assert post.text == f"{TEXT}\n\nWrite to {text} today."
    assert html in post.html


def test_another_address_is_another_text():
    texts = {
        extract_post(article(f"{BODY}<p>{plain(address, 7)}</p>"), url=URL).text
        for address in ("care@shop.example", "desk@shop.example", "käse@shop.example")
    }
    assert len(texts) == 3


@each_row("encoded", ["", "zz", "1f", "1f7c7e6d", "00" * 9000, "ff00"])
def test_what_is_no_address_stays_as_it_stands(encoded: str):
    markup = f'<p>Write to <span data-cfemail="{encoded}">our desk</span> today.</p>'
    assert extract_post(article(BODY + markup), url=URL).text.endswith("Write to our desk today.")


def test_page_and_feed_agree_on_a_body_with_an_address():
    written = f"{BODY}<p>Write to care@shop.example today.</p>"
    entry = FeedEntry(
        url=URL, title="", author="", published_at="", published_raw="", updated_at="",
        updated_raw="", summary_html="", content_html=written,
    )  # fmt: skip
    served = f"{BODY}<p>Write to {plain('care@shop.example', 9)} today.</p>"
    assert extract_post(article(served), url=URL, feed_entry=entry).feed_check == "equal"
