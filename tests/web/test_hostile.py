"""Archived markup is hostile: on no page does any of it run, reach out, or break the page."""

from __future__ import annotations

import string
from html import escape
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selectolax.lexbor import LexborHTMLParser

from scraper.extract import extract_post
from scraper.extract.body.render.sanitize import sanitise
from scraper.extract.dom import BLOCK_TAGS, child_elements
from scraper.web.parts.paragraphs import headings_of
from scraper.web.sanitize import MAX_PART_CHARS, UNREADABLE, render_body
from tests.each_row import each_row
from tests.warm import Warm
from tests.web.hostile import fill, visit_all
from tests.web.serving import served
from tests.web.vectors import BODIES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TABLE_TAGS = {"caption", "table", "tbody", "tfoot", "thead", "tr"}
"""Their words stand in cells."""

HOME = "https://shop.example/blogs/news/slow-tea"


def test_nothing_archived_runs_or_reaches_out(browser: Browser, warm: Warm, tmp_path: Path):
    archive = tmp_path / "archive.db"
    posts = fill(archive, BODIES)
    with served(archive, warm=warm) as home:
        assert visit_all(browser, home, posts) == []


@each_row(
    ("html", "expected"),
    [
        pytest.param("<p>Tea &amp; <b>pot</b></p>", "<p>Tea &amp; <b>pot</b></p>", id="plain"),
        pytest.param("<h1>Tea</h1>", "<h2>Tea</h2>", id="the page has its heading already"),
        pytest.param(
            "<main><nav>Tea</nav></main>",
            "<div><div>Tea</div></div>",
            id="roles that the page has itself",
        ),
        pytest.param(
            '<img src="https://a.example/k.jpg" alt="A kettle">',
            "image: A kettle",
            id="an image in words",
        ),
        pytest.param(
            '<a href="/blogs/news/jam">jam</a>',
            'href="/-/post/7" title="/blogs/news/jam"',
            id="a link to what is archived",
        ),
        pytest.param(
            '<a href="https://a.example/x">x</a>',
            '<a href="https://a.example/x" rel="noopener noreferrer nofollow">x</a>',
            id="a link elsewhere",
        ),
        pytest.param('<td colspan="2">£4</td>', "£4", id="a stray cell"),
        pytest.param(
            '<a href="https://film.example/1" data-embed="iframe"></a>',
            '<span class="picture"><a href="https://film.example/1" '
            'rel="noopener noreferrer nofollow">embedded: film.example/1</a></span>',
            id="a film",
        ),
        pytest.param(
            'a<a href="https://a.example/x"><br></a>',
            'a<a rel="noopener noreferrer nofollow"><br></a>',
            id="a link without anything to click on",
        ),
        pytest.param(
            "<ul><li>a</li> <ul><li>b</li></ul></ul>",
            '<ul><li>a</li> <li class="loose"><ul><li>b</li></ul></li></ul>',
            id="a list in a list",
        ),
        pytest.param(
            "<ol>Tea <b>or</b> jam<div>or</div><li value=7>b</li><p>c</p></ol>",
            '<ol><li class="loose">Tea <b>or</b> jam<div>or</div></li><li value="7">b</li>'
            '<li class="loose"><p>c</p></li></ol>',
            id="text and paragraphs among items",
        ),
        pytest.param(
            '<li class="loose" role="menu">a</li><ul></ul>',
            '<li class="loose" role="none">a</li><ul></ul>',
            id="an item in no list",
        ),
        pytest.param("<dd>a</dd>", '<dd role="none">a</dd>', id="an explanation in no list"),
        pytest.param(
            "<dl><div><dt>a</dt><dd>b</dd></div></dl>",
            "<dl> <dt>a</dt><dd>b</dd> </dl>",
            id="a group of a list of terms",
        ),
        pytest.param(
            "<ol><section><li>a</li></section><li>b</li></ol>",
            "<ol> <li>a</li> <li>b</li></ol>",
            id="items in an element of their own",
        ),
        pytest.param(
            "<ul><div><div><li>a</li></div><li>b</li></div></ul>",
            "<ul>  <li>a</li> <li>b</li> </ul>",
            id="items in two of them",
        ),
        pytest.param(
            "<ul><div><section><li>a</li></section><article>b</article></div><li>c</li></ul>",
            '<ul>  <li>a</li> <li class="loose"><div>b</div> </li><li>c</li></ul>',
            id="items in two of them beside another block",
        ),
        pytest.param(
            "<ul>a<div>b<li>c</li>d</div><div>e<li>f</li></div></ul>",
            '<ul><li class="loose">a b</li><li>c</li><li class="loose">d  e</li><li>f</li> </ul>',
            id="words around such elements",
        ),
        pytest.param(
            "<dl><div><div><dt>a</dt><dd>b</dd></div></div></dl>",
            "<dl>  <dt>a</dt><dd>b</dd>  </dl>",
            id="a group in a group of terms",
        ),
        pytest.param(
            "<ul><div><div><dt>a</dt></div></div></ul>",
            '<ul><li class="loose"><div><div><dt role="none">a</dt></div></div></li></ul>',
            id="a term in a list of items",
        ),
    ],
)
def test_a_body_is_rendered_safely(html: str, expected: str):
    assert (
        expected
        in render_body(
            html, base=HOME, archived={"https://shop.example/blogs/news/jam": "/-/post/7"}
        )[0]
    )


