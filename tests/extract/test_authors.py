"""By-lines, structured data and titles as pages of many themes write them."""

from __future__ import annotations

import json
import re

from scraper.extract import extract_post
from scraper.extract.fields.codes import find_codes
from tests.each_row import each_row
from tests.extract.pages import BODY, TITLE, URL, article, page

BYLINES = {
    "name and date on a line": ("<p>Ann Fern on March 4, 2026</p>", "Ann Fern"),
    "behind a month": ("<p>March 2026 by Ann Fern</p>", "Ann Fern"),
    "behind a month, in German": ("<p>Veröffentlicht im März 2026 von Ann Fern</p>", "Ann Fern"),
    "a story": ("<p>Story by Ann Fern, photos by Ada Oak</p>", "Ann Fern"),
    "a name that begins as an invitation": ("<p>March 4, 2026 · See Wei Ming</p>", "See Wei Ming"),
    "an invitation": ("<p>March 4, 2026 · See All Posts</p>", ""),
    "behind a reading time": ("<p>March 4, 2026 · 3 min · Ann Fern</p>", "Ann Fern"),
    "by what a list is sorted": ("<span>Share</span><span>By Category</span>", ""),
    "a heading that leads to the author": (
        '<h4 class="author-name"><a href="/author/ann">Ann Fern</a></h4>',
        "Ann Fern",
    ),
    "Arabic": ("<p>بقلم ليلى حداد</p>", "ليلى حداد"),
    "Arabic, of a woman": ("<p>كتبته: ليلى حداد</p>", "ليلى حداد"),
    "Hebrew": ("<p>מאת דנה לוי</p>", "דנה לוי"),
    "Russian": ("<p>Автор: Анна Фролова</p>", "Анна Фролова"),
    "Greek": ("<span>Γράφει η Άννα Φτέρη</span>", "Άννα Φτέρη"),
    "Polish": ("<p>Autor: Anna Paproć</p>", "Anna Paproć"),
    "Turkish": ("<p>Yazar: Ayşe Eğrelti</p>", "Ayşe Eğrelti"),
    "Hindi": ("<p>लेखक: अनीता वर्मा</p>", "अनीता वर्मा"),
    "Thai": ("<p>เขียนโดย สมชาย ใจดี</p>", "สมชาย ใจดี"),
    "Japanese": ("<p>著者：羊歯杏子</p>", "羊歯杏子"),
    "Korean": ("<p>글쓴이 김고사리</p>", "김고사리"),
    "two spans": ("<p><span>Author</span> <span>Ann Fern</span></p>", "Ann Fern"),
    "a label element": (
        "<div class='author'><label>Written by</label><b>Ann Fern</b></div>",
        "Ann Fern",
    ),
    "a name that begins with a digit": ("<p>By 4ever Ferns</p>", "4ever Ferns"),
    "a house with a number": ("<p>By 21 Fern Lane</p>", "21 Fern Lane"),
    "degrees": ("<p>By Ann Fern, MPH, RDN</p>", "Ann Fern, MPH, RDN"),
    "degrees before a date": ("<p>By Ann Fern, PhD on May 4, 2026</p>", "Ann Fern, PhD"),
    "a place is no degree": ("<p>By Ann Fern, Cardiff</p>", "Ann Fern"),
    "a position before the name": (
        "<div class='post-author'><em class='author-title'>Head Gardener</em>"
        "<b class='author-name'>Ann Fern</b></div>",
        "Ann Fern",
    ),
    "a position behind the name": (
        "<div class='by-line'><i>Ann Fern</i><i class='position'>Head Gardener</i></div>",
        "Ann Fern",
    ),
    "a vendor's prefix": ("<div class='xy-sc-blog-author'>Ann Fern</div>", "Ann Fern"),
    "a box by its markup": (
        "<div class='author_bio'><p>By our gardener</p><div><b itemprop='author'>Ann Fern</b></div>"
        "</div>",
        "Ann Fern",
    ),
    "behind a dot": ("<p>5 min read · by Ann Fern</p>", "Ann Fern"),
    "behind who only checked it": (
        "<p>Medically reviewed by Bo Moss, MD · Written by Ann Fern, RN</p>",
        "Ann Fern, RN",
    ),
    "a label of words": ("<div class='byline'>Words <b>Ann Fern</b></div>", "Ann Fern"),
    "what one does by": ("<p>By entering your mail, you agree.</p><p>By Ann Fern</p>", "Ann Fern"),
    "who checked it, in pieces": (
        "<p><b>Medically reviewed</b> <b>by</b> <b>Bo Moss</b> – <b>Written by</b> <i>Ann Fern</i>",
        "Ann Fern",
    ),
    "several under one label": (
        "<p><b>Authors:</b> <b>Ann Fern</b>, <b>Bo Moss</b></p>",
        "Ann Fern, Bo Moss",
    ),
    "a label above the name": (
        "<div class='post-author'><p>A post by:</p><p>Author spotlight</p><b>Ann Fern</b></div>",
        "Ann Fern",
    ),
    "a position in an element alike": (
        "<p><i class='author'>Ann Fern</i><i class='author'>Content writer</i></p>",
        "Ann Fern",
    ),
    "a position beside a date": ("<div><i>May 4, 2026</i> <i>Senior Writer</i></div>", ""),
    "a label, and no name": ("<div><i>Written By</i> <i>Feb 4, 2026</i></div>", ""),
    "whose rights they are": ("<p>by Fern House Corp. All rights reserved</p>", ""),
    "an office": ("<p>Posted by Admin</p>", ""),
    "an office of France": ("<p>Publié par l'administrateur</p>", ""),
    "a word alone before a link": ("<p>By <a href='/a'>Ann Fern</a></p>", "Ann Fern"),
    "a label of a form": (
        "<div class='author'><div><label>By country</label><select><option>Wales</option>"
        "</select></div></div>",
        "",
    ),
    "a sentence": ("<p>By then, the kettle had boiled 3 times.</p>", ""),
    "a count": ("<div class='post-author'>12 Comments</div>", ""),
}


