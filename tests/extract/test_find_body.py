"""Where the body stands: in several elements, behind misleading names, as a film alone."""

from __future__ import annotations

import pytest

from scraper.extract import SavedPage, extract_post, settle_template
from tests.each_row import each_row
from tests.extract.pages import BODY, TITLE, URL, page

STEMS = (
    "kettle",
    "window",
    "morning",
    "quiet",
    "water",
    "leaf",
    "clock",
    "chair",
    "light",
    "cup",
    "door",
    "garden",
    "river",
    "stone",
    "bread",
    "apple",
    "cloud",
    "road",
    "letter",
    "winter",
)


def said(*numbers: int) -> str:
    """Sentences of words that no other number has."""
    return "".join(
        f"<p>Sentence {number} {' '.join(f'{stem}{number}' for stem in STEMS)}.</p>"
        for number in numbers
    )


def sentences(text: str) -> list[int]:
    return [int(line.split()[1]) for line in text.split("\n") if line.startswith("Sentence")]


def section(heading: str, *numbers: int, name: str = "rte") -> str:
    text = f'<div class="{name}">{said(*numbers)}</div>'
    return f"<section><div><h2>{heading}</h2>{text}</div></section>"


HEADING = f"<h1>{TITLE}</h1>"
SECTIONS = {
    "rich text": f"<article>{HEADING}{section('One', 1, 2)}{section('Two', 3, 4)}</article>",
    "known names": f"<article>{HEADING}{section('One', 1, name='article__content')}"
    f"{section('Two', 2, 3, name='article__content')}{section('Three', 4, name='article__content')}"
    "</article>",
    "an introduction and a body": f"<article>{HEADING}<div class='article__intro rte'>One {said(1)}"
    f"</div><div class='article__content rte'>Two {said(2, 3, 4)}</div></article>",
    "rows of a builder": f"<div>{HEADING}<div class='row'><h2>One</h2>"
    f"<div class='prose'>{said(1, 2)}</div></div><div class='row'><h2>Two</h2>"
    f"<div class='prose'>{said(3, 4)}</div></div></div>",
}


@each_row("markup", SECTIONS.values(), ids=SECTIONS)
def test_a_post_that_stands_in_several_sections_is_whole(markup):
    post = extract_post(page(markup), url=URL)
    assert sentences(post.text) == [1, 2, 3, 4]
    assert "One" in post.text
    assert "Two" in post.text
    assert TITLE not in post.text


def test_a_template_reads_posts_of_several_sections_too():
    pages = [
        page(f"<article>{HEADING}{section('One', n, n + 1)}{section('Two', n + 2)}</article>")
        for n in (10, 20, 30)
    ]
    template = settle_template([SavedPage(html, URL) for html in pages])
    posts = [extract_post(html, url=URL, template=template) for html in pages]
    assert [sentences(post.text) for post in posts] == [[n, n + 1, n + 2] for n in (10, 20, 30)]


OTHERS = {
    "whole articles that follow": f"<article>{HEADING}<div class='rte'>{said(1, 2)}</div></article>"
    f"<article><h1>Loud evenings</h1><div class='rte'>{said(7, 8, 9, 10)}</div></article>",
    "whole articles without known names": f"<article>{HEADING}<div>{said(1, 2)}</div></article>"
    f"<article><h1><a href='/blogs/journal/b'>Loud evenings</a></h1><div>{said(7, 8, 9)}</div>"
    "</article>",
    "whole articles announced": f"<div class='story'>{HEADING}<div>{said(1, 2)}</div></div><div>"
    f"<h2>Next article</h2><div class='story'><h1>Loud evenings</h1>{said(7, 8, 9)}</div></div>",
    "a reader's own rich text": f"<article>{HEADING}<div class='entry'>{said(1, 2)}</div><div>"
    f"<div class='comment rte'><b>Bo</b><time>1 May</time>{said(7, 8, 9)}</div></div></article>",
    "cards in known containers": f"<div><div class='story'>{HEADING}{said(1, 2)}</div></div>"
    + "".join(
        f"<div class='card'><div class='article__body'><h3><a href='/blogs/journal/{n}'>Other {n}"
        f"</a></h3><p>Teaser {n} of a post, long enough to look like a text of its own, if short."
        "</p></div></div>"
        for n in (7, 8)
    ),
    "readers in rich text": f"<article><div class='xy-blog-description'>{HEADING}{said(1, 2)}"
    "<div id='xy-comments'><h5>1 comment</h5><p class='xy-blog-author'>Bo Moss</p>"
    f"<time>February 11, 2021</time><div class='xy-comment-text rte'>{said(7)}"
    "</div><form id='comment_form'><textarea></textarea></form></div></div></article>",
    "an article in a pop-up": "</main><article class='newsletter popup'><h3>Letters</h3>"
    f"{said(7, 8)}</article><main><section>{HEADING}{said(1, 2)}</section>",
    "an empty main": f"<div id='main'></div><div class='wrap'>{HEADING}{said(1, 2)}</div>",
    "a picture called content": f"<img id='content' src='/a.jpg'><div>{HEADING}{said(1, 2)}</div>",
}


@each_row("markup", OTHERS.values(), ids=OTHERS)
def test_what_stands_beside_the_post_is_not_it(markup):
    post = extract_post(page(markup), url=URL)
    assert sentences(post.text) == [1, 2]
    assert "Teaser" not in post.text
    assert post.author == ""


