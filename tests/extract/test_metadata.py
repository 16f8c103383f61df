from __future__ import annotations

import json

import pytest

from scraper.extract import extract_post, parse_page
from scraper.items import FeedEntry
from tests.each_row import each_row
from tests.extract.pages import ANALYTICS, BODY, TITLE, URL, article, page


def jsonld(**fields: object) -> str:
    return (
        '<script type="application/ld+json">'
        + json.dumps({"@type": "Article", **fields})
        + "</script>"
    )


ENTRY = FeedEntry(
    url=URL,
    title="Quiet mornings, again",
    author="Ann of the Feed",
    published_at="2026-03-04T05:06:07Z",
    published_raw="2026-03-04T00:06:07-05:00",
    updated_at="2026-03-05T05:06:07Z",
    updated_raw="2026-03-05T00:06:07-05:00",
    summary_html='<p>In short.</p><p><a class="read-more" href="/x">More</a></p>',
    content_html=BODY,
)


def test_the_feed_is_trusted_first():
    post = extract_post(
        article(head=jsonld(author={"name": "Somebody"}, datePublished="2020-01-01")),
        url=URL,
        feed_entry=ENTRY,
    )
    told = (post.title, post.author, post.published_at, post.modified_at, post.excerpt)
    assert told == (
        "Quiet mornings, again",
        "Ann of the Feed",
        "2026-03-04T05:06:07Z",
        "2026-03-05T05:06:07Z",
        "In short.",
    )
    assert [reading.source for reading in post.readings if reading.field == "author"] == [
        "feed",
        "jsonld",
    ]


def test_an_address_of_analytics_without_a_host_is_none():
    html = article(head='<script>var __st={"a":77,"pageurl":"x","p":"article"};</script>')
    assert parse_page(html, url=URL).analytics_url == ""


def test_identity_comes_from_the_address_and_the_analytics():
    post = extract_post(article(), url=f"{URL}?utm_source=x#comments")
    assert (post.url, post.blog_handle, post.handle, post.article_id, post.language) == (
        URL,
        "journal",
        "quiet-mornings",
        "471100",
        "en",
    )


def test_a_locale_copy_names_the_post_itself():
    html = article().replace(
        f'href="{URL}"', 'href="https://shop.example/fr/blogs/journal/quiet-mornings"'
    )
    post = extract_post(html, url="https://shop.example/fr/blogs/journal/quiet-mornings")
    assert (post.url, post.locale) == (URL, "fr")


def test_a_canonical_link_to_another_host_is_not_believed():
    html = article().replace(f'href="{URL}"', 'href="https://elsewhere.example/blogs/a/b"')
    assert extract_post(html, url=URL).url == URL


TITLES = {
    "heading": f'<h1>{TITLE}</h1><div class="rte">{BODY}</div>',
    "second-level heading": f'<h2>{TITLE}</h2><div class="rte">{BODY}</div>',
    "heading names the blog": f'<h1>Journal</h1><div class="rte">{BODY}</div>',
    "headline names the blog": jsonld(headline="The Fern Journal")
    + f'<h2>{TITLE}</h2><div class="rte">{BODY}</div>',
    "heading with a date": (
        f'<h1>{TITLE} <small>May 4, 2026</small></h1><div class="rte">{BODY}</div>'
    ),
}


@each_row("markup", TITLES.values(), ids=TITLES)
def test_the_title_is_the_posts(markup):
    assert extract_post(page(markup), url=URL).title == TITLE


def test_the_shops_name_is_no_part_of_the_title():
    html = page(f'<div class="rte">{BODY}</div>').replace(
        f'content="{TITLE}"', f'content="{TITLE} – Fern Shop"'
    )
    assert extract_post(html, url=URL).title == TITLE


def test_a_shops_name_behind_nothing_is_no_title() -> None:
    html = f"<html><head><title>\n– Fern Shop\n</title></head><body>{BODY * 3}</body></html>"
    assert extract_post(html, url=URL).title == ""
    own = '<meta property="og:title" content="– Notes from a garden">'
    for head in (own, f"{own}<title>– Notes from a garden</title>"):
        html = f"<html><head>{head}</head><body>{BODY * 3}</body></html>"
        assert extract_post(html, url=URL).title == "– Notes from a garden"