@each_row(("markup", "name"), BYLINES.values(), ids=BYLINES)
def test_names_in_bylines(markup, name):
    assert extract_post(article(before=markup), url=URL).author == name


def jsonld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


ARTICLE = {"@type": "BlogPosting", "headline": TITLE, "datePublished": "2026-05-04T10:00:00+00:00"}
SHAPES = {
    "by": ({"author": "By Ann Fern"}, "Ann Fern"),
    "a mail address beside the name": ({"author": "Ann Fern <ann@shop.example>"}, "Ann Fern"),
    "a template without a name": ({"author": {"name": "undefined"}}, ""),
    "a number": ({"author": "262588213843476"}, ""),
    "a mail address alone": ({"author": {"name": "ann@shop.example"}}, ""),
    "several persons": (
        {"author": [{"name": "Ann Fern"}, {"name": "Bo Moss"}]},
        "Ann Fern, Bo Moss",
    ),
    "several names": ({"author": {"name": ["Ann Fern", "Bo Moss"]}}, "Ann Fern, Bo Moss"),
    "a set": ({"author": {"@set": ["Ann Fern", "Bo Moss"]}}, "Ann Fern, Bo Moss"),
    "numbered": ({"author": {"0": {"name": "Ann Fern"}, "1": "Bo Moss"}}, "Ann Fern, Bo Moss"),
    "a label": ({"author": "Author: Ann Fern"}, "Ann Fern"),
    "a first name that is a sign for none": ({"author": "Nan"}, "Nan"),
    "no number": ({"author": "NaN"}, ""),
    "a name of Ukraine": ({"author": "Oleh Kovalenko"}, "Oleh Kovalenko"),
    "a name of Jordan": ({"author": "Yazan Haddad"}, "Yazan Haddad"),
    "a name in Turkish": ({"author": "Yazar: Ann Fern"}, "Ann Fern"),
}


@each_row(("data", "name"), SHAPES.values(), ids=SHAPES)
def test_names_in_structured_data(data, name):
    assert extract_post(article(head=jsonld(json.dumps(ARTICLE | data))), url=URL).author == name


def test_the_word_before_a_name_is_that_of_the_pages_language():
    html = article(head=jsonld(json.dumps(ARTICLE | {"author": "di Ann Fern"})))
    assert extract_post(html, url=URL).author == "di Ann Fern"
    html = html.replace('lang="en"', 'lang="it"')
    assert extract_post(html, url=URL).author == "Ann Fern"


def test_the_author_on_a_card_for_messages_is_read():
    head = '<meta name="twitter:label1" content="Written by">'
    head += '<meta name="twitter:data1" content="Ann Fern">'
    assert extract_post(article(head=head), url=URL).author == "Ann Fern"
    head = head.replace("Written by", "Est. reading time").replace("Ann Fern", "5 minutes")
    assert extract_post(article(head=head), url=URL).author == ""


