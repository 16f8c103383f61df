"""Bodies as page builders set them: copies for other screens, sections of one article."""

from __future__ import annotations

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, page, words_of
from tests.extract.test_bodies_of_themes import (
    BODY,
    CARDS,
    FIVE,
    FORM,
    FOUR,
    H1,
    ONE,
    OTHER,
    READERS,
    SIX,
    TEXT,
    THREE,
    TWO,
    WORDS,
    box,
)

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


FIRST_GOES = {
    "before the title": f"<div><article>{BODY}</article>{H1}<div>{BODY}</div>{ONE}</div>",
    "in what is dropped": f"{H1}{box('rte', f'<object>{BODY}</object><div>{BODY}</div>')}",
    "in a film": f"<div>{H1}<div><video>{BODY}</video><div>{BODY}</div></div></div>",
}


@each_row("markup", FIRST_GOES.values(), ids=FIRST_GOES)
def test_one_of_two_copies_stays_whatever_else_goes(markup):
    assert extract_post(page(markup), url=URL).text.removesuffix(f"\n\n{WORDS[0]}") == TEXT


HALF = ONE + TWO + THREE
REPEATED = {
    "a refrain": (ONE + TWO) * 3,
    "three paragraphs again, in the flow": BODY + ONE + TWO + THREE,
    "a copy with a word of its own": BODY + box("v", ONE, TWO, "<p>But not here.</p>", THREE, FOUR),
    "two paragraphs in a frame": BODY + box("v", ONE, TWO),
    "the steps of two recipes": FOUR
    + FIVE
    + box("v", "<h3>Black</h3>", box("w", HALF))
    + box("v", "<h3>Green</h3>", box("w", HALF)),
    "a refrain in frames": "".join(box("v", said) + box("w", HALF) for said in (FOUR, FIVE, SIX)),
    "a refrain in quotations": f"<blockquote>{HALF}</blockquote><i>And</i>" * 2,
    "cells of a table": f"<table><tr><td>A</td><td>{box('v', HALF)}</td></tr>"
    f"<tr><td>B</td><td>{box('v', HALF)}</td></tr></table>",
    "items of a list": f"<ul><li>{box('v', HALF)}</li><li>So</li><li>{box('v', HALF)}</li></ul>",
    "columns with pictures of their own": box("v", "<img src='/a.jpg'>", HALF)
    + box("v", "<img src='/b.jpg' alt='The blue one'>", HALF),
}


@each_row("markup", REPEATED.values(), ids=REPEATED)
def test_what_an_author_says_twice_stays(markup):
    text = extract_post(page(f"{H1}{box('rte', markup)}"), url=URL).text
    assert text.count(WORDS[0]) == markup.count(WORDS[0])
    assert ("But not here." in text) == ("But not here." in markup)


STEPS = "".join(f"<h3><a href='/guide/{n}'>Step {n}</a></h3>" for n in range(12))
LONG = f"<p>{' '.join(WORDS[:3])}</p><p>{' '.join(WORDS[3:])}</p>"
BLOCKS = "".join(
    box("post-block", box("l1", f"<h2>Place {n}</h2>", box("l2", ONE, TWO, THREE)))
    for n in range(40)
)
BODIES = {
    "a layout named for its sidebar": (H1 + box("layout-sidebar-left", LONG, STEPS), WORDS[5]),
    "blocks behind rich text": (
        box("x1", box("post-block", H1), box("post-block", box("rte", OTHER * 3)), BLOCKS),
        "Place 39",
    ),
    "blocks under a title in other words": (
        box(
            "x1",
            box("post-block", "<h1>Calm</h1>"),
            box("post-block", box("rte", OTHER * 3)),
            BLOCKS,
        ),
        "Place 39",
    ),
}

APPS = {
    "a product with a long name": box(
        "av",
        *(
            f"<a href='/products/{name}'><img src='/{name}.jpg'>"
            f"<p>The {name} of blue clay for the mornings of nine winters</p></a>"
            f"<div class='av__price'>USD 9</div>{' ' * 300}<div>Buy now</div>"
            for name in ("cup",)
        ),
    ),
    "a list of contents that an app made": box(
        "app-tool__tableOfContent",
        "<div>Table of contents</div><ul><li><a href='#a'>One</a></li></ul>",
    ),
    "another app's": "<div id='ez-toc-container'><p>Inside</p><a href='#a'>One</a></div>",
    "the place of a banner": "<h6 id='sbb-itb-3cb96'>sbb-itb-3cb96</h6>",
}


@each_row("markup", APPS.values(), ids=APPS)
def test_what_an_app_puts_into_a_body_leaves_it(markup):
    text = extract_post(page(H1 + box("rte", ONE, TWO, markup, THREE)), url=URL).text
    assert text == "\n\n".join(WORDS[:3])


WRITTEN = {
    "a product that the author describes": box(
        "av",
        "<img src='/cup.jpg'><p>I drink from <a href='/products/cup'>this cup</a> every morning, "
        "and will not part with it.</p><span class='price'>USD 9</span>",
    ),
    "what the author says of contents": "<div class='tableofcontents-intro'><p>What I will tell "
    "of the winters that I lived, from memory.</p></div>",
    "contents that the author typed": "<p>Table of contents</p><ul><li><a href='#a'>One</a></li>"
    "<li>and what comes after, from memory</li></ul>",
}


@each_row("markup", WRITTEN.values(), ids=WRITTEN)
def test_what_the_author_writes_of_goods_and_contents_stays(markup):
    body = ONE + TWO + markup + THREE
    text = extract_post(page(H1 + box("rte", body)), url=URL).text
    assert words_of(text) == words_of(body)


@each_row("markup,words", BODIES.values(), ids=BODIES)
def test_the_whole_article_is_read(markup, words):
    assert words in extract_post(page(markup), url=URL).text


NOT_OF_THE_POST = {
    "readers' words, four times as many": box("zz", H1, box("rte", BODY * 4))
    + box("thoughts", "<h2>90 comments</h2>", READERS * 12, FORM),
    "readers' words without a form": box("zz", H1, box("rte", BODY * 4))
    + box("thoughts", "<h2>Thoughts</h2>", READERS * 12),
    "other posts on one page, under headings of their own": box("x1", H1, box("rte", BODY * 4))
    + "".join(box("x1", f"<h2>Other {n}</h2>", box("x2", OTHER)) for n in range(20)),
    "cards in a sidebar, more than the post says": H1
    + box("x1", ONE)
    + box("sidebar", CARDS.replace("</p>", "</p><p>March 3</p>") * 3),
    "a feed of posts behind rich text": box(
        "x1", H1, box("rte", BODY, TWO, THREE, FOUR), tag="article"
    )
    + "".join(box("x2", f"<h2><a href='/blogs/journal/{n}'>{n}</a></h2>", OTHER) for n in range(9)),
}


@each_row("markup", NOT_OF_THE_POST.values(), ids=NOT_OF_THE_POST)
def test_what_stands_beside_a_post_stays_outside(markup):
    text = extract_post(page(markup), url=URL).text
    assert "another post" not in text
    assert "on a card" not in text
    assert "tried this" not in text
    assert WORDS[0] in text
