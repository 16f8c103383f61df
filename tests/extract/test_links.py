from __future__ import annotations

import pytest

from scraper.extract import extract_post
from scraper.extract.body.pagers import pager_kind
from scraper.items import Link
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, TITLE, URL, article

BLOG = "https://shop.example/blogs/journal"


def links_of(html: str, kind: str) -> list[tuple[str, str, int]]:
    return [
        (link.url, link.anchor, link.position)
        for link in extract_post(html, url=URL).links
        if link.kind == kind
    ]


def test_links_in_the_text_are_inline_and_canonical():
    body = (
        f'{BODY}<p><a href="/fr/blogs/journal/oats?x=1#top">Oats</a> <a '
        'href="https://WWW.shop.example/blogs/news/tea">tea</a>'
        '<a href="/blogs/journal">the blog</a> <a href="/blogs/journal/tagged/tea">tag</a>'
        ' <a href="https://other.example/blogs/a/b">other</a></p>'
    )
    assert links_of(article(body), "inline") == [
        (f"{BLOG}/oats", "Oats", 0),
        ("https://shop.example/blogs/news/tea", "tea", 1),
    ]


@each_row(
    ("text", "kind"),
    [
        ("← Older Post", "older"),
        ("Newer articles »", "newer"),
        ("Älterer Beitrag", "older"),
        ("Article plus récent", "newer"),
        ("Entrada más antigua", "older"),
        ("Post mais recente", "newer"),
        ("Articolo precedente", "previous"),
        ("Nieuwere berichten", "newer"),
        ("Next Post", "next"),
        ("Previous", "previous"),
        ("Older people sleep less", None),
        ("Next week we rest", None),
    ],
)
def test_pager_words_in_seven_languages(text, kind):
    assert pager_kind(text) == kind


@pytest.mark.parametrize("inside", [True, False], ids=["inside the body's element", "outside"])
def test_pagers_are_edges_and_no_text(inside):
    row = (
        '<p><a href="/blogs/journal/a">Older Post</a> <a href="/blogs/journal/b">Next Post</a></p>'
    )
    html = article(BODY + row) if inside else article(after=row)
    post = extract_post(html, url=URL)
    assert {(link.kind, link.url) for link in post.links} == {
        ("older", f"{BLOG}/a"),
        ("next", f"{BLOG}/b"),
    }
    assert post.text == TEXT


def test_a_widget_gives_one_edge_a_post_with_its_descriptive_anchor():
    card = '<div class="related-posts"><a href="/blogs/journal/a"><img src="a.jpg"></a><h5>'
    card += '<a href="/blogs/journal/a">Oats</a></h5><a href="/blogs/journal/a">Read More</a></div>'
    assert links_of(article(after=card), "related_widget") == [(f"{BLOG}/a", "Oats", 0)]


def test_menus_and_comments_are_no_edges():
    html = article(after='<div id="comments"><a href="/blogs/journal/spam">spam</a></div>')
    assert extract_post(html, url=URL).links == ()


def test_a_link_to_the_post_itself_is_noted_apart():
    post = extract_post(article(f'{BODY}<p><a href="{URL}?x=1">this post</a></p>'), url=URL)
    assert post.links == ()
    assert post.self_links == (Link(url=URL, kind="inline", anchor="this post", position=0),)


@each_row(
    ("href", "kind", "path"),
    [
        ("https://shop.example/products/tea;", "product", "/products/tea"),
        ("/products/tea;", "product", "/products/tea"),
        ("https://shop.example/brew.pdf;", "file", "/brew.pdf"),
        ("https://\t/products/tea", "product", "/products/tea"),
    ],
)
def test_a_whole_address_is_read_as_a_relative_one_is(href, kind, path):
    html = article(f"{BODY}<p>Some <a href='{href}'>tea</a> is better than none.</p>")
    found = extract_post(html, url=URL).non_post_links
    assert [(link.kind, link.url) for link in found] == [(kind, f"https://shop.example{path}")]


