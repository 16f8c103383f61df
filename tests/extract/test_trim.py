from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from scraper.extract import extract_post
from scraper.extract.body.boilerplate import boilerplate_rule
from scraper.extract.body.trim import is_metadata_line
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, TITLE, URL, article, page

HEADING = f"<h1>{TITLE}</h1>"
CARDS = "".join(
    f'<div><a href="/blogs/journal/{n}"><img src="{n}.jpg" alt=""></a><p>'
    f"A teaser of another post, {n}.</p></div>"
    for n in "abc"
)


@each_row(
    "line",
    [
        "03 Jan 2023 0 Comments",
        "by Ann Fern | 21 Oct, 2024 | 2 comments",
        "January 03, 2023 by Ann Fern , 1 min reading time",
        "Posted on Jul 14, 2023 By Ann",
        "Ann Fern | 24 February, 2021",
        "Von Ann Fern am 3. Januar 2023",
        "Written by Team Fern & Sons",
        "by fernshop",
        "5 min read",
        "1,204 views · 31 likes",
        "2023-01-03T08:20:11-05:00",
    ],
)
def test_a_line_of_facts(line):
    assert is_metadata_line(line)


@each_row(
    "line",
    [
        "",
        "Posted by our friend Ines, who wrote to us in May:",
        "By the time the letter came, her garden was dry.",
        "By hand, with love",
        "No comment.",
        "No likes, no shares",
        "By Ann Fern, my aunt",
        "Makes one loaf",
        "March 2023",
        "We opened on March 3, 2023",
    ],
)
def test_a_line_that_says_more(line):
    assert not is_metadata_line(line)


FLOWS = {
    "title and by-line": (
        f"{HEADING}<p><time>January 3, 2023</time> by Ann Fern, 1 min reading time</p>{BODY}"
    ),
    "a cart before the title": f"<div><span>Menu</span><span>0</span></div>{HEADING}{BODY}",
    "title as a low heading": (
        f"<h4>{TITLE}</h4><div><span>by Ann Fern |</span> <span>21 Oct, 2024</span></div>{BODY}"
    ),
    "comments": (
        f"{HEADING}{BODY}<h4>Leave a comment</h4><p>Comments are read before they show.</p>"
        '<form><textarea name="comment[body]"></textarea></form>'
    ),
    "comments in a list": (
        f"{HEADING}{BODY}<h2>Comments</h2><ul><li><p>Lovely, says my fern.</p></li></ul>"
        '<form class="comment-form"></form>'
    ),
    "cards": f"{HEADING}{BODY}<h3>Also in Journal</h3>{CARDS}",
    "share links under other names": f'{HEADING}{BODY}<div class="l4sc"><p>Share this post</p>'
    '<a href="https://www.facebook.com/sharer.php?u=x">On one</a> <a href="https://line.me/R/msg/?x">'
    "On the other</a></div>",
}


@each_row("flow", FLOWS.values(), ids=FLOWS)
def test_the_themes_own_lines_in_one_flow_with_the_body_go(flow):
    assert extract_post(page(f"<div><div>{flow}</div></div>"), url=URL).text == TEXT


def test_a_theme_that_prints_its_title_in_the_container_prints_its_by_line_there():
    above = (
        f'<p class="breadcrumb">Home</p>{HEADING}<div>By <b>Ann Fern</b> on <time>'
        "Jan 3, 2023</time></div>"
    )
    assert (
        extract_post(page(f'<div class="article-content">{above}{BODY}</div>'), url=URL).text
        == TEXT
    )


def test_the_second_heading_with_the_titles_words_is_the_authors():
    post = extract_post(page(f"<div><div>{HEADING}{HEADING}{BODY}</div></div>"), url=URL)
    assert post.html.startswith(HEADING)


OWN = {
    "a first sentence that begins as a byline": (
        f"{HEADING}<p>Posted by our friend Ines, who wrote to us in May:</p>{BODY}",
        "<p>Posted by our friend Ines",
    ),
    "a heading of comments without a form": (
        f"{HEADING}{BODY}<h3>Comments</h3><p>We print what you wrote to us, and thank you for all "
        "of it.</p>",
        "We print what you wrote",
    ),
    "a typed list of related posts": (
        f"{HEADING}{BODY}<h3>Related articles</h3>"
        '<ul><li><a href="/blogs/journal/a">Cold mornings</a></li></ul>',
        "Cold mornings",
    ),
    "a heading beside its date": (
        f"{HEADING}<div><h3>Pop-Up Market</h3><p>12 June 2026</p></div>{BODY}",
        "Pop-Up Market",
    ),
    "a picture beside its date": (
        f"{HEADING}<div><img src='/fern.jpg'><p>4 March 2026</p></div>{BODY}",
        "fern.jpg",
    ),
    "an article before a heading with the title's words": (
        f"<div><article>{BODY}</article><h2>{TITLE}</h2><p>Two cups of oats in milk.</p></div>",
        "Put the kettle on",
    ),
    "a round-up of posts": (
        HEADING
        + f"<div class='article__content'><div class='rte'>{BODY}</div>"
        + "".join(
            f"<h2><a href='/blogs/journal/{name}'>Post {name}</a></h2><div class='rte'>"
            f"<p>Number {name} of our posts says how to be quiet until the sun is up.</p></div>"
            for name in "abc"
        )
        + "</div>",
        "Number c of our posts",
    ),
}