BYLINES = {
    "posted by on": "<p>Posted by Ann Fern on <time></time></p>",
    "behind the date": "<p>03 January 2023 by Ann Fern</p>",
    "in French": "<p>Écrit par Ann Fern - 3 janvier 2023</p>",
    "written by": "<span>Written by Ann Fern</span>",
    "by with date": "<p>By Ann Fern | 4 May 2026</p>",
    "name in its own element": "<p><span>By</span> <b>Ann Fern</b></p>",
    "microdata": '<span itemprop="author">by Ann Fern</span>',
    "portuguese": "<p>Por Ann Fern</p>",
    "behind a dot": "<p><i>4 May 2026</i> · by Ann Fern · <b>Tea</b></p>",
    "class name": '<p class="posted author">Ann Fern</p>',
    "class name with a label": '<div class="post-author"><span>Author</span><b>Ann Fern</b></div>',
    "relation": '<p><a rel="author" href="/pages/ann">Ann Fern</a></p>',
    "beside the date": "<ul><li>4 May, 2026</li><li>Ann Fern</li></ul>",
    "before the date": "<p>Ann Fern | 24 February, 2021</p>",
}


@each_row("markup", BYLINES.values(), ids=BYLINES)
def test_the_author_is_read_from_the_byline(markup):
    assert extract_post(article(before=markup), url=URL).author == "Ann Fern"


NO_BYLINES = {
    "a section beside the date": (
        '<p>4 May 2026 · <a href="/blogs/journal/tagged/green-tea">Green Tea</a></p>'
    ),
    "a link that a mirror rewrote": (
        '<p>4 May 2026 <a href="tagged/green-tea.html">Green Tea</a></p>'
    ),
    "a reading time beside the date": "<p><span>4 May 2026</span><span>Five Minute Read</span></p>",
    "the blog beside the date": "<p><span>4 May 2026</span><span>Journal</span></p>",
    "who wrote a comment": '<div id="comments"><p class="comment-author">Ann Fern</p></div>',
    "a portrait": '<div class="author-avatar"><span>Portrait</span></div>',
    "a heading beside the date": "<div><span>4 May 2026</span><h3>Ann Fern</h3></div>",
}


@each_row("markup", NO_BYLINES.values(), ids=NO_BYLINES)
def test_what_only_looks_like_a_byline_names_nobody(markup):
    assert extract_post(article(before=markup), url=URL).author == ""


AUTHORS = {
    "text": "Ann Fern",
    "person": {"@type": "Person", "name": "Ann Fern"},
    "several, one empty": [{"name": ""}, {"name": "Ann Fern"}, {"name": "Ann Fern"}],
    "list of names": {"name": ["Ann Fern"]},
    "name with its language": {"name": {"@value": "Ann Fern", "@language": "en"}},
    "halves": {"givenName": "Ann", "familyName": "Fern"},
}


@each_row("author", AUTHORS.values(), ids=AUTHORS)
def test_the_author_is_read_from_every_shape_of_structured_data(author):
    assert extract_post(article(head=jsonld(author=author)), url=URL).author == "Ann Fern"
    assert extract_post(article(head=jsonld(creator=author)), url=URL).author == "Ann Fern"


def test_an_address_is_no_author():
    assert (
        extract_post(article(head=jsonld(author="https://shop.example/pages/ann")), url=URL).author
        == ""
    )


@each_row("default", ["admin", "Store Admin", "Fern Shop"])
def test_a_default_author_is_weaker_than_what_a_reader_sees(default):
    head = jsonld(author={"name": default})
    assert (
        extract_post(article(head=head, before="<p>By Ann Fern</p>"), url=URL).author == "Ann Fern"
    )
    assert extract_post(article(head=head), url=URL).author == default


def test_structured_data_goes_before_a_byline():
    assert (
        extract_post(
            article(head=jsonld(author="Ann Fern"), before="<p>By Bo Moss</p>"), url=URL
        ).author
        == "Ann Fern"
    )


def test_the_shop_is_no_author():
    assert (
        extract_post(article(head='<meta name="author" content="Fern Shop">'), url=URL).author == ""
    )


def time(stamp: str, **attributes: str) -> str:
    return f'<time datetime="{stamp}">May 4, 2026</time>'


