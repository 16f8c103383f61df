"""Every author of a post, however its theme names them."""

from __future__ import annotations

import json

from scraper.author_names import split_authors
from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import TITLE, URL, article

TWO = ("Nora Quist", "Ole Berg")
THREE = (*TWO, "Ann Ray")


def jsonld(**fields: object) -> str:
    data = {"@type": "BlogPosting", "headline": TITLE, **fields}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}


BYLINES = {
    "and": ('<p class="byline">By Nora Quist and Ole Berg</p>', TWO),
    "&": ("<p>By Nora Quist &amp; Ole Berg on March 4, 2026</p>", TWO),
    "with": ("<p>By Nora Quist with Ole Berg</p>", TWO),
    "commas": ("<p>By Nora Quist, Ole Berg and Ann Ray | March 4, 2026</p>", THREE),
    "degrees": (
        "<p>By Nora Quist, RD, and Ole Berg, PhD</p>",
        ("Nora Quist, RD", "Ole Berg, PhD"),
    ),
    "links": (
        '<p>Written by <a href="/a">Nora Quist</a> and <a href="/b">Ole Berg</a></p>',
        TWO,
    ),
    "a row of elements": (
        '<div class="meta"><span>By</span> <a href="#">Nora Quist</a><span>,</span> '
        '<a href="#">Ole Berg</a> <span>and</span> <a href="#">Ann Ray</a></div>',
        THREE,
    ),
    "rel=author": (
        '<div class="byline">By <a rel="author" href="/a">Nora Quist</a>, <a rel="author" '
        'href="/b">Ole Berg</a></div>',
        TWO,
    ),
    "elements beside each other": (
        '<div class="authors">By <span class="author">Nora Quist</span><span class="author">Ole '
        "Berg</span></div>",
        TWO,
    ),
    "a list": (
        '<ul class="article__authors"><li class="author-name">Nora Quist</li>'
        '<li class="author-name">Ole Berg</li></ul>',
        TWO,
    ),
    "portraits": (
        '<div class="author"><img alt="" src="n.jpg"><span class="author__name">Nora Quist</span>'
        '<span class="author__role">Head of Clay</span></div><div class="author">'
        '<span class="author__name">Ole Berg</span></div>',
        TWO,
    ),
    "microdata": (
        '<span itemprop="author" itemscope><span itemprop="name">Nora Quist</span></span> '
        '<span itemprop="author" itemscope><span itemprop="name">Ole Berg</span></span>',
        TWO,
    ),
    "German": ("<p>Von Nora Quist und Ole Berg</p>", TWO),
    "French": ("<p>Par Nora Quist et Ole Berg</p>", TWO),
    "Spanish": ("<p>Por Nora Quist y Ole Berg</p>", TWO),
    "Italian": ("<p>Di Nora Quist e Ole Berg</p>", TWO),
    "Dutch": ("<p>Door Nora Quist en Ole Berg</p>", TWO),
    "Swedish": ("<p>Av Nora Quist och Ole Berg</p>", TWO),
    "Russian": ("<p>Автор: Нора Квист и Оле Берг</p>", ("Нора Квист", "Оле Берг")),
    "Japanese": ("<p>著者：山田太郎、佐藤花子</p>", ("山田太郎", "佐藤花子")),
    "Arabic": ("<p>بقلم نورا كويست و أولي بيرغ</p>", ("نورا كويست", "أولي بيرغ")),
    "a position": ("<p>By Nora Quist, Senior Potter</p>", TWO[:1]),
    "a network": (
        '<div class="author-card"><span class="author-name">Nora Quist</span>'
        '<a class="author-social" href="#">Instagram</a></div>',
        TWO[:1],
    ),
    "a firm": ("<p>By Fern &amp; Oak</p>", ("Fern & Oak",)),
    "a family": ("<p>By Anna and Ben Smith</p>", ("Anna and Ben Smith",)),
}

DATA = {
    "persons": (jsonld(author=[person(name) for name in TWO]), TWO),
    "names": (jsonld(author=list(TWO)), TWO),
    "a list of names": (jsonld(author={"@type": "Person", "name": list(TWO)}), TWO),
    "one name of two": (jsonld(author=person("Nora Quist and Ole Berg")), TWO),
    "one text": (jsonld(author="Nora Quist, Ole Berg & Ann Ray"), THREE),
    "a name like a position": (
        jsonld(author=[person("Nora Quist, Edith Head")]),
        ("Nora Quist, Edith Head",),
    ),
    "positions": (
        jsonld(author=[person("Nora Quist, Head Chef"), person("Ole Berg, Store Manager")]),
        TWO,
    ),
    "single words": (
        jsonld(author=[person("Madonna"), person("Prince")]),
        ("Madonna", "Prince"),
    ),
    "references": (
        '<script type="application/ld+json">'
        + json.dumps(
            {
                "@graph": [
                    {
                        "@type": "Article",
                        "headline": TITLE,
                        "author": [{"@id": "#n"}, {"@id": "#o"}],
                    },
                    {"@id": "#n", **person(TWO[0])},
                    {"@id": "#o", **person(TWO[1])},
                ]
            }
        )
        + "</script>",
        TWO,
    ),
    "@list": (jsonld(author={"@list": [person(name) for name in TWO]}), TWO),
    "ItemList": (
        jsonld(
            author={
                "@type": "ItemList",
                "itemListElement": [{"@type": "ListItem", "item": person(name)} for name in TWO],
            }
        ),
        TWO,
    ),
    "meta elements": (
        '<meta name="author" content="Nora Quist"><meta name="author" content="Ole Berg">',
        TWO,
    ),
    "Open Graph": (
        '<meta property="article:author" content="Nora Quist">'
        '<meta property="article:author" content="Ole Berg">',
        TWO,
    ),
    "an address of a profile": (
        '<meta property="article:author" content="https://facebook.example/fern">',
        (),
    ),
}


@each_row(("markup", "names"), BYLINES.values(), ids=list(BYLINES))
def test_bylines_name_all_authors(markup, names):
    assert split_authors(extract_post(article(before=markup), url=URL).author) == names


@each_row(("head", "names"), DATA.values(), ids=list(DATA))
def test_structured_data_names_all_authors(head, names):
    assert split_authors(extract_post(article(head=head), url=URL).author) == names
