"""When two revisions are equal: what pages write anew at each fetch, and what an author changes."""

from __future__ import annotations

from dataclasses import replace

from scraper.history.changes import compare
from scraper.history.normal_form.snapshots import normal_form
from scraper.history.snapshots import Fields, Snapshot
from tests.each_row import each_row

OLD, SHOP = "http://old.example", "https://shop.example"
_FIELDS = Fields(
    title="Tea", author="Mara", published_at="", excerpt="", image_url="", tags=("Rest",)
)


def _body(html: str, text: str = "Pots", markdown: str = "") -> Snapshot:
    return Snapshot(fields=_FIELDS, html=html, markdown=markdown, text=text)


def _image(more: str) -> Snapshot:
    return _body(f'<p><img src="{SHOP}/cdn/shop/files/a.jpg" alt="A bowl"{more}></p>')


EQUAL = {
    "sizes of an image": (
        _image(' srcset="/a.jpg?width=300 300w" sizes="100vw" loading="lazy"'),
        _image(' width="600" height="400"'),
    ),
    "order of attributes": (
        _body('<img alt="A bowl" src="https://k.example/a.jpg">'),
        _body('<img src="https://k.example/a.jpg" alt="A bowl">'),
    ),
    "white space between blocks": (
        _body("<ul><li>One</li><li>Two</li></ul><p>End</p>"),
        _body("<ul>\n  <li>One</li>\n\n  <li>Two</li>\n</ul>\n<p>End </p>"),
    ),
    "escaped parameters": (
        _body('<a href="/products/a?_pos=1&amp;_sid=2&amp;variant=3">A</a>'),
        _body('<a href="/products/a?variant=3">A</a>'),
    ),
    "embed": (
        _body('<a href="https://p.example/e?cb=1" data-embed="iframe"></a>'),
        _body('<a href="https://p.example/e?cb=2" data-embed="iframe"></a>'),
    ),
    "quotation's source": (
        _body('<blockquote cite="http://www.k.example/a/">A</blockquote>'),
        _body('<blockquote cite="https://k.example/a">A</blockquote>'),
    ),
    "invisible signs": (_body("<p>a\u200bb</p>", "a\u200bb"), _body("<p>ab</p>", "ab")),
    "Markdown": (
        _body("", markdown="[A](https://k.example/a_(b)?utm_source=x) ![](/cdn/shop/files/a.jpg)"),
        _body("", markdown=f"[A](https://k.example/a_(b)) ![]({SHOP}/cdn/shop/files/a_9x.jpg)"),
    ),
    "former origin": (
        _body(f'<a href="{OLD}/products/a">A</a>', markdown=f"[A]({OLD}/products/a)"),
        _body(f'<a href="{SHOP}/products/a">A</a>', markdown=f"[A]({SHOP}/products/a)"),
    ),
    "image of the head": (
        replace(_body(""), fields=replace(_FIELDS, image_url=f"{SHOP}/cdn/shop/files/a.jpg?v=1")),
        replace(_body(""), fields=replace(_FIELDS, image_url=f"{SHOP}/cdn/shop/files/a.jpg?v=2")),
    ),
}

DIFFERENT = {
    "alternative text": (_image(""), _body(_image("").html.replace("A bowl", "A cup")), "image"),
    "image": (_image(""), _body(_image("").html.replace("a.jpg", "b.jpg")), "image"),
    "link": (
        _body('<a href="/products/a?variant=3">A</a>'),
        _body('<a href="/products/a?variant=4">A</a>'),
        "relinked",
    ),
    "embed": (
        _body('<a href="https://www.youtube.com/embed/a?cb=1" data-embed="iframe"></a>'),
        _body('<a href="https://www.youtube.com/embed/b?cb=1" data-embed="iframe"></a>'),
        "relinked",
    ),
    "space between words": (
        _body("<p>a <b>b</b></p>", "a b"),
        _body("<p>a<b>b</b></p>", "ab"),
        "edited",
    ),
    "level of a heading": (_body("<h2>Pots</h2>"), _body("<h3>Pots</h3>"), "markup"),
    "lines of code": (_body("<pre>a\n b</pre>"), _body("<pre>a b</pre>"), "markup"),
    "cells joined": (_body('<td colspan="2">a</td>'), _body('<td colspan="3">a</td>'), "markup"),
    "typed address": (
        _body("<p>See k.example/a</p>", "See k.example/a"),
        _body("<p>See k.example/a?utm_source=x</p>", "See k.example/a?utm_source=x"),
        "edited",
    ),
    "image of the head": (
        replace(_body(""), fields=replace(_FIELDS, image_url=f"{SHOP}/cdn/shop/files/a.jpg?v=1")),
        replace(_body(""), fields=replace(_FIELDS, image_url=f"{SHOP}/cdn/shop/files/b.jpg?v=1")),
        "image",
    ),
}


@each_row(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_these_revisions_are_equal(one: Snapshot, other: Snapshot):
    origins = (OLD, SHOP)
    assert normal_form(one, origins) == normal_form(other, origins)
    assert compare(one, other, origins) is None


@each_row(("one", "other", "kind"), DIFFERENT.values(), ids=DIFFERENT)
def test_these_revisions_differ(one: Snapshot, other: Snapshot, kind: str):
    difference = compare(one, other, (OLD, SHOP))
    assert difference is not None
    assert difference.kind == kind


def test_a_change_is_reported_as_it_was_served_and_alone():
    before = _body(
        '<a href="https://www.k.example/a/?utm_source=1">A</a> <a href="/products/a?_sid=1">B</a>'
    )
    after = _body(
        '<a href="https://www.k.example/b/?utm_source=2">A</a> <a href="/products/a?_sid=2">B</a>'
    )
    difference = compare(before, after, (SHOP,))
    assert difference is not None
    assert [(change.field, change.old, change.new) for change in difference.fields] == [
        (
            "links",
            "https://www.k.example/a/?utm_source=1",
            "https://www.k.example/b/?utm_source=2",
        )
    ]