LISTS = {
    "paragraph and list": "<p>Related Morning articles:</p><ul><li>{a}</li><li>{b}</li></ul>",
    "bold heading": "<p><strong>Related articles</strong></p><ul><li>{a}</li><li>{b}</li></ul>",
    "heading element": "<h3>Related Slow Living posts:</h3><ol><li>{a}</li><li>{b}</li></ol>",
    "breaks in one paragraph": "<p>Related Morning articles:<br>• {a}<br>\n• {b}</p>",
    "bulleted paragraphs": "<p>Related articles:</p><p>• {a}</p><p>• {b}</p>",
    "heading and one paragraph": "<p>Related articles:</p><p>• {a}<br>• {b}</p>",
    "german": "<p>Ähnliche Artikel:</p><ul><li>{a}</li><li>{b}</li></ul>",
    "other words": "<p>See also:</p><ul><li>{a}</li><li>{b}</li></ul>",
    "more from somewhere": "<h4>More from the kitchen table:</h4><ul><li>{a}</li><li>{b}</li></ul>",
    "in a wrapper": "<div><p>Related articles:</p><ul><li>{a}</li><li>{b}</li></ul></div>",
}
LINKED = {
    "a": '<a href="/blogs/journal/oats">Oats at dawn</a>',
    "b": '<a href="/blogs/journal/tea">Tea at noon</a>',
}


@each_row("typed", LISTS.values(), ids=LISTS)
def test_a_typed_list_leaves_the_text_and_becomes_edges(typed):
    post = extract_post(article(BODY + typed.format(**LINKED)), url=URL)
    assert post.text == TEXT
    assert "Oats at dawn" not in post.markdown
    assert "Oats at dawn" in post.html
    assert post.links == (
        Link(url=f"{BLOG}/oats", kind="related_list", anchor="Oats at dawn", position=0),
        Link(url=f"{BLOG}/tea", kind="related_list", anchor="Tea at noon", position=1),
    )


@each_row(
    "after", ["", "<p>Bye.</p>", "\n<p> </p>"], ids=["nothing", "a farewell", "an empty paragraph"]
)
def test_what_stands_around_a_typed_list_stays(after):
    post = extract_post(
        article(BODY + LISTS["paragraph and list"].format(**LINKED) + after), url=URL
    )
    assert post.text == (f"{TEXT}\n\nBye." if "Bye" in after else TEXT)
    assert "Related" not in post.markdown


def test_titles_without_a_link_have_no_address():
    post = extract_post(
        article(BODY + LISTS["paragraph and list"].format(a="Oats at dawn", b=TITLE)), url=URL
    )
    assert post.links == (Link(url="", kind="related_list", anchor="Oats at dawn", position=0),)
    assert post.self_links == (Link(url="", kind="related_list", anchor=TITLE, position=1),)


@each_row(
    "written",
    [
        "<p>Related articles:</p><p>We could not find any that we like.</p>",
        "<p>Related articles of clothing:</p><ul><li>Socks</li></ul>"
        "<p>All of these are knitted from the very same wool, in the very same village.</p>",
        "<p>Ingredients:</p><ul><li>Oats</li></ul>",
        (
            '<p>Where we read it:</p><ul><li><a href="https://paper.example/tea">'
            "A paper on tea and the early hours</a></li></ul>"
        ),
        (
            '<p>What we changed:</p><ul><li><a href="/blogs/journal/oats">Oats at dawn</a>'
            " now come with salt</li></ul>"
        ),
    ],
    ids=[
        "no list follows",
        "the text goes on",
        "another list",
        "links elsewhere",
        "links in sentences",
    ],
)
def test_other_lists_stay_in_the_text(written):
    assert len(extract_post(article(BODY + written), url=URL).text) > len(TEXT) + 10


def test_what_wraps_the_whole_page_is_no_menu():
    cards = '<ul class="grid"><li><a href="/blogs/journal/oats">Oats</a></li></ul>'
    html = (
        article(after=cards)
        .replace('<main id="MainContent">', '<div class="drawer-page-content"><main>')
        .replace("</main>", "</main></div>")
    )
    assert links_of(html, "related_widget") == [(f"{BLOG}/oats", "Oats", 0)]
