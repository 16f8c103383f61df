"""Which of a page's dates is the one of publication."""

from __future__ import annotations

import json

import pytest

from scraper.extract import extract_post
from tests.each_row import each_row
from tests.extract.pages import BODY, TITLE, URL, article, page

EARLIER, LATER = "2025-05-04", "2025-06-01"


def jsonld(**fields: object) -> str:
    data = {"@type": "BlogPosting", "headline": TITLE, **fields}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


LINES = {
    "updated first": "<p>Updated June 1, 2025 · Published May 4, 2025</p>",
    "updated last": "<p>May 4, 2025 (last updated: June 1, 2025)</p>",
    "in German": "<span>Aktualisiert am 1. Juni 2025 | Veröffentlicht am 4. Mai 2025</span>",
    "in French": "<div>Mis à jour le 1er juin 2025, publié le 4 mai 2025</div>",
    "in Polish": "<p>Aktualizacja: 1 czerwca 2025, opublikowano: 4 maja 2025</p>",
    "in Japanese": "<p>更新日 2025年6月1日 公開日 2025年5月4日</p>",
    "two elements": "<span>Revised 1 June 2025</span><span>4 May 2025</span>",
    "a heading before the time": "<h2>Our edited guide</h2><time datetime='2025-05-04'></time>"
    "<p>Updated <time datetime='2025-06-01'></time></p>",
    "updated by somebody": "<p>Updated by Ole Berg on <time datetime='2025-06-01'>June 1</time></p>"
    "<p><time datetime='2025-05-04'>May 4</time></p>",
    "a sentence before the time": "<i>Edited by hand in our house</i>"
    "<time datetime='2025-05-04'></time><p>Last updated: <time datetime='2025-06-01'></time></p>",
}


@each_row("line", LINES.values(), ids=LINES)
def test_the_words_before_a_date_say_what_it_dates(line):
    post = extract_post(article(before=line), url=URL)
    assert (post.published_at, post.modified_at) == (EARLIER, LATER)


def test_a_date_of_change_alone_is_no_date_of_publication():
    post = extract_post(article(before="<p>Last updated on June 1, 2025</p>"), url=URL)
    assert (post.published_at, post.modified_at) == ("", LATER)


@each_row(
    "stamp",
    ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "1900-01-01", "2031-05-04T10:00:00Z", 0],
)
def test_a_shown_date_goes_before_one_that_no_post_has(stamp):
    html = article(before="<p>4 May 2025</p>", head=jsonld(datePublished=stamp))
    post = extract_post(html, url=URL, seen_at="2026-01-01T00:00:00Z")
    assert post.published_at == EARLIER


SHOWN = {
    "parts on lines of their own": "<div><b>04</b><b>May</b><b>2025</b></div>",
    "a month before its day": "<div><span>May</span><span>4,</span><span>2025</span></div>",
    "a microformat": '<abbr class="published" title="2025-05-04">4 May</abbr>',
    "a name and a date": "<p>Sam Fern on May 4, 2025</p>",
}


@each_row("markup", SHOWN.values(), ids=list(SHOWN))
def test_a_date_is_read_however_it_is_parted(markup):
    assert extract_post(article(before=markup), url=URL).published_at == EARLIER


FACTS = "<p>By Ann Fern, May 4, 2025</p>"
LONG = "What we learned from seven quiet mornings, and from one that was loud"
HEROES = {
    "a title that the head words otherwise": f"<div><div><div><h1>Seven mornings</h1>{FACTS}</div>"
    f"</div></div><div><div><div><div><div><div>{BODY}</div></div></div></div></div></div>",
    "a long title within the body's element": f"<div class=rte><h1>{LONG}</h1>{FACTS}{BODY}</div>",
}


@each_row("markup", HEROES.values(), ids=list(HEROES))
def test_facts_beside_the_title_are_read_wherever_it_stands(markup):
    post = extract_post(page(markup, title=LONG), url=URL)
    assert (post.published_at, post.author) == (EARLIER, "Ann Fern")


METAS = (
    "og:article:published_time date pubdate publish-date dc.date parsely-pub-date sailthru.date "
    "datePublished citation_publication_date DC.date.issued article:published og:published_time "
    "published_time published-date publication_date publishdate DCTERMS.issued"
)


@each_row("name", METAS.split())
def test_the_names_by_which_a_head_dates_its_page(name):
    for attribute in ("name", "itemprop"):
        head = f'<meta {attribute}="{name}" content="{EARLIER}">'
        assert extract_post(article(head=head), url=URL).published_at == EARLIER


OF_ELSE = (
    "last-published last_publish_date lastpublished next-publish-date un-published unpublish-date "
    "re-publish-date modified.publish_date product:published_at shop:published_at book:published "
    "video:publication_date license.issued rating.published site:publish-date publisher-date "
    "expires"
)


@each_row("name", OF_ELSE.split())
def test_other_names_of_a_head_date_something_else(name):
    for attribute in ("name", "property"):
        head = f'<meta {attribute}="{name}" content="{EARLIER}">'
        assert extract_post(article(head=head), url=URL).published_at == ""


@each_row("before", ["<p>In the shop since June 1, 2025</p>", ""], ids=["shown", "in the head"])
def test_a_rare_name_of_a_head_is_the_weakest_date(before):
    head = f'<meta name="published-date" content="{EARLIER}">'
    head += "" if before else f'<meta name="date" content="{LATER}">'
    assert extract_post(article(head=head, before=before), url=URL).published_at == LATER


PAGE = {"@type": "WebPage", "url": URL, "@id": f"{URL}#webpage", "datePublished": EARLIER}
PERSON = {"@type": "Person", "@id": "#ann", "name": "Ann Fern"}
HOME = "https://shop.example/"