@each_row(("flow", "words"), OWN.values(), ids=OWN)
def test_what_looks_like_a_themes_is_the_authors(flow, words):
    assert words in extract_post(page(f"<div>{flow}</div>"), url=URL).html


CARD_LINKS = (
    '<div class="group-direc"><a href="/blogs/journal/a"><img src="a.jpg" alt=""><div><p>'
    "Previous post</p><p>Cold mornings</p></div></a>"
    '<a href="/blogs/journal/b"><div><p>Next post</p><p>Warm evenings</p></div></a></div>'
)


def test_links_to_the_posts_before_and_after_go_with_their_titles():
    assert extract_post(article(BODY + CARD_LINKS), url=URL).text == TEXT


def test_a_link_to_write_to_the_shop_is_no_share_link():
    written = (
        '<p><a href="https://api.whatsapp.com/send?phone=4930123">Write to us</a></p><p>'
        '<a href="mailto:tea@shop.example">By mail</a></p>'
    )
    assert (
        extract_post(article(BODY + written), url=URL).text == f"{TEXT}\n\nWrite to us\n\nBy mail"
    )


LAYOUTS = {
    "has a sidebar option": "has-sidebar-option",
    "its sidebar is off": "content-wrapper sidebar-enabled--false",
    "shares its column": "main--with-sidebar",
}


@each_row("name", LAYOUTS.values(), ids=LAYOUTS)
def test_a_column_that_speaks_of_a_sidebar_is_none(name):
    banner = f'<div class="banner">{HEADING}</div>'
    assert (
        extract_post(page(f'{banner}<div class="{name}"><div>{BODY}</div></div>'), url=URL).text
        == TEXT
    )


def test_a_class_under_a_condition_does_not_hide():
    pasted = f'<div class="flex w-full empty:hidden first:pt-[3px]">{BODY}</div>'
    assert extract_post(page(f"<div>{HEADING}{pasted}</div>"), url=URL).text == TEXT


def test_a_class_without_a_condition_hides():
    node = LexborHTMLParser('<div class="flex hidden"><p>Now reading</p></div>').css_first("div")
    assert boilerplate_rule(node, outside_body=True) == "hidden"


SHORT = "<p>We are closed on Monday. See you on Tuesday!</p>"
TEASERS = "".join(
    '<div class="rte"><p>A teaser of quite another post, which runs on for longer than the post, '
    f"{n}.</p></div>"
    for n in "abc"
)
REVIEW = (
    "<div><div><p>Everything arrived quickly and was packed with a lot of care, so we shall come "
    "back soon.</p></div></div>"
)

BESIDE = {
    "an announcement": (
        f'<div class="rte"><p>{"All duties and taxes are in the price. " * 3}</p></div>',
        f'<div class="rte">{SHORT}</div>',
    ),
    "teasers of other posts": (
        "",
        f'<div class="rte">{SHORT}</div><div class="more">{TEASERS}</div>',
    ),
    "a title in rich text": (
        "",
        f'<div class="rte">{HEADING}</div><div class="rte">{SHORT}</div>',
    ),
    "a review": (
        "",
        f"<section><div><div>{HEADING}</div><div>{SHORT}</div></div></section>{REVIEW}",
    ),
}


@each_row(("before", "markup"), BESIDE.values(), ids=BESIDE)
def test_a_post_of_two_lines_is_found_beside_longer_texts(before, markup):
    heading = "" if HEADING in markup else HEADING
    assert (
        extract_post(page(heading + markup, before=before), url=URL).text
        == "We are closed on Monday. See you on Tuesday!"
    )


def test_a_post_that_is_a_film_is_found():
    head = '<div class="article__content"><p>Calm, tea and other things</p></div>'
    film = (
        '<div class="article__body rte"><p><iframe src="https://player.example/video/1"></iframe>'
        "</p></div>"
    )
    post = extract_post(page(f"{HEADING}{head}{film}"), url=URL)
    assert (post.text, "player.example/video/1" in post.html) == ("", True)