@each_row(
    "name",
    [
        "share-container",
        "floating-share-wrapper",
        "inline-and-sidebar-container",
        "widget-span widget-type-cell",
        "recommended",
        "comments-wrapper",
        "modal-content",
        "newsletter-article",
        "hide",
    ],
)
@each_row("tag", ["div", "section", "fieldset"])
def test_no_name_takes_what_holds_most_of_the_prose(tag, name):
    markup = f"<div><{tag} class='{name}'><div><div>{said(1, 2, 3, 4)}</div></div></{tag}></div>"
    foot = "<div><p>A short note of the shop about its hours and about its door.</p></div>"
    html = page("").replace('<main id="MainContent"></main>', markup + foot)
    assert sentences(extract_post(html, url=URL).text) == [1, 2, 3, 4]


def test_what_a_server_streams_is_the_post():
    waiting = "<article class='prose'><div>Loading</div></article><template id='B:0'></template>"
    html = page(waiting, after=f"<div hidden id='S:0'>{HEADING}{said(1, 2, 3)}</div>")
    assert sentences(extract_post(html, url=URL).text) == [1, 2, 3]


FOOT = "<div><div><p>We write a letter about tea four times a year; write a line.</p></div></div>"
FILMS = {
    "film": '<p><iframe src="https://player.example/video/1"></iframe></p>',
    "picture": '<figure><img src="https://shop.example/a.jpg" alt="A cup"></figure>',
}


@pytest.mark.parametrize("shown", FILMS.values(), ids=FILMS)
def test_a_post_that_is_a_film_or_a_picture_keeps_it(shown):
    back = "<p><a href='/pages/films'>Back to all films</a></p>"
    markup = f"<div><div class='post'><div><h2>{TITLE}</h2></div>{shown}{back}</div></div>"
    html = page(markup, after=FOOT)
    post = extract_post(html.replace("main", "div"), url=URL)
    assert "player.example/video/1" in post.html or "a.jpg" in post.html
    assert (post.title, post.text) == (TITLE, "")


def test_a_film_teaches_the_template_nothing():
    film = page(f"<div><div><h2>{TITLE}</h2></div>{FILMS['film']}</div>", after=FOOT)
    assert settle_template([SavedPage(film, URL)] * 4) is None


KNOWN = '<div class="blog-details-content">{}</div>'
HEADS = {
    "date and count": "<div class='blog-meta-2'><ul><li>May, 4 , 26</li>"
    f"<li>0 comments</li></ul></div><h3>{TITLE}</h3>",
    "a vendor's names": f"<h4>{TITLE}</h4><p class='xy-blog-date'>4 May 2026</p>",
    "an article's head": f"<header><h1>{TITLE}</h1><i>4 May 2026</i> <b>Ann Fern</b></header>",
}


@each_row("head", HEADS.values(), ids=HEADS)
def test_a_head_within_the_bodys_element_becomes_fields(head):
    post = extract_post(page(KNOWN.format(head + BODY)), url=URL)
    assert (post.title, post.published_at) == (TITLE, "2026-05-04")
    assert post.text.startswith("Put the kettle on")
    assert TITLE not in post.html.partition("Put the kettle")[0]


def test_a_title_in_a_path_of_links_is_no_title_of_the_page():
    crumbs = f"<nav class='breadcrumb'><h1>{TITLE}</h1><a href='/'>Home</a></nav>"
    markup = f"{crumbs}<div class='article__content'><h3>{TITLE}</h3><div></div>{BODY}</div>"
    assert TITLE not in extract_post(page(markup), url=URL).html


ENDS = {
    "heading of a widget": "<div><div>Related articles</div><div class='related-posts'>"
    "<a href='/blogs/journal/a'><h3>Other cups</h3></a></div></div>",
    "heading of comments": "<div>2 comments</div><div id='comments'><form><textarea></textarea>"
    "</form></div>",
    "way back": "<div class='back'><a href='/blogs/journal'>Back to the list</a></div>",
    "way back, in French": "<p><a href='/blogs/journal'>← Retour au journal</a></p>",
}


@each_row("end", ENDS.values(), ids=ENDS)
def test_what_announces_a_widget_goes_with_it(end):
    post = extract_post(page(HEADING + f"<div class='rte'>{BODY}{end}</div>"), url=URL)
    assert post.text.endswith("by our clock.")


def test_the_shops_own_words_below_the_article_are_no_body():
    own = f"<p>{' '.join(STEMS)} are what we sell, since our house was built beside it.</p>"
    shop = f"{own}<div class='grid'><h2>More from the shop</h2><h3>A cup</h3></div>"
    markup = f"<article>{HEADING}<div class='rte'>{said(1, 2, 3, 4, 5)}</div></article>{shop}"
    post = extract_post(page(markup), url=URL)
    assert sentences(post.text) == [1, 2, 3, 4, 5]
    assert "shop" not in post.text


def test_a_stray_end_of_the_bodys_element_does_not_end_the_post():
    head = (
        f"<header>{HEADING}<time datetime='2026-05-04'>4 May</time><span>Ann Fern</span></header>"
    )
    for stray in ("</div>", "</div></article>", "</main>", "<!-- a note -- >"):
        markup = f"<article>{head}<div class='rte'>{said(1, 2)}{stray}{said(3, 4)}</div></article>"
        post = extract_post(page(markup), url=URL)
        assert sentences(post.text) == [1, 2, 3, 4], stray
        assert "Ann Fern" not in post.text, stray
        assert post.published_at == "2026-05-04", stray