def described(*objects: object, before: str = "") -> tuple[str, str, str]:
    head = jsonld(**{"@type": "Thing", "@graph": objects})
    post = extract_post(article(head=head, before=before), url=URL)
    return post.published_at, post.modified_at, post.author


OF_PAGE = {
    "a person": [PAGE | {"author": PERSON}],
    "a person in another object": [PAGE | {"author": {"@id": "#ann"}}, PERSON],
    "types in a list, no address but the name": [
        {"@type": ["Thing", "ItemPage"], "@id": URL, "datePublished": EARLIER, "author": PERSON}
    ],
}


@each_row("graph", OF_PAGE.values(), ids=OF_PAGE)
def test_structured_data_of_the_page_itself_says_when_and_who_where_nothing_else_does(graph):
    assert described(*graph) == (EARLIER, "", "Ann Fern")


OF_NO_POST = {
    "an article is there": [PAGE | {"author": PERSON}, {"@type": "BlogPosting", "headline": TITLE}],
    "no address": [{"@type": "WebPage", "datePublished": EARLIER, "author": PERSON}],
    "the home page": [PAGE | {"url": HOME, "@id": f"{HOME}#home", "author": PERSON}],
    "an address that its name contradicts": [PAGE | {"@id": HOME, "author": PERSON}],
    "a listing": [PAGE | {"@type": "CollectionPage", "author": PERSON}],
    "the blog's index": [PAGE | {"url": URL.rpartition("/")[0], "author": PERSON}],
    "a part of something": [{"@type": "BreadcrumbList", "isPartOf": PAGE | {"author": PERSON}}],
}


@each_row("graph", OF_NO_POST.values(), ids=OF_NO_POST)
def test_structured_data_of_other_pages_says_nothing_of_a_post(graph):
    assert described(*graph) == ("", "", "")


HOUSES = {
    "a house": {"@type": "Organization", "name": "Moss Agency"},
    "a house of one person": {"@type": ["Person", "Organization"], "name": "Moss"},
    "a house of news": {"@type": "NewsMediaOrganization", "name": "Moss News"},
    "a name of nothing": "Moss Agency",
    "the shop itself": {"@type": "Person", "name": "Fern Shop"},
    "a name by default": {"@type": "Person", "name": "admin"},
}


@each_row("author", HOUSES.values(), ids=HOUSES)
def test_a_house_that_made_the_page_is_no_author(author):
    assert described(PAGE | {"author": author}) == (EARLIER, "", "")


def test_what_is_shown_goes_before_structured_data_of_the_page():
    shown = "<p>In the shop since June 1, 2025</p><p>By Bo Moss</p>"
    found = described(PAGE | {"author": PERSON, "dateModified": "2026-01-01"}, before=shown)
    assert found == (LATER, "", "Bo Moss")


@pytest.mark.parametrize("stamp", ["0000-00-00", "1970-01-01"])
def test_an_empty_stamp_leaves_what_its_element_shows(stamp):
    html = article(before=f'<time datetime="{stamp}">May 4, 2025</time>')
    assert extract_post(html, url=URL).published_at == EARLIER


@each_row(
    ("stamp", "value"),
    [
        (["2025-05-04T10:00:00+02:00", "2025-05-04T12:00:00+02:00"], "2025-05-04T08:00:00Z"),
        ("Sun, 04 May 2025 10:00:00 +0200", "2025-05-04T08:00:00Z"),
        (1746345600, "2025-05-04T08:00:00Z"),
        ("4. května 2025", "2025-05-04"),
    ],
)
def test_stamps_of_structured_data_in_any_shape(stamp, value):
    assert extract_post(article(head=jsonld(datePublished=stamp)), url=URL).published_at == value


CARDS = {
    "articles below": "<section><h2>Lately</h2><article><h3><a href='/blogs/journal/tea'>Tea</a>"
    "</h3><time datetime='2025-01-09T10:00:00Z'>January 9, 2025</time><p>By Otto Brand</p>"
    "</article></section>",
    "a link around each": "<ul><li><a href='/blogs/journal/tea'><h4>Tea</h4><span>9 January 2025"
    "</span></a></li></ul>",
    "a list of links": "<ul><li><a href='/blogs/journal/tea'>Tea</a>"
    "<time datetime='2025-01-09'>9 January 2025</time></li></ul>",
    "of another platform": "<div><div><h4><a href='https://shop.example/2025/tea'>Tea</a></h4>"
    "<time datetime='2025-01-09'>9 Jan 2025</time></div></div>",
}


@each_row("cards", CARDS.values(), ids=CARDS)
@each_row("place", ["before", "after"])
def test_what_stands_on_cards_of_other_posts_is_not_the_posts(cards, place):
    post = extract_post(article(**{place: cards}), url=URL)
    assert (post.published_at, post.author) == ("", "")


TILES = {
    "tiles without headings": "<div>"
    + "<p><a href='/blogs/journal/tea'>The best of teas</a> <b>9. ledna 2025</b></p>" * 2
    + "</div>",
    "tiles of pictures": "<div>"
    + "<div><a href='/2025/tea'><img src='t.jpg'><i>Tea</i></a><p>By Otto Brand, 9.1.2025</p></div>"
    * 2
    + "</div>",
}


@each_row("tiles", TILES.values(), ids=TILES)
def test_what_stands_on_tiles_below_is_not_the_posts(tiles):
    post = extract_post(article(after=tiles), url=URL)
    assert (post.published_at, post.author) == ("", "")


def test_the_date_under_a_linked_title_is_the_posts():
    row = f'<div><h2><a href="{URL}">{TITLE}</a></h2><time datetime="2025-05-04">4 May</time></div>'
    assert extract_post(article(before=row), url=URL).published_at == EARLIER
