"""Other wordings of facts that stores print: each row is a head, its language, and what is read."""

from __future__ import annotations

import json

import pytest

from scraper.extract import extract_post
from tests.extract.pages import BODY, TITLE, URL, page
from tests.extract.test_find_body import said, sentences

HEADING = f"<h1>{TITLE}</h1>"


def read(head: str, *, language: str = "en", data: object = None):
    """The post of a page with facts below its title, or in structured data."""
    article = {"@type": "BlogPosting", "headline": TITLE, **(data or {})}
    script = f'<script type="application/ld+json">{json.dumps(article)}</script>' if data else ""
    markup = f"<article>{HEADING}{head}<div class='rte'>{BODY}</div></article>"
    return extract_post(
        page(markup, head=script).replace('lang="en"', f'lang="{language}"'), url=URL
    )


AUTHORS = (
    ("<p>كتب بواسطة: نورا كويست</p>", "ar", "نورا كويست"),
    ("<p class='author'>文・山田太郎</p>", "ja", "山田太郎"),
    ("<p>Από Νόρα Κουίστ</p>", "el", "Νόρα Κουίστ"),
    ("<p>By <a href='/blogs/journal'>Site Admin</a></p>", "en", ""),
    ("<p class='author'>Posted by Shop Admin</p>", "en", ""),
    ("<p class='byline'>Photography by Ole Berg</p>", "en", ""),
    ("<p class='byline'>Medically reviewed by Ole Berg</p>", "en", ""),
    ("<span class='byline'>김민수 기자</span>", "ko", "김민수"),
    ("<p class='author'>الكاتبة: نورا كويست</p>", "ar", "نورا كويست"),
    ("<p>Авторка: Нора Квіст</p>", "uk", "Нора Квіст"),
    ("<ul class='author'><li>Senior Potter</li><li>Nora Quist</li></ul>", "en", "Nora Quist"),
    ("<p class='author'>The Editorial Team</p>", "en", "The Editorial Team"),
    ("<p class='author'>Nora Quist, MS, RDN, LDN</p>", "en", "Nora Quist, MS, RDN, LDN"),
    ("<p>Veröffentlicht am 4. Mai 2026 von Nora Quist</p>", "de", "Nora Quist"),
    ("<p>4 mai 2026, par Nora Quist</p>", "fr", "Nora Quist"),
    ("<p><span>Di</span> <span>Nora Quist</span></p>", "it", "Nora Quist"),
    ("<p><b>Di:</b> <i>Nora Quist</i></p>", "it", "Nora Quist"),
    ("<p>Di: Nora Quist</p>", "it", "Nora Quist"),
    ("<p class='author'>Di</p>", "it", ""),
    ("<p class='m'><span>Di Robinson</span> <time>4 May 2026</time></p>", "en", "Di Robinson"),
    ("<p class='author'>De Graaf</p>", "ro", "De Graaf"),
    ("<p>Di Robinson</p>", "it", "Robinson"),
    ("<p class='author'>Di</p>", "en", "Di"),
    ("<p>Von Nora Quist</p>", "en", "Nora Quist"),
)


def test_bylines_of_more_languages():
    read_names = [read(head, language=language).author for head, language, _ in AUTHORS]
    assert read_names == [name for *_, name in AUTHORS]


NAMES = (
    ("Von Nora Quist", "de", "Nora Quist"),
    ("Par Nora Quist", "fr-CA", "Nora Quist"),
    ("por Nora Quist", "pt-BR", "Nora Quist"),
    ("Von Quist", "de", "Von Quist"),
    ("Di Stefano Marco", "it", "Di Stefano Marco"),
    ("Geschrieben von Nora Quist", "de-AT", "Nora Quist"),
    ("Von Nora Quist", "en", "Von Nora Quist"),
    ("Nora Quist, Senior Editor", "en", "Nora Quist"),
    ("Nora Quist, RD", "en", "Nora Quist, RD"),
    ("Quist Brothers, Inc", "en", "Quist Brothers, Inc"),
    ({"name": "nora@shop.example", "givenName": "Nora", "familyName": "Quist"}, "en", "Nora Quist"),
)


