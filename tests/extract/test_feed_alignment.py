"""A post reads the same in and out of the feed, whatever state the feed is in."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from scraper.demo import THEMES
from scraper.extract import SavedPage, extract_post, settle_template
from scraper.items import FeedEntry, Template
from tests.conftest import FURTHER, Sample
from tests.demo.authored import reading_text
from tests.each_row import each_row
from tests.extract.pages import BODY, TEXT, TITLE, URL, DemoPage, demo_pages, entry_of, page

_PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.S)


def first_paragraph(body: str) -> str:
    found = _PARAGRAPH.search(body)
    return found[0] if found else body


def beginning(body: str) -> str:
    """An excerpt as feeds of other builders hold it: some words, then dots."""
    words = re.sub(r"<[^>]*>", " ", body).split()
    return f"<p>{' '.join(words[:30])}…</p>" if len(words) > 40 else body


def without_last_paragraph(body: str) -> str:
    paragraphs = list(_PARAGRAPH.finditer(body))
    if len(paragraphs) < 2:
        return body
    return body[: paragraphs[-1].start()] + body[paragraphs[-1].end() :]


STATES: dict[str, Callable[[str], str]] = {
    "full": lambda body: body,
    "cut": first_paragraph,
    "excerpt": beginning,
    "stale": without_last_paragraph,
    "reworded": lambda body: body.replace(" the ", " that ", 1),
    "newer": lambda body: f"{body}<p>A sentence that the page, from a cache, has not got yet.</p>",
}


def entry_in(state: str, one: DemoPage) -> FeedEntry:
    return entry_of(one.url, STATES[state](one.post.body_html))


@cache
def learned(theme: str, state: str) -> Template:
    template = settle_template(
        [SavedPage(one.html, one.url, entry_in(state, one)) for one in demo_pages(theme)[:8]]
    )
    assert template is not None
    return template


@pytest.mark.parametrize(
    "theme",
    [
        pytest.param(theme, marks=FURTHER) if number > 1 else theme
        for number, theme in enumerate(THEMES)
    ],
)
def test_every_post_of_the_demo_store_reads_the_same_in_and_out_of_the_feed(theme, sample: Sample):
    states = list(STATES)
    wrong = []
    pages = list(enumerate(demo_pages(theme)))
    for number, one in sample(pages, 7, list(THEMES).index(theme)):
        state = states[number % len(states)]
        taught_by = "full" if number % 4 else state
        template, entry = learned(theme, taught_by), entry_in(state, one)
        without = extract_post(one.html, url=one.url, template=template)
        within = extract_post(one.html, url=one.url, template=template, feed_entry=entry)
        if within.html != without.html:
            wrong.append((one.url, state, taught_by))
        if words(without.text) != words(reading_text(one.post)):
            wrong.append((one.url, "not the author's", taught_by))
    assert wrong == []


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


FIRST = "A first part, which the editor of the shop holds and the feed knows by heart. " * 4
SECOND = "A second part in a section of the theme, which no feed has ever held, at all. " * 3
SECTIONS = (
    f'<h1>{TITLE}</h1><div class="x-1"><div class="rte"><p>{FIRST}</p></div></div>'
    f'<div class="x-1"><div class="rte"><p>{SECOND}</p></div></div>'
)

PARTS = {
    "the first paragraph": (
        f'<h1>{TITLE}</h1><div class="rte">{BODY}</div>',
        first_paragraph(BODY),
        TEXT,
    ),
    "half a paragraph": (
        f'<h1>{TITLE}</h1><div class="rte">{BODY}</div>',
        "<p>Put the kettle on before you look at any […]</p>",
        TEXT,
    ),
    "the last paragraph is new": (
        f'<h1>{TITLE}</h1><div class="rte">{BODY}<p>Sam and Ada</p></div>',
        BODY,
        f"{TEXT}\n\nSam and Ada",
    ),
    "the first paragraph is new": (
        f'<h1>{TITLE}</h1><div class="rte"><p>Edited in May: the tea takes five minutes now, '
        f"and so do we.</p>{BODY}</div>",
        BODY,
        f"Edited in May: the tea takes five minutes now, and so do we.\n\n{TEXT}",
    ),
    "a container that nobody knows": (
        f'<h1>{TITLE}</h1><div class="x-9">{BODY}</div><div class="x-10"><p>Our desk.</p></div>',
        first_paragraph(BODY),
        TEXT,
    ),
    "divs for paragraphs": (
        f'<h1>{TITLE}</h1><div class="rte"><div>Put the kettle on before you look at any screen.'
        "</div><div>Leave the curtains open the night before, as we do.</div></div>",
        "<div>Put the kettle on before you look at any screen.</div>",
        "Put the kettle on before you look at any screen.\n\n"
        "Leave the curtains open the night before, as we do.",
    ),
    "the editor's part, beside sections": (
        SECTIONS,
        f"<p>{FIRST}</p>",
        f"{FIRST.strip()}\n\n{SECOND.strip()}",
    ),
}


@each_row(("body", "entry", "text"), PARTS.values(), ids=list(PARTS))
def test_an_entry_that_is_only_a_part_is_no_measure(body, entry, text):
    post = extract_post(page(body), url=URL, feed_entry=entry_of(URL, entry))
    assert post.text == text
    assert post.feed_check == "differs"


WHOLE = {
    "an author's box": '<div class="x-bio"><p>Sam writes about mornings since 2015.</p>',
    "a wrapper with a class": '<div class="x-box"><p>Tell a friend about our club of friends.</p>',
    "a section": "<section><p>Delivery is free in the city on orders of forty.</p></section>",
}


@each_row("after", WHOLE.values(), ids=list(WHOLE))
def test_a_whole_entry_leaves_out_the_blocks_of_the_theme(after):
    html = page(f'<h1>{TITLE}</h1><div class="x-9">{BODY}{after}</div>')
    assert extract_post(html, url=URL, feed_entry=entry_of(URL, BODY)).text == TEXT