SOUND = json.dumps(ARTICLE | {"author": {"name": "Ann Fern"}})
PERSON = {"@type": "Person", "@id": "#ann", "name": "Ann Fern"}
BROKEN = {
    "HTML comment": f"<!--\n{SOUND}\n-->",
    "CDATA": f"//<![CDATA[\n{SOUND}\n//]]>",
    "CDATA in a comment of style sheets": f"/*<![CDATA[*/{SOUND}/*]]>*/",
    "semicolon": f"{SOUND};",
    "two values": f'{{"@type": "Thing"}}\n{SOUND}',
    "bare newline": SOUND.replace("Quiet ", "Quiet\n"),
    "trailing comma": SOUND[:-1] + ",}",
    "quotes inside": SOUND[:-1] + ', "description": "the "quiet" hour, "again""}',
    "a type in other letters": '{}</script><script type="Application/LD+json">' + SOUND,
    "quotes inside the headline": SOUND.replace("Quiet", 'The "quiet"'),
    "reference within a graph": json.dumps(
        {"@graph": [ARTICLE | {"author": {"@id": "#ann"}}, PERSON]}
    ),
    "reference to another block": json.dumps(ARTICLE | {"author": [{"@id": "#ann"}]})
    + '</script><script type="application/ld+json">'
    + json.dumps(PERSON),
    "single quotes": SOUND.replace('"', "'"),
    "keys without quotes": re.sub(r'"([\w@]+)":', r"\1:", SOUND),
    "single quotes beside double ones": SOUND[:-1] + ", 'x': 'it's'}",
    "cut off": SOUND[:-1] + ', "image": ["',
    "a string of it": json.dumps(SOUND),
    "part of a page": json.dumps({"@type": "ItemPage", "hasPart": json.loads(SOUND)}),
    "the only post of a blog": json.dumps({"@type": "Blog", "blogPost": [json.loads(SOUND)]}),
    "a date in lists": SOUND.replace(
        '"2026-05-04T10:00:00+00:00"', '[["2026-05-04T10:00:00+00:00"]]'
    ),
    "a type's address": SOUND.replace("BlogPosting", "https://schema.org/BlogPosting"),
}


@each_row("text", BROKEN.values(), ids=BROKEN)
def test_structured_data_is_read_however_it_is_wrapped_or_broken(text):
    post = extract_post(article(head=jsonld(text)), url=URL)
    assert (post.author, post.published_at) == ("Ann Fern", "2026-05-04T10:00:00Z")


SCRIPT = f'<script type="application/ld+json">{SOUND}</script>'
HIDDEN = {
    "a script that runs later": SCRIPT.replace("type=", 'type="text/lazyload" data-type='),
    "a template": f"<template>{SCRIPT}</template>",
    "a type whose sign is escaped": SCRIPT.replace("ld+json", "ld&#x2B;json"),
    "a template of microdata": "<template itemprop='author' content='Ann Fern'></template>"
    "<template itemprop='datePublished' content='2026-05-04T10:00:00Z'></template>",
    "scripts of microdata": "<script itemprop='author' content='Ann Fern'></script>"
    "<script itemprop='datePublished' content='2026-05-04T10:00:00Z'></script>",
}


@each_row("markup", HIDDEN.values(), ids=HIDDEN)
def test_data_is_read_from_elements_that_are_not_shown(markup):
    post = extract_post(article(before=markup), url=URL)
    assert (post.author, post.published_at) == ("Ann Fern", "2026-05-04T10:00:00Z")


def test_a_listing_in_structured_data_is_of_other_posts():
    others = [json.loads(SOUND), json.loads(SOUND) | {"headline": "Another"}]
    text = json.dumps({"@type": "Blog", "blogPost": others})
    assert extract_post(article(head=jsonld(text)), url=URL).author == ""


BARE = f'<div class="rte">{BODY}</div>'
TITLES = {
    "blog in the first heading": f"<h1>Our blog</h1><h3>{TITLE}</h3>{BARE}",
    "blog by its link": "<h1>Slow days</h1><a href='/blogs/journal'>Slow days</a>" + BARE,
    "the blog's own name": f"<h1>The slow journal</h1>{BARE}",
    "heading within the text": BARE.replace("<h2>", "<h1>").replace("</h2>", "</h1>"),
}


@each_row("markup", TITLES.values(), ids=TITLES)
def test_the_pages_own_name_goes_before_a_heading_that_names_something_else(markup):
    assert extract_post(page(markup), url=URL).title == TITLE


@each_row(
    ("document", "title"),
    [
        (f"{TITLE} – Fern Shop", TITLE),
        (f"{TITLE} | fern-shop", TITLE),
        (f"{TITLE} - a day at home", f"{TITLE} - a day at home"),
    ],
)
def test_the_shop_leaves_the_title_by_the_name_of_its_host(document, title):
    html = f"<title>{document}</title><main>{BARE}</main>"
    assert extract_post(html, url="https://www.fern-shop.example/blogs/journal/x").title == title


@each_row(
    "sentence",
    [
        "Save 10% with this discount code at checkout: FERNDAY10",
        "10 % Rabatt: der Gutscheincode an der Kasse lautet: FERNDAY10",
        "Code promo à la caisse : FERNDAY10, 10 % de remise",
        "Usa il codice sconto alla cassa: FERNDAY10 per il 10% di sconto",
    ],
)
def test_a_code_behind_the_place_where_it_is_entered(sentence):
    assert [(code.code, code.kind, code.value) for code in find_codes(sentence)] == [
        ("FERNDAY10", "percent", 10.0)
    ]


def test_cards_that_invite_to_a_list_are_no_tags():
    cards = (
        "<div><a href='/blogs/journal/tagged/tea'><div>All about tea</div><div>Learn more</div></a>"
        "<a href='/blogs/journal/tagged/calm'><img src='/calm.jpg'>Calm</a>"
        "<a href='/blogs/journal/tagged/x'><span>Cups</span><span>View all</span></a></div>"
    )
    assert extract_post(article(after=cards), url=URL).tags == ()
