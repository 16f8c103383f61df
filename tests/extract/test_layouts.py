"""How other systems and page builders lay a page out: names that say nothing, a main element with
only the head, apps that print below the author's words."""

from __future__ import annotations

import pytest

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, page
from tests.extract.test_find_body import HEADING, said, sentences

ALL = list(range(1, 15))
LONG = said(*ALL)
MAKERS = "".join(
    f"<h3><a href='https://maker-{number}.example'>Maker</a></h3>{said(number, number + 1)}"
    for number in ALL[::2]
)
CELL = "<div class='widget-span widget-type-cell'>{}</div>"
PANEL = "<div class='so-panel widget widget_text'><div class='textwidget'>{}</div></div>"
LAYOUTS = {
    "a list of makers in a column named after a sidebar": (
        f"<div>{HEADING}</div><div class='content-left-from-sidebar'><div>{MAKERS}</div></div>"
    ),
    "a wrapper named after its share row": (
        f"<div>{HEADING}</div><div class='share'><div>{MAKERS}</div></div>"
    ),
    "cells of a builder": HEADING + CELL.format(said(*ALL[:7])) + CELL.format(said(*ALL[7:])),
    "panels of a builder": HEADING + PANEL.format(said(*ALL[:7])) + PANEL.format(said(*ALL[7:])),
    "a main element around the head alone": (
        f"<article>{HEADING}<p>In short: tea wants time, and a kettle that sings.</p></article>"
        f"</main><div><div>{LONG}</div></div>"
    ),
    "parts beside the title's own place": f"<div><div>{HEADING}</div></div><div>"
    + "".join(
        f"<div><div class='article__body'>{said(*ALL[n : n + 5])}</div></div>" for n in (0, 5, 10)
    )
    + "</div>",
    "blocks of two kinds under a picture of a title": "<div><div><div class='first prose'>"
    + f"{said(*ALL[:5])}</div></div>"
    + "".join(f"<div><div class='block prose'>{said(n)}</div></div>" for n in ALL[5:])
    + "</div>",
    "a place for advertisements around a part": f"<div>{HEADING}{said(*ALL[:5])}"
    f"<div class='ad-container'>{said(*ALL[5:10])}</div>{said(*ALL[10:])}</div>",
    "an author's note between paragraphs": f"<div>{HEADING}{said(*ALL[:5])}"
    f"<aside>{said(6)}</aside>{said(*ALL[6:])}</div>",
    "a dialog before it": "<div role='dialog'><article><h2>A tenth off</h2><p>"
    + "Sign up for our letter. " * 20
    + f"</p></article></div><div>{HEADING}<div>{LONG}</div></div>",
    "many parts under a picture of a title": "<div><div>"
    + "".join(f"<div><div class='prose'>{said(n)}</div></div>" for n in ALL)
    + "</div></div>",
}


@each_row("markup", LAYOUTS.values(), ids=LAYOUTS)
def test_no_layout_hides_the_post(markup):
    assert sentences(extract_post(page(markup), url=URL).text) == ALL


APPS = {
    "who the author is": "<div class='saboxplugin-wrap'><p>Ann Fern has drunk tea since 1990, in"
    " four countries and on two boats.</p></div>",
    "tabs about the author": "<div class='abh_box'><ul><li>Author</li><li>Recent Posts</li></ul>"
    "</div>",
    "likes": "<div class='sharedaddy'><h3>Like this:</h3><div>Loading…</div></div>",
    "stars": "<div class='rmp-widgets-container'><p>How useful was this post?</p></div>",
    "related pages": "<section class='related-resources'><h2>Related Resources</h2>"
    "<a href='/news/b/'><h3>Loud evenings</h3></a></section>",
}


@each_row("app", APPS.values(), ids=APPS)
def test_what_an_app_prints_below_the_authors_words_goes(app):
    markup = f"<article>{HEADING}<div class='entry-content'>{said(1, 2)}{app}</div></article>"
    post = extract_post(page(markup), url=URL)
    assert sentences(post.text) == [1, 2]
    assert post.text.endswith("winter2.")