@each_row("tag", sorted(BLOCK_TAGS - {"hr"} - TABLE_TAGS))
def test_blocks_side_by_side_join_no_words(tag: str):
    html = "".join(f"<{tag}>{word}</{tag}>" for word in ("Tea", "Jam"))
    page = f'<div class="body">{render_body(html, base=HOME, archived={})[0]}</div>'
    body = LexborHTMLParser(page).css_first("div.body")
    assert body is not None
    assert [node.text() for node in child_elements(body)] == ["Tea", "Jam"]


def test_a_long_body_is_split_and_loses_no_word():
    html = "".join(f"<p>Paragraph {i} of a very long post about tea.</p>" for i in range(20_000))
    first, count = render_body(html, base=HOME, archived={})
    parts = [
        render_body(html, base=HOME, archived={}, part=number + 1)[0] for number in range(count)
    ]
    assert count == len(html) // MAX_PART_CHARS + 1
    assert parts[0] == first
    assert "".join(parts) == html
    assert max(map(len, parts)) <= MAX_PART_CHARS


def _many_names(tag: str, count: int) -> str:
    """Elements that have 26 attributes each, no two of the same name."""
    names = map("".join, product(string.ascii_lowercase, repeat=4))
    attributes = (" ".join(f'{name}=""' for name in islice(names, 26)) for _ in range(count))
    return "".join(f"<{tag} {some}></{tag}>" for some in attributes)


@each_row(
    "html",
    [
        "<ul>" * 87_000,
        "<ul>" * 300 + "<li>tea</li>" * 6000 + "</ul>" * 300,
        "<ul><li>tea </b>" * 2000 + "</ul>" * 2000,
        "<ul><li>tea<!--</li></ul>--></li></ul>" * 2000,
        "<ul title='</ul>'></ul>" * 2000,
        "<p " + " ".join(map('a%d=""'.__mod__, range(5000))) + ">tea</p>",
        _many_names("body", 1500),
        _many_names("p", 1500),
    ],
    ids=[
        "never closed",
        "too deep",
        "other ends",
        "comments",
        "values",
        "attributes",
        "roots",
        "names",
    ],
)
def test_a_body_that_would_hang_the_parser_is_shown_as_text(html: str):
    shown, parts = render_body(html, base=HOME, archived={})
    assert shown == f"<p>{UNREADABLE}</p><pre>{escape(html[:MAX_PART_CHARS])}</pre>"
    assert parts == 1
    assert headings_of(f"<h2>Tea</h2>{html}", "<h3>Jam</h3>") == {"Jam"}


def test_the_bodies_that_are_taken_of_pages_are_written_plainly():
    html = sanitise(
        "<table><tr><td>tea<br>&lt;b&gt;<ul><li>a<li>b<p>c<img src=x alt='>'></table>" * 500
    )
    assert len(html) > 10_000
    assert UNREADABLE not in render_body(html, base=HOME, archived={})[0]


def test_a_body_of_a_page_of_few_tags_is_shown_however_deep_it_is():
    words = "".join(f"<p>In week {n} the tea rests, and we taste it.</p>" for n in range(300))
    page = f"<h1>Tea</h1><article>{'<blockquote>' * 300}{words}<h2>Jam</h2></article>"
    html = extract_post(page, url=HOME).html
    assert html.count("<blockquote>") == 300
    assert render_body(html, base=HOME, archived={})[0].count("<blockquote>") == 300
    assert headings_of(html) == {"Jam"}


@each_row(
    "html", ["x" * (MAX_PART_CHARS * 2 + 5), "<p>" + "tea " * MAX_PART_CHARS, "<b>" * 5000 + "tea"]
)
def test_a_body_without_places_to_cut_is_shown_all_the_same(html: str):
    count = render_body(html, base=HOME, archived={})[1]
    words = "".join(
        render_body(html, base=HOME, archived={}, part=number + 1)[0] for number in range(count)
    )
    assert words.count("tea") + words.count("x") == html.count("tea") + html.count("x")