def test_names_in_structured_data_lose_what_is_no_name():
    names = [
        read("", language=language, data={"author": name}).author for name, language, _ in NAMES
    ]
    assert names == [name for *_, name in NAMES]


def test_the_type_of_structured_data_may_be_in_capitals():
    script = (
        '<script type="Application/LD+JSON">{"@type": "Article", "author": "Nora Quist"}</script>'
    )
    assert (
        extract_post(page(f"<div>{HEADING}{BODY}</div>", head=script), url=URL).author
        == "Nora Quist"
    )


DATES = (
    ("<time class='updated' datetime='2026-05-09'></time><time class='published'"
     " datetime='2026-05-04'></time>", {}),
    ("<time class='entry-date published updated' datetime='2026-05-04'></time>", {}),
    ("<time class='updated' datetime='2026-05-04'></time>", {}),
    ("<time class='updated' datetime='2026-05-04' pubdate></time>"
     "<time datetime='2026-05-04' itemprop='dateModified'></time>", {}),
    ("<span class='date'>04 May '26</span>", {}),
    ("<span class='date'>May 4 '26</span>", {}),
    ("<span class='date'>二〇二六年五月四日</span>", {}),
    ("<span class='date'>令和八年五月四日</span>", {}),
    ("<p>Last modified <time datetime='2026-05-09'>May 9</time>, posted"
     " <time datetime='2026-05-04'>May 4</time></p>", {}),
    ("<b>Updated:</b> <i>May 9, 2026</i> <b>Published:</b> <i>May 4, 2026</i>", {}),
    ("", {"datePublished": ["", "2026-05-04"]}),
    ("", {"datePublished": "Monday, 04-May-26 08:30:00 UTC"}),
    ("", {"datePublished": "Monday, 04 May 2026 08:30:00 GMT"}),
)  # fmt: skip


def test_dates_of_more_forms():
    days = [read(head, data=data).published_at[:10] for head, data in DATES]
    assert days == ["2026-05-04"] * len(DATES)


def test_a_line_of_facts_beside_a_title_in_the_body_dates_the_post():
    facts = "<p class='m'>4 mai 2026 - 2 commentaires - Lecture 3 min</p>"
    html = page(f"<div class='post-content'>{HEADING}{facts}{BODY}</div>")
    post = extract_post(html.replace('lang="en"', 'lang="fr"'), url=URL)
    assert (post.published_at, post.text[:3]) == ("2026-05-04", "Put")


@pytest.mark.parametrize("heading", ["<h1>About us</h1>", "<h1>News &amp; Stories</h1>"])
def test_a_heading_that_shares_no_word_with_the_agreed_title_is_none(heading):
    html = page(f"<div>{heading}<div>{said(1, 2, 3)}</div></div>")
    html = html.replace("quiet-mornings", "4711")  # an address that names nothing
    assert extract_post(html, url=URL.replace("quiet-mornings", "4711")).title == TITLE


@pytest.mark.parametrize("name", ["breadcrumb-content", "menu-open"])
def test_a_wrapper_named_after_a_menu_is_none_if_it_hardly_links(name):
    markup = f"<div><div class='{name}'><div>{said(1, 2, 3, 4)}</div></div></div>"
    assert sentences(extract_post(page(markup), url=URL).text) == [1, 2, 3, 4]


def test_a_readers_text_in_a_comment_service_is_not_the_post():
    readers = f"<div id='disqus_thread'><div class='post-body'>{said(7, 8, 9)}</div></div>"
    html = page(f"<div class='post'>{HEADING}<div>{said(1)}</div>{readers}</div>")
    assert sentences(extract_post(html, url=URL).text) == [1]


def test_a_moving_picture_of_amp_is_a_picture():
    moving = "<amp-anim src='https://shop.example/gull.gif' alt='A gull'></amp-anim>"
    html = page(f"<article>{HEADING}<div class='rte'>{BODY}{moving}</div></article>")
    assert 'src="https://shop.example/gull.gif"' in extract_post(html, url=URL).html