CONSENT = f"<div class='rte'>{said(9)}</div>"
BEFORE_MAIN = {
    "a plea for consent": CONSENT,
    "teasers of other posts": "".join(
        f"<article><h2><a href='/blogs/news/{n}'>Other {n}</a></h2><div class='rte'>{said(n)}</div>"
        "</article>"
        for n in (7, 8, 9)
    ),
    "a product's picture": "<div class='product-description rte'><img src='/cup.jpg'></div>",
    "the title again": f"<h2>{TITLE}</h2>{CONSENT}",
}


@each_row("main", BEFORE_MAIN.values(), ids=BEFORE_MAIN)
def test_a_post_before_the_main_element_is_the_post(main):
    post = f"<article>{HEADING}<div class='article-content'>{said(1, 2, 3)}</div></article>"
    assert sentences(extract_post(page(main, before=post), url=URL).text) == [1, 2, 3]


CARDS = "".join(
    f"<div><h3><a href='/{n}/'>Story {n}</a></h3><p>A few words of story {n}.</p></div>"
    for n in (7, 8, 9)
)
TAILS = {
    "beside the post": f"<div><div>{HEADING}{said(1, 2, 3)}</div><div>{CARDS}</div></div>",
    "after it, under a heading": (
        f"<div><div>{HEADING}{said(1, 2, 3)}<div><h2>Read next</h2><div>{CARDS}</div></div></div>"
        "</div>"
    ),
}


@pytest.mark.parametrize("markup", TAILS.values(), ids=TAILS)
def test_cards_of_other_posts_of_any_system_go(markup):
    post = extract_post(page(markup), url=URL)
    assert sentences(post.text) == [1, 2, 3]
    assert "Story" not in post.text


def test_a_post_that_is_announced_in_mid_text_does_not_end_it():
    inset = "<aside-x><h2>Read next</h2><a href='/b/'><img src='/b.jpg'>Loud evenings</a></aside-x>"
    html = page(f"<div><div>{HEADING}{said(1, 2)}{inset}{said(3, 4)}</div></div>")
    assert sentences(extract_post(html, url=URL).text) == [1, 2, 3, 4]


@each_row(
    "words",
    [
        *("Related topics", "Explore more", "Read this next", "Das könnte dich auch interessieren"),
        *("À lire aussi", "También te puede interesar", "Leia também", "Leggi anche", "Lees ook"),
        *("Läs också", "Zobacz też", "Читайте также", "İlgili yazılar", "関連記事", "相关文章"),
    ],
)
def test_cards_under_any_wording_go_and_text_that_goes_on_stays(words):
    cards = f"<section><h2>{words}</h2><div>{CARDS}</div></section>"
    html = page(f"<div><div>{HEADING}{said(1, 2, 3)}</div>{cards}</div>")
    assert "Story" not in extract_post(html, url=URL).text
    rows = "".join(f"<div class='row'>{said(number)}</div>" for number in (4, 5, 6, 7, 8, 9, 10))
    inset = f"<div class='row'><h2>{words}</h2><a href='/b/'><img src='/b.jpg'></a></div>"
    html = page(f"<div>{HEADING}<div class='row'>{said(1, 2, 3)}</div>{inset}{rows}</div>")
    assert sentences(extract_post(html, url=URL).text) == list(range(1, 11))


def test_a_short_post_beside_longer_texts_stays_the_post():
    note = f"<article>{HEADING}<p>Closed on Monday, and open on Tuesday at nine.</p></article>"
    post = extract_post(page(note, after=f"<div><div>{said(7, 8)}</div></div>"), url=URL)
    assert (post.title, sentences(post.text)) == (TITLE, [])
    head = f"<div>{HEADING}<p>by Ann Fern on May 4, 2026</p></div>"
    next_one = f"<article><h1><a href='/b'>Loud evenings</a></h1><div>{LONG}</div></article>"
    words = "It sold out twice last year, so you should be quick."
    stream = f"<article>{head}<div><p>Tea is back.</p><p>{words}</p></div></article>"
    assert extract_post(page(stream + next_one), url=URL).text == f"Tea is back.\n\n{words}"