PUBLISHED = {
    "time in UTC": (time("2026-05-04T10:00:00Z"), {}, "2026-05-04T10:00:00Z", "time"),
    "time with an offset": (time("2026-05-04T10:00:00+02:00"), {}, "2026-05-04T08:00:00Z", "time"),
    "time before structured data": (
        time("2026-05-04T10:00:00Z"),
        {"datePublished": "2026-05-04T09:00:00+00:00"},
        "2026-05-04T10:00:00Z",
        "time",
    ),
    "structured data before a bare date": (
        time("2026-05-04"),
        {"datePublished": "2026-05-04T10:00:00-0500"},
        "2026-05-04T15:00:00Z",
        "jsonld",
    ),
    "local time marked Z": (
        "",
        {"datePublished": "2026-05-04T10:00:00Z"},
        "2026-05-04T15:00:00Z",
        "jsonld_local",
    ),
    "Z that a time element bears out": (
        time("2026-05-04T10:00:00Z"),
        {"datePublished": "2026-05-04T10:00:00Z"},
        "2026-05-04T10:00:00Z",
        "time",
    ),
    "local time without a zone": (
        "",
        {"datePublished": "2026-05-04T10:00:00"},
        "2026-05-04T15:00:00Z",
        "jsonld",
    ),
    "bare date": (time("2026-05-04"), {}, "2026-05-04", "time"),
    "words in the stamp": (time("May 4, 2026"), {}, "2026-05-04", "time"),
    "words only": ("<p>Posted on 4 May 2026</p>", {}, "2026-05-04", "byline"),
    "what the reader sees before a bare date": (
        "<p>Posted on 4 May 2026</p>",
        {"datePublished": "2025-12-24"},
        "2026-05-04",
        "byline",
    ),
    "a bare date before a date in a sentence": (
        "<p>The fair of 4 May 2026 was the finest.</p>",
        {"datePublished": "2026-05-06"},
        "2026-05-06",
        "jsonld",
    ),
    "year in two figures": ("<p>May 4, 26</p>", {}, "2026-05-04", "byline"),
    "nothing": ("", {}, "", ""),
}


@each_row(("markup", "data", "value", "source"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_follows_the_order_of_trust(markup, data, value, source):
    post = extract_post(article(before=markup, head=jsonld(headline=TITLE, **data)), url=URL)
    first = next((reading for reading in post.readings if reading.field == "published_at"), None)
    assert (post.published_at, first.source if first else "") == (value, source)


def test_a_date_that_cannot_be_read_stays_as_a_reading_only():
    post = extract_post(article(head=jsonld(datePublished="04/05/26")), url=URL)
    assert post.published_at == ""
    assert [
        (reading.raw, reading.value) for reading in post.readings if reading.field == "published_at"
    ] == [("04/05/26", "")]


def test_dates_of_other_posts_are_not_the_posts():
    cards = '<section><div class="card"><time datetime="2020-01-01T00:00:00Z"></time></div>'
    cards += '<div><time datetime="2021-01-01T00:00:00Z"></time></div></section>'
    post = extract_post(
        article(after=cards, head=jsonld(datePublished="2026-05-04T10:00:00-05:00")), url=URL
    )
    assert post.published_at == "2026-05-04T15:00:00Z"


def test_tags_are_the_articles_and_not_the_sidebars():
    row = (
        '<ul><li><a href="/blogs/journal/tagged/tea">Tea</a></li><li>'
        '<a href="/blogs/journal/tagged/calm">#Calm</a></li></ul>'
    )
    sidebar = '<aside class="sidebar"><a href="/blogs/journal/tagged/all">Everything</a></aside>'
    assert extract_post(article(after=row + sidebar), url=URL).tags == ("Tea", "Calm")


def test_tags_inside_the_container_are_found():
    assert extract_post(
        article(
            BODY
            + '<p>Tags: <a href="/blogs/j/tagged/a">A</a>, <a href="/blogs/j/tagged/b">B</a></p>'
        ),
        url=URL,
    ).tags == ("A", "B")


def test_keywords_stand_in_for_tags():
    assert extract_post(article(head=jsonld(keywords="tea, calm")), url=URL).tags == ("tea", "calm")


def test_the_image_loses_its_size_and_keeps_its_version():
    head = (
        '<meta property="og:image" '
        'content="http://cdn.shopify.com/s/files/a_1200x630_crop_center.jpg?v=17&amp;width=1200">'
    )
    assert (
        extract_post(article(head=head), url=URL).image_url
        == "https://cdn.shopify.com/s/files/a.jpg?v=17"
    )


def test_comments_are_counted_and_not_saved():
    post = extract_post(
        article(
            after=(
                '<div id="comments"><h3>3 comments</h3><p>How very lovely, thank you all.</p></div>'
            )
        ),
        url=URL,
    )
    assert post.comment_count == 3
    assert "lovely" not in post.text


SHARED_URL = f'<meta property="og:url" content="{URL}">'


@pytest.mark.parametrize(
    "told",
    [
        SHARED_URL,
        ANALYTICS.replace(
            '"a":77', '"a":77,"pageurl":"shop.example\\/blogs\\/journal\\/quiet-mornings"'
        ),
    ],
    ids=["for sharing", "by analytics"],
)
def test_a_saved_page_whose_links_were_rewritten_still_shows_its_address(told):
    saved = (
        article().replace(f'href="{URL}"', 'href="quiet-mornings.html"').replace(ANALYTICS, told)
    )
    assert extract_post(saved, url="https://shop.example/").url == URL


def test_a_number_that_a_mirror_cut_short_is_no_article_id():
    assert extract_post(article().replace("471100", "7"), url=URL).article_id == ""
    assert extract_post(article(), url=URL).article_id == "471100"
