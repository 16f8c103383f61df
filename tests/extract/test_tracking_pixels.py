"""Images that count readers are no pictures."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, URL, article


@each_row(
    "image",
    [
        '<img src="https://px.example/t.gif?r=1" width="1" height="1" alt="">',
        '<img src="https://px.example/t.gif?r=1" width="1px" height="1px">',
        '<img src="https://px.example/t.gif?r=1" width="0" height="0">',
        '<img src="https://px.example/t.gif?r=1" style="width:1px; height: 1px; border:0">',
    ],
)
def test_a_tracking_pixel_leaves_the_body(image: str):
    post = extract_post(article(f"{BODY}<p>Warm.{image}</p>"), url=URL)
    assert "<img" not in post.html
    assert [block.rule for block in post.blocks if not block.kept] == ["tracking_pixel"]


@each_row(
    "image",
    [
        '<img src="https://k.example/a.jpg" width="1" height="1" alt="A bowl">',
        '<img src="https://k.example/a.jpg" width="1" height="400">',
        '<img src="https://k.example/a.jpg" width="10" height="1">',
        '<img src="data:," width="1" height="1" data-src="https://k.example/a.jpg">',
        '<img src="https://k.example/a.jpg" style="max-width:1px; max-height:1px">',
        '<img src="https://k.example/a.jpg" width="1" height="1" srcset="/a.jpg 300w">',
    ],
    ids=["with words", "a line", "a rule", "a placeholder", "a limit", "sizes"],
)
def test_a_picture_stays(image: str):
    assert "<img" in extract_post(article(f"{BODY}<p>Warm.{image}</p>"), url=URL).html
